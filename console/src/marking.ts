/** The marks of one clip in somebody's hands: boxes, wrists, spans, what is chosen, and each step back. Pure.

Coordinates are pixels of the clip; pictures count from 0. A box that is the same thing in several pictures has the
same track there. */

export type What = "hand" | "product" | "person";
export const WHATS: readonly What[] = ["hand", "product", "person"];
export const HAPPENS = ["take", "return", "touch", "hand-over", "move"] as const;
export type Happens = (typeof HAPPENS)[number];
export const WRISTS = ["l_wrist", "r_wrist"] as const;
export type By = "model" | "person";

/** Where a joint is, and 2 where it is seen, 1 where it must be hidden. */
export type Joint = [x_px: number, y_px: number, visible: 1 | 2];

export interface Mark {
  picture: number;
  what: What;
  x_px: number;
  y_px: number;
  width_px: number;
  height_px: number;
  track: number;
  gtin: string;
  by: By;
  joints: Record<string, Joint>;
}

export interface Span {
  first: number;
  last: number;
  happens: Happens;
  gtin: string;
  track: number;
  by: By;
}

export interface Size {
  width_px: number;
  height_px: number;
  pictures: number;
}

export type Chosen = { kind: "box"; at: number; joint?: string } | { kind: "span"; at: number } | null;

interface Work {
  marks: readonly Mark[];
  spans: readonly Span[];
  picture: number;
  chosen: Chosen;
}

export interface Marking extends Work {
  size: Size;
  /** The box that was chosen last, wherever it is: what C brings here. */
  last: number | null;
  /** Where a span was begun that is not ended yet. */
  begun: number | null;
  past: readonly Work[];
  ahead: readonly Work[];
  /** What kind of small change the last one was: the same again is the same step back. */
  group: string;
  /** What just happened, in words; "" where there is nothing to say. */
  note: string;
}

export type Box = Pick<Mark, "x_px" | "y_px" | "width_px" | "height_px">;
const LEAST_PX = 3;

export function begin(size: Size, marks: readonly Mark[], spans: readonly Span[]): Marking {
  return { size, marks, spans, picture: 0, chosen: null, last: null, begun: null, past: [], ahead: [], group: "", note: "" };
}

/** The boxes of the picture that is shown, by their place in all marks, from the top left. */
export function here(state: Marking): number[] {
  const found = state.marks.flatMap((mark, at) => (mark.picture === state.picture ? [at] : []));
  return found.sort((a, b) => state.marks[a]!.y_px - state.marks[b]!.y_px || state.marks[a]!.x_px - state.marks[b]!.x_px || a - b);
}

export function chosenBox(state: Marking): Mark | null {
  return state.chosen?.kind === "box" ? (state.marks[state.chosen.at] ?? null) : null;
}

export function chosenSpan(state: Marking): Span | null {
  return state.chosen?.kind === "span" ? (state.spans[state.chosen.at] ?? null) : null;
}

/** Another picture is shown; what was chosen stays so where it is in that picture too. */
export function go(state: Marking, picture: number): Marking {
  const to = Math.min(state.size.pictures - 1, Math.max(0, picture));
  if (to === state.picture) return state;
  const old = state.chosen?.kind === "box" ? state.marks[state.chosen.at] : state.last === null ? undefined : state.marks[state.last];
  const same = old && old.track > 0 ? state.marks.findIndex((one) => one.picture === to && one.track === old.track && one.what === old.what) : -1;
  const chosen: Chosen = state.chosen?.kind === "span" ? state.chosen : same < 0 ? null : { kind: "box", at: same };
  return { ...state, picture: to, chosen, last: same < 0 ? state.last : same, group: "", note: "" };
}

export function choose(state: Marking, chosen: Chosen): Marking {
  const note = chosen === null ? "" : chosen.kind === "span" ? spanWords(state.spans[chosen.at]!) : boxWords(state.marks[chosen.at]!);
  return { ...state, chosen, last: chosen?.kind === "box" ? chosen.at : state.last, group: "", note };
}

/** The next box of this picture, or the one before; round and round. */
export function nextBox(state: Marking, way: 1 | -1): Marking {
  const boxes = here(state);
  if (!boxes.length) return { ...state, note: "No box in this picture." };
  const now = state.chosen?.kind === "box" ? boxes.indexOf(state.chosen.at) : -1;
  const to = now < 0 ? (way > 0 ? 0 : boxes.length - 1) : (now + way + boxes.length) % boxes.length;
  return choose(state, { kind: "box", at: boxes[to]! });
}

export function nextSpan(state: Marking): Marking {
  if (!state.spans.length) return { ...state, note: "No span yet: M begins one." };
  const now = state.chosen?.kind === "span" ? state.chosen.at : -1;
  return choose(state, { kind: "span", at: (now + 1) % state.spans.length });
}

/** A change that can be taken back; several of the same group, one after another, are one. */
function changed(state: Marking, next: Partial<Work>, note: string, group = ""): Marking {
  const { marks, spans, picture, chosen } = state;
  const past = group && group === state.group ? state.past : [...state.past, { marks, spans, picture, chosen }].slice(-200);
  const done = { ...state, ...next, past, ahead: [], group, note };
  return done.chosen?.kind === "box" ? { ...done, last: done.chosen.at } : done;
}

export function undo(state: Marking): Marking {
  return restored(state, "past", "ahead", "Taken back.", "There is nothing to take back.");
}

export function redo(state: Marking): Marking {
  return restored(state, "ahead", "past", "Done again.", "There is nothing to do again.");
}

function restored(state: Marking, from: "past" | "ahead", to: "past" | "ahead", done: string, none: string): Marking {
  const found = state[from][state[from].length - 1];
  if (!found) return { ...state, note: none };
  const { marks, spans, picture, chosen } = state;
  const last = found.chosen?.kind === "box" ? found.chosen.at : null;
  return { ...state, ...found, last, begun: null, [from]: state[from].slice(0, -1), [to]: [...state[to], { marks, spans, picture, chosen }], group: "", note: done };
}

const tenth = (px: number) => Math.round(px * 10) / 10;

/** A box inside the picture, at least a few pixels large. */
export function inside(box: Box, size: Size): Box {
  const width_px = Math.min(size.width_px, Math.max(LEAST_PX, box.width_px));
  const height_px = Math.min(size.height_px, Math.max(LEAST_PX, box.height_px));
  const x_px = Math.min(size.width_px - width_px, Math.max(0, box.x_px));
  const y_px = Math.min(size.height_px - height_px, Math.max(0, box.y_px));
  return { x_px: tenth(x_px), y_px: tenth(y_px), width_px: tenth(width_px), height_px: tenth(height_px) };
}

/** The box between two corners, whichever they are. */
export function between(a: [number, number], b: [number, number]): Box {
  return { x_px: Math.min(a[0], b[0]), y_px: Math.min(a[1], b[1]), width_px: Math.abs(a[0] - b[0]), height_px: Math.abs(a[1] - b[1]) };
}

const free = (state: Marking) => Math.max(0, ...state.marks.map((mark) => mark.track)) + 1;

/** A new box: where it was drawn, else beside the one that is chosen, else in the middle. */
export function add(state: Marking, what: What, at?: Box): Marking {
  const { width_px: w, height_px: h } = state.size;
  const like = chosenBox(state);
  const side = Math.max(LEAST_PX, Math.round(Math.min(w, h) / 5));
  const box = at ?? (like ? { ...boxOf(like), x_px: like.x_px + 8, y_px: like.y_px + 8 } : { x_px: (w - side) / 2, y_px: (h - side) / 2, width_px: side, height_px: side });
  const made: Mark = { picture: state.picture, what, ...inside(box, state.size), track: free(state), gtin: "", by: "person", joints: {} };
  return changed(state, { marks: [...state.marks, made], chosen: { kind: "box", at: state.marks.length } }, `A ${what} was added.`);
}

const boxOf = ({ x_px, y_px, width_px, height_px }: Box): Box => ({ x_px, y_px, width_px, height_px });

function rebox(state: Marking, at: number, next: Partial<Mark>, note: string, group = ""): Marking {
  const marks = state.marks.map((mark, k) => (k === at ? { ...mark, ...next, by: "person" as const } : mark));
  return changed(state, { marks, chosen: { kind: "box", at, ...(state.chosen?.kind === "box" && state.chosen.joint ? { joint: state.chosen.joint } : {}) } }, note, group);
}

/** A box is set anew, as by a mouse that drags it. */
export function set(state: Marking, at: number, box: Box, group: string): Marking {
  return rebox(state, at, inside(box, state.size), "", group);
}

/** Move what is chosen: a box or a wrist by pixels; a span by pictures, to the side. */
export function move(state: Marking, dx: number, dy: number): Marking {
  const { chosen, size } = state;
  if (chosen?.kind === "span") return respan(state, chosen.at, dx, dx);
  if (chosen === null) return { ...state, note: "Nothing is chosen: J chooses a box, A adds one." };
  const mark = state.marks[chosen.at]!;
  const joint = chosen.joint === undefined ? undefined : mark.joints[chosen.joint];
  if (chosen.joint !== undefined && joint) return setJoint(state, chosen.at, chosen.joint, joint[0] + dx, joint[1] + dy, `move/${chosen.at}/${chosen.joint}`);
  return rebox(state, chosen.at, inside({ ...boxOf(mark), x_px: mark.x_px + dx, y_px: mark.y_px + dy }, size), "", `move/${chosen.at}`);
}

/** Make what is chosen larger or smaller at its right and lower edge; of a span, its end. */
export function size(state: Marking, dw: number, dh: number): Marking {
  const { chosen } = state;
  if (chosen?.kind === "span") return respan(state, chosen.at, 0, dw);
  if (chosen === null) return { ...state, note: "Nothing is chosen: J chooses a box, A adds one." };
  const mark = state.marks[chosen.at]!;
  const width_px = Math.min(state.size.width_px - mark.x_px, mark.width_px + dw);
  const height_px = Math.min(state.size.height_px - mark.y_px, mark.height_px + dh);
  return rebox(state, chosen.at, inside({ ...boxOf(mark), width_px, height_px }, state.size), "", `size/${chosen.at}`);
}

function respan(state: Marking, at: number, dFirst: number, dLast: number): Marking {
  const end = state.size.pictures - 1;
  const old = state.spans[at]!;
  const step = (frame: number, by: number) => Math.min(end, Math.max(0, frame + Math.sign(by)));
  const first = step(old.first, dFirst);
  const last = Math.max(first, step(old.last, dLast));
  const spans = state.spans.map((one, k) => (k === at ? { ...one, first, last, by: "person" as const } : one));
  return changed(state, { spans }, `Pictures ${first + 1} to ${last + 1}.`, `span/${at}`);
}

/** What the chosen box shows, or what happens in the chosen span. */
export function label(state: Marking, n: number): Marking {
  const { chosen } = state;
  if (chosen?.kind === "span") {
    const happens = HAPPENS[n];
    if (!happens) return state;
    const spans = state.spans.map((one, k) => (k === chosen.at ? { ...one, happens, by: "person" as const } : one));
    return changed(state, { spans }, `It is a ${happens}.`);
  }
  const what = WHATS[n];
  if (!what) return state;
  if (chosen === null) return add(state, what);
  return rebox(state, chosen.at, what === "person" ? { what } : { what, joints: {} }, `It is a ${what}.`);
}

/** Which product: of a product, of what a hand holds, of what is taken. "": not said. */
export function goods(state: Marking, gtin: string): Marking {
  const { chosen } = state;
  if (chosen === null) return state;
  if (chosen.kind === "box") return rebox(state, chosen.at, { gtin }, gtin ? "The product is noted." : "No product.");
  const spans = state.spans.map((one, k) => (k === chosen.at ? { ...one, gtin, by: "person" as const } : one));
  return changed(state, { spans }, gtin ? "The product is noted." : "No product.");
}

/** What is chosen goes: a wrist, a box, a span. */
export function remove(state: Marking): Marking {
  const { chosen } = state;
  if (chosen === null) return { ...state, note: "Nothing is chosen." };
  if (chosen.kind === "span") return changed(state, { spans: state.spans.filter((_, k) => k !== chosen.at), chosen: null }, "The span is deleted.");
  if (chosen.joint !== undefined) {
    const { [chosen.joint]: _, ...joints } = state.marks[chosen.at]!.joints;
    return { ...rebox({ ...state, chosen: { kind: "box", at: chosen.at } }, chosen.at, { joints }, "The wrist is deleted.") };
  }
  const what = state.marks[chosen.at]!.what;
  return { ...changed(state, { marks: state.marks.filter((_, k) => k !== chosen.at), chosen: null }, `The ${what} is deleted.`), last: null };
}

/** The box that was chosen last is brought into this picture, as the same thing; what is here of it already is chosen. */
export function carry(state: Marking): Marking {
  const from = chosenBox(state) ? (state.chosen as { at: number }).at : state.last;
  const old = from === null ? undefined : state.marks[from];
  if (from === null || !old) return { ...state, note: "Choose a box first; then C brings it into other pictures." };
  if (old.picture === state.picture) return { ...state, note: "It is in this picture: go on with . and press C there." };
  const track = old.track || free(state);
  const same = state.marks.findIndex((one) => one.picture === state.picture && one.track === track && one.what === old.what);
  if (same >= 0) return choose(state, { kind: "box", at: same });
  const marks = state.marks.map((mark, k) => (k === from ? { ...mark, track } : mark));
  const copy: Mark = { ...old, picture: state.picture, track, by: "person" };
  return changed(state, { marks: [...marks, copy], chosen: { kind: "box", at: marks.length } }, `The ${old.what} is in this picture too.`);
}

/** Between the chosen box and the nearest one of the same thing, before it or after it, the pictures are filled in evenly. */
export function fill(state: Marking): Marking {
  const mark = chosenBox(state);
  if (!mark) return { ...state, note: "Choose a box first." };
  const same = mark.track ? state.marks.filter((one) => one.track === mark.track && one.what === mark.what && one.picture !== mark.picture) : [];
  const before = same.filter((one) => one.picture < mark.picture).sort((a, b) => b.picture - a.picture)[0];
  const after = same.filter((one) => one.picture > mark.picture).sort((a, b) => a.picture - b.picture)[0];
  const other = before && mark.picture - before.picture > 1 ? before : after && after.picture - mark.picture > 1 ? after : undefined;
  if (!other) return { ...state, note: "There is nothing to fill: bring the box into a later picture with C first." };
  const [a, b] = other.picture < mark.picture ? [other, mark] : [mark, other];
  const made = Array.from({ length: b.picture - a.picture - 1 }, (_, k) => {
    const share = (k + 1) / (b.picture - a.picture);
    const mid = (x: number, y: number) => x + (y - x) * share;
    const box = { x_px: mid(a.x_px, b.x_px), y_px: mid(a.y_px, b.y_px), width_px: mid(a.width_px, b.width_px), height_px: mid(a.height_px, b.height_px) };
    const joints: Record<string, Joint> = {};
    for (const [name, at] of Object.entries(a.joints)) {
      const to = b.joints[name];
      if (to) joints[name] = [tenth(mid(at[0], to[0])), tenth(mid(at[1], to[1])), at[2] === 2 && to[2] === 2 ? 2 : 1];
    }
    return { ...a, ...inside(box, state.size), picture: a.picture + k + 1, joints, by: "person" as const };
  });
  return changed(state, { marks: [...state.marks, ...made] }, `${made.length === 1 ? "One picture is" : `${made.length} pictures are`} filled in.`);
}

export function setJoint(state: Marking, at: number, name: string, x: number, y: number, group = ""): Marking {
  const mark = state.marks[at]!;
  const place: Joint = [tenth(Math.min(state.size.width_px, Math.max(0, x))), tenth(Math.min(state.size.height_px, Math.max(0, y))), mark.joints[name]?.[2] ?? 2];
  return rebox({ ...state, chosen: { kind: "box", at, joint: name } }, at, { joints: { ...mark.joints, [name]: place } }, "", group);
}

/** The next wrist of the chosen person, which is put into the middle where it was not marked; after both, the box. */
export function wrist(state: Marking): Marking {
  const mark = chosenBox(state);
  if (!mark || mark.what !== "person" || state.chosen?.kind !== "box") return { ...state, note: "Wrists are a person's: choose a person's box first." };
  const { at, joint } = state.chosen;
  const next = WRISTS[joint === undefined ? 0 : WRISTS.indexOf(joint as (typeof WRISTS)[number]) + 1];
  if (next === undefined) return choose(state, { kind: "box", at });
  const words = next === "l_wrist" ? "Left wrist." : "Right wrist.";
  if (mark.joints[next]) return { ...state, chosen: { kind: "box", at, joint: next }, group: "", note: words };
  return { ...setJoint(state, at, next, mark.x_px + mark.width_px / 2, mark.y_px + mark.height_px / 2), note: words };
}

/** A wrist is seen, or it is hidden and must be there. */
export function seen(state: Marking): Marking {
  const mark = chosenBox(state);
  const joint = state.chosen?.kind === "box" ? state.chosen.joint : undefined;
  const old = joint === undefined ? undefined : mark?.joints[joint];
  if (!mark || joint === undefined || !old || state.chosen?.kind !== "box") return { ...state, note: "Only a wrist is seen or hidden: W chooses one." };
  const visible = old[2] === 2 ? 1 : 2;
  return rebox(state, state.chosen.at, { joints: { ...mark.joints, [joint]: [old[0], old[1], visible] } }, visible === 2 ? "It is seen." : "It is hidden.");
}

/** A span begins at this picture; said again, in the same picture or another one, it ends there. */
export function span(state: Marking): Marking {
  if (state.begun === null) return { ...state, begun: state.picture, note: `A span begins at picture ${state.picture + 1}. Go to its end and press M again.` };
  const [first, last] = [Math.min(state.begun, state.picture), Math.max(state.begun, state.picture)];
  const hand = chosenBox(state) ?? (state.last === null ? undefined : state.marks[state.last]);
  const made: Span = { first, last, happens: "take", gtin: hand?.gtin ?? "", track: hand?.what === "hand" ? hand.track : 0, by: "person" };
  const done = changed(state, { spans: [...state.spans, made], chosen: { kind: "span", at: state.spans.length } }, `A take, pictures ${first + 1} to ${last + 1}. 1 to 5 say what it is.`);
  return { ...done, begun: null };
}

/** Every picture that has a box, or where a span begins or ends: where one jumps to. */
export function moments(state: Work): number[] {
  const found = [...state.marks.map((mark) => mark.picture), ...state.spans.flatMap((one) => [one.first, one.last])];
  return [...new Set(found)].sort((a, b) => a - b);
}

/** How a chosen thing is called. */
export function boxWords(mark: Mark): string {
  return `${mark.what}${mark.track ? ` ${mark.track}` : ""}${mark.by === "model" ? ", by software" : ""}`;
}

export function spanWords(one: Span): string {
  return `${one.happens}, pictures ${one.first + 1} to ${one.last + 1}${one.by === "model" ? ", by software" : ""}`;
}

/** Which box lies at a place: the one that is chosen, else the smallest. */
export function boxAt(state: Marking, x: number, y: number): number | null {
  const hit = here(state).filter((at) => {
    const one = state.marks[at]!;
    return x >= one.x_px && x <= one.x_px + one.width_px && y >= one.y_px && y <= one.y_px + one.height_px;
  });
  const now = state.chosen?.kind === "box" ? state.chosen.at : -1;
  if (hit.includes(now)) return now;
  const area = (at: number) => state.marks[at]!.width_px * state.marks[at]!.height_px;
  return hit.sort((a, b) => area(a) - area(b))[0] ?? null;
}
