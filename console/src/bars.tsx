/** Bars over a row of equal steps, drawn at the width that there is; the numbers stand in a table below. */

import { useSize } from "./hooks";
import { Scroll } from "./parts";

export interface Bar {
  /** Under the bar, where there is room. */
  name: string;
  /** In full, for the table. */
  long?: string;
  value: number;
  /** As people read it. */
  said: string;
}

interface Props {
  title: string;
  bars: Bar[];
  /** What the bars count, and over what: heads of the table. */
  unit: string;
  of: string;
  note?: string;
}

const TALL = 168;
const LEFT = 44;
const FOOT = 24;
const HEAD = 20;

export function Bars({ title, bars, unit, of, note }: Props) {
  const [[width], attach] = useSize([560, 1]);
  const most = Math.max(0, ...bars.map((bar) => bar.value));
  const levels = ticks(most);
  const top = Math.max(levels[levels.length - 1] ?? 1, most, 1e-9);
  const step = (width - LEFT) / Math.max(1, bars.length);
  const wide = Math.max(1, Math.min(40, step * 0.72));
  const down = (value: number) => HEAD + (1 - value / top) * (TALL - HEAD - FOOT);
  const across = (k: number) => LEFT + (k + 0.5) * step;
  const every = Math.ceil((Math.max(0, ...bars.map((bar) => bar.name.length)) * 7 + 12) / Math.max(step, 1));
  const best = bars.find((bar) => bar.value === most);
  const edge = best ? across(bars.indexOf(best)) : 0;
  const anchor = edge > width - 40 ? "end" : edge < LEFT + 40 ? "start" : "middle";
  const said = best && most > 0 ? `${title}: ${unit.toLowerCase()}, most at ${best.long ?? best.name} with ${best.said}` : `${title}: nothing`;
  return (
    <section class="plot">
      <h2>{title}</h2>
      <div ref={attach}>
        <svg width={width} height={TALL} viewBox={`0 0 ${width} ${TALL}`} role="img" aria-label={`${said}; the table below has the numbers`}>
          {levels.map((level) => (
            <g key={level}>
              <line x1={LEFT} x2={width} y1={down(level)} y2={down(level)} />
              <text x={LEFT - 8} y={down(level) + 4} text-anchor="end">
                {level.toLocaleString("en-US")}
              </text>
            </g>
          ))}
          {bars.map((bar, k) => (
            <g key={k}>
              <title>{`${bar.long ?? bar.name}: ${bar.said}`}</title>
              <rect x={across(k) - wide / 2} width={wide} y={down(bar.value)} height={down(0) - down(bar.value)} class={bar === best ? "most" : ""} />
              {k % every === 0 && across(k) + bar.name.length * 3 < width && (
                <text x={across(k)} y={TALL - 6} text-anchor="middle">
                  {bar.name}
                </text>
              )}
            </g>
          ))}
          {best && most > 0 && (
            <text class="said" x={edge} y={down(most) - 6} text-anchor={anchor}>
              {best.said}
            </text>
          )}
        </svg>
      </div>
      {note && <p class="quiet">{note}</p>}
      <details>
        <summary>The numbers</summary>
        <Scroll label={`${title}, the numbers`}>
          <table>
            <thead>
              <tr>
                <th>{of}</th>
                <th class="right">{unit}</th>
              </tr>
            </thead>
            <tbody>
              {bars.map((bar, k) => (
                <tr key={k}>
                  <td>{bar.long ?? bar.name}</td>
                  <td class="number right">{bar.said}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </details>
    </section>
  );
}

/** 0 and up to four round numbers above it, the last at or above the most. */
export function ticks(most: number): number[] {
  if (!(most > 0)) return [0];
  const size = 10 ** Math.floor(Math.log10(most));
  const step = [0.2, 0.5, 1, 2, 5].map((n) => n * size).find((n) => most / n <= 4) ?? 5 * size;
  const levels = [];
  for (let k = 0; k * step < most + step; k++) levels.push(Math.round(k * step * 1e6) / 1e6);
  return levels;
}
