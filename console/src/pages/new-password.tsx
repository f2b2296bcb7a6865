/** A new password by the link that an administrator gave. */

import { useState } from "preact/hooks";
import { post } from "../api";
import { words } from "../desk";

const LEAST = 10;

export default function NewPassword() {
  // After the #, so that no server and no proxy on the way writes it into a log; taken out of the address at once.
  const [token] = useState(() => {
    const found = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
    document.title = "A new password – Walkout";
    return found;
  });
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  if (!token) {
    return (
      <main class="page narrow" id="main">
        <h1 class="verdict">This link is not whole.</h1>
        <p class="more">Open it as you were given it, all of it; or ask an administrator of the shop for a new one.</p>
      </main>
    );
  }
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    const [fresh, again] = ["new", "again"].map((one) => String(given.get(one) ?? ""));
    if (fresh!.length < LEAST) return setError(`The password has ${fresh!.length} characters; it needs ${LEAST} at least.`);
    if (fresh !== again) return setError("The two passwords are not the same.");
    setBusy(true);
    setError("");
    try {
      await post("/session/password-link", { token, new: fresh });
      location.assign("/");
    } catch (problem) {
      setError(words(problem));
    }
    setBusy(false);
  };
  return (
    <main class="page narrow" id="main">
      <h1 class="verdict">A new password</h1>
      <p class="more">The link works once. Every session of yours ends, on every device. A password needs {LEAST} characters at least; a few words are good.</p>
      <form class="stack" onSubmit={(event) => void submit(event)} noValidate>
        <label for="new">New password</label>
        <input id="new" name="new" type="password" autocomplete="new-password" aria-describedby="wrong" autofocus />
        <label for="again">New password again</label>
        <input id="again" name="again" type="password" autocomplete="new-password" aria-describedby="wrong" />
        <p id="wrong" class="wrong" role="alert">
          {error}
        </p>
        <button type="submit" class="main" disabled={busy}>
          {busy ? "One moment…" : "Set it"}
        </button>
      </form>
    </main>
  );
}
