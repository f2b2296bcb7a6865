/** Who are you? And, once in a shop's life: who is the first? */

import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, get, post, ROOT } from "../api";
import type { Session } from "../types";

const LEAST = 10;

export function SignIn({ done }: { done: (session: Session) => void }) {
  const elsewhere = useElsewhere();
  return (
    <Form
      title="Sign in"
      elsewhere={elsewhere}
      words="For people who work in this shop. Shoppers need no account: use the link on your receipt."
      lost
      button="Sign in"
      send={async (name, password) => {
        await post("/session", { name, password });
        done(await get<Session>("/session"));
      }}
    />
  );
}

/** How the organisation's own sign-in is called, where the shop has one; the form waits for no answer. */
function useElsewhere(): string {
  const [name, setName] = useState("");
  useEffect(() => {
    get<{ name: string | null }>("/oidc").then(
      (found) => setName(found.name ?? ""),
      () => setName(""),
    );
  }, []);
  return name;
}

/** Out of these pages to the provider; back to where somebody wanted to go. */
function start(): string {
  const next = new URLSearchParams(location.search).get("next") ?? "/";
  return `${ROOT}/oidc/start?next=${encodeURIComponent(next)}`;
}

export function FirstRun() {
  // After the #, so that no server and no proxy on the way writes it into a log.
  const [token] = useState(() => location.hash.slice(1) || (new URLSearchParams(location.search).get("token") ?? ""));
  if (!token) {
    return (
      <main class="page narrow" id="main">
        <h1 class="verdict">This link is not whole.</h1>
        <p class="more">Open the link that `walkout serve` printed when the shop first opened; it works once.</p>
      </main>
    );
  }
  return (
    <Form
      title="Make the first account"
      words={`You will be this shop's administrator. The link works once. A password needs ${LEAST} characters at least; a few words are good.`}
      button="Make the account"
      fresh
      send={async (name, password) => {
        await post("/first-run", { token, name, password });
        location.assign("/");
      }}
    />
  );
}

interface Props {
  title: string;
  words: string;
  button: string;
  fresh?: boolean;
  lost?: boolean;
  elsewhere?: string;
  send: (name: string, password: string) => Promise<void>;
}

function Form({ title, words, button, fresh = false, lost = false, elsewhere = "", send }: Props) {
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = `${title} – Walkout`;
    first.current?.focus();
  }, []);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const name = String(form.get("name") ?? "").trim();
    const password = String(form.get("password") ?? "");
    if (!name || !password) return setError("Both are needed.");
    if (fresh && password.length < LEAST) {
      return setError(`The password has ${password.length} characters; it needs ${LEAST} at least.`);
    }
    setBusy(true);
    setError("");
    try {
      await send(name, password);
    } catch (problem) {
      setError(problem instanceof ApiError ? `${problem.title}. ${problem.detail}` : String(problem));
    }
    setBusy(false);
  };
  return (
    <main class="page narrow" id="main">
      <h1 class="verdict">{title}</h1>
      <p class="more">{words}</p>
      {elsewhere && (
        <p class="elsewhere">
          <a class="button main" href={start()}>
            Sign in with {elsewhere}
          </a>
          <span>or with a name and a password of this shop:</span>
        </p>
      )}
      <form class="stack" onSubmit={(event) => void submit(event)} noValidate>
        <label for="name">Name</label>
        <input id="name" name="name" autocomplete="username" ref={first} aria-describedby="wrong" />
        <label for="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete={fresh ? "new-password" : "current-password"}
          aria-describedby="wrong"
        />
        <p id="wrong" class="wrong" role="alert">
          {error}
        </p>
        <button type="submit" class={elsewhere ? "" : "main"} disabled={busy}>
          {busy ? "One moment…" : button}
        </button>
      </form>
      {lost && <p class="quiet">Lost your password? Ask an administrator of this shop for a link; nothing is sent by mail, to anybody.</p>}
    </main>
  );
}
