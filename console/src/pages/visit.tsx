/** What happened, and why this receipt? */

import { useEffect, useMemo, useState } from "preact/hooks";
import { path, range, relative, ticks } from "../curve";
import { points, px, py, view } from "../geometry";
import { announce, type Data, useData, useNames, useSession, useSize, useZone } from "../hooks";
import { useKeys } from "../keys";
import { slot } from "../marks";
import { candidateWords, decidedBy, Empty, eventWords, humanWords, Lines, Loading, Mark, Problem, Sure } from "../parts";
import { Furniture } from "../plan";
import { casePath, receiptPath } from "../router";
import { detailOf, type RawDetail, withCurves } from "../shapes";
import { Page } from "../shell";
import type { Shop, TimelineEvent, Track, VisitDetail } from "../types";
import { grams, listed, money, percent, plates, short, time, whole } from "../words";

const BEFORE_NS = 2e9;
const AFTER_NS = 4e9;
const ROW = 68;

export function VisitPage({ id }: { id: string }) {
  const detail = useDetail(id);
  const found = detail.value;
  if (!found) {
    return (
      <Page title={`Visit ${short(id)}`}>
        {detail.error ? <Problem error={detail.error} retry={() => void detail.reload()} /> : <Loading what="the visit" />}
      </Page>
    );
  }
  return <Found detail={found} />;
}

/** One visit, asked for again every few seconds. */
export function useDetail(id: string): Data<VisitDetail> {
  const raw = useData<RawDetail>(`/visits/${encodeURIComponent(id)}`, 4000);
  const value = useMemo(() => raw.value && detailOf(raw.value), [raw.value]);
  return { ...raw, value };
}

export function headline(detail: VisitDetail, currency: string): { words: string; tone: string } {
  const { visit, receipts, case: open } = detail;
  const receipt = receipts[receipts.length - 1];
  const name = `Visit ${short(visit.id)}`;
  if (open && open.state !== "closed") return { words: `${name} is disputed.`, tone: "unsure" };
  if (visit.left_ns === null) return { words: `${name} is inside.`, tone: "" };
  if (!receipt) return { words: `${name} has left; its receipt is to come.`, tone: "" };
  if (!receipt.final && receipt.status === "settled") {
    return { words: `${name}: ${money(receipt.total, receipt.currency || currency)}, a person has answered; it is charged in a minute.`, tone: "" };
  }
  if (!receipt.final) {
    const question = receipt.questions?.[0]?.words;
    return { words: `${name} waits for a person${question ? `: ${question}` : "."}`, tone: "unsure" };
  }
  const what = receipt.lines.length ? money(receipt.total, receipt.currency || currency) : "nothing taken";
  return { words: `${name}: ${what}, settled by ${receipt.decided_by === "person" ? "a person" : "software"}.`, tone: "" };
}

function Found({ detail }: { detail: VisitDetail }) {
  const zone = useZone();
  const { store } = useSession();
  const { visit, receipts } = detail;
  const receipt = receipts[receipts.length - 1];
  const said = headline(detail, store.currency);
  const ends = visit.left_ns ?? Date.now() * 1e6;
  const many = visit.shoppers.length;
  return (
    <Page
      wide
      title={said.words}
      tone={said.tone}
      more={`${many === 0 ? "" : many === 1 ? "One person, " : `${many} people, `}${time(visit.entered_ns, zone)} to ${
        visit.left_ns === null ? "now" : time(visit.left_ns, zone)
      }, ${whole((ends - visit.entered_ns) / 1e9)}.`}
    >
      <div class="visit">
        <Timeline detail={detail} />
        <aside aria-label="Receipt">
          <h2>
            <a href={receiptPath(visit.id)}>Receipt</a>
            {receipt && <span class="quiet"> revision {receipt.revision}</span>}
          </h2>
          {!receipt && <p class="state">It is made when the visit ends. Until then, this is what is believed.</p>}
          <Lines lines={(receipt ?? visit).lines} currency={store.currency} />
          {!detail.known && <p class="quiet">Nothing is known of the basket yet.</p>}
          {detail.known && (receipt ?? visit).lines.length === 0 && <p class="quiet">nothing taken</p>}
          {detail.known && (
            <p class="sum">
              <span>Total</span>
              <span class="number">{money((receipt ?? visit).total, store.currency)}</span>
            </p>
          )}
          {receipt && receipt.due !== receipt.total && (
            <p class="sum unsure">
              <span>Due until a person has looked</span>
              <span class="number">{money(receipt.due, receipt.currency)}</span>
            </p>
          )}
          {detail.known && (
            <p class="sum">
              <span>Exactly right</span>
              <Sure p={(receipt ?? visit).p_exact} />
            </p>
          )}
          {receipt && (
            <p class="quiet">
              {decidedBy(receipt.decided_by, receipt.human)}. {receipt.human.viewers > 0 && humanWords(receipt.human)}
            </p>
          )}
          {receipt && !receipt.final && receipt.questions?.map((question, k) => (
            <div class="question" key={k}>
              <p>
                <b>{question.words}</b>
              </p>
              <ul class="candidates">
                {question.candidates.slice(0, 4).map((candidate) => (
                  <li key={candidate.key}>
                    <Sure p={candidate.probability} word={false} other /> <span class="wrap">{candidate.why}</span>
                  </li>
                ))}
              </ul>
            </div>
          ))}
          <Others detail={detail} />
          {detail.case && (
            <p>
              <a href={casePath(detail.case.id)}>Dispute {detail.case.id}</a>, {detail.case.state}
            </p>
          )}
          <h2>Money</h2>
          <p class="sum">
            <span>Paid so far</span>
            <span class="number">{money(detail.sums.paid, store.currency)}</span>
          </p>
          {Number(detail.sums.uncollected) > 0 && (
            <p class="sum wrong">
              <span>Not collected</span>
              <span class="number">{money(detail.sums.uncollected, store.currency)}</span>
            </p>
          )}
          {Number(detail.sums.owed) > 0 && (
            <p class="sum unsure">
              <span>Owed to the shopper</span>
              <span class="number">{money(detail.sums.owed, store.currency)}</span>
            </p>
          )}
          {detail.money.length ? (
            <ul class="rows">
              {detail.money.map((row, k) => (
                <li key={k}>
                  <span class="number quiet">{time(row.at_ns, zone)}</span>
                  <span class="what">{row.operation}</span>
                  <span class="quiet">{row.state}</span>
                  <span class="price">{money(row.amount, row.currency)}</span>
                </li>
              ))}
            </ul>
          ) : (
            <p class="quiet">No operation so far.</p>
          )}
        </aside>
      </div>
    </Page>
  );
}

const MOST_OTHERS = 3;

/** The likeliest other baskets: what else they may have left with. */
function Others({ detail }: { detail: VisitDetail }) {
  const nameOf = useNames();
  const lines = detail.receipts[detail.receipts.length - 1]?.lines ?? detail.visit.lines;
  const own = key(lines.map((line) => [line.gtin, line.quantity]));
  const others = (detail.timeline.baskets ?? []).filter((basket) => key(basket.items) !== own && basket.probability >= 0.001);
  if (!others.length) return null;
  return (
    <>
      <h2>If not this, then</h2>
      <ul class="candidates question-free">
        {others.slice(0, MOST_OTHERS).map((basket) => (
          <li key={key(basket.items)}>
            <Sure p={basket.probability} word={false} other /> {difference(lines, basket.items, nameOf)}
          </li>
        ))}
      </ul>
    </>
  );
}

function key(items: readonly (readonly [string, number])[]): string {
  return items.map(([gtin, many]) => `${gtin} ${many}`).sort().join(" ");
}

/** How a basket differs from the lines: what more, what not. */
export function difference(
  lines: readonly { gtin: string; quantity: number }[],
  items: readonly (readonly [string, number])[],
  nameOf: (gtin: string) => string,
): string {
  const charged = new Map(lines.map((line) => [line.gtin, line.quantity]));
  const other = new Map(items);
  const goods = (from: Map<string, number>, less: Map<string, number>) =>
    [...from].flatMap(([gtin, many]) => {
      const extra = many - (less.get(gtin) ?? 0);
      return extra > 0 ? [`${extra} × ${nameOf(gtin)}`] : [];
    });
  const more = goods(other, charged);
  const not = goods(charged, other);
  return [more.length ? `also ${listed(more)}` : "", not.length ? `not ${listed(not)}` : ""].filter(Boolean).join(", but ");
}

function Timeline({ detail }: { detail: VisitDetail }) {
  const zone = useZone();
  const { visit, timeline } = detail;
  const shop = useData<Shop>("/shop");
  const events = useMemo(() => withCurves(timeline), [timeline]);
  const start = visit.entered_ns - BEFORE_NS;
  const end = Math.max(visit.left_ns ?? Date.now() * 1e6, ...events.map((e) => e.end_ns ?? e.t_ns)) + AFTER_NS;
  const [at, setAt] = useState(end);
  const [playing, setPlaying] = useState(false);
  const [[width], lane] = useSize();
  useEffect(() => {
    if (!playing) return;
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      const step = (now - last) * 1e6 * 2;
      last = now;
      setAt((t) => {
        if (t + step >= end) setPlaying(false);
        return Math.min(end, t + step);
      });
    }, 50);
    return () => clearInterval(timer);
  }, [playing, end]);
  const play = () => {
    if (!playing && at >= end) setAt(start);
    setPlaying(!playing);
  };
  const jump = (way: 1 | -1) => {
    const list = way > 0 ? events : [...events].reverse();
    const next = list.find((e) => (way > 0 ? e.t_ns > at + 1e6 : e.t_ns < at - 1e6));
    if (!next) return setAt(way > 0 ? end : start);
    setAt(next.t_ns);
    announce(`${time(next.t_ns, zone)}: ${eventWords(next)}`);
  };
  useKeys([
    { key: " ", does: "play or stop, twice as fast", run: play },
    { key: "ArrowLeft", does: "a second back", run: () => setAt((t) => Math.max(start, t - 1e9)) },
    { key: "ArrowRight", does: "a second on", run: () => setAt((t) => Math.min(end, t + 1e9)) },
    { key: "j", does: "next event", run: () => jump(1) },
    { key: "k", does: "event before", run: () => jump(-1) },
  ]);
  const across = (t_ns: number) => ((t_ns - start) / (end - start)) * width;
  const marks = ticks(start, end, width);
  return (
    <section class="timeline" aria-label="Timeline">
      <div class="then">
        {shop.value && timeline.tracks && timeline.tracks.length > 0 && (
          <Then shop={shop.value} tracks={timeline.tracks} at={at} visit={visit.id} />
        )}
        <BasketThen events={events} at={at} visit={visit.id} left_ns={visit.left_ns} />
      </div>
      <div class="scrub">
        <span class="tools">
          <button type="button" onClick={play} aria-pressed={playing}>
            {playing ? "Stop" : "Play"}
          </button>
          <span class="number clock">{time(at, zone)}</span>
        </span>
        <div class="lane" ref={lane}>
          <input
            type="range"
            aria-label="Time in the visit"
            aria-valuetext={time(at, zone)}
            min={0}
            max={Math.round((end - start) / 1e6)}
            step={100}
            value={Math.round((at - start) / 1e6)}
            onInput={(event) => {
              setPlaying(false);
              setAt(start + Number(event.currentTarget.value) * 1e6);
            }}
          />
          <svg class="axis" width={width} height="20" aria-hidden="true">
            {marks.map((t) => (
              <g key={t}>
                <line x1={across(t)} x2={across(t)} y1="0" y2="4" />
                <text x={across(t)} y="16">
                  {time(t, zone).slice(3)}
                </text>
              </g>
            ))}
          </svg>
        </div>
      </div>
      {!events.length && (
        <Empty>
          {visit.left_ns === null ? "Nothing has been moved yet." : "Nothing was moved: no event at any shelf may be of this visit."}
        </Empty>
      )}
      <ol class="events">
        {events.map((event) => (
          <EventRow key={event.id} event={event} visit={visit.id} at={at} over={visit.left_ns !== null && at >= visit.left_ns} across={across} width={width} marks={marks} go={() => setAt(event.t_ns)} />
        ))}
      </ol>
    </section>
  );
}

interface RowProps {
  event: TimelineEvent;
  visit: string;
  at: number;
  over: boolean;
  across: (t_ns: number) => number;
  width: number;
  marks: number[];
  go: () => void;
}

function EventRow({ event, visit, at, over, across, width, marks, go }: RowProps) {
  const zone = useZone();
  const told = at >= event.t_ns;
  return (
    <li class={told ? "told" : "ahead"}>
      <div class="label">
        <span>
          <button type="button" class="plain number" onClick={go}>
            {time(event.t_ns, zone)}
          </button>{" "}
          <span class="quiet">{grams(event.mass_g, true)}</span>
        </span>
        <b>{eventWords(event)}</b>
        <span class="quiet">
          {event.fixture} {event.shelf}, {plates(event.plates)}
        </span>
      </div>
      <div class="lane">
        <EventCurve event={event} across={across} width={width} at={at} marks={marks} />
      </div>
      <ul class="candidates">
        {event.candidates.slice(0, 3).map((candidate, k) => {
          const then = over ? candidate.probability : (candidate.at_first ?? candidate.probability);
          const changed = candidate.at_first != null && Math.abs(candidate.at_first - candidate.probability) >= 0.005;
          return (
            <li key={k} class={candidate.visit === visit ? "own" : ""} title={candidate.words}>
              <Mark visit={candidate.visit} />
              <span class="name">{candidateWords(candidate, event)}</span>
              {told ? <Sure p={then} word={false} other={k > 0} /> : <span class="quiet">not yet</span>}
              {changed && told && (
                <span class="quiet later">
                  {over ? `at first ${percent(candidate.at_first!)}` : `in the end ${percent(candidate.probability)}`}
                </span>
              )}
            </li>
          );
        })}
      </ul>
    </li>
  );
}

/** Weight above, the hands' distance below, on the visit's clock. */
function EventCurve({ event, across, width, at, marks }: Omit<RowProps, "visit" | "over" | "go">) {
  const drawn = useMemo(() => {
    if (!event.curve || event.curve.t_ns.length < 2) return null;
    const change = relative(event.curve.t_ns, event.curve.grams, event.t_ns - 3e8);
    const [low, high] = range(change, 20);
    const top = 3;
    const tall = event.reaches?.length ? ROW - 26 : ROW - 6;
    const down = (g: number) => top + ((high - g) / (high - low)) * tall;
    const lines = event.curve.plates.map((plate, k) => ({
      plate,
      d: path(event.curve!.t_ns, change.map((row) => row[k] ?? null), across, down),
    }));
    const hands = (event.reaches ?? []).filter((reach) => reach.distance_m).map((reach) => ({
      visit: reach.visit,
      d: path(reach.t_ns, reach.distance_m, across, (m) => ROW - 20 + Math.min(1, m) * 18, 400e6),
    }));
    return { lines, hands, zero: down(0) };
  }, [event, width, across(0), across(1e9)]);
  const here = across(at);
  return (
    <svg class="curve" width={width} height={ROW} role="img" aria-label={`Weight on ${plates(event.plates)} and how near hands came`}>
      {marks.map((t) => (
        <line key={t} class="grid" x1={across(t)} x2={across(t)} y1="0" y2={ROW} />
      ))}
      {drawn ? (
        <>
          <rect class="interval" x={across(event.t_ns)} y="0" width={Math.max(2, across(event.end_ns ?? event.t_ns) - across(event.t_ns))} height={ROW} />
          {drawn.hands.map((hand, k) => (
            <path key={k} class={`reach v${slot(hand.visit)}`} d={hand.d} />
          ))}
          {drawn.lines.map((line) => (
            <path key={line.plate} class="plate" d={line.d} />
          ))}
        </>
      ) : (
        <text class="small" x="8" y={ROW / 2}>
          no readings kept
        </text>
      )}
      <line class="playhead" x1={here} x2={here} y1="0" y2={ROW} />
    </svg>
  );
}

/** Where they were at an instant, and how they came there. */
function Then({ shop, tracks, at, visit }: { shop: Shop; tracks: Track[]; at: number; visit: string }) {
  const box = useMemo(() => view(shop, 0.03), [shop]);
  return (
    <svg class="plan small" viewBox={`${box.left} ${box.top} ${box.width} ${box.height}`} role="img" aria-label="Where they were then">
      <Furniture shop={shop} />
      {tracks.map((track) => {
        const until = track.t_ns.findIndex((t) => t > at);
        const n = until < 0 ? track.t_ns.length : until;
        const gone = until < 0 && at - (track.t_ns[track.t_ns.length - 1] ?? 0) > 2e9;
        const walked = track.x_m.slice(0, n).map((x, k) => [x, track.y_m[k]!] as [number, number]);
        const last = walked[walked.length - 1];
        return (
          <g key={track.person} class={`person v${slot(visit)}`}>
            <polyline class="walk" points={points(walked)} />
            {last && !gone && <circle class="dot" cx={px(last[0])} cy={py(last[1])} r="12" />}
          </g>
        );
      })}
    </svg>
  );
}

/** What the events until an instant make the basket, each by its likeliest explanation then. */
export function basketAt(events: readonly TimelineEvent[], at: number, visit: string, left_ns: number | null): Map<string, { name: string; quantity: number; p: number }> {
  const found = new Map<string, { name: string; quantity: number; p: number }>();
  for (const event of events) {
    if (event.t_ns > at) continue;
    const over = left_ns !== null && at >= left_ns;
    const then = (c: TimelineEvent["candidates"][number]) => (over ? c.probability : (c.at_first ?? c.probability));
    const best = [...event.candidates].sort((a, b) => then(b) - then(a))[0];
    if (!best || best.visit !== visit || !best.gtin || then(best) < 0.5) continue;
    const before = found.get(best.gtin) ?? { name: best.name, quantity: 0, p: 1 };
    const quantity = before.quantity + best.quantity;
    if (quantity > 0) found.set(best.gtin, { name: best.name, quantity, p: Math.min(before.p, then(best)) });
    else found.delete(best.gtin);
  }
  return found;
}

interface ThenProps {
  events: TimelineEvent[];
  at: number;
  visit: string;
  left_ns: number | null;
}

function BasketThen({ events, at, visit, left_ns }: ThenProps) {
  const zone = useZone();
  const basket = basketAt(events, at, visit, left_ns);
  return (
    <div class="basket-then">
      <h2>
        In the basket at <span class="number">{time(at, zone)}</span>
      </h2>
      {basket.size === 0 && <p class="quiet">nothing</p>}
      <ul class="lines">
        {[...basket].map(([gtin, line]) => (
          <li key={gtin}>
            <span class="many">{line.quantity}</span>
            <span class="name">{line.name}</span>
            <Sure p={line.p} word={false} />
          </li>
        ))}
      </ul>
      <p class="quiet">By each event's likeliest explanation at that time; the receipt weighs them all together.</p>
    </div>
  );
}
