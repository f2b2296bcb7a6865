/** Who you are here, signing out, and a new password: the shop asks for the one you have, and signs you out everywhere else. */

import { useState } from "preact/hooks";
import { call, post, setCsrf } from "../api";
import { words } from "../desk";
import { announce, useData, useSession } from "../hooks";
import { Page } from "../shell";
import type { Session } from "../types";
import { day, time } from "../words";

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
      <InMyName />
      {session.role === "admin" && <ForSomebody me={session.user} />}
    </Page>
  );
}

const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

interface Made {
  made_by: string;
  made_ns: number;
  used_ns: number | null;
}

/** Whoever may set my password anew, I see that they could. */
function InMyName() {
  const items = useData<{ items: Made[] }>("/session/password-links").value?.items ?? [];
  if (!items.length) return null;
  return (
    <section>
      <h2>Links for a new password of yours</h2>
      <ul class="rows">
        {items.map((one, k) => (
          <li key={k}>
            <span class="number quiet">
              {day(one.made_ns, zone())}, {time(one.made_ns, zone())}
            </span>
            <span class="what">
              made by {one.made_by} <span class="quiet">{one.used_ns === null ? "never used" : `used ${day(one.used_ns, zone())}, ${time(one.used_ns, zone())}`}</span>
            </span>
          </li>
        ))}
      </ul>
      <p class="quiet">If one of them was not for you, say so: who made a link that was used may know the password.</p>
    </section>
  );
}

/** An administrator lets somebody set a new password: once, soon, and written down. */
function ForSomebody({ me }: { me: string }) {
  const users = useData<{ items: { name: string; role: string }[] }>("/users").value?.items ?? [];
  const [error, setError] = useState("");
  const [made, setMade] = useState<{ name: string; url: string; until_ns: number } | null>(null);
  const others = users.filter((one) => one.name !== me && !one.name.startsWith("sso:"));
  const elsewhere = me.startsWith("sso:");
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = new FormData(form);
    setError("");
    setMade(null);
    try {
      const found = await post<{ name: string; url: string; until_ns: number }>(`/users/${encodeURIComponent(String(given.get("who") ?? ""))}/password-link`, { current: String(given.get("mine") ?? "") });
      setMade(found);
      form.reset();
      announce(`The link for ${found.name} is made.`);
    } catch (problem) {
      setError(words(problem));
    }
  };
  return (
    <section>
      <h2>Somebody lost their password</h2>
      <p>
        Make a link and give it to them yourself; be sure that it is they who ask. It works once, for half an hour, and ends their sessions. That you made it stands in the shop's log and on their page, and
        the two of you no longer count as two people before video as it was taken.
      </p>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <label for="who">Who</label>
        <select id="who" name="who" required>
          {others.map((one) => (
            <option key={one.name} value={one.name}>
              {one.name}, {one.role}
            </option>
          ))}
        </select>
        {!elsewhere && <label for="mine">Your own password</label>}
        {!elsewhere && <input id="mine" name="mine" type="password" autocomplete="current-password" required aria-describedby="link-wrong" />}
        <p id="link-wrong" class="wrong" role="alert">
          {error}
        </p>
        <button type="submit" disabled={!others.length}>
          Make the link
        </button>
      </form>
      {made && (
        <p role="status">
          For {made.name}, once, until {time(made.until_ns, zone())}; it is shown this once: <code class="hash">{made.url}</code>
        </p>
      )}
    </section>
  );
}
