/** Who says that they were right, and were they? Decided by somebody else than they, and than who wrote the item. */

import { useEffect, useRef, useState } from "preact/hooks";
import { post } from "../api";
import { words } from "../desk";
import { announce, useData, useZone } from "../hooks";
import { useKeys } from "../keys";
import { Empty, Loading, Problem } from "../parts";
import { visitPath } from "../router";
import { Page } from "../shell";
import type { List } from "../types";
import { count, day, sentence, whole } from "../words";

export interface Appeal {
  appeal: string;
  words: string;
  filed_ns: number;
  due_ns: number;
  overdue: boolean;
  upheld: boolean | null;
  decided_by: string | null;
  reason: string | null;
  question: { sentence: string; candidates: { key: string; label: string }[] };
  answer: string | null;
  answer_words: string;
  known: string | null;
  known_words: string;
  visit: string | null;
  may_decide: boolean;
}

/** What choosing an answer as the right one means for the appeal. */
export function ruled(one: Appeal, right: string | null): { upheld: boolean; says: string } {
  if (right === one.known && right !== null) return { upheld: false, says: "What was known stands; the answer still counts as not that." };
  if (right === null) return { upheld: true, says: "The item is taken out: it counts for nobody, here and for everybody else who had it." };
  if (right === one.answer) return { upheld: true, says: "They were right: the item is corrected, and everybody's figures with it." };
  return { upheld: true, says: "Neither was right: the item is corrected, and everybody's figures with it." };
}

/** How long is left, in words. */
export function dueWords(due_ns: number, now_ms: number): string {
  const left = due_ns / 1e9 - now_ms / 1000;
  const long = Math.abs(left) > 2 * 86_400 ? count(Math.floor(Math.abs(left) / 86_400), "day") : whole(Math.abs(left));
  return left < 0 ? `overdue by ${long}` : `${long} left`;
}

export function AppealsPage() {
  const data = useData<List<Appeal>>("/review/appeals", 30_000);
  const [at, setAt] = useState<string | null>(null);
  const all = data.value?.items ?? [];
  const open = all.filter((one) => one.upheld === null).sort((a, b) => a.due_ns - b.due_ns);
  const one = open.find((appeal) => appeal.appeal === at) ?? open[0];
  const late = open.filter((appeal) => appeal.overdue).length;
  const title = !data.value ? "Appeals" : late ? `${count(late, "appeal is", "appeals are")} overdue.` : open.length ? `${count(open.length, "person says", "people say")} that they were right.` : "No appeal waits.";
  const step = (by: number) => {
    if (!one) return;
    const next = open[(open.indexOf(one) + by + open.length) % open.length]!;
    setAt(next.appeal);
    announce(`Appeal ${open.indexOf(next) + 1} of ${open.length}: ${next.words}`);
  };
  useKeys([
    { key: "j", does: "next appeal", run: () => step(1) },
    { key: "k", does: "the appeal before", run: () => step(-1) },
  ]);
  return (
    <Page title={title} tone={late ? "wrong" : open.length ? "unsure" : ""} more="Each is decided within 14 days, in writing, by neither the one who appeals nor the one who wrote the item. Until then the answer counts for nothing.">
      {data.error && <Problem error={data.error} retry={() => void data.reload()} />}
      {!data.value && data.loading && <Loading what="the appeals" />}
      {data.value && !all.length && <Empty>When somebody says that an answer of theirs was right after all, it stands here.</Empty>}
      {one && <Deciding key={one.appeal} one={one} number={open.indexOf(one) + 1} of={open.length} done={data.reload} />}
      <Decided all={all.filter((appeal) => appeal.upheld !== null)} />
    </Page>
  );
}

function Deciding({ one, number, of, done }: { one: Appeal; number: number; of: number; done: () => Promise<void> }) {
  const zone = useZone();
  const [right, setRight] = useState<string | null | undefined>(undefined);
  const [reason, setReason] = useState("");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const choices = one.question.candidates.slice(0, 9);
  const choose = (key: string | null) => {
    setRight(key);
    announce(ruled(one, key).says);
    field.current?.focus();
  };
  const send = async () => {
    if (right === undefined) return setError("Choose the right answer first: 1 to 9, or 0 where it cannot be told.");
    if (!reason.trim()) return setError("Say why, in a sentence: the person reads it.");
    setBusy(true);
    setError("");
    try {
      const { upheld } = ruled(one, right);
      await post(`/review/appeals/${encodeURIComponent(one.appeal)}/ruling`, { upheld, reason: reason.trim(), ...(upheld && right !== null ? { key: right } : {}) });
      announce(upheld ? "Decided: the item is corrected" : "Decided: what was known stands");
      await done();
    } catch (problem) {
      setError(words(problem));
      setBusy(false);
    }
  };
  useKeys(
    one.may_decide
      ? [
          ...choices.map((choice, n) => ({ key: String(n + 1), does: `right is: ${choice.label}`, run: () => choose(choice.key) })),
          { key: "0", does: "it cannot be told: take the item out", run: () => choose(null) },
        ]
      : [],
  );
  useEffect(() => setError(""), [right]);
  return (
    <section aria-label={`Appeal ${number} of ${of}`} class="appeal">
      <p class="quiet">
        {number} of {of} · filed {day(one.filed_ns, zone)} · <span class={one.overdue ? "wrong" : ""}>{dueWords(one.due_ns, Date.now())}</span>
        {of > 1 && (
          <>
            {" "}
            · <kbd>J</kbd> next, <kbd>K</kbd> before
          </>
        )}
      </p>
      <h2>{one.question.sentence}</h2>
      <p class="big">“{one.words}”</p>
      <dl class="facts">
        <div>
          <dt>They answered</dt>
          <dd>{one.answer_words}</dd>
        </div>
        <div>
          <dt>Known so far</dt>
          <dd>{one.known_words}</dd>
        </div>
      </dl>
      {one.visit && (
        <p class="links tools">
          <a href={visitPath(one.visit)}>What the sensors saw: the timeline</a>
        </p>
      )}
      {!one.may_decide && <p class="state unsure">You wrote this item, or answered it: somebody else decides.</p>}
      {one.may_decide && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
        >
          <fieldset class="choices">
            <legend>What is the right answer?</legend>
            {[...choices, { key: null, label: "it cannot be told: take the item out" }].map((choice, n) => (
              <label key={n}>
                <input type="radio" name="right" checked={right === choice.key} onChange={() => choose(choice.key)} />
                <kbd>{choice.key === null ? 0 : n + 1}</kbd> {choice.label}
              </label>
            ))}
          </fieldset>
          <p role="status" class="quiet">
            {right === undefined ? "What you choose says whether they were right." : ruled(one, right).says}
          </p>
          <label class="stack">
            Why, in a sentence (the person reads it)
            <textarea
              ref={field}
              rows={2}
              maxLength={2000}
              value={reason}
              onInput={(event) => setReason(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === "Enter" && !event.shiftKey) {
                  event.preventDefault();
                  void send();
                }
              }}
            />
          </label>
          <p class="tools">
            <button type="submit" class="main" disabled={busy}>
              Decide <kbd>Enter</kbd>
            </button>
          </p>
          {error && (
            <p class="wrong" role="alert">
              {error}
            </p>
          )}
        </form>
      )}
    </section>
  );
}

function Decided({ all }: { all: Appeal[] }) {
  const zone = useZone();
  if (!all.length) return null;
  return (
    <>
      <h2>Decided</h2>
      <ul class="rows">
        {all.slice(-20).reverse().map((one) => (
          <li key={one.appeal}>
            <span class="number quiet">{day(one.filed_ns, zone)}</span>
            <span class="what wrap">
              {one.upheld ? "Upheld" : "It stands"}, by {one.decided_by}. <span class="quiet">{sentence(one.reason ?? "")}</span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
