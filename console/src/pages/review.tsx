/** What is asked of me, what do I see, what do I press? One decision a screen. */

import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, get, post } from "../api";
import { type AnswerBody, type Answered, type Asked, awaits, type DeskState, lease, noClip, words } from "../desk";
import { announce, type Data, useData, useSession } from "../hooks";
import { useKeys } from "../keys";
import { Loading, Problem } from "../parts";
import { Question } from "../question";
import { go } from "../router";
import { Page } from "../shell";
import { brief, count, money, whole } from "../words";

/** The desk is asked this often how the shift stands; a waiting reviewer, whether there is a question. */
const STATE_MS = 15_000;
const WAIT_MS = 5_000;
/** So often is asked whether a clip that is being made is there. */
const CLIP_MS = 3_000;
/** A page that is looked at is a sign of life; whether anybody moves in front of it is nobody's business. */
const ALIVE_MS = 45_000;

export function ReviewPage() {
  const desk = useData<DeskState>("/desk", STATE_MS);
  const { role } = useSession();
  const state = desk.value;
  if (!state) {
    return (
      <Page title="Review">
        {desk.error?.status === 403 ? (
          <p>
            Only reviewers are asked questions; you are signed in as {role}. <a href="/review/overview">How reviewing goes</a>
          </p>
        ) : desk.error?.status === 409 ? (
          <p>{words(desk.error)}</p>
        ) : desk.error ? (
          <Problem error={desk.error} retry={() => void desk.reload()} />
        ) : (
          <Loading what="the desk" />
        )}
      </Page>
    );
  }
  if (!state.on_shift) return <Begin desk={desk} state={state} />;
  if (state.on_break) return <Rest desk={desk} state={state} />;
  return <Working desk={desk} state={state} />;
}

interface At {
  desk: Data<DeskState>;
  state: DeskState;
}

/** Does something at the desk, then asks how things stand. */
function useDo(desk: Data<DeskState>): [string, (path: string, body?: unknown) => Promise<boolean>] {
  const [error, setError] = useState("");
  const run = async (path: string, body: unknown = {}) => {
    setError("");
    try {
      await post(path, body);
      await desk.reload();
      return true;
    } catch (problem) {
      setError(words(problem));
      return false;
    }
  };
  return [error, run];
}

/** Before a shift: what there is to do, at what pay, accepted one by one. */
function Begin({ desk, state }: At) {
  const [error, run] = useDo(desk);
  const any = state.purposes.some((one) => one.accepted);
  const begin = () => any && void run("/desk/shift/start");
  useKeys([{ key: "Enter", does: "start the shift", run: begin }]);
  return (
    <Page
      title={any ? "Ready when you are." : "Which questions do you accept?"}
      more={
        <>
          Every hour is paid at {money(state.shift.hourly, state.shift.currency)} or more: questions, waiting, skips, breaks and our faults. How fast you are is
          neither measured nor scored.
        </>
      }
    >
      {state.warning && <p class="warning">{state.warning} You may skip any question, and say “distressing”; a paid break follows if you want one.</p>}
      <ul class="purposes">
        {state.purposes.map((one) => (
          <li key={one.name}>
            <div>
              <b>{one.name}</b> <span class="quiet">{one.what}</span>
              <p class="quiet">
                {money(one.rate, one.currency)} an hour
                {one.p50_s !== null && one.p90_s !== null
                  ? `; a question takes about ${whole(one.p50_s)}, one in ten over ${whole(one.p90_s)}`
                  : "; how long a question takes is not known yet"}
                {one.estimate_from && ` (${one.estimate_from})`}
              </p>
            </div>
            <button type="button" aria-pressed={one.accepted} onClick={() => void run(`/desk/purposes/${one.name}/${one.accepted ? "withdraw" : "accept"}`)}>
              {one.accepted ? "Accepted" : "Accept"}
              <span class="sr"> {one.name}</span>
            </button>
          </li>
        ))}
      </ul>
      <p class="tools">
        <button type="button" class="main" disabled={!any} onClick={begin}>
          Start the shift
        </button>
        <a class="button" href="/review/practice">
          Practise first
        </a>
        {!any && <span class="quiet">Accept at least one kind of question.</span>}
        {any && state.waiting > 0 && <span class="quiet">{count(state.waiting, "question waits", "questions wait")}.</span>}
      </p>
      {error && (
        <p class="wrong" role="alert">
          {error}
        </p>
      )}
      <Outside state={state} />
    </Page>
  );
}

function Outside({ state }: { state: DeskState }) {
  return (
    <p class="quiet outside">
      You are {state.worker} here. <a href="/shift">What you have worked and earned</a>
      {state.outside_channel && (
        <>
          {" · "}
          <a href={state.outside_channel} rel="noreferrer" target="_blank">
            Talk to other reviewers where this shop does not listen
          </a>
        </>
      )}
    </p>
  );
}

function Rest({ desk, state }: At) {
  const [error, run] = useDo(desk);
  const back = () => void run("/desk/break/end");
  useKeys([{ key: "b", does: "end the break", run: back }]);
  return (
    <Page title="You are on a break." more="Nothing waits for you by name; questions go to somebody else, or wait.">
      <p class="tools">
        <button type="button" class="main" onClick={back}>
          <kbd>B</kbd> Go on
        </button>
        <button type="button" onClick={() => void run("/desk/shift/end").then((done) => done && go("/shift"))}>
          End the shift
        </button>
      </p>
      {error && <p class="wrong" role="alert">{error}</p>}
      <Outside state={state} />
    </Page>
  );
}

interface Sent {
  token: string;
  words: string;
  settled: boolean | null;
  visit: string;
}

/** On shift: a question, or none; the last answer can be taken back for a minute. */
function Working({ desk, state }: At) {
  const [asked, setAsked] = useState<Asked | null | undefined>(undefined);
  const [next, setNext] = useState<Asked | null>(null);
  const [last, setLast] = useState<Sent | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [note, setNote] = useState("");
  /** They said that something was distressing: a break to recover is offered until the next answer. */
  const [hurt, setHurt] = useState(false);
  const [, act] = useDo(desk);
  const busy = useRef(false);
  /** The question that is answered or put away, and stands on the screen until the desk gives the next one. */
  const [over, setOver] = useState<string | null>(null);
  const gone = useRef(false);
  const fetchOne = async () => {
    if (busy.current) return;
    busy.current = true;
    try {
      const found = await lease();
      if (gone.current) return;
      if (found?.purpose === "annotate") return go("/review/annotate", true);
      setError(null);
      setOver(null);
      setAsked(found);
      setNext((old) => (found && old?.token === found.token ? null : old));
    } catch (problem) {
      if (problem instanceof ApiError) setError(problem);
    } finally {
      busy.current = false;
    }
  };
  useEffect(() => {
    gone.current = false;
    void fetchOne();
    return () => {
      gone.current = true;
    };
  }, []);
  // Nothing to ask, or nobody answers: ask again.
  useEffect(() => {
    if ((asked && over === null) || (asked === undefined && !error)) return;
    const timer = setTimeout(() => void fetchOne(), WAIT_MS);
    return () => clearTimeout(timer);
  });
  const token = asked?.token;
  useEffect(() => {
    if (!token) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void post(`/desk/leases/${token}/heartbeat`, {}).catch(() => undefined);
    }, ALIVE_MS);
    // While this one is looked at, the next one and its clips are fetched.
    const ahead = setTimeout(() => {
      get<{ question: Asked | string | null }>("/desk/next").then(
        (found) => !gone.current && typeof found?.question === "object" && setNext(found.question),
        () => undefined,
      );
    }, 400);
    return () => {
      clearInterval(timer);
      clearTimeout(ahead);
    };
  }, [token]);
  // A clip that is still being made is shown as soon as it is there.
  const waits = asked ? awaits(asked) : false;
  useEffect(() => {
    if (!token || !waits) return;
    const timer = setInterval(() => {
      get<Asked>(`/desk/leases/${token}`).then(
        (found) => !gone.current && found && setAsked((old) => (old?.token === token && noClip(old.evidence).why !== noClip(found.evidence).why ? found : old)),
        () => undefined,
      );
    }, CLIP_MS);
    return () => clearInterval(timer);
  }, [token, waits]);
  useEffect(() => {
    if (!last) return;
    const timer = setTimeout(() => setLast(null), 60_000);
    return () => clearTimeout(timer);
  }, [last]);
  const done = (how: string, token: string) => {
    setNote(how);
    announce(how);
    // It stands there, and takes no answer, until the desk has given the next one: no other is ever shown.
    setOver(token);
    void fetchOne();
    void desk.reload();
  };
  const undo = async () => {
    if (!last) return setNote("There is nothing to take back.");
    try {
      const back = await post<Asked | undefined>(`/desk/leases/${last.token}/undo`, {});
      if (back?.token) {
        if (asked && over === null) setNext(asked);
        setOver(null);
        setAsked(back);
      } else void fetchOne();
      setNote(`Taken back: ${last.words}`);
      announce("Your answer was taken back.");
    } catch (problem) {
      setNote(words(problem));
    }
    setLast(null);
  };
  const rest = (kind = "paid") => void act("/desk/break/start", { kind });
  useKeys([
    ...(last ? [{ key: "u", does: "take the last answer back", run: () => void undo() }] : []),
    { key: "b", does: "take a paid break", run: () => rest() },
  ]);
  const foot = (
    <Foot state={state} hurt={hurt} last={last} undo={() => void undo()} rest={rest} note={note} silent={desk.error !== null}>
      <button type="button" class="plain" onClick={() => void act("/desk/shift/end").then((done) => done && go("/shift"))}>
        End the shift
      </button>
    </Foot>
  );
  if (asked && !(over !== null && error)) {
    return (
      <>
        <Question
          asked={asked}
          over={over === asked.token}
          next={next}
          send={(body) => post<Answered>(`/desk/leases/${asked.token}/answer`, body)}
          sent={(body, answered) => {
            const what = wordsOf(asked, body);
            setHurt(false);
            setLast({ token: asked.token, words: what, settled: answered.settled, visit: asked.visit_short });
            done(`Answered: ${what}.`, asked.token);
          }}
          lost={(how) => done(how, asked.token)}
          skips={state.skip_reasons}
          flags={state.flag_reasons}
          skip={async (reason) => {
            await post(`/desk/leases/${asked.token}/skip`, { reason });
            if (hurts(reason)) setHurt(true);
            done("Skipped. It goes to somebody else, and nothing is noted against you.", asked.token);
          }}
          rest={() => rest("recovery")}
          flag={async (reason) => {
            await post(`/desk/leases/${asked.token}/flag`, { reason });
            setNote("Flagged. A person of the shop looks at it.");
            if (!hurts(reason)) return;
            setHurt(true);
            const covered = await get<Asked>(`/desk/leases/${asked.token}`);
            setAsked((old) => (old?.token === asked.token ? covered : old));
          }}
        />
        {foot}
      </>
    );
  }
  return (
    <>
      <Page
        title={error ? "The desk does not answer." : asked === null ? "Nothing to ask; this time is paid." : "A question is on its way."}
        tone={error ? "unsure" : ""}
        more={
          error
            ? `${error.title}. ${error.detail} It is asked again every ${WAIT_MS / 1000} seconds; your time goes on being paid.`
            : asked === null
              ? "A question appears here by itself, and you will hear it if you use a screen reader. Read, stretch, look out of the window."
              : undefined
        }
      >
        <p class="tools">
          <button type="button" onClick={() => void fetchOne()}>
            Ask now
          </button>
          <a class="button" href="/review/practice">
            Practise
          </a>
          {state.purposes.some((one) => one.name === "annotate" && one.accepted) && (
            <a class="button" href="/review/annotate">
              Mark clips
            </a>
          )}
        </p>
      </Page>
      {foot}
    </>
  );
}

const hurts = (reason: string) => reason.startsWith("distressing");

function wordsOf(asked: Asked, body: AnswerBody): string {
  if (body.items) return body.items.length ? `${body.items.reduce((n, one) => n + one.quantity, 0)} products` : "they took nothing";
  if (body.choice === "cannot_tell") return "cannot tell";
  const found = asked.candidates.find((one) => one.key === body.choice);
  const many = found?.gtin && body.quantity !== undefined && body.quantity !== found.quantity ? `${body.quantity} × ` : "";
  return `${many}${found?.label ?? "something else"}${body.sure === "sure" ? "" : `, ${body.sure}`}`;
}

interface FootProps {
  state: DeskState;
  last: Sent | null;
  undo: () => void;
  rest: (kind?: string) => void;
  hurt: boolean;
  note: string;
  silent: boolean;
  children: preact.ComponentChildren;
}

/** The shift: how long, at what pay; no clock on a question. */
function Foot({ state, last, undo, rest, hurt, note, silent, children }: FootProps) {
  const { shift } = state;
  const { role } = useSession();
  const due = state.break_due_in_s !== null && state.break_due_in_s <= 0;
  return (
    <footer class="shift-foot">
      <p class="note" role="status">
        {note}
        {last && last.settled && ` The receipt of visit ${last.visit} is settled.`}{" "}
        {last && (
          <button type="button" class="plain" onClick={undo}>
            <kbd>U</kbd> take it back
          </button>
        )}
      </p>
      {role !== "reviewer" && (
        <p>
          This is the demonstration: you are its admin and, here only, one of its reviewers too. Pay and place are invented. <a href="/">Back to the shop</a>
        </p>
      )}
      <p>
        {silent && <span class="unsure">The desk was not heard just now; your time goes on. </span>}
        On shift {brief(shift.paid_s)}, {money(shift.earned, shift.currency)} so far, at {money(shift.hourly, shift.currency)} an hour, waiting included. Your speed is not
        scored.
      </p>
      <p class="tools">
        {hurt && (
          <button type="button" class="due" onClick={() => rest("recovery")}>
            Paid break, to recover from what you saw
          </button>
        )}
        <button type="button" class={due ? "due" : ""} onClick={() => rest()}>
          <kbd>B</kbd> {due ? "A paid break is due" : "Paid break"}
        </button>
        {children}
      </p>
    </footer>
  );
}
