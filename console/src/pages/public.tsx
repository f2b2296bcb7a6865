/** How much of this is people, and how are they treated? No account; and the sign at the door. */

import { type ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { get, ROOT } from "../api";
import { Dial, place } from "../dial";
import { useData } from "../hooks";
import { Loading, Problem, Scroll } from "../parts";
import { Statements, type Told } from "../statements";
import type { Origin } from "../types";

export interface Label {
  sentences: string[];
  visits?: number;
  questions_to_settle?: number;
  seen_by_any_person?: number;
  origin?: Origin;
  month?: string;
}

/** A number as the report has it, with where it comes from. */
export interface Figure {
  words?: string;
  value: number | string | null;
  unit?: string | null;
  n?: number | null;
  denominator?: number | null;
  ci95_low?: number | null;
  ci95_high?: number | null;
  method?: string | null;
  suppressed?: boolean | string | null;
}

type Report = Record<string, unknown> & { origin?: Origin; checkpoint?: Record<string, unknown>; control?: { workers_statement?: Told } };

const GROUPS: [string, string][] = [
  ["headline", "People, of 1,000 visits"],
  ["visits", "Visits"],
  ["human_work", "Human work"],
  ["latency", "How long until the receipt"],
  ["accuracy", "Was it right?"],
  ["workforce", "Who works"],
  ["pay", "Pay"],
  ["control", "Control and rights of those who review"],
  ["privacy", "Privacy"],
];

const MONTHS = 6;

export function PublicPage() {
  const months = useMemo(() => lastMonths(new Date(), MONTHS), []);
  const [month, setMonth] = useState(months[months.length - 1]!);
  const label = useData<Label>(`/public/label?month=${month}`);
  const report = useData<Report>(`/public/disclosure?month=${month}`);
  const point = useData<{ head?: Record<string, unknown> }>("/public/checkpoint");
  useEffect(() => {
    document.title = "The people behind this shop – Walkout";
  }, []);
  const origin = label.value?.origin ?? report.value?.origin;
  const currency = Object.keys((report.value?.pay as { currencies?: Record<string, unknown> } | undefined)?.currencies ?? {})[0] ?? "";
  return (
    <Bare origin={origin}>
      <h1 class="verdict">How much of this is people, and how are they treated?</h1>
      <p class="tools months" role="group" aria-label="Month">
        {months.map((one) => (
          <button type="button" class="plain" key={one} aria-pressed={one === month} onClick={() => setMonth(one)}>
            {one}
          </button>
        ))}
      </p>
      {label.error ? (
        <Problem error={label.error} retry={() => void label.reload()} />
      ) : label.value ? (
        <ul class="label">
          {label.value.sentences.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      ) : (
        <Loading what="the label" />
      )}
      <OverTime months={months} />
      <Dial currency={currency} />
      <Statements told={report.value?.control?.workers_statement} />
      {report.value ? <Groups report={report.value} /> : report.error ? <Problem error={report.error} retry={() => void report.reload()} /> : <Loading what="the report" />}
      <h2>Check it yourself</h2>
      <ul class="checks">
        <li>
          <a class="button" href={`${ROOT}/public/bundle?month=${month}`} download>
            Download log, report and checker
          </a>
          <span class="quiet">one archive; the page in it checks everything without a network</span>
        </li>
        <li>
          <a class="button" href={`${ROOT}/public/disclosure?month=${month}`}>
            The report as JSON
          </a>
          <span class="quiet">human-work-disclosure/0.1, each number with its count, its range and its method</span>
        </li>
        <li>
          <a class="button" href="/sign">
            The sign at the door
          </a>
          <span class="quiet">made from how the shop is set up at this moment</span>
        </li>
      </ul>
      <p class="quiet hash">
        {point.value?.head ? (
          <>
            The log's head now: {String(point.value.head.size)} entries, {String(point.value.head.hash ?? point.value.head.root).slice(0, 32)}…{" "}
          </>
        ) : (
          "The log's head could not be read. "
        )}
        {String(report.value?.checkpoint?.words ?? "Compare it with what a witness outside of this shop kept; while there is none, the operator could have rewritten this.")}
      </p>
    </Bare>
  );
}

/** The last months, oldest first, as YYYY-MM in UTC. */
export function lastMonths(now: Date, many: number): string[] {
  return Array.from({ length: many }, (_, k) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - (many - 1 - k), 1)).toISOString().slice(0, 7),
  );
}

function Bare({ origin, children }: { origin: Origin | undefined; children: ComponentChildren }) {
  return (
    <>
      <a class="skip" href="#main">
        Go to the page
      </a>
      <header class="top">
        <span class="shop">The people behind this shop</span>
        <span class="right">
          {origin === "simulated" && <span class="origin">Simulated</span>}
          <a href="/sign-in">Sign in</a>
        </span>
      </header>
      <main class="page public" id="main">
        {children}
      </main>
    </>
  );
}

const TALL = 180;

/** Visits seen by a person and questions, of 1,000, month by month, against 700, 50 and 20. */
function OverTime({ months }: { months: string[] }) {
  const [found, setFound] = useState<(Label | null)[] | null>(null);
  useEffect(() => {
    let gone = false;
    void Promise.all(months.map((month) => get<Label>(`/public/label?month=${month}`).catch(() => null))).then((all) => {
      if (!gone) setFound(all);
    });
    return () => {
      gone = true;
    };
  }, []);
  const rows = months.map((month, k) => {
    const one = found?.[k];
    const of = one?.visits ?? 0;
    const per = (n: number | undefined) => (of > 0 && n !== undefined ? (1000 * n) / of : null);
    return { month, of, seen: per(one?.seen_by_any_person), asked: per(one?.questions_to_settle) };
  });
  const down = (per: number) => 12 + (1 - place(per)) * (TALL - 32);
  const across = (k: number) => 90 + (k + 0.5) * (600 / months.length);
  return (
    <section aria-label="Over time">
      <h2>Seen by any person, of 1,000 visits</h2>
      <svg class="overtime" viewBox={`0 0 700 ${TALL}`} role="img" aria-label="Visits seen by any person, of 1,000, by month; the table below has the numbers">
        {[700, 50, 20].map((mark) => (
          <g key={mark}>
            <line class="level" x1="90" x2="700" y1={down(mark)} y2={down(mark)} />
            <text x="84" y={down(mark) + 4} text-anchor="end">
              {mark}
            </text>
          </g>
        ))}
        {rows.map((row, k) =>
          row.seen === null ? (
            <text key={row.month} class="none" x={across(k)} y={TALL - 26} text-anchor="middle">
              no visit
            </text>
          ) : (
            <g key={row.month}>
              <rect class="seen" x={across(k) - 16} width="32" y={down(row.seen)} height={TALL - 20 - down(row.seen)} />
              <text class="said" x={across(k)} y={down(row.seen) - 4} text-anchor="middle">
                {row.seen.toFixed(0)}
              </text>
              {row.asked !== null && <line class="asked" x1={across(k) - 22} x2={across(k) + 22} y1={down(row.asked)} y2={down(row.asked)} />}
            </g>
          ),
        )}
        {rows.map((row, k) => (
          <text key={row.month} x={across(k)} y={TALL - 4} text-anchor="middle">
            {row.month}
          </text>
        ))}
      </svg>
      <p class="quiet">
        Bar: visits seen by any person for any reason. Line across it: questions needed to settle. Levels: 700 is what press said of Just Walk Out in 2022 (Amazon disputes it), 20 to 50
        its target. The scale is a square root, so that small numbers can be told apart.
      </p>
      <details>
        <summary>The numbers</summary>
        <table>
          <thead>
            <tr>
              <th>Month</th>
              <th class="right">Visits</th>
              <th class="right">Seen of 1,000</th>
              <th class="right">Questions of 1,000</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.month}>
                <td>{row.month}</td>
                <td class="number right">{row.of}</td>
                <td class="number right">{row.seen?.toFixed(1) ?? "–"}</td>
                <td class="number right">{row.asked?.toFixed(1) ?? "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}

export function isFigure(value: unknown): value is Figure {
  return typeof value === "object" && value !== null && "value" in value && ("n" in value || "method" in value);
}

/** All figures of a group, wherever they stand in it, with the words that the report gives them. */
export function figuresOf(group: unknown, name = ""): { name: string; figure: Figure }[] {
  if (isFigure(group)) return [{ name, figure: group }];
  if (typeof group !== "object" || group === null || Array.isArray(group)) return [];
  return Object.entries(group).flatMap(([key, value]) => figuresOf(value, name ? `${name}, ${key.replace(/_/g, " ")}` : key.replace(/_/g, " ")));
}

export function figureWords(figure: Figure): string {
  if (figure.suppressed) return "left out: fewer than five people";
  if (figure.value === null || figure.value === undefined) return "not known";
  if (typeof figure.value === "string") return figure.value;
  const share = figure.unit === "share";
  const said = (n: number) => (share ? `${(100 * n).toFixed(1)} %` : Number.isInteger(n) ? n.toLocaleString("en-US") : n.toFixed(Math.abs(n) < 10 ? 2 : 1));
  const range = figure.ci95_low != null && figure.ci95_high != null ? ` (${said(figure.ci95_low)} to ${said(figure.ci95_high)})` : "";
  return `${said(figure.value)}${range}${figure.unit && !share ? ` ${figure.unit}` : ""}`;
}

function Groups({ report }: { report: Report }) {
  return (
    <>
      {GROUPS.map(([name, title]) => {
        const figures = figuresOf(report[name]);
        if (!figures.length) return null;
        return (
          <section key={name}>
            <h2>{title}</h2>
            <Scroll label={title}>
              <table class="report">
                <tbody>
                  {figures.map((one) => (
                    <tr key={one.name}>
                      <td class="wrap">{one.figure.words ?? one.name}</td>
                      <td class="number wrap">{figureWords(one.figure)}</td>
                      <td class="quiet wrap less">
                        {one.figure.denominator != null ? `of ${one.figure.denominator.toLocaleString("en-US")}; ` : ""}
                        {one.figure.method ?? ""}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scroll>
          </section>
        );
      })}
      <p class="quiet">In brackets: 95 % of such ranges hold the true value. What is about fewer than five people is left out.</p>
    </>
  );
}

interface Notice {
  title: string;
  sentences: string[];
  more?: string[] | string;
  more_url?: string;
  origin?: Origin;
}

/** The door sign: generated from the live settings, to be printed or shown. */
export function SignPage() {
  const notice = useData<Notice>("/public/notice", 60_000);
  const found = notice.value;
  useEffect(() => {
    document.title = found?.title ?? "Door sign";
  }, [found]);
  if (!found) {
    return (
      <main class="page narrow" id="main">
        <h1 class="verdict">Door sign</h1>
        {notice.error ? <Problem error={notice.error} retry={() => void notice.reload()} /> : <Loading what="how the shop is set up" />}
      </main>
    );
  }
  const more = found.more ? (Array.isArray(found.more) ? found.more : [found.more]) : [];
  return (
    <main class="page sign" id="main">
      {found.origin === "simulated" && <span class="origin">Simulated shop</span>}
      <h1 class="verdict huge">{found.title}</h1>
      {found.sentences.map((one) => (
        <p key={one}>{one}</p>
      ))}
      {more.length > 0 && (
        <details>
          <summary>The whole notice</summary>
          {more.map((one) => (
            <p key={one}>{one}</p>
          ))}
        </details>
      )}
      <p class="tools">
        <button type="button" onClick={() => print()}>
          Print
        </button>
        <a href={found.more_url ?? "/public"}>All numbers, and how to check them</a>
      </p>
    </main>
  );
}
