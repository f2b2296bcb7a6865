import { expect, test } from "vitest";
import { add, begin, between, boxAt, carry, choose, fill, go, goods, here, inside, label, type Mark, move, moments, nextBox, redo, remove, seen, size, span, undo, wrist } from "../src/marking";

const SIZE = { width_px: 100, height_px: 80, pictures: 20 };
const model = (picture: number, x_px: number, more: Partial<Mark> = {}): Mark => ({ picture, what: "hand", x_px, y_px: 10, width_px: 20, height_px: 20, track: 0, gtin: "", by: "model", joints: {}, ...more });
const empty = () => begin(SIZE, [], []);

test("a box stays inside its picture, whatever is done to it", () => {
  let random = 7;
  const next = () => (random = (random * 48271) % 2147483647) / 2147483647;
  for (let n = 0; n < 2000; n++) {
    const box = inside({ x_px: next() * 300 - 100, y_px: next() * 300 - 100, width_px: next() * 200 - 50, height_px: next() * 200 - 50 }, SIZE);
    expect(box.x_px).toBeGreaterThanOrEqual(0);
    expect(box.y_px).toBeGreaterThanOrEqual(0);
    expect(box.width_px).toBeGreaterThan(0);
    expect(box.x_px + box.width_px).toBeLessThanOrEqual(100 + 1e-6);
    expect(box.y_px + box.height_px).toBeLessThanOrEqual(80 + 1e-6);
  }
  let state = add(empty(), "hand");
  for (let n = 0; n < 60; n++) state = size(move(state, 9, 9), 9, 9);
  const last = state.marks[0]!;
  expect([last.x_px + last.width_px, last.y_px + last.height_px]).toEqual([100, 80]);
  expect(between([9, 2], [3, 8])).toEqual({ x_px: 3, y_px: 2, width_px: 6, height_px: 6 });
});

test("every change can be taken back and done again, and held arrows are one step", () => {
  let state = begin(SIZE, [model(0, 10), model(0, 50)], []);
  const first = state.marks;
  state = nextBox(state, 1);
  for (let n = 0; n < 5; n++) state = move(state, 1, 0);
  expect(state.marks[0]!.x_px).toBe(15);
  expect(state.marks[0]!.by).toBe("person");
  state = label(state, 1);
  state = remove(nextBox(state, 1));
  expect(state.marks.length).toBe(1);
  const end = state.marks;
  for (const many of [2, 2, 2]) state = undo({ ...state, note: String(many) });
  expect(state.marks).toEqual(first);
  expect(undo(state).note).toBe("There is nothing to take back.");
  for (let n = 0; n < 3; n++) state = redo(state);
  expect(state.marks).toEqual(end);
});

test("next and previous go through the boxes of one picture and no other", () => {
  let state = begin(SIZE, [model(0, 50), model(1, 0), model(0, 10)], []);
  expect(here(state)).toEqual([2, 0]);
  state = nextBox(state, 1);
  expect(state.chosen).toEqual({ kind: "box", at: 2 });
  state = nextBox(nextBox(state, 1), 1);
  expect(state.chosen).toEqual({ kind: "box", at: 2 });
  expect(nextBox(go(state, 5), 1).note).toBe("No box in this picture.");
  expect(boxAt(state, 12, 12)).toBe(2);
  expect(boxAt(state, 0, 79)).toBeNull();
});

test("a box is brought into a later picture and the ones between are filled in evenly", () => {
  let state = choose(begin(SIZE, [model(0, 10)], []), { kind: "box", at: 0 });
  state = carry(go(state, 4));
  expect(state.marks[0]!.track).toBe(state.marks[1]!.track);
  state = fill(move(state, 40, 20));
  const xs = [...state.marks].sort((a, b) => a.picture - b.picture).map((one) => [one.picture, one.x_px, one.y_px, one.by]);
  expect(xs).toEqual([[0, 10, 10, "model"], [1, 20, 15, "person"], [2, 30, 20, "person"], [3, 40, 25, "person"], [4, 50, 30, "person"]]);
  expect(fill(state).note).toContain("nothing to fill");
  // The thing stays chosen from picture to picture.
  expect(go(state, 2).marks[(go(state, 2).chosen as { at: number }).at]!.picture).toBe(2);
  expect(carry(go(state, 2)).marks.length).toBe(5);
});

test("wrists are a person's; they are seen or hidden, and go alone", () => {
  let state = add(empty(), "person");
  expect(wrist(add(empty(), "hand")).note).toContain("person");
  state = wrist(state);
  expect(state.marks[0]!.joints).toEqual({ l_wrist: [50, 40, 2] });
  state = seen(move(state, 3, 0));
  expect(state.marks[0]!.joints.l_wrist).toEqual([53, 40, 1]);
  state = wrist(state);
  expect(Object.keys(state.marks[0]!.joints)).toEqual(["l_wrist", "r_wrist"]);
  expect(remove(state).marks[0]!.joints).toEqual({ l_wrist: [53, 40, 1] });
  expect(label(state, 0).marks[0]!.joints).toEqual({});
});

test("a span has two ends, in any order, takes the product of the hand, and arrows move it picture by picture", () => {
  let state = goods(add(go(empty(), 9), "hand"), "00123");
  state = span(go(span(state), 4));
  expect(state.spans).toEqual([{ first: 4, last: 9, happens: "take", gtin: "00123", track: 1, by: "person" }]);
  state = label(size(move(state, 1, 0), 8, 0), 3);
  expect(state.spans[0]).toMatchObject({ first: 5, last: 11, happens: "hand-over" });
  expect(moments(state)).toEqual([5, 9, 11]);
  for (let n = 0; n < 40; n++) state = move(state, 1, 0);
  expect(state.spans[0]).toMatchObject({ first: 19, last: 19 });
  expect(remove(state).spans).toEqual([]);
});
