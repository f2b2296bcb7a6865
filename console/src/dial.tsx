/** How sure before it settles alone? One slider, and what it moves, per 1,000 visits. */

import { useState } from "preact/hooks";
import { useData } from "./hooks";
import { Loading } from "./parts";
import type { Origin } from "./types";
import { count, percent } from "./words";

export interface DialPoint {
  settle_at: number;
  questions: number;
  seen: number;
  wrong: number;
  given_away: number;
  paid_hours: number | null;
}

export interface DialData {
  points: DialPoint[];
  marks: number[];
  origin?: Origin;
  now?: number | null;
  visits?: number;
  basis?: string;
}

const MARK: Record<number, string> = {
  700: "what press said of Just Walk Out in 2022 (disputed)",
  50: "and",
  20: "its target",
};

/** The marks as one sentence. */
function markWords(marks: readonly number[]): string {
  const told = marks.map((mark) => (MARK[mark] ? `${mark} ${MARK[mark]}` : `${mark}`));
  return told.join("; ").replace(" and; ", " and ");
}

/** The bar as words: 0.993 is 99.3 %; 1 is never alone. */
export function barWords(settle_at: number): string {
  return settle_at >= 1 ? "never alone" : `from ${percent(settle_at)} sure`;
}

/** Where the slider stands first: at the bar in force, else in the middle of all that is not "never alone". */
export function firstPoint(points: readonly DialPoint[], now: number | null | undefined): number {
  if (now == null) return Math.max(0, points.length - 1);
  const at = points.findIndex((point) => point.settle_at >= now);
  return at < 0 ? points.length - 1 : at;
}

/** A place on a scale to 1,000 on which 20 and 50 can be told apart: square root. */
export function place(per_1000: number): number {
  return Math.sqrt(Math.min(1000, Math.max(0, per_1000)) / 1000);
}

export function Dial({ small = false, currency }: { small?: boolean; currency: string }) {
  const data = useData<DialData>("/public/dial");
  const [at, setAt] = useState<number | null>(null);
  const found = data.value;
  if (!found) return data.error ? (small ? null : <p class="state">The dial could not be read: {data.error.title}.</p>) : <Loading what="the dial" />;
  const points = [...found.points].sort((a, b) => a.settle_at - b.settle_at);
  if (!points.length) return small ? null : <p class="state">The dial turns once a visit has been decided here.</p>;
  const k = Math.min(points.length - 1, at ?? firstPoint(points, found.now));
  const point = points[k]!;
  const rows: [string, string, number | null][] = [
    ["questions to people", `${point.questions.toFixed(0)}`, point.questions],
    ["visits seen by any person", `${point.seen.toFixed(0)}`, point.seen],
    ["wrong receipts", point.wrong > 0 && point.wrong < 0.005 ? "< 0.01" : point.wrong.toFixed(2), null],
    ["goods given away", `${point.given_away.toFixed(2)} ${currency}`, null],
    ["paid hours", point.paid_hours === null ? "not known yet" : point.paid_hours.toFixed(1), null],
  ];
  return (
    <section class={small ? "dial small-dial" : "dial"} aria-label="The dial">
      <h2>How sure before it settles alone?</h2>
      <label class="turn">
        <span class="number">
          <b>{barWords(point.settle_at)}</b>
          {found.now != null && k === firstPoint(points, found.now) && <span class="quiet"> as it is now</span>}
        </span>
        <input
          type="range"
          min={0}
          max={points.length - 1}
          step={1}
          value={k}
          aria-label="How sure before it settles alone"
          aria-valuetext={`${barWords(point.settle_at)}: ${point.seen.toFixed(0)} of 1,000 visits seen by a person, ${point.wrong.toFixed(2)} wrong receipts`}
          onInput={(event) => setAt(Number(event.currentTarget.value))}
        />
      </label>
      <dl class="turned">
        {rows.map(([words, said, scale]) => (
          <div key={words}>
            <dt>{words}</dt>
            <dd class="number">{said}</dd>
            {scale !== null && (!small || words.startsWith("visits")) && (
              <span class="scale1000" aria-hidden="true">
                <svg viewBox="0 0 1000 26" preserveAspectRatio="none">
                  <rect class="track" x="0" y="10" width="1000" height="6" />
                  <rect class="filled" x="0" y="10" width={1000 * place(scale)} height="6" />
                  {found.marks.map((mark) => (
                    <line key={mark} x1={1000 * place(mark)} x2={1000 * place(mark)} y1="2" y2="24" />
                  ))}
                </svg>
              </span>
            )}
          </div>
        ))}
      </dl>
      <p class="quiet">
        Of 1,000 visits{found.origin === "simulated" ? ", all of them simulated" : ""}
        {found.visits !== undefined && `, worked out from ${count(found.visits, "visit")}`}.{" "}
        {small ? `Marked: ${found.marks.join(", ")}. ` : `Marked: ${markWords(found.marks)}. `}
        {small && <a href="/public">What this is about</a>}
        {!small && found.basis && `How: ${found.basis}.`}
      </p>
    </section>
  );
}
