/** The shop from above: furniture, people with short tails, hands as thin lines, facings that change. */

import { useEffect, useMemo } from "preact/hooks";
import { corners, points, px, py, span, toStore, type View, view } from "./geometry";
import { reduced, useLive, useRedraw, useSize } from "./hooks";
import { freshness } from "./live";
import { slot } from "./marks";
import type { Shown } from "./motion";
import { eventWords, SURE } from "./parts";
import type { Device, Fixture, Gate, ShelfEvent, Shop } from "./types";
import { deviceAbout } from "./verdict";
import { short } from "./words";

/** A change stays marked so long. */
const PULSE_MS = 7000;
/** A hand nearer to its person than this hangs and is not drawn. */
const HANGING_M = 0.28;

interface Props {
  shop: Shop;
  you?: string | null;
  chosen?: string | null;
  onFixture?: ((fixture: string) => void) | undefined;
  devices?: readonly Device[];
}

export function Plan({ shop, you = null, chosen = null, onFixture }: Props) {
  const live = useLive();
  const [[wide, tall], ref] = useSize([600, 600]);
  const plain = useMemo(() => view(shop, 0), [shop]);
  // Words and people keep their size on the screen where the shop is drawn small.
  const drawn = Math.min(wide / plain.width, tall / (plain.height + 50));
  const unit = Math.round(Math.min(2, Math.max(0.85, 1 / Math.max(drawn, 0.01))) * 20) / 20;
  const box = useMemo(() => view(shop, 0.62 * unit), [shop, unit]);
  const many = live.live.people.length;
  return (
    <svg
      class="plan"
      ref={ref}
      style={{ "--unit": `${unit.toFixed(2)}px` }}
      viewBox={`${box.left} ${box.top} ${box.width} ${box.height}`}
      preserveAspectRatio="xMinYMin meet"
      role="img"
      aria-label={`The shop from above with ${many === 1 ? "one person" : `${many} people`} inside`}
    >
      <Furniture shop={shop} chosen={chosen} onFixture={onFixture} devices={live.live.devices} />
      <Pulses shop={shop} box={box} unit={unit} />
      <People you={you} unit={unit} />
    </svg>
  );
}

export function Furniture({ shop, chosen, onFixture, devices = [] }: Props) {
  const silent = new Set(devices.filter((d) => d.kind === "plates" && (d.state === "silent" || d.state === "dead")).map(deviceAbout));
  return (
    <g>
      {shop.outline.length > 2 && <polygon class="floor" points={points(shop.outline)} />}
      {shop.fixtures.map((fixture) => (
        <g
          key={fixture.id}
          class={`fixture${onFixture ? " open" : ""}${chosen === fixture.id ? " chosen" : ""}${silent.has(fixture.id) ? " silent" : ""}`}
          onClick={onFixture && (() => onFixture(fixture.id))}
        >
          <polygon class="body" points={points(corners(fixture))} />
          {seams(fixture).map((x) => {
            const [a, b] = [toStore(fixture, x, 0), toStore(fixture, x, fixture.depth_m)];
            return <line key={x} class="seam" x1={px(a[0])} y1={py(a[1])} x2={px(b[0])} y2={py(b[1])} />;
          })}
          <Front fixture={fixture} />
          <FixtureName fixture={fixture} silent={silent.has(fixture.id)} />
        </g>
      ))}
      {shop.gates.map((gate) => (
        <GateMark key={gate.id} gate={gate} />
      ))}
    </g>
  );
}

/** Where one plate ends and the next begins, if a whole row is alike. */
function seams(fixture: Fixture): number[] {
  const shelf = fixture.shelves[0];
  return shelf ? shelf.plates.slice(1).map((plate) => plate.x_m) : [];
}

function Front({ fixture }: { fixture: Fixture }) {
  const [a, b] = [toStore(fixture, 0, 0), toStore(fixture, fixture.width_m, 0)];
  return <line class="front" x1={px(a[0])} y1={py(a[1])} x2={px(b[0])} y2={py(b[1])} />;
}

function FixtureName({ fixture, silent }: { fixture: Fixture; silent: boolean }) {
  const [x, y] = toStore(fixture, fixture.width_m / 2, fixture.depth_m / 2);
  const turn = Math.abs(Math.sin((fixture.angle_deg * Math.PI) / 180)) > 0.7;
  const around = turn ? `rotate(-90 ${px(x)} ${py(y)})` : undefined;
  return (
    <g transform={around}>
      <text class="title" x={px(x)} y={py(y)} dy={silent ? "-0.6em" : 0}>
        {fixture.id}
      </text>
      {silent && (
        <text class="title" x={px(x)} y={py(y)} dy="0.7em">
          not heard
        </text>
      )}
    </g>
  );
}

function GateMark({ gate }: { gate: Gate }) {
  const turn = ((gate.angle_deg ?? 0) * Math.PI) / 180;
  const half = (gate.width_m ?? 1) / 2;
  const [dx, dy] = [Math.cos(turn) * half, Math.sin(turn) * half];
  const way = { entry: "in", exit: "out", both: "in and out" }[gate.way];
  return (
    <g class="gate">
      <line x1={px(gate.x_m - dx)} y1={py(gate.y_m - dy)} x2={px(gate.x_m + dx)} y2={py(gate.y_m + dy)} />
      <text x={px(gate.x_m)} y={py(gate.y_m)} dy="1.3em">
        {gate.id}: {way}
      </text>
    </g>
  );
}

/** The people, drawn as often as the screen can, or once a second for those who want no motion. */
function People({ you, unit }: { you: string | null; unit: number }) {
  const live = useLive();
  const redraw = useRedraw();
  useEffect(() => {
    if (reduced()) {
      const timer = setInterval(redraw, 1000);
      return () => clearInterval(timer);
    }
    let stopped = false;
    let before = 0;
    const frame = (now: number) => {
      if (stopped) return;
      if (now - before > 30) {
        before = now;
        redraw();
      }
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    return () => {
      stopped = true;
    };
  }, []);
  // While nothing is heard at all, everybody stays, grey, where they were last seen.
  const clock = live.motion.clock(performance.now());
  const heard = freshness(live.age(), live.open) === "live";
  const shown = live.motion.at(heard ? clock : Math.min(clock, live.motion.latest));
  return (
    <g class="people">
      {shown.map((person) => (
        <Body key={person.id} person={person} unit={unit} you={you !== null && person.visit === you} />
      ))}
    </g>
  );
}

/** One person: ring, number, tail, reaching hands. */
export function Body({ person, unit, you = false }: { person: Shown; unit: number; you?: boolean }) {
  const [x, y] = [px(person.x_m), py(person.y_m)];
  const third = Math.ceil(person.tail.length / 3);
  const parts = [0, 1, 2].map((k) => person.tail.slice(Math.max(0, k * third - 1), (k + 1) * third));
  const staff = person.role === "staff";
  const said = staff ? "S" : person.visit ? short(person.visit) : "–";
  const long = said.length > 2;
  return (
    <g class={`person v${staff ? 0 : slot(person.visit)}${you ? " you" : ""}`}>
      {parts.map((part, k) => part.length > 1 && <polyline key={k} class={`tail t${k}`} points={points(part)} />)}
      {person.hands
        .filter((hand) => Math.hypot(hand.x_m - person.x_m, hand.y_m - person.y_m) > HANGING_M)
        .map((hand, k) => (
          <g key={k} class="hand">
            <line x1={x} y1={y} x2={px(hand.x_m)} y2={py(hand.y_m)} />
            <circle cx={px(hand.x_m)} cy={py(hand.y_m)} r="2.5" />
          </g>
        ))}
      <g transform={`translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${unit.toFixed(2)})`}>
        {you && <circle class="halo" r="16" />}
        {staff ? <rect class="dot" x="-9" y="-9" width="18" height="18" /> : <circle class="dot" r={long ? 13 : 10.5} />}
        <text class={long ? "number long" : "number"} y={long ? 3 : 4}>
          {said}
        </text>
        {you && (
          <text class="say" y="-20">
            you
          </text>
        )}
      </g>
    </g>
  );
}

/** Facings whose weight just changed, with what the shop makes of it. */
function Pulses({ shop, box, unit }: { shop: Shop; box: View; unit: number }) {
  const live = useLive();
  const redraw = useRedraw();
  useEffect(() => {
    const timer = setInterval(redraw, 500);
    return () => clearInterval(timer);
  }, []);
  const now = performance.now();
  const fresh = live.live.events.filter((event) => {
    const at = live.fresh.get(event.id);
    return at !== undefined && now - at < PULSE_MS;
  });
  const rows = new Map<string, number>();
  return (
    <g class="pulses" aria-hidden="true">
      {fresh.map((event) => {
        const fixture = shop.fixtures.find((f) => f.id === event.fixture);
        if (!fixture) return null;
        const row = rows.get(fixture.id) ?? 0;
        rows.set(fixture.id, row + 1);
        return <Pulse key={event.id} event={event} fixture={fixture} row={row} box={box} unit={unit} />;
      })}
    </g>
  );
}

interface PulseProps {
  event: ShelfEvent;
  fixture: Fixture;
  row: number;
  box: View;
  unit: number;
}

/** Words for so many changes at one fixture; older ones keep their mark only. */
const MOST_WORDS = 3;

function Pulse({ event, fixture, row, box, unit }: PulseProps) {
  const [from, to] = span(fixture, event.shelf, event.plates);
  const best = event.candidates[0];
  const [x, y] = toStore(fixture, (from + to) / 2, fixture.depth_m + 0.1);
  const [fx, fy] = toStore(fixture, (from + to) / 2, 0);
  const behind = Math.sign(py(y) - py(fy)) || -1;
  const sideways = Math.abs(px(x) - px(fx)) > Math.abs(py(y) - py(fy));
  const share = (px(x) - box.left) / box.width;
  const anchor = sideways ? (share > 0.5 ? "end" : "start") : share > 0.62 ? "end" : share < 0.3 ? "start" : "middle";
  const beside = sideways ? px(share > 0.5 ? Math.max(x, fx) : Math.min(x, fx)) : px(x);
  const at = Math.min(box.left + box.width - 4, Math.max(box.left + 4, beside));
  const top = Math.min(...corners(fixture).map((corner) => py(corner[1])));
  const apart = row * 17 * unit;
  const wanted = sideways ? top - 7 * unit - apart : py(y) + (behind > 0 ? 10 * unit : 4 - 2 * unit) + behind * apart;
  const down = Math.max(box.top + 12 * unit, wanted);
  const unsure = !best || best.probability < SURE;
  return (
    <g class={`pulse v${slot(best?.visit ?? null)}${unsure ? " unsure" : ""}`}>
      <polygon points={points(corners(fixture, from, to))} />
      {row < MOST_WORDS && (
        <text x={at} y={down} text-anchor={anchor}>
          {eventWords(event)}
        </text>
      )}
    </g>
  );
}
