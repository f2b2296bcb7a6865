/** How reviewing goes, and how those are treated who do it: sums only, nobody by name. */

import { useData, useSession } from "../hooks";
import { Empty, Loading, Problem, Scroll } from "../parts";
import { Page, sees } from "../shell";
import { brief, count, day, money, percent, sentence } from "../words";
import { useZone } from "../hooks";

type Mode = "shadow" | "alone" | "ask-all";

interface Risk {
  estimate: number | null;
  low: number | null;
  high: number | null;
  labels?: number;
}

interface Overview {
  mode: Mode;
  why: string | null;
  labels_left: number | null;
  days_left: number | null;
  paid_hours_left: number | null;
  certificate: { id: string | null; origin: string; level: number; share: number | null; issued_ns: number | null; settle_at?: number | null } | null;
  running: { overcharge?: Risk; undercharge?: Risk; wrong?: Risk; alarm: boolean } & Record<string, unknown>;
  queues: { purpose: string; open: number; leased: number; oldest_s: number }[];
  per_1000: { questions_to_settle: number | null; seen_by_any_person: number | null; of_visits: number };
  drift: { risk: string; e_value: number; labels: number; alarmed: boolean }[];
  moves?: { state: string; why: string; t_ns: number }[];
  origin?: string;
}

const MODE: Record<Mode, string> = {
  shadow: "The shop is in shadow: a person is asked about every visit.",
  alone: "Software settles alone where it is sure enough.",
  "ask-all": "The shop asks about everything again.",
};

/** What is left until a shop may settle alone, in a sentence. */
export function leftWords(left: { labels_left: number | null; days_left: number | null; paid_hours_left: number | null }): string {
  if (left.labels_left === null) return "How many labels are left is not known yet.";
  if (left.labels_left <= 0) return "No label is left to gather.";
  const days = left.days_left === null ? "" : `, about ${count(Math.ceil(left.days_left), "day")} at today's pace`;
  const hours = left.paid_hours_left === null ? "" : `, ${count(Math.ceil(left.paid_hours_left), "paid hour")}`;
  return `${count(Math.ceil(left.labels_left), "blind label")} left${days}${hours}.`;
}

export function OverviewPage() {
  const zone = useZone();
  const { role } = useSession();
  const data = useData<Overview>("/review/overview", 10_000);
  const found = data.value;
  if (!found) {
    return <Page title="Reviewing">{data.error ? <Problem error={data.error} retry={() => void data.reload()} /> : <Loading what="how reviewing goes" />}</Page>;
  }
  const { certificate, per_1000: per } = found;
  const risks = (["wrong", "overcharge", "undercharge"] as const).flatMap((name) => {
    const risk = found.running[name] as Risk | undefined;
    return risk ? [{ name, risk }] : [];
  });
  return (
    <Page title={MODE[found.mode] ?? found.mode} tone={found.mode === "ask-all" || found.running.alarm ? "unsure" : ""} more={`${found.why ? `${sentence(found.why)} ` : ""}${found.mode === "shadow" || found.labels_left !== null ? leftWords(found) : ""}`}>
      {data.error && <p class="unsure">This page could not be refreshed; it shows what was last heard.</p>}
      <dl class="facts">
        <div>
          <dt>Visits seen by any person, of 1,000</dt>
          <dd class="big number">{per.seen_by_any_person ?? "no visit yet"}</dd>
        </div>
        <div>
          <dt>Questions needed to settle, of 1,000</dt>
          <dd class="big number">{per.questions_to_settle ?? "no visit yet"}</dd>
        </div>
        <div>
          <dt>Counted over</dt>
          <dd class="number">{count(per.of_visits, "visit")}</dd>
        </div>
      </dl>
      <h2>Queues</h2>
      {found.queues.length === 0 && <Empty>No question waits. When a receipt asks, it stands here.</Empty>}
      {found.queues.length > 0 && (
        <Scroll label="Queues">
          <table>
            <thead>
              <tr>
                <th>For</th>
                <th class="right">Waiting</th>
                <th class="right">In somebody's hands</th>
                <th class="right">Oldest</th>
              </tr>
            </thead>
            <tbody>
              {found.queues.map((one) => (
                <tr key={one.purpose}>
                  <td>{one.purpose}</td>
                  <td class="number right">{one.open}</td>
                  <td class="number right">{one.leased}</td>
                  <td class="number right">{one.open + one.leased ? brief(one.oldest_s) : ""}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      <h2>The certificate</h2>
      {certificate ? (
        <p>
          At most {percent(certificate.level)} of what software settles alone is wrong, says the certificate{certificate.id ? ` ${certificate.id.slice(0, 12)}` : ""}
          {certificate.issued_ns ? ` of ${day(certificate.issued_ns, zone)}` : ""}
          {certificate.origin === "simulated" ? "; its labels are simulated, so it certifies no real shop" : ""}.
          {certificate.settle_at != null && ` Software settles alone from ${percent(certificate.settle_at)} sure.`}
        </p>
      ) : (
        <p class="state">There is none. Until this shop's own blind labels certify, nothing settles alone.</p>
      )}
      {risks.length > 0 && (
        <div class="risks">
          {risks.map(({ name, risk }) => (
            <RiskBar key={name} name={name} risk={risk} level={certificate?.level ?? 0.01} />
          ))}
        </div>
      )}
      <p class="quiet">
        {found.running.alarm ? "The alarm has gone off: more is wrong than was certified. " : ""}
        Ranges hold whenever one looks (95 %); the mark is the certified level. Alarm, at an e-value of 1,000: {found.drift.map((one) => `${one.risk} ${one.e_value} after ${count(one.labels, "label")}`).join("; ") || "nothing yet"}.
      </p>
      {found.moves && found.moves.length > 0 && (
        <>
          <h2>What changed</h2>
          <ul class="rows">
            {found.moves.slice(-8).reverse().map((one, k) => (
              <li key={k}>
                <span class="number quiet">{day(one.t_ns, zone)}</span>
                <span class="what">
                  {one.state.replace("_", " ")} <span class="quiet">{one.why}</span>
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      <p class="links tools">
        {sees(role, "team") && <a href="/review/team">Who is on shift</a>}
        <a href="/review/appeals">Appeals</a>
        <a href="/review/months">Month certificates</a>
        <a href="/review/dataset">Marks for learning</a>
        <a href="/labour">How those are paid who answer</a>
        <a href="/public">What the public sees</a>
      </p>
    </Page>
  );
}

/** A rate with its range, on a scale to five times the level. */
function RiskBar({ name, risk, level }: { name: string; risk: Risk; level: number }) {
  const most = 5 * level;
  const at = (rate: number) => (1000 * Math.min(most, Math.max(0, rate))) / most;
  const known = risk.low !== null && risk.high !== null;
  const words = known
    ? `${risk.estimate === null ? "" : `${percent(risk.estimate)}, `}at most ${percent(risk.high!)}`
    : "not known yet";
  return (
    <div class="risk">
      <span>{name === "wrong" ? "wrong in any way" : name === "overcharge" ? "charged too much" : "charged too little"}</span>
      <svg viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" x="0" y="8" width="1000" height="4" />
        {known && <rect class="range" x={at(risk.low!)} y="5" width={Math.max(4, at(risk.high!) - at(risk.low!))} height="10" />}
        {risk.estimate !== null && <rect class="best" x={at(risk.estimate) - 3} y="2" width="6" height="16" />}
        <rect class="level" x={at(level) - 2} y="0" width="4" height="20" />
      </svg>
      <span class="number">
        {words}
        {risk.labels !== undefined && <span class="quiet"> ({count(risk.labels, "label")})</span>}
      </span>
    </div>
  );
}

type Sums = Record<string, string> | string | null;

interface Labour {
  people_words?: string;
  paid_hours: number;
  owed: Sums;
  confirmed: Sums;
  late: Sums;
  disputed: Sums;
  below_floor: number;
  below_floor_why?: string;
  appeals: { open: number; overdue: number; upheld: number };
}

export function sumWords(sums: Sums): string {
  if (sums === null || sums === undefined) return "nothing";
  if (typeof sums === "string") return sums;
  const said = Object.entries(sums).map(([currency, amount]) => money(amount, currency));
  return said.length ? said.join(", ") : "nothing";
}

export function LabourPage() {
  const data = useData<Labour>("/labour/overview", 30_000);
  const found = data.value;
  if (!found) {
    return <Page title="Labour">{data.error ? <Problem error={data.error} retry={() => void data.reload()} /> : <Loading what="hours and pay" />}</Page>;
  }
  const late = sumWords(found.late);
  const isLate = typeof found.late === "object" && found.late !== null && Object.values(found.late).some((amount) => Number(amount) > 0);
  const title = found.appeals.overdue ? `${count(found.appeals.overdue, "appeal is", "appeals are")} overdue.` : isLate ? `${late} is late.` : "Everybody's time is on the books.";
  return (
    <Page title={title} tone={found.appeals.overdue || isLate ? "wrong" : ""} more={`${found.paid_hours.toLocaleString("en-US")} paid hours so far${found.people_words ? `, by ${found.people_words} people` : ""}.`}>
      <dl class="facts">
        {(["owed", "confirmed", "late", "disputed"] as const).map((name) => (
          <div key={name}>
            <dt>{{ owed: "Owed", confirmed: "Confirmed by those it is owed to", late: "Late", disputed: "Disputed" }[name]}</dt>
            <dd class="number">{sumWords(found[name])}</dd>
          </div>
        ))}
        <div>
          <dt>Months below the wage floor</dt>
          <dd class="number">{found.below_floor}</dd>
        </div>
      </dl>
      {found.below_floor_why && <p class="quiet">Below the floor: {found.below_floor_why}.</p>}
      <h2>Appeals</h2>
      <p>
        {count(found.appeals.open, "open", "open")}, {count(found.appeals.overdue, "overdue", "overdue")}, {count(found.appeals.upheld, "upheld", "upheld")}. Each is decided by somebody else within 14 days, in writing. <a href="/review/appeals">Decide them</a>
      </p>
      <p class="quiet">This page has sums and nobody's name. Whose hours they are, each person sees on their own page; whoever else looks is written down there.</p>
      <p class="links tools">
        <a href="/review/overview">How reviewing goes</a>
        <a href="/public">What the public sees</a>
      </p>
    </Page>
  );
}
