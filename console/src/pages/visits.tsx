/** Which visits were there, and which of them need somebody? */

import { useState } from "preact/hooks";
import { useData, useZone } from "../hooks";
import { useKeys } from "../keys";
import { connection } from "../live";
import { Empty, Loading, Mark, Problem, Scroll, Sure } from "../parts";
import { go, visitPath } from "../router";
import { Page } from "../shell";
import type { List, VisitRow } from "../types";
import { count, money, short, time, whole } from "../words";

const STAGES: [string, string][] = [
  ["", "All"],
  ["inside", "Inside"],
  ["waiting", "Waiting for a decision"],
  ["decided", "Payment to come"],
  ["settled", "Settled"],
];

const STAGE_WORDS: Record<VisitRow["stage"], string> = {
  inside: "inside",
  waiting: "waits for a decision",
  decided: "payment to come",
  settled: "settled",
};

export function VisitsPage() {
  const zone = useZone();
  const [stage, setStage] = useState("");
  const [at, setAt] = useState(0);
  const [cursor, setCursor] = useState("");
  const asked = new URLSearchParams({ ...(stage && { stage }), ...(cursor && { cursor }) }).toString();
  const visits = useData<List<VisitRow>>(`/visits${asked ? `?${asked}` : ""}`, cursor ? 0 : 5000);
  const rows = visits.value?.items ?? [];
  const baskets = new Map(connection.live.visits.map((v) => [v.id, v.total]));
  const sure = new Map(connection.live.receipts.map((r) => [r.visit, r.p_exact]));
  const move = (by: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, at + by));
    setAt(next);
    document.querySelectorAll<HTMLElement>("tbody a.row")[next]?.focus();
  };
  useKeys([
    { key: "j", does: "next visit", run: () => move(1) },
    { key: "k", does: "visit before", run: () => move(-1) },
    { key: "Enter", does: "open the visit", run: () => rows[at] && go(visitPath(rows[at].id)) },
  ]);
  const waiting = rows.filter((r) => r.stage === "waiting").length;
  const title = !visits.value
    ? "Visits"
    : waiting
      ? `${count(waiting, "visit waits", "visits wait")} for a decision.`
      : "No visit waits for anybody.";
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
                <th class="right">Total</th>
                <th class="right less">Revision</th>
                <th>Exactly right</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.id} class={row.stage}>
                  <td>
                    <a class="row marked" href={visitPath(row.id)} aria-label={`Visit ${short(row.id)}`}>
                      <Mark visit={row.id} />
                    </a>
                  </td>
                  <td>{STAGE_WORDS[row.stage] ?? row.stage}</td>
                  <td class="number less">{time(row.entered_ns, zone)}</td>
                  <td class="number right">{whole(((row.left_ns ?? Date.now() * 1e6) - row.entered_ns) / 1e9)}</td>
                  <td class="number right">{total(row, baskets.get(row.id))}</td>
                  <td class="number right less">{row.revision ?? ""}</td>
                  <td>{sure.has(row.id) ? <Sure p={sure.get(row.id)!} word={false} /> : ""}</td>
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

function total(row: VisitRow, basket: string | undefined) {
  if (row.total !== null) return money(row.total, row.currency);
  return basket === undefined ? "" : <span class="quiet">{money(basket, row.currency)} so far</span>;
}
