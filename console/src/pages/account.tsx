/** Who you are here, signing out, and a new password: the shop asks for the one you have, and signs you out everywhere else. */

import { useState } from "preact/hooks";
import { call, setCsrf } from "../api";
import { words } from "../desk";
import { announce, useSession } from "../hooks";
import { Page } from "../shell";
import type { Session } from "../types";

const LEAST = 10;

export default function AccountPage() {
  const session = useSession();
  const [error, setError] = useState("");
  const [done, setDone] = useState(false);
  const [busy, setBusy] = useState(false);
  const elsewhere = session.user.startsWith("sso:");
  const title = `You are ${session.user}, ${session.role}.`;
  const out = async () => {
    await call("DELETE", "/session").catch(() => undefined);
    setCsrf("");
    location.assign("/sign-in");
  };
  const leave = (
    <p class="tools">
      <button type="button" onClick={() => void out()}>
        Sign out
      </button>
      <span class="quiet">on every device</span>
    </p>
  );
  if (elsewhere) return <Page title={title} more="You sign in at your organisation's own provider: your password is there, and this shop does not know it.">{leave}</Page>;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = new FormData(form);
    const [current, fresh, again] = ["current", "new", "again"].map((one) => String(given.get(one) ?? ""));
    setDone(false);
    if (!current) return setError("Your current password is needed: it says that this is you and not somebody at your screen.");
    if (fresh!.length < LEAST) return setError(`The new password has ${fresh!.length} characters; it needs ${LEAST} at least.`);
    if (fresh !== again) return setError("The two new passwords are not the same.");
    setBusy(true);
    setError("");
    try {
      setCsrf((await call<Session>("PUT", "/session/password", { current, new: fresh })).csrf);
      form.reset();
      setDone(true);
      announce("Your password is changed.");
    } catch (problem) {
      setError(words(problem));
    }
    setBusy(false);
  };
  return (
    <Page title={title} more={`A new password ends every other session of yours, on every device. Whoever made your account chose the first one: change it. It needs ${LEAST} characters at least; a few words are good.`}>
      {leave}
      <h2>A new password</h2>
      <form class="stack" onSubmit={(event) => void submit(event)} noValidate>
        <input type="text" name="username" autocomplete="username" value={session.user} hidden readOnly />
        <label for="current">Current password</label>
        <input id="current" name="current" type="password" autocomplete="current-password" aria-describedby="wrong" />
        <label for="new">New password</label>
        <input id="new" name="new" type="password" autocomplete="new-password" aria-describedby="wrong" />
        <label for="again">New password again</label>
        <input id="again" name="again" type="password" autocomplete="new-password" aria-describedby="wrong" />
        <p id="wrong" class="wrong" role="alert">
          {error}
        </p>
        {done && <p role="status">Your password is changed, and all other sessions of yours have ended.</p>}
        <button type="submit" class="main" disabled={busy}>
          {busy ? "One moment…" : "Change it"}
        </button>
      </form>
    </Page>
  );
}
