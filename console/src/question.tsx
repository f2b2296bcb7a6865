/** One question: what is seen, what may be said, and which key says it. */

import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "./api";
import {
  type AnswerBody,
  type Answered,
  type Asked,
  BLANK,
  cannotTell,
  chosen,
  counted,
  countedBy,
  type Draft,
  FLAGS,
  type Goods,
  listed,
  needsProduct,
  nonce,
  other,
  otherwise,
  PURPOSE,
  said,
  SKIPS,
  words,
} from "./desk";
import { Basket, Other, Reasons } from "./dialogs";
import { EvidenceView } from "./evidence";
import { announce, useSession } from "./hooks";
import { useKeys, useShown } from "./keys";
import { grams, money } from "./words";

/** An answer that found no connection goes out again so long after. */
const RETRY_MS = 4_000;

interface QuestionProps {
  asked: Asked;
  send: (body: AnswerBody) => Promise<Answered>;
  sent: (body: AnswerBody, done: Answered) => void;
  lost: (how: string) => void;
  skips?: string[];
  flags?: string[];
  skip?: (reason: string) => Promise<void>;
  flag?: (reason: string) => Promise<void>;
  /** It is answered or put away, and stands here only until the next one comes: no key is for it. */
  over?: boolean;
}

/** One question: evidence left, candidates right. Evidence stays when the next one comes, with what it has loaded. */
export function Question({ next, rest, ...props }: QuestionProps & { next?: Asked | null; rest?: () => void }) {
  const { asked, over, skip } = props;
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    title.current?.focus({ preventScroll: true });
    announce(asked.evidence.covered ? `${asked.sentence} The clips are covered: somebody called them distressing.` : asked.sentence);
  }, [asked.token, asked.evidence.covered]);
  return (
    <main class="page wide review" id="main">
      <h1 class="verdict" tabIndex={-1} ref={title}>
        {asked.sentence}
      </h1>
      <p class="more">
        {asked.practice ? "Practice: nothing of it is kept" : `Visit ${asked.visit_short}, ${PURPOSE[asked.purpose] ?? asked.purpose}`}.
      </p>
      <div class="desk">
        <EvidenceView asked={asked} next={next} skip={over || !skip ? undefined : () => void skip(SKIPS[0]!).catch(() => undefined)} rest={over ? undefined : rest} />
        <Answers key={asked.token} {...props} />
      </div>
    </main>
  );
}

/** What may be said to one question, by key or pointer. */
function Answers({ asked, send, sent, lost, skips = SKIPS, flags = FLAGS, skip, flag, over = false }: QuestionProps) {
  const { store } = useSession();
  const [draft, setDraft] = useState<Draft>(BLANK);
  const [list, setList] = useState<Goods[]>([]);
  const [sending, setSending] = useState<AnswerBody | null>(null);
  const [trouble, setTrouble] = useState("");
  const [open, setOpen] = useState<"" | "other" | "skip" | "flag">("");
  const shown = useShown();
  const shut = over || sending !== null;
  const submit = async (body: AnswerBody) => {
    if (over) return;
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
    if (one && !shut) void submit(chosen(one, draft, nonce()));
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
    if (!shut) void submit(otherwise(draft, nonce()));
  };
  const keys = [
    ...asked.candidates.slice(0, 9).map((one, n) => ({ key: String(n + 1), does: one.label, run: () => choose(n) })),
    ...(asked.other_allowed && !basket
      ? [{ key: "0", does: needsProduct(asked.kind) ? "something else: search the catalogue" : "something else", run: something }]
      : []),
    ...(basket
      ? [
          { key: "0", does: "add a product: search the catalogue", run: () => setOpen("other") },
          { key: "Enter", does: "answer with the list", run: () => !shut && void submit(listed(list, draft, nonce())) },
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
    { key: "x", does: "cannot tell from this", run: () => !shut && void submit(cannotTell(nonce())) },
    ...(skip ? [{ key: "s", does: "skip, with a reason if you like", run: () => setOpen("skip") }] : []),
    ...(flag ? [{ key: "f", does: "flag: something is not as it should be", run: () => setOpen("flag") }] : []),
  ];
  useKeys(over ? [] : keys, shown);
  return (
    <section class="answers" aria-label="Answers" aria-busy={over} onClickCapture={(event) => event.timeStamp < shown.current && event.stopPropagation()}>
      {basket && <Basket list={list} change={setList} add={() => setOpen("other")} answer={() => void submit(listed(list, draft, nonce()))} busy={shut} />}
      <ol>
        {asked.candidates.slice(0, 9).map((one, n) => (
          <li key={one.key}>
            <button type="button" class={sending?.choice === one.key ? "answer on" : "answer"} disabled={shut} onClick={() => choose(n)}>
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
          <button type="button" class="answer" disabled={shut} onClick={something}>
            <kbd>0</kbd> <span class="words">{asked.kind === "count" ? "Another number: set it with Q and E, then 0" : needsProduct(asked.kind) ? "Something else…" : "Something else, not in this list"}</span>
          </button>
        )}
        <button type="button" class="answer" disabled={shut} onClick={() => void submit(cannotTell(nonce()))}>
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
      {open === "other" && <Other draft={draft} close={() => setOpen("")} choose={(goods) => (basket ? setList((old) => [...old, goods]) : void submit(other(goods.gtin, draft, nonce())))} />}
      {open === "skip" && <Reasons title="Skip this one" lead="No reason is needed. Nothing is noted against you, and your time is paid." reasons={skips} close={() => setOpen("")} choose={(reason) => void tried(() => skip!(reason))} />}
      {open === "flag" && <Reasons title="Flag this" lead="A person of the shop looks at it today. The question stays with you; skip it if you like." reasons={flags} close={() => setOpen("")} choose={(reason) => void tried(() => flag!(reason))} />}
    </section>
  );
}

function goodsWords(asked: Asked, gtin: string | null, currency: string): string {
  const goods = gtin === null ? undefined : asked.evidence.products.find((one) => one.gtin === gtin);
  if (!goods) return "";
  return [goods.mass_g === null ? "" : grams(goods.mass_g), money(goods.price, currency)].filter(Boolean).join(", ");
}
