/** What surrounds every console page: where you are, where you can go, how fresh this is. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useLive, useSession, useTick, useZone } from "./hooks";
import { keysNow, keysOff, setKeysOff, useKeys } from "./keys";
import { connection, freshness } from "./live";
import { go } from "./router";
import { duration, time } from "./words";

export const PAGES: [string, string, string][] = [
  ["review", "/review", "Review"],
  ["shift", "/shift", "My shift"],
  ["live", "/", "Live"],
  ["visits", "/visits", "Visits"],
  ["disputes", "/disputes", "Disputes"],
  ["door", "/door", "Door"],
  ["shop", "/shop", "Shop"],
  ["stock", "/stock", "Stock"],
  ["sales", "/sales", "Sales"],
  ["given-away", "/given-away", "Given away"],
  ["health", "/health", "Health"],
  ["overview", "/review/overview", "Reviewing"],
  ["labour", "/labour", "Labour"],
  ["privacy", "/privacy", "Privacy"],
];

/** Where a group of pages begins in the line at the top: what happens now, the goods, the machinery, the people. */
const BEGINS = new Set(["shop", "health", "overview"]);

const RUN = ["admin", "operator"];

/** Who sees which page: as the server's own table has it, so that nobody is shown a door that is shut. */
const MAY: Record<string, readonly string[]> = {
  review: ["reviewer"],
  shift: ["reviewer"],
  overview: [...RUN, "auditor"],
  team: RUN,
  labour: [...RUN, "auditor"],
  privacy: [...RUN, "auditor"],
  live: [...RUN, "staff"],
  visits: [...RUN, "auditor", "integrator"],
  disputes: [...RUN, "auditor", "integrator"],
  door: [...RUN, "staff"],
  stock: [...RUN, "staff", "auditor", "integrator"],
  sales: [...RUN, "staff", "auditor", "integrator"],
  "given-away": [...RUN, "auditor"],
  health: [...RUN, "staff", "auditor", "integrator"],
};

/** Whether a role sees a page; what no table names is everybody's. */
export function sees(role: string, page: string): boolean {
  return MAY[MAY[page] ? page : (PARENT[page] ?? page)]?.includes(role) ?? true;
}

const PARENT: Record<string, string> = { pay: "shift", practice: "review", annotate: "review", dataset: "overview", appeals: "overview", months: "overview", visit: "visits", receipt: "visits", dispute: "disputes" };

export function Shell({ name, children }: { name: string; children: ComponentChildren }) {
  const session = useSession();
  const [help, setHelp] = useState(false);
  const here = PARENT[name] ?? name;
  const pages = PAGES.filter(([page]) => sees(session.role, page));
  useKeys([
    // On a question, numbers are answers; there are keys for nine pages.
    ...(here === "review" ? [] : pages.slice(0, 9).map(([, path, title], n) => ({ key: String(n + 1), does: `go to ${title}`, run: () => go(path) }))),
    { key: "?", does: "list the keys", run: () => setHelp(true) },
  ]);
  return (
    <>
      <a class="skip" href="#main">
        Go to the page
      </a>
      <header class="top">
        <span class="shop">{session.store.name}</span>
        <nav aria-label="Pages">
          {pages.map(([page, path, title], n) => (
            <a key={page} href={path} class={n > 0 && BEGINS.has(page) ? "begins" : undefined} aria-current={page === here ? "page" : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <span class="right">
          {session.origin === "simulated" && <span class="origin">Simulated</span>}
          {sees(session.role, "live") && <Fresh />}
          <Account />
          <button type="button" class="plain" aria-label="Keys" onClick={() => setHelp(true)}>
            ?
          </button>
        </span>
      </header>
      {children}
      {help && <Help close={() => setHelp(false)} />}
    </>
  );
}

/** How old what you see is, always. */
function Fresh() {
  const live = useLive();
  const zone = useZone();
  useTick(500);
  const age = live.age();
  const fresh = freshness(age, live.open);
  useEffect(() => {
    document.documentElement.dataset.fresh = live.live.known ? fresh : "live";
  }, [fresh, live.live.known]);
  const heard = Number.isFinite(age);
  return (
    <span class={`fresh is-${fresh}`}>
      <span class="number clock">{time(live.now() * 1e6, zone)}</span>
      <span class="age">
        {!heard ? "connecting" : fresh === "live" ? `heard ${duration(age / 1000)} ago` : `${live.open ? "silent" : "offline"} for ${duration(age / 1000)}`}
      </span>
      {!live.open && heard && (
        <button type="button" class="plain" onClick={() => connection.retry()}>
          Try now
        </button>
      )}
    </span>
  );
}

/** One word, so that the line at the top holds all pages; signing out is there. */
function Account() {
  const session = useSession();
  return (
    <a href="/account" title={`You are ${session.user}, ${session.role}`}>
      Account
    </a>
  );
}

function Help({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [off, setOff] = useState(keysOff());
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="keys">
      <h2 id="keys">Keys</h2>
      <dl class="keys">
        {keysNow().map((key) => (
          <div key={key.key}>
            <dt>
              <kbd>{key.key === " " ? "Space" : key.key.replace("Arrow", "")}</kbd>
            </dt>
            <dd>{key.does}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>Tab</kbd>
          </dt>
          <dd>next control; arrows move within a shelf</dd>
        </div>
        <div>
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>close this</dd>
        </div>
      </dl>
      <label>
        <input
          type="checkbox"
          checked={off}
          onChange={(event) => {
            setOff(event.currentTarget.checked);
            setKeysOff(event.currentTarget.checked);
          }}
        />{" "}
        Switch single keys off on this device
      </label>
      <form method="dialog">
        <button type="submit" autoFocus>
          Close
        </button>
      </form>
    </dialog>
  );
}

interface PageProps {
  title: ComponentChildren;
  more?: ComponentChildren;
  tone?: string;
  wide?: boolean;
  children?: ComponentChildren;
}

/** A page with its one answer as the heading. */
export function Page({ title, more, tone = "", wide = false, children }: PageProps) {
  return (
    <main class={`page${wide ? " wide" : ""}`} id="main">
      <h1 class={`verdict ${tone}`} tabIndex={-1}>
        {title}
      </h1>
      {more && <p class="more">{more}</p>}
      {children}
    </main>
  );
}
