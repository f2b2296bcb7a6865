/** Which shoppers say that we were wrong, and what was done about each? */

import { useState } from "preact/hooks";
import { ApiError, post } from "../api";
import { announce, useData, useNames, useZone } from "../hooks";
import { Empty, Loading, Mark, Problem } from "../parts";
import { casePath, receiptPath, visitPath } from "../router";
import { Page } from "../shell";
import type { Case, List } from "../types";
import { count, day, sentence, short, time, whole } from "../words";

export function caseWords(one: Case, nameOf: (gtin: string) => string = (gtin) => gtin): string {
  const what = one.name ?? (one.gtin ? nameOf(one.gtin) : one.words);
  const many = one.quantity && one.quantity > 1 ? `${one.quantity} × ` : "";
  if (one.kind === "wrong") return what ? `“${many}${what}” is wrong` : "The receipt is wrong";
  return what ? `We missed “${many}${what}”` : "We missed something";
}

export function DisputesPage() {
  const zone = useZone();
  const nameOf = useNames();
  const cases = useData<List<Case>>("/disputes", 5000);
  const rows = cases.value?.items ?? [];
  const open = rows.filter((c) => c.state !== "closed").length;
  const title = !cases.value ? "Disputes" : open ? `${count(open, "shopper waits", "shoppers wait")} for an answer.` : "Nobody says that we were wrong.";
  return (
    <Page title={title} tone={open ? "unsure" : ""} more="A dispute never locks or marks anybody. One that nobody can check any more is upheld.">
      {cases.error && <Problem error={cases.error} retry={() => void cases.reload()} />}
      {!cases.value && cases.loading && <Loading what="the disputes" />}
      {cases.value && !rows.length && <Empty>When a shopper taps “this is wrong” on a receipt, it stands here.</Empty>}
      <ul class="rows cases">
        {rows.map((one) => (
          <li key={one.id} class={one.state}>
            <span class="number quiet">{time(one.opened_ns, zone)}</span>
            <Mark visit={one.visit} />
            <a class="what" href={casePath(one.id)}>
              {caseWords(one, nameOf)}
            </a>
            <span class={one.state === "closed" ? "quiet" : "unsure"}>
              {one.state === "closed" ? (one.outcome ?? "closed") : `open for ${whole((Date.now() - one.opened_ns / 1e6) / 1000)}`}
            </span>
          </li>
        ))}
      </ul>
    </Page>
  );
}

export function DisputePage({ id }: { id: string }) {
  const zone = useZone();
  const nameOf = useNames();
  const found = useData<Case>(`/disputes/${encodeURIComponent(id)}`, 5000);
  const one = found.value;
  if (!one) {
    return (
      <Page title={`Dispute ${id}`}>
        {found.error ? <Problem error={found.error} retry={() => void found.reload()} /> : <Loading what="the dispute" />}
      </Page>
    );
  }
  return (
    <Page
      title={`${caseWords(one, nameOf)}.`}
      tone={one.state === "closed" ? "" : "unsure"}
      more={
        one.state === "closed"
          ? `Closed: ${one.outcome}${one.note ? `. ${sentence(one.note)}` : "."}`
          : `Open since ${time(one.opened_ns, zone)}, ${day(one.opened_ns, zone)}. The shopper of visit ${short(one.visit)} says so.`
      }
    >
      {one.words && (one.name || one.gtin) && <p class="big">“{one.words}”</p>}
      <p class="tools links">
        <a href={visitPath(one.visit)}>What happened: the timeline</a>
        <a href={receiptPath(one.visit)}>The receipt</a>
      </p>
      {one.state !== "closed" && <Close one={one} done={found.reload} />}
      <h2>What was done</h2>
      <ul class="rows">
        {(one.history ?? []).map((step, k) => (
          <li key={k}>
            <span class="number quiet">{time(step.at_ns, zone)}</span>
            <span class="what wrap">{step.words}</span>
          </li>
        ))}
        {!one.history?.length && (
          <li>
            <span class="number quiet">{time(one.opened_ns, zone)}</span>
            <span class="what">Opened by the shopper</span>
          </li>
        )}
        {!one.history?.length && one.closed_ns != null && (
          <li>
            <span class="number quiet">{time(one.closed_ns, zone)}</span>
            <span class="what">
              Closed: {one.outcome}
              {one.closed_by && `, by ${one.closed_by === "rule" ? "the shop's rule" : one.closed_by}`}
            </span>
          </li>
        )}
      </ul>
    </Page>
  );
}

function Close({ one, done }: { one: Case; done: () => Promise<void> }) {
  const [error, setError] = useState("");
  const [words, setWords] = useState("");
  const close = async (outcome: string) => {
    setError("");
    try {
      await post(`/disputes/${encodeURIComponent(one.id)}`, { outcome, note: words });
      announce(`Closed: ${outcome}`);
      await done();
    } catch (problem) {
      setError(problem instanceof ApiError ? `${problem.title}. ${problem.detail}` : String(problem));
    }
  };
  return (
    <div class="close">
      <label class="stack">
        Why, in a sentence
        <input value={words} onInput={(event) => setWords(event.currentTarget.value)} />
      </label>
      <p class="tools">
        {one.kind === "wrong" ? (
          <>
            <button type="button" class="main" onClick={() => void close("upheld")}>
              The shopper is right
            </button>
            <button type="button" onClick={() => void close("rejected")}>
              The receipt is right
            </button>
          </>
        ) : (
          <>
            <button type="button" class="main" onClick={() => void close("added")}>
              It was missed: add it
            </button>
            <button type="button" onClick={() => void close("rejected")}>
              It was not taken
            </button>
          </>
        )}
      </p>
      {error && (
        <p class="wrong" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
