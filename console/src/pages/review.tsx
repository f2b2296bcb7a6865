/** What is asked of me, what do I see, what do I press? One decision a screen. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ApiError, get, post } from "../api";
import {
  type AnswerBody,
  type Answered,
  type Asked,
  BLANK,
  cannotTell,
  chosen,
  counted,
  countedBy,
  type DeskState,
  type Draft,
  FLAGS,
  type Goods,
  lease,
  listed,
  needsProduct,
  nonce,
  other,
  otherwise,
  PURPOSE,
  said,
  SKIPS,
  words,
} from "../desk";
import { EvidenceView } from "../evidence";
import { announce, type Data, useData, useSession } from "../hooks";
import { useKeys } from "../keys";
import { Loading, Problem } from "../parts";
import { go } from "../router";
import { Page } from "../shell";
import type { List } from "../types";
import { brief, count, grams, money, whole } from "../words";

/** The desk is asked this often how the shift stands; a waiting reviewer, whether there is a question. */
const STATE_MS = 15_000;
const WAIT_MS = 5_000;
/** A page that is looked at is a sign of life; whether anybody moves in front of it is nobody's business. */
const ALIVE_MS = 45_000;
const RETRY_MS = 4_000;

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
  const [, act] = useDo(desk);
  const busy = useRef(false);
  const held = useRef<Asked | null>(null);
  held.current = asked ?? null;
  const gone = useRef(false);
  const fetchOne = async () => {
    if (busy.current) return;
    busy.current = true;
    try {
      const found = await lease();
      if (gone.current) return;
      setError(null);
      // What is on the screen stays there: another question that is lent now comes after it.
      const shown = held.current;
      if (shown && found && shown.token !== found.token) return setNext(found);
      setAsked(found ?? shown);
      setNext((old) => (old && found && old.token === found.token ? null : old));
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
    if (asked || (asked === undefined && !error)) return;
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
  useEffect(() => {
    if (!last) return;
    const timer = setTimeout(() => setLast(null), 60_000);
    return () => clearTimeout(timer);
  }, [last]);
  const over = (how: string) => {
    setNote(how);
    announce(how);
    // The next one is on the screen at once; the lease says that it is.
    held.current = next;
    setAsked(next ?? undefined);
    setNext(null);
    void fetchOne();
    void desk.reload();
  };
  const undo = async () => {
    if (!last) return setNote("There is nothing to take back.");
    try {
      const back = await post<Asked | undefined>(`/desk/leases/${last.token}/undo`, {});
      if (back?.token) {
        if (asked) setNext(asked);
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
    <Foot state={state} last={last} undo={() => void undo()} rest={rest} note={note} silent={desk.error !== null}>
      <button type="button" class="plain" onClick={() => void act("/desk/shift/end").then((done) => done && go("/shift"))}>
        End the shift
      </button>
    </Foot>
  );
  if (asked) {
    return (
      <>
        <Question
          key={asked.token}
          asked={asked}
          next={next}
          send={(body) => post<Answered>(`/desk/leases/${asked.token}/answer`, body)}
          sent={(body, done) => {
            const what = wordsOf(asked, body);
            setLast({ token: asked.token, words: what, settled: done.settled, visit: asked.visit_short });
            over(`Answered: ${what}.`);
          }}
          lost={(how) => over(how)}
          skips={state.skip_reasons}
          flags={state.flag_reasons}
          skip={async (reason) => {
            await post(`/desk/leases/${asked.token}/skip`, { reason });
            over("Skipped. It goes to somebody else, and nothing is noted against you.");
          }}
          flag={async (reason) => {
            await post(`/desk/leases/${asked.token}/flag`, { reason });
            setNote("Flagged. A person of the shop looks at it.");
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
        </p>
      </Page>
      {foot}
    </>
  );
}

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
  rest: () => void;
  note: string;
  silent: boolean;
  children: preact.ComponentChildren;
}

/** The shift: how long, at what pay; no clock on a question. */
function Foot({ state, last, undo, rest, note, silent, children }: FootProps) {
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
          <a href="/">Back to the shop</a>
        </p>
      )}
      <p>
        {silent && <span class="unsure">The desk was not heard just now; your time goes on. </span>}
        On shift {brief(shift.paid_s)}, {money(shift.earned, shift.currency)} so far, at {money(shift.hourly, shift.currency)} an hour, waiting included. Your speed is not
        scored.
      </p>
      <p class="tools">
        <button type="button" class={due ? "due" : ""} onClick={rest}>
          <kbd>B</kbd> {due ? "A paid break is due" : "Paid break"}
        </button>
        {children}
      </p>
    </footer>
  );
}

interface QuestionProps {
  asked: Asked;
  next?: Asked | null;
  send: (body: AnswerBody) => Promise<Answered>;
  sent: (body: AnswerBody, done: Answered) => void;
  lost: (how: string) => void;
  skips?: string[];
  flags?: string[];
  skip?: (reason: string) => Promise<void>;
  flag?: (reason: string) => Promise<void>;
}

/** One question: evidence left, candidates right. */
export function Question({ asked, next, send, sent, lost, skips = SKIPS, flags = FLAGS, skip, flag }: QuestionProps) {
  const { store } = useSession();
  const [draft, setDraft] = useState<Draft>(BLANK);
  const [list, setList] = useState<Goods[]>([]);
  const [sending, setSending] = useState<AnswerBody | null>(null);
  const [trouble, setTrouble] = useState("");
  const [open, setOpen] = useState<"" | "other" | "skip" | "flag">("");
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    title.current?.focus({ preventScroll: true });
    announce(asked.sentence);
  }, [asked.token]);
  const submit = async (body: AnswerBody) => {
    setSending(body);
    setTrouble("");
    try {
      sent(body, await send(body));
    } catch (problem) {
      if (problem instanceof ApiError && (problem.status === 409 || problem.status === 410)) return lost(words(problem));
      setTrouble(words(problem));
      if (!(problem instanceof ApiError) || problem.status !== 0) setSending(null);
    }
  };
  // Not sent for want of a connection: the same answer under the same name goes out until it is taken.
  useEffect(() => {
    if (!sending || !trouble) return;
    const timer = setTimeout(() => void submit(sending), RETRY_MS);
    return () => clearTimeout(timer);
  }, [sending, trouble]);
  const choose = (n: number) => {
    const one = asked.candidates[n];
    if (one && !sending) void submit(chosen(one, draft, nonce()));
  };
  const tried = async (what: (() => Promise<void>) | undefined) => {
    setOpen("");
    try {
      await what?.();
    } catch (problem) {
      if (problem instanceof ApiError && (problem.status === 409 || problem.status === 410)) return lost(words(problem));
      setTrouble(words(problem));
    }
  };
  const many = counted(asked);
  const basket = asked.kind === "basket";
  const something = () => {
    if (needsProduct(asked.kind)) return setOpen("other");
    if (asked.kind === "count" && draft.quantity === null) return setDraft(countedBy(draft, asked, 1));
    if (!sending) void submit(otherwise(draft, nonce()));
  };
  useKeys([
    ...asked.candidates.slice(0, 9).map((one, n) => ({ key: String(n + 1), does: one.label, run: () => choose(n) })),
    ...(asked.other_allowed && !basket
      ? [{ key: "0", does: needsProduct(asked.kind) ? "something else: search the catalogue" : "something else", run: something }]
      : []),
    ...(basket
      ? [
          { key: "0", does: "add a product: search the catalogue", run: () => setOpen("other") },
          { key: "Enter", does: "answer with the list", run: () => !sending && void submit(listed(list, draft, nonce())) },
        ]
      : []),
    ...(many
      ? [
          { key: "q", does: "one fewer", run: () => setDraft((d) => countedBy(d, asked, -1)) },
          { key: "e", does: "one more", run: () => setDraft((d) => countedBy(d, asked, 1)) },
        ]
      : []),
    { key: "l", does: "say “likely” with the answer", run: () => setDraft((d) => said(d, "likely")) },
    { key: "n", does: "say “unsure” with the answer", run: () => setDraft((d) => said(d, "unsure")) },
    { key: "x", does: "cannot tell from this", run: () => !sending && void submit(cannotTell(nonce())) },
    ...(skip ? [{ key: "s", does: "skip, with a reason if you like", run: () => setOpen("skip") }] : []),
    ...(flag ? [{ key: "f", does: "flag: something is not as it should be", run: () => setOpen("flag") }] : []),
  ]);
  return (
    <main class="page wide review" id="main">
      <h1 class="verdict" tabIndex={-1} ref={title}>
        {asked.sentence}
      </h1>
      <p class="more">
        {asked.practice ? "Practice: nothing of it is kept" : `Visit ${asked.visit_short}, ${PURPOSE[asked.purpose] ?? asked.purpose}`}.
      </p>
      <div class="desk">
        <EvidenceView asked={asked} next={next} />
        <section class="answers" aria-label="Answers">
          {basket && <Basket list={list} change={setList} add={() => setOpen("other")} answer={() => void submit(listed(list, draft, nonce()))} busy={sending !== null} />}
          <ol>
            {asked.candidates.slice(0, 9).map((one, n) => (
              <li key={one.key}>
                <button type="button" class={sending?.choice === one.key ? "answer on" : "answer"} disabled={sending !== null} onClick={() => choose(n)}>
                  <kbd>{n + 1}</kbd>
                  {one.picture ? <img src={one.picture} alt="" width="48" height="48" loading="lazy" /> : one.gtin ? <span class="nopicture">no picture</span> : null}
                  <span class="words">
                    <b>
                      {one.gtin && (draft.quantity ?? one.quantity ?? 1) > 1 && `${draft.quantity ?? one.quantity} × `}
                      {one.label}
                    </b>
                    <span class="quiet">{goodsWords(asked, one.gtin, store.currency)}</span>
                    {one.note && <span class="quiet">{one.note}</span>}
                  </span>
                </button>
              </li>
            ))}
          </ol>
          <div class="rest">
            {asked.other_allowed && !basket && (
              <button type="button" class="answer" disabled={sending !== null} onClick={something}>
                <kbd>0</kbd> <span class="words">{asked.kind === "count" ? "Another number: set it with Q and E, then 0" : needsProduct(asked.kind) ? "Something else…" : "Something else, not in this list"}</span>
              </button>
            )}
            <button type="button" class="answer" disabled={sending !== null} onClick={() => void submit(cannotTell(nonce()))}>
              <kbd>X</kbd> <span class="words">Cannot tell from this. A good answer, never counted against you.</span>
            </button>
          </div>
          <div class="how">
            {many && (
              <p class="tools">
                <button type="button" onClick={() => setDraft(countedBy(draft, asked, -1))}>
                  <kbd>Q</kbd> −<span class="sr"> one fewer</span>
                </button>
                <span class="number" aria-live="polite">
                  {draft.quantity === null ? "as many as each says" : `${draft.quantity} of it`}
                </span>
                <button type="button" onClick={() => setDraft(countedBy(draft, asked, 1))}>
                  <kbd>E</kbd> +<span class="sr"> one more</span>
                </button>
              </p>
            )}
            <p class="tools" role="group" aria-label="How sure">
              <span class="quiet">With your answer say:</span>
              {(["sure", "likely", "unsure"] as const).map((how) => (
                <button type="button" key={how} aria-pressed={draft.sure === how} onClick={() => setDraft({ ...draft, sure: how })}>
                  {how !== "sure" && <kbd>{how === "likely" ? "L" : "N"}</kbd>} {how}
                </button>
              ))}
            </p>
            <p class="tools">
              {skip && (
                <button type="button" onClick={() => setOpen("skip")}>
                  <kbd>S</kbd> Skip
                </button>
              )}
              {flag && (
                <button type="button" onClick={() => setOpen("flag")}>
                  <kbd>F</kbd> Flag
                </button>
              )}
            </p>
          </div>
          {trouble && (
            <p class="problem" role="alert">
              {sending ? "Not sent yet; it is kept here and sent again by itself. " : ""}
              {trouble}
            </p>
          )}
        </section>
      </div>
      {open === "other" && <Other draft={draft} close={() => setOpen("")} choose={(goods) => (basket ? setList((old) => [...old, goods]) : void submit(other(goods.gtin, draft, nonce())))} />}
      {open === "skip" && <Reasons title="Skip this one" lead="No reason is needed. Nothing is noted against you, and your time is paid." reasons={skips} close={() => setOpen("")} choose={(reason) => void tried(() => skip!(reason))} />}
      {open === "flag" && <Reasons title="Flag this" lead="A person of the shop looks at it today. The question stays with you; skip it if you like." reasons={flags} close={() => setOpen("")} choose={(reason) => void tried(() => flag!(reason))} />}
    </main>
  );
}

function goodsWords(asked: Asked, gtin: string | null, currency: string): string {
  const goods = gtin === null ? undefined : asked.evidence.products.find((one) => one.gtin === gtin);
  if (!goods) return "";
  return [goods.mass_g === null ? "" : grams(goods.mass_g), money(goods.price, currency)].filter(Boolean).join(", ");
}

function useDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  // Before the next key is heard: what is typed on is meant for the dialog.
  useLayoutEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector<HTMLElement>("input, ol button")?.focus();
  }, []);
  return dialog;
}

interface BasketProps {
  list: Goods[];
  change: (list: Goods[]) => void;
  add: () => void;
  answer: () => void;
  busy: boolean;
}

/** What somebody left with, where nothing is proposed. */
function Basket({ list, change, add, answer, busy }: BasketProps) {
  const { store } = useSession();
  return (
    <div class="basket-list">
      <p>{list.length ? "They left with:" : "Nothing so far. Add what they left with; an empty list says that they took nothing."}</p>
      <ul>
        {list.map((one, n) => (
          <li key={n}>
            <span>{one.name}</span> <span class="quiet">{money(one.price, store.currency)}</span>
            <button type="button" class="plain" onClick={() => change(list.filter((_, k) => k !== n))}>
              Remove<span class="sr"> {one.name}</span>
            </button>
          </li>
        ))}
      </ul>
      <p class="tools">
        <button type="button" disabled={busy} onClick={add}>
          <kbd>0</kbd> Add a product
        </button>
        <button type="button" class="main" disabled={busy} onClick={answer}>
          <kbd>Enter</kbd> {list.length ? "That is all" : "They took nothing"}
        </button>
      </p>
    </div>
  );
}

interface ReasonsProps {
  title: string;
  lead: string;
  reasons: string[];
  close: () => void;
  choose: (reason: string) => void;
}

function Reasons({ title, lead, reasons, close, choose }: ReasonsProps) {
  const dialog = useDialog();
  return (
    <dialog
      ref={dialog}
      onClose={close}
      aria-labelledby="reasons"
      onKeyDown={(event) => {
        const reason = reasons[Number(event.key) - 1];
        if (!reason) return;
        // The dialog may be gone before the page hears the same key: it must not be an answer.
        event.preventDefault();
        event.stopPropagation();
        choose(reason);
      }}
    >
      <h2 id="reasons">{title}</h2>
      <p class="quiet">{lead}</p>
      <ol class="reasons">
        {reasons.map((reason, n) => (
          <li key={reason}>
            <button type="button" onClick={() => choose(reason)}>
              <kbd>{n + 1}</kbd> {reason}
            </button>
          </li>
        ))}
      </ol>
      <form method="dialog">
        <button type="submit" class="plain">
          Back to the question
        </button>
      </form>
    </dialog>
  );
}

/** Any product of the catalogue: type, arrows, Enter. */
function Other({ draft, close, choose }: { draft: Draft; close: () => void; choose: (goods: Goods) => void }) {
  const dialog = useDialog();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const found = useData<List<Goods> | Goods[]>(text.trim() ? `/desk/catalogue?q=${encodeURIComponent(text.trim())}` : null);
  const { store } = useSession();
  const goods = (Array.isArray(found.value) ? found.value : (found.value?.items ?? [])).slice(0, 8);
  const pick = (one: Goods | undefined) => {
    if (!one) return;
    close();
    choose(one);
  };
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="other">
      <h2 id="other">What was it?</h2>
      <label class="stack-label">
        Search the catalogue{draft.quantity !== null && ` (${draft.quantity} of it)`}
        <input
          role="combobox"
          aria-expanded={goods.length > 0}
          aria-controls="other-list"
          aria-activedescendant={goods[at] ? `other-${at}` : undefined}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") setAt(Math.min(goods.length - 1, at + 1));
            else if (event.key === "ArrowUp") setAt(Math.max(0, at - 1));
            else if (event.key === "Enter") pick(goods[at]);
            else return;
            event.preventDefault();
          }}
        />
      </label>
      <ul class="found" id="other-list" role="listbox" aria-label="Products">
        {goods.map((one, n) => (
          <li key={one.gtin} id={`other-${n}`} role="option" aria-selected={n === at} onClick={() => pick(one)}>
            {one.picture && <img src={one.picture} alt="" width="32" height="32" />}
            <span>{one.name}</span>
            <span class="quiet">
              {one.mass_g !== null && grams(one.mass_g)}, {money(one.price, store.currency)}
            </span>
          </li>
        ))}
      </ul>
      {text.trim() !== "" && !found.loading && goods.length === 0 && (
        <p class="state">{found.error ? words(found.error) : "Nothing in the catalogue is called that. “Cannot tell” is a good answer."}</p>
      )}
      <p class="quiet">Arrows choose, Enter answers, Esc goes back.</p>
    </dialog>
  );
}

/** The same screen with questions whose answers are explained; nothing is kept. */
export function PracticePage() {
  const [round, setRound] = useState(0);
  const [verdict, setVerdict] = useState<{ right: boolean | null; why: string } | null>(null);
  const question = useData<Asked | null>(`/desk/practice?n=${round}`);
  const again = () => {
    setVerdict(null);
    setRound(round + 1);
  };
  const end = () => go("/review");
  useKeys(
    verdict
      ? [
          { key: "Enter", does: "another one", run: again },
          { key: "b", does: "back to the desk", run: end },
        ]
      : [],
  );
  useEffect(() => {
    if (verdict) announce(`${headOf(verdict.right)} ${verdict.why}`);
  }, [verdict]);
  if (verdict) {
    return (
      <Page title={headOf(verdict.right)} more={verdict.why}>
        <p class="tools">
          <button type="button" class="main" onClick={again}>
            Another one
          </button>
          <a class="button" href="/review">
            Back to the desk
          </a>
        </p>
        <p class="quiet">Practice is not kept: not how it went, not how long it took.</p>
      </Page>
    );
  }
  if (!question.value?.token) {
    return (
      <Page title="Practice">
        {question.error ? (
          <Problem error={question.error} retry={() => void question.reload()} />
        ) : question.loading ? (
          <Loading what="a question" />
        ) : (
          <p class="state">
            This shop has no practice questions yet. <a href="/review">Back to the desk</a>
          </p>
        )}
      </Page>
    );
  }
  const asked = question.value;
  return (
    <>
      <Question
        key={`${asked.token} ${round}`}
        asked={asked}
        send={async (body) => {
          setVerdict(await post("/desk/practice/answer", { token: asked.token, ...body }));
          return { done: true, undo_until_ns: 0, settled: null, case: null };
        }}
        sent={() => undefined}
        lost={again}
      />
      <footer class="shift-foot">
        <p class="note">Practice: nothing of it is kept.</p>
        <p class="tools">
          <a class="button" href="/review">
            Back to the desk
          </a>
        </p>
      </footer>
    </>
  );
}

const headOf = (right: boolean | null) => (right === null ? "That was a good answer: it is hard to tell." : right ? "Right." : "Not quite.");

