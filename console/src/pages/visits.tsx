/** Which visits were there, and which of them need somebody? */

import { useState } from "preact/hooks";
import { useData, useZone } from "../hooks";
import { useKeys } from "../keys";
import { Empty, Loading, Mark, Problem, Scroll, Sure } from "../parts";
import { go, visitPath } from "../router";
import { Page } from "../shell";
import type { List, VisitRow } from "../types";
import { count, money, short, time, whole } from "../words";

const STAGES: [string, string][] = [
  ["", "All"],
  ["inside", "Inside"],
  ["asked", "Waiting for a person"],
  ["disputed", "Disputed"],
  ["settled", "Settled"],
];

export const STAGE_WORDS: Record<VisitRow["stage"], string> = {
  inside: "inside",
  provisional: "receipt to come",
  asked: "waits for a person",
  settled: "settled",
  disputed: "disputed",
};

export function VisitsPage() {
  const zone = useZone();
  const [stage, setStage] = useState("");
  const [at, setAt] = useState(0);
  const [cursor, setCursor] = useState("");
  const path = `/visits?${new URLSearchParams({ ...(stage && { stage }), ...(cursor && { cursor }) })}`;
  const visits = useData<List<VisitRow>>(path, cursor ? 0 : 5000);
  const rows = visits.value?.items ?? [];
  const move = (by: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, at + by));
    setAt(next);
    document.querySelectorAll<HTMLElement>("tbody a.row")[next]?.focus();
  };
  useKeys([
    { key: "j", does: "next visit", run: () => move(1) },
    { key: "k", does: "visit before", run: () => move(-1) },
    { key: "Enter", does: "open the visit", run: () => rows[at] && go(visitPath(rows[at].visit)) },
  ]);
  const waiting = rows.filter((r) => r.stage === "asked" || r.stage === "disputed").length;
  const title = !visits.value
    ? "Visits"
    : waiting
      ? `${count(waiting, "visit needs", "visits need")} somebody.`
      : "No visit needs anybody.";
  return (
    <Page title={title} tone={waiting ? "unsure" : ""} wide>
      <div class="choices" role="group" aria-label="Which visits">
        {STAGES.map(([key, words]) => (
          <button
            type="button"
            key={key}
            class="plain"
            aria-pressed={stage === key}
            onClick={() => {
              setStage(key);
              setCursor("");
              setAt(0);
            }}
          >
            {words}
          </button>
        ))}
      </div>
      {visits.error && <Problem error={visits.error} retry={() => void visits.reload()} />}
      {!visits.value && visits.loading && <Loading what="the visits" />}
      {visits.value && !rows.length && (
        <Empty>{stage ? "No visit is in this state." : "Nobody has come in yet. Visits stand here from entry on."}</Empty>
      )}
      {rows.length > 0 && (
        <Scroll label="Visits">
          <table>
            <thead>
              <tr>
                <th>Visit</th>
                <th>State</th>
                <th class="less">Came in</th>
                <th class="right">In the shop</th>
                <th class="right less">People</th>
                <th class="right less">Items</th>
                <th class="right">Total</th>
                <th>Exactly right</th>
                <th>Decided by</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.visit} class={row.stage}>
                  <td>
                    <a class="row marked" href={visitPath(row.visit)} aria-label={`Visit ${short(row.visit)}`}>
                      <Mark visit={row.visit} />
                    </a>
                  </td>
                  <td>{STAGE_WORDS[row.stage] ?? row.stage}</td>
                  <td class="number less">{time(row.entered_ns, zone)}</td>
                  <td class="number right">
                    {whole(((row.left_ns ?? Date.now() * 1e6) - row.entered_ns) / 1e9)}
                  </td>
                  <td class="number right less">{row.shoppers}</td>
                  <td class="number right less">{row.items}</td>
                  <td class="number right">{money(row.total, row.currency)}</td>
                  <td>{row.stage === "inside" ? <span class="quiet">not yet</span> : <Sure p={row.p_exact} word={false} />}</td>
                  <td>{row.decided_by ?? <span class="quiet">nobody yet</span>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {(cursor || visits.value?.next) && (
        <p class="tools">
          {cursor && (
            <button type="button" onClick={() => setCursor("")}>
              Newest
            </button>
          )}
          {visits.value?.next && (
            <button type="button" onClick={() => setCursor(visits.value!.next!)}>
              Older
            </button>
          )}
        </p>
      )}
    </Page>
  );
}
