/** The picture with its boxes: drawn over the clip, and drawn, moved and sized by mouse, pen or finger.

A pointer is followed only from its press to its release; nothing of how it moves is kept or told. */

import { useRef } from "preact/hooks";
import { add, between, type Box, boxAt, boxWords, choose, here, type Mark, type Marking, set, setJoint, type What, WRISTS } from "./marking";

interface SheetProps {
  state: Marking;
  /** What a box is that is drawn anew. */
  what: What;
  bare: boolean;
  change: (next: (state: Marking) => Marking) => void;
}

type Drag =
  | { how: "new"; from: [number, number]; at: number | null }
  | { how: "move"; at: number; by: [number, number] }
  | { how: "size"; at: number; from: [number, number] }
  | { how: "joint"; at: number; name: string };

const corners = (one: Box): [number, number][] => [
  [one.x_px, one.y_px],
  [one.x_px + one.width_px, one.y_px],
  [one.x_px, one.y_px + one.height_px],
  [one.x_px + one.width_px, one.y_px + one.height_px],
];

export function Sheet({ state, what, bare, change }: SheetProps) {
  const drag = useRef<Drag | null>(null);
  const count = useRef(0);
  const { width_px: w, height_px: h } = state.size;
  // Clips are of many sizes and are shown as large as there is room: what is drawn goes with the picture.
  const unit = w / 42;
  const boxes = here(state);
  const chosen = state.chosen?.kind === "box" ? state.chosen.at : -1;
  const joint = state.chosen?.kind === "box" ? state.chosen.joint : undefined;
  const place = (event: PointerEvent): [number, number] => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * w, ((event.clientY - box.top) / box.height) * h];
  };
  const near = (a: readonly [number, number, ...unknown[]], b: [number, number]) => Math.hypot(a[0] - b[0], a[1] - b[1]) <= unit;
  const press = (event: PointerEvent) => {
    if (event.button !== 0) return;
    event.preventDefault();
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    count.current += 1;
    const at = place(event);
    const mark = state.marks[chosen];
    const corner = mark && boxes.includes(chosen) ? corners(mark).findIndex((one) => near(one, at)) : -1;
    if (mark && corner >= 0) {
      drag.current = { how: "size", at: chosen, from: corners(mark)[3 - corner]! };
      return;
    }
    for (const k of boxes) {
      const name = WRISTS.find((one) => state.marks[k]!.joints[one] && near(state.marks[k]!.joints[one]!, at));
      if (name) {
        drag.current = { how: "joint", at: k, name };
        change((old) => choose(old, { kind: "box", at: k, joint: name }));
        return;
      }
    }
    const hit = boxAt(state, ...at);
    drag.current = hit === null ? { how: "new", from: at, at: null } : { how: "move", at: hit, by: [at[0] - state.marks[hit]!.x_px, at[1] - state.marks[hit]!.y_px] };
    change((old) => choose(old, hit === null ? null : { kind: "box", at: hit }));
  };
  const pull = (event: PointerEvent) => {
    const now = drag.current;
    if (!now) return;
    const at = place(event);
    const group = `drag/${count.current}`;
    if (now.how === "joint") return change((old) => setJoint(old, now.at, now.name, at[0], at[1], group));
    if (now.how === "size") return change((old) => set(old, now.at, between(now.from, at), group));
    if (now.how === "move") {
      return change((old) => set(old, now.at, { ...(old.marks[now.at] as Mark), x_px: at[0] - now.by[0], y_px: at[1] - now.by[1] }, group));
    }
    if (now.at !== null) return change((old) => set(old, now.at!, between(now.from, at), group));
    if (Math.hypot(at[0] - now.from[0], at[1] - now.from[1]) < 4) return;
    now.at = state.marks.length;
    change((old) => ({ ...add(old, what, between(now.from, at)), group }));
  };
  const release = () => {
    drag.current = null;
    change((old) => ({ ...old, group: "" }));
  };
  return (
    <svg
      class="sheet"
      viewBox={`0 0 ${w} ${h}`}
      role="img"
      aria-label={`Picture ${state.picture + 1} of ${state.size.pictures}, ${boxes.length} ${boxes.length === 1 ? "box" : "boxes"}`}
      onPointerDown={press}
      onPointerMove={pull}
      onPointerUp={release}
      onPointerCancel={release}
    >
      {!bare &&
        boxes.map((at) => {
          const one = state.marks[at]!;
          const on = at === chosen;
          const box = { x: one.x_px, y: one.y_px, width: one.width_px, height: one.height_px };
          return (
            <g key={at} class={`box${on ? " on" : ""}${one.by === "model" ? " draft" : ""}`}>
              <rect class="halo" {...box} />
              <rect class="line" {...box} />
              <text x={one.x_px} y={one.y_px > 1.6 * unit ? one.y_px - 0.5 * unit : one.y_px + one.height_px + 1.2 * unit} font-size={unit} stroke-width={unit / 3}>
                {boxWords(one)}
              </text>
              {Object.entries(one.joints).map(([name, [x, y, seen]]) => {
                const mine = (WRISTS as readonly string[]).includes(name);
                return <circle key={name} class={`joint${seen === 1 ? " hidden" : ""}${mine ? " wrist" : ""}${on && joint === name ? " on" : ""}`} cx={x} cy={y} r={mine ? 0.5 * unit : 0.25 * unit} />;
              })}
              {on && joint === undefined && corners(one).map(([x, y], n) => <rect key={n} class="handle" x={x - 0.35 * unit} y={y - 0.35 * unit} width={0.7 * unit} height={0.7 * unit} />)}
            </g>
          );
        })}
    </svg>
  );
}
