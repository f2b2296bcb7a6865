/** What have I worked, what do I earn, who looked at me? */

import { useState } from "preact/hooks";
import { call, get, post, ROOT } from "../api";
import { words } from "../desk";
import { useData } from "../hooks";
import { Later } from "../later";
import { Loading, Problem, Scroll } from "../parts";
import { checked, type Found, type Paper } from "../proof";
import { Page } from "../shell";
import { count, money, percent, sentence, time, whole } from "../words";
import { Proven } from "./shopper-rights";

export interface Piece {
  kind: string;
  start_ns: number;
  end_ns: number;
  purpose: string | null;
  paid: boolean;
}

export interface Day {
  date: string;
  intervals: Piece[];
  paid_s: number;
  earned: string;
}

interface Verdict {
  question: string;
  purpose: string;
  sentence?: string;
  yours: string | null;
  right: boolean | null;
  appeal: { due_ns?: number; upheld?: boolean | null; reason?: string | null } | null;
  appealable: boolean;
}

interface Score {
  right: number;
  of: number;
  low: number;
  high: number;
  cannot_tell?: number;
  under_appeal?: number;
}

interface MyShift {
  worker?: string;
  days: Day[];
  currency?: string;
  zone?: string;
  floor: { hourly: string; source: string; currency?: string; source_url?: string } | null;
  statements: { period: string; revision: number; amount: string; currency?: string; paid_confirmed: boolean; status?: string; state?: string; url: string | null }[];
  verdicts: Verdict[];
  scores: Score | { gold: Score };
  asked?: { number: number; start_ns: number; end_ns: number }[];
  looked_at_me: { when_ns: number; who_role: string; what: string }[];
}

const KIND: Record<string, string> = {
  active: "questions",
  gold: "questions",
  waiting_paid: "waiting",
  break_paid: "paid break",
  break_unpaid: "meal, not paid",
  training: "training",
  fault_paid: "our fault",
  meeting: "meeting",
  appeal: "appeal",
  idle_query: "we ask about this",
};
const SHADE: Record<string, string> = { active: "full", gold: "full", training: "full", break_unpaid: "none", idle_query: "ask" };

/** Neighbouring pieces of the same kind as one: a day of questions is a few rows, not a hundred. */
export function merged(pieces: readonly Piece[]): Piece[] {
  const found: Piece[] = [];
  for (const piece of [...pieces].sort((a, b) => a.start_ns - b.start_ns)) {
    const last = found[found.length - 1];
    if (last && KIND[last.kind] === KIND[piece.kind] && last.paid === piece.paid && piece.start_ns - last.end_ns < 2e9) {
      last.end_ns = piece.end_ns;
      if (last.purpose !== piece.purpose) last.purpose = null;
    } else found.push({ ...piece });
  }
  return found;
}

export function ShiftPage() {
  const data = useData<MyShift>("/shift", 20_000);
  const found = data.value;
  const zone = found?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!found) {
    return <Page title="My shift">{data.error ? <Problem error={data.error} retry={() => void data.reload()} /> : <Loading what="your shift" />}</Page>;
  }
  const currency = found.currency ?? found.floor?.currency ?? found.statements[0]?.currency ?? "";
  const newest = found.days[0];
  const score = "gold" in found.scores ? found.scores.gold : found.scores;
  return (
    <Page
      title={newest ? `${whole(newest.paid_s)} paid, ${money(newest.earned, currency)}, on ${newest.date}.` : "You have not worked here yet."}
      more={
        found.floor
          ? `No hour of yours is paid below ${money(found.floor.hourly, found.floor.currency ?? currency)}: ${found.floor.source}.`
          : "There is no wage floor for your place yet; until there is, no statement can be made."
      }
    >
      {data.error && <p class="unsure">This page could not be refreshed; it shows what was last heard.</p>}
      {(found.asked ?? []).map((one) => (
        <Idle key={one.number} one={one} zone={zone} done={data.reload} />
      ))}
      {!newest && <p class="state">Start a shift on <a href="/review">Review</a>; every minute of it appears here.</p>}
      {found.days.slice(0, 14).map((day, k) => (
        <DayOf key={day.date} day={day} zone={zone} currency={currency} open={k === 0} />
      ))}
      <h2>Statements</h2>
      {found.statements.length === 0 && <p class="state">None yet. One is made for each month, with every hour, rate and rule in it.</p>}
      {found.statements.length > 0 && (
        <Scroll label="Statements">
          <table>
            <thead>
              <tr>
                <th>Month</th>
                <th class="right">Owed</th>
                <th>Money</th>
                <th>What you say</th>
              </tr>
            </thead>
            <tbody>
              {found.statements.map((one) => (
                <Statement key={`${one.period}/${one.revision}`} one={one} currency={one.currency ?? currency} done={data.reload} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      <h2>What is said of your answers</h2>
      <p>
        {score.of === 0
          ? "Nothing yet: it takes questions whose answer is known."
          : `${score.right} of ${score.of} answers to known questions were right: that speaks for ${percent(score.low)} to ${percent(score.high)} of all.`}{" "}
        {score.under_appeal ? `${count(score.under_appeal, "answer is", "answers are")} under appeal and does not count. ` : ""}
        “Cannot tell” never counts against you. No pay hangs on this, and nothing automatic follows from it.
      </p>
      <ul class="rows verdicts">
        {found.verdicts.filter((one) => one.right !== null || one.appeal).slice(0, 30).map((one) => (
          <VerdictRow key={one.question} one={one} zone={zone} done={data.reload} />
        ))}
      </ul>
      <h2>Who looked at what is recorded about you</h2>
      {found.looked_at_me.length === 0 && <p class="state">Nobody has.</p>}
      <ul class="rows">
        {found.looked_at_me.map((one, k) => (
          <li key={k}>
            <span class="number quiet">{time(one.when_ns, zone)}</span>
            <span class="what">
              {sentence(one.who_role)} <span class="quiet">{one.what}</span>
            </span>
          </li>
        ))}
      </ul>
      {found.worker && <Later what="your statements" part={() => import("../statement")} with={{ who: found.worker }} />}
      <h2>All that is recorded about you</h2>
      <p class="tools">
        <a class="button" href={`${ROOT}/shift/export`} download>
          Download everything
        </a>
        <span class="quiet">one click; every row, and why it is kept</span>
      </p>
    </Page>
  );
}

function DayOf({ day, zone, currency, open }: { day: Day; zone: string; currency: string; open: boolean }) {
  const pieces = merged(day.intervals);
  const from = pieces[0]?.start_ns ?? 0;
  const to = pieces[pieces.length - 1]?.end_ns ?? 1;
  return (
    <details class="day" open={open}>
      <summary>
        <b>{day.date}</b> <span class="number">{whole(day.paid_s)} paid</span> <span class="number">{money(day.earned, currency)}</span>
      </summary>
      <svg class="daybar" viewBox="0 0 1000 20" preserveAspectRatio="none" role="img" aria-label={`The day from ${time(from, zone)} to ${time(to, zone)}; the list below has each stretch`}>
        {pieces.map((piece, k) => (
          <rect key={k} class={SHADE[piece.kind] ?? "half"} x={(1000 * (piece.start_ns - from)) / (to - from)} width={Math.max(1, (1000 * (piece.end_ns - piece.start_ns)) / (to - from))} y="2" height="16" />
        ))}
      </svg>
      <ul class="rows pieces">
        {pieces.map((piece, k) => (
          <li key={k}>
            <span class="number quiet">
              {time(piece.start_ns, zone)} – {time(piece.end_ns, zone)}
            </span>
            <span class="what">
              {KIND[piece.kind] ?? piece.kind.replace(/_/g, " ")}
              {piece.purpose && <span class="quiet"> {piece.purpose === "gold" ? "settle" : piece.purpose}</span>}
            </span>
            <span class="number">{whole((piece.end_ns - piece.start_ns) / 1e9)}</span>
            <span class={piece.paid ? "quiet" : "unsure"}>{piece.paid ? "paid" : "not paid"}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Idle({ one, zone, done }: { one: { number: number; start_ns: number; end_ns: number }; zone: string; done: () => Promise<void> }) {
  const [error, setError] = useState("");
  const say = (answer: string) => post("/shift/idle", { number: one.number, answer }).then(done, (problem: unknown) => setError(words(problem)));
  return (
    <div class="question">
      <p>
        Nothing was heard from {time(one.start_ns, zone)} to {time(one.end_ns, zone)}. Were you working? If you say so, all of it is paid; nobody checks.
      </p>
      <p class="tools">
        <button type="button" onClick={() => void say("worked")}>
          I worked
        </button>
        <button type="button" onClick={() => void say("away")}>
          I was away
        </button>
      </p>
      {error && <p class="wrong" role="alert">{error}</p>}
    </div>
  );
}

function Statement({ one, currency, done }: { one: MyShift["statements"][number]; currency: string; done: () => Promise<void> }) {
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState("");
  const say = async (what: "confirm" | "dispute", body: unknown) => {
    try {
      await post(`/shift/statements/${one.period}/${what}`, body);
      setAsking(false);
      await done();
    } catch (problem) {
      setError(words(problem));
    }
  };
  const [found, setFound] = useState<Found | null>(null);
  const check = async () => {
    try {
      const point = await get<{ head: { key: string } }>("/public/checkpoint");
      setFound(await checked(await get<Paper>(`/shift/proof?month=${one.period}`), 0, point.head.key));
    } catch (problem) {
      setError(words(problem));
    }
  };
  const state = one.status ?? one.state ?? (one.paid_confirmed ? "confirmed" : "owed");
  return (
    <tr>
      <td>
        {one.url ? <a href={`/shift/statements/${one.period}`}>{one.period}</a> : one.period}
        {one.revision > 0 && <span class="quiet"> revision {one.revision}</span>}
      </td>
      <td class="number right">{money(one.amount, currency)}</td>
      <td class={state === "late" || state === "disputed" ? "unsure" : ""}>{state}</td>
      <td class="wrap">
        {one.paid_confirmed ? (
          "You said that it came."
        ) : asking ? (
          <form
            class="tools"
            onSubmit={(event) => {
              event.preventDefault();
              const reason = String(new FormData(event.currentTarget as HTMLFormElement).get("reason") ?? "").trim();
              if (reason) void say("dispute", { reason });
            }}
          >
            <input name="reason" aria-label="What is wrong" placeholder="What is wrong?" required />
            <button type="submit">Send</button>
          </form>
        ) : (
          <span class="tools">
            <button type="button" onClick={() => void say("confirm", {})}>
              It came
            </button>
            <button type="button" onClick={() => setAsking(true)}>
              Something is wrong
            </button>
          </span>
        )}
        <button type="button" class="plain" onClick={() => void check()}>
          Check that my hours of {one.period} were counted
        </button>
        {found && <Proven found={found} />}
        {error && <span class="wrong" role="alert"> {error}</span>}
      </td>
    </tr>
  );
}

function VerdictRow({ one, zone, done }: { one: Verdict; zone: string; done: () => Promise<void> }) {
  const [open, setOpen] = useState(false);
  const [error, setError] = useState("");
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget as HTMLFormElement).get("reason") ?? "").trim();
    if (!reason) return;
    try {
      await call("POST", `/shift/verdicts/${one.question.split("/").map(encodeURIComponent).join("/")}/appeal`, { reason });
      setOpen(false);
      await done();
    } catch (problem) {
      setError(words(problem));
    }
  };
  const { appeal } = one;
  return (
    <li>
      <span class="what">
        {one.sentence && <>{one.sentence} </>}
        <span class="quiet">you said</span> {one.yours ?? "cannot tell"}
      </span>
      <span class={one.right === false ? "unsure" : "quiet"}>{appeal && appeal.upheld == null ? "under appeal" : one.right === null ? "not scored" : one.right ? "right" : "not what is known"}</span>
      {appeal ? (
        <span class="quiet">
          {appeal.upheld == null ? `somebody else decides${appeal.due_ns ? ` by ${new Date(appeal.due_ns / 1e6).toLocaleDateString("en-GB", { timeZone: zone })}` : ""}` : appeal.upheld ? `corrected for everybody: ${appeal.reason ?? ""}` : `it stands: ${appeal.reason ?? ""}`}
        </span>
      ) : (
        one.appealable &&
        (open ? (
          <form class="tools" onSubmit={(event) => void send(event)}>
            <input name="reason" aria-label="Why your answer was right" placeholder="Why your answer was right" required />
            <button type="submit">Appeal</button>
          </form>
        ) : (
          <button type="button" onClick={() => setOpen(true)}>
            I was right
          </button>
        ))
      )}
      {error && <span class="wrong" role="alert">{error}</span>}
    </li>
  );
}
