/** Am I charged right? No account: whoever has the link of a visit sees this. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { ApiError, post } from "../api";
import { announce, useData } from "../hooks";
import { Later } from "../later";
import { humanWords, Loading, Problem } from "../parts";
import { shopperOf } from "../shapes";
import type { Line, ShopperPage } from "../types";
import { day, money, sentence, time } from "../words";
import { ReceiptBody } from "./receipt";
import { Help, Looks, Mail, Rights } from "./shopper-rights";

const STATE = {
  inside: "You are in the shop. This is what it believes so far; put anything back and it goes.",
  provisional: "Not final yet: a person looks before anything unsure is charged.",
  final: "Final. You can still say that it is wrong.",
};

const ANSWERED = "A person has looked. It is charged in a minute, unless they take their answer back.";

export function ShopperView({ token }: { token: string }) {
  const path = `/s/${encodeURIComponent(token)}`;
  const [fast, setFast] = useState(true);
  const page = useData<ShopperPage>(path, fast ? 2000 : 15000);
  const found = useMemo(() => page.value && shopperOf(page.value), [page.value]);
  const zone = found?.store?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  useEffect(() => {
    if (found) setFast(found.state !== "final");
    document.title = `Your receipt – ${found?.store?.name ?? "Walkout"}`;
  }, [found]);
  if (!found) {
    return (
      <main class="page narrow shopper" id="main">
        <h1 class="verdict">Your receipt</h1>
        {page.error ? (
          <>
            <Problem error={page.error} retry={() => void page.reload()} />
            {page.error.status === 404 && <p>The link on your receipt or in your e-mail is the right one, whole.</p>}
          </>
        ) : (
          <Loading what="your receipt" />
        )}
      </main>
    );
  }
  const inside = found.state === "inside";
  const paid = money(found.due, found.currency);
  const of = { path, page: found, zone, done: page.reload };
  return (
    <main class={`page narrow shopper ${found.state}`} id="main">
      <p class="where">
        {found.store?.name ?? "Your receipt"}
        {found.origin === "simulated" && <span class="origin">Simulated</span>}
      </p>
      <h1 class="verdict huge" tabIndex={-1}>
        {inside ? `${money(found.total, found.currency)} so far` : paid}
      </h1>
      <p class={found.state === "provisional" ? "more unsure" : "more"}>{found.state === "provisional" && found.status === "settled" ? ANSWERED : STATE[found.state]}</p>
      {page.error && <p class="unsure">This page could not be refreshed; it shows what was last heard.</p>}
      <ReceiptBody
        lines={found.lines}
        withheld={found.withheld}
        total={found.total}
        due={inside ? found.total : found.due}
        currency={found.currency}
        under={inside ? undefined : (line) => <Wrong path={path} line={line} page={found} zone={zone} done={page.reload} />}
      />
      {!inside && <Missed path={path} page={found} zone={zone} done={page.reload} />}
      {inside ? <Help path={path} /> : <Mail {...of} />}
      <section>
        <h2>Who decided</h2>
        <p>
          {found.decided_by === "person" ? "A person decided what you took." : "Software decided what you took."}{" "}
          {humanWords(found.human)} <a href="/public">How often people look here, and how they are paid</a>
        </p>
        {found.revisions.length > 1 && (
          <ul class="rows">
            {found.revisions.map((one) => (
              <li key={one.revision}>
                <span class="number quiet">{time(one.issued_ns, zone)}</span>
                <span class="what">{one.reason || "first receipt"}</span>
                <span class="price">{money(one.total, found.currency)}</span>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section>
        <h2>What is stored about this visit</h2>
        <ul class="stored">
          {found.stored.map((one) => (
            <li key={one.what}>
              {sentence(one.what).replace(/\.$/, "")}
              <span class="quiet">
                {one.until_ns === null ? "" : `until ${day(one.until_ns, zone)}; `}
                {one.why}
              </span>
            </li>
          ))}
        </ul>
        {found.stored.length === 0 && <p>Nothing.</p>}
      </section>
      {!inside && <Looks {...of} />}
      {!inside && <Later what="the choice" part={async () => ({ default: (await import("./learning-consent")).LearningConsent })} with={{ path, zone }} />}
      {!inside && <Rights {...of} />}
      <footer class="quiet">
        {found.revisions[0] && `Issued ${day(found.revisions[0].issued_ns, zone)}, ${time(found.revisions[0].issued_ns, zone)}. `}
        Visit {found.visit}. Whoever has this link sees this page; nobody needs an account.
      </footer>
    </main>
  );
}

const OUTCOME: Record<string, string> = {
  upheld: "You were right: it was given back",
  rejected: "A person looked, and the receipt stands",
  added: "It was added",
};

interface Said {
  path: string;
  page: ShopperPage;
  zone: string;
  done: () => Promise<void>;
}

/** One tap. It locks nothing and marks nobody; a person looks. */
function Wrong({ path, line, page, zone, done }: Said & { line: Line }) {
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const open = page.disputes?.find((d) => d.kind === "wrong" && d.gtin === line.gtin);
  const [sent, setSent] = useState(false);
  if (open || sent) {
    return (
      <p class="noted" role="status">
        {open?.state === "closed"
          ? `You said this is wrong. ${OUTCOME[open.outcome ?? ""] ?? open.outcome}${open.note ? ` (${open.note})` : ""}.`
          : `Noted${open ? ` at ${time(open.opened_ns, zone)}` : ""}: this is wrong. A person looks at it, and the receipt is issued again.`}
      </p>
    );
  }
  const say = async () => {
    setBusy(true);
    setError("");
    try {
      await post(`${path}/disputes`, { kind: "wrong", gtin: line.gtin, quantity: line.quantity });
      setSent(true);
      announce(`Noted: ${line.name} is wrong. A person looks at it.`);
      await done();
    } catch (problem) {
      setError(problem instanceof ApiError ? `${problem.title}. ${problem.detail}` : String(problem));
    }
    setBusy(false);
  };
  return (
    <p class="say">
      <button type="button" disabled={busy} onClick={() => void say()} aria-label={`This is wrong: ${line.name}`}>
        This is wrong
      </button>
      {error && (
        <span class="wrong" role="alert">
          {error}
        </span>
      )}
    </p>
  );
}

function Missed({ path, page, zone, done }: Said) {
  const [open, setOpen] = useState(false);
  const [error, setError] = useState("");
  const said = (page.disputes ?? []).filter((d) => d.kind === "missed");
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const words = String(form.get("words") ?? "").trim();
    const quantity = Math.max(1, Number(form.get("quantity")) || 1);
    if (!words) return setError("Say what it was, in a word or two.");
    setError("");
    try {
      await post(`${path}/disputes`, { kind: "missed", words, quantity });
      announce("Noted. Thank you.");
      setOpen(false);
      await done();
    } catch (problem) {
      setError(problem instanceof ApiError ? `${problem.title}. ${problem.detail}` : String(problem));
    }
  };
  return (
    <div class="missed">
      {said.map((one) => (
        <p class="noted" role="status" key={one.id}>
          {one.state === "closed"
            ? `You said we missed ${one.words}. ${OUTCOME[one.outcome ?? ""] ?? one.outcome}.`
            : `Noted at ${time(one.opened_ns, zone)}: we missed ${one.quantity ?? 1} ${one.words}. Thank you for saying so.`}
        </p>
      ))}
      {!open ? (
        <button type="button" onClick={() => setOpen(true)}>
          You missed something
        </button>
      ) : (
        <form class="inline" onSubmit={(event) => void send(event)} noValidate>
          <label class="grow">
            What was it? <input name="words" autoFocus />
          </label>
          <label>
            How many? <input name="quantity" type="number" min={1} max={99} defaultValue="1" />
          </label>
          <button type="submit" class="main">
            Send
          </button>
          <button type="button" class="plain" onClick={() => setOpen(false)}>
            Back
          </button>
          {error && (
            <p class="wrong" role="alert">
              {error}
            </p>
          )}
        </form>
      )}
    </div>
  );
}
