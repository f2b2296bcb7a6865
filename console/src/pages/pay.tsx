/** My statement of a month: what is owed and from what it follows, whether the public log bears it out; to print. */

import { useEffect, useState } from "preact/hooks";
import { get, ROOT } from "../api";
import { announce, useData } from "../hooks";
import { Loading, Problem, Scroll } from "../parts";
import { checkedPay, type Document_, type Pay, parsed } from "../pay-proof";
import type { Found } from "../proof";
import { Page } from "../shell";
import { count, money } from "../words";

const WHAT: Record<string, string> = {
  active: "Working on questions",
  waiting_paid: "On shift, nothing to do",
  break_paid: "Breaks, paid",
  break_unpaid: "Meals, unpaid",
  training: "Training",
  gold: "Questions whose answer was known",
  fault_paid: "Our faults",
  meeting: "Meetings",
  appeal: "Appeals",
  idle_query: "Asked about",
  granted: "Added by a person, for reasons in the log",
};

/** Whole seconds as hours, minutes, seconds; as the printed form of the ledger has it. */
function hours(length_ns: string): string {
  const s = Number(BigInt(length_ns) / 1_000_000_000n);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

export default function PayPage({ month }: { month: string }) {
  const data = useData<Document_>(`/shift/statements/${month}`);
  const [found, setFound] = useState<Found | string | null>(null);
  const given = data.value;
  useEffect(() => {
    if (!given) return;
    setFound(null);
    void (async () => {
      // Another key than the one that everybody is shown is found; where that one cannot be had, it is said.
      const point = await get<{ head: { key: string } }>("/public/checkpoint").catch(() => null);
      const one = await checkedPay(given, point?.head.key ?? "");
      setFound(one);
      announce(one.wrong.length ? "Something on the statement does not fit." : "The statement holds.");
    })().catch((problem: unknown) => setFound(String(problem)));
  }, [given?.sha256, given?.proof.head.size]);
  if (!given) {
    return <Page title={`Statement for ${month}`}>{data.error ? <Problem error={data.error} retry={() => void data.reload()} /> : <Loading what="the statement" />}</Page>;
  }
  const pay = parsed(given.published);
  const simulated = pay.origin === "simulated" ? " Simulated." : "";
  return (
    <Page title={`${money(pay.due, pay.currency)} owed for ${pay.period.name}.`} more={`${pay.worker}, ${pay.place}. Statement ${pay.id}.${simulated}`}>
      <p class="tools">
        <button type="button" onClick={() => print()}>
          Print
        </button>
        <a class="button" href={`${ROOT}/shift/statements/${month}/csv`} download>
          As CSV
        </a>
        <a class="button" href={`data:application/json,${encodeURIComponent(JSON.stringify({ kind: "pay-statement", ...given }))}`} download={`statement-${pay.period.name}.json`}>
          With its proof, as JSON
        </a>
        <a href="/shift">My shift</a>
      </p>
      <h2>Time and pay</h2>
      <Lines pay={pay} />
      <h2>The floor</h2>
      <p>{money(pay.floor.due, pay.currency)} is the least that this time may pay.</p>
      <ul class="rows">
        {pay.floor.parts.map((one, k) => (
          <li key={k}>
            <span class="what">
              {one.kind.replace(/_/g, " ")} from {one.from}: {one.hourly} an hour{" "}
              <span class="quiet">
                {one.source} ({one.source_url}, read {one.retrieved})
              </span>
            </span>
            <span class="number">{hours(one.length_ns)}</span>
          </li>
        ))}
      </ul>
      {pay.asked.length > 0 && <p>{count(pay.asked.length, "stretch is", "stretches are")} still asked about; what you say of it comes with the next revision.</p>}
      <h2>Is it so?</h2>
      <Check found={found} given={given} pay={pay} />
    </Page>
  );
}

function Lines({ pay }: { pay: Pay }) {
  const sums: [string, string][] = [
    ["Earned", pay.earned],
    ["On top, to reach the floor", pay.top_up],
    ["Total", pay.total],
    ["Stated before", pay.before],
    ["Owed now", pay.due],
  ];
  return (
    <Scroll label="Time and pay">
      <table class="pay">
        <thead>
          <tr>
            <th>What</th>
            <th class="right">Hours</th>
            <th class="right">An hour</th>
            <th class="right">Pay, {pay.currency}</th>
          </tr>
        </thead>
        <tbody>
          {pay.lines.map((line, k) => (
            <tr key={k}>
              <td class="wrap">
                {WHAT[line.kind] ?? line.kind}
                {line.purpose && `: ${line.purpose}`}
                {line.kind === "idle_query" && (line.paid ? ", paid" : ", not paid so far")}
              </td>
              <td class="number right">{hours(line.length_ns)}</td>
              <td class="number right">{line.hourly}</td>
              <td class="number right">{line.amount}</td>
            </tr>
          ))}
          {sums.map(([words, amount]) => (
            <tr key={words}>
              <th scope="row" class="wrap" colSpan={3}>
                {words}
              </th>
              <td class="number right">{amount}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** What was worked out on this device, with the checkpoint; it is printed with the rest. */
function Check({ found, given, pay }: { found: Found | string | null; given: Document_; pay: Pay }) {
  return (
    <section class="proof">
      {found === null ? (
        <p class="state">It is being worked out on this device.</p>
      ) : typeof found === "string" ? (
        <p class="wrong" role="alert">
          It could not be worked out: {found}
        </p>
      ) : found.wrong.length ? (
        <div class="wrong" role="alert">
          <p>
            <b>This does not fit.</b> Keep the statement with its proof, and show it to somebody who is not the shop.
          </p>
          <ul>
            {found.wrong.map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
        </div>
      ) : (
        <p class="noted" role="status">
          <b>It holds.</b> {count(pay.intervals.length, "stretch", "stretches")} of your time and this statement are in the shop's log of {found.size} entries, none is left out, and the sums are right.{" "}
          {found.signed === null ? "This browser cannot check the log's signature." : "The log's head is signed."} Worked out on this device on {new Date().toISOString().slice(0, 16).replace("T", " ")} UTC.
        </p>
      )}
      <dl class="hashes">
        <dt>Latest checkpoint</dt>
        <dd>{given.proof.checkpoint ?? "none is kept yet: the first one comes with the first day"}</dd>
        <dt>Root of the log</dt>
        <dd>{given.proof.head.root}</dd>
        <dt>Key of the shop</dt>
        <dd>{given.proof.key}</dd>
        <dt>This statement (SHA-256)</dt>
        <dd>{given.sha256}</dd>
      </dl>
      <p class="quiet">
        The same check, without this shop: keep the statement with its proof, take the <a href="/public">public bundle</a>, and bring the one to the page in the other. What your answers were found to be is in no
        line of this page, and cannot be.
      </p>
    </section>
  );
}
