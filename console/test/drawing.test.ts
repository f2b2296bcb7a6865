import { expect, test } from "vitest";
import { path, range, relative, ticks } from "../src/curve";
import { cells } from "../src/elevation";
import { corners, points, span, toStore, view } from "../src/geometry";
import { COLOURS, slots } from "../src/marks";
import { GONE_MS, Motion } from "../src/motion";
import type { Facing, Fixture, Person, Shop } from "../src/types";

const fixture: Fixture = {
  id: "fridge",
  x_m: 5,
  y_m: 3.4,
  angle_deg: -90,
  width_m: 1,
  depth_m: 0.6,
  shelves: [{ id: 1, z_m: 0.2, plates: [1, 2, 3, 4].map((id) => ({ id, x_m: (id - 1) * 0.25, width_m: 0.25 })) }],
};
const facing = (gtin: string, plates: number[]): Facing => ({ fixture: "fridge", shelf: 1, plates, gtin, name: gtin, stock: 1 });
const person = (id: string, x_m: number, y_m = 0): Person => ({ id, visit: "v1", role: "shopper", x_m, y_m, z_m: 1.6, hands: [] });

test("a fixture turned to the wall stands where store.yaml says", () => {
  const [x, y] = toStore(fixture, 1, 0.6);
  expect([x, y].map((m) => Math.round(m * 1000) / 1000)).toEqual([5.6, 2.4]);
  expect(corners(fixture)).toHaveLength(4);
  expect(span(fixture, 1, [2, 3])).toEqual([0.25, 0.75]);
  expect(span(fixture, 9, [1])).toEqual([0, 1]);
});

test("all of the shop is in sight, y up", () => {
  const shop = { outline: [[0, 0], [5.6, 0], [5.6, 4.5], [0, 4.5]], fixtures: [fixture], gates: [], facings: [], cameras: [] } as unknown as Shop;
  const box = view(shop, 0.5);
  expect(box.left).toBeLessThanOrEqual(0);
  expect(box.top).toBeCloseTo(-500);
  expect(box.top + box.height).toBeGreaterThanOrEqual(0);
  expect(points([[1, 2]])).toBe("100.0,-200.0");
});

test("facings that share plates share their width; a facing on plates that are not there is left out", () => {
  const found = cells(fixture, fixture.shelves[0]!, [facing("a", [1, 2]), facing("b", [3]), facing("c", [3]), facing("d", [9])]);
  expect(found.map((c) => [c.facing.gtin, c.left, c.width])).toEqual([
    ["a", 0, 0.5],
    ["b", 0.5, 0.125],
    ["c", 0.625, 0.125],
  ]);
});

test("somebody between two reports is between two places", () => {
  const motion = new Motion();
  motion.push(1000, [person("p", 0)]);
  motion.push(1100, [person("p", 1)]);
  expect(motion.at(1050)[0]!.x_m).toBeCloseTo(0.5);
  expect(motion.at(1050)[0]!.tail).toHaveLength(2);
});

test("reports out of order are put in order, and nobody stays who has left", () => {
  const motion = new Motion();
  motion.push(1100, [person("p", 1)]);
  motion.push(1000, [person("p", 0)]);
  expect(motion.at(1050)[0]!.x_m).toBeCloseTo(0.5);
  motion.push(2500, [person("q", 3)]);
  expect(motion.at(2500).map((s) => s.id)).toEqual(["q"]);
  expect(motion.at(2500 + GONE_MS + 1)).toEqual([]);
});

test("reports that are late by seconds, or of another clock, are played as smoothly", () => {
  const motion = new Motion();
  for (let k = 0; k <= 20; k++) motion.push(7000 + k * 100, [person("p", k)], 500 + k * 100 + (k % 3) * 40);
  const shown = motion.at(motion.clock(2540))[0]!;
  expect(shown.x_m).toBeGreaterThan(16);
  expect(shown.x_m).toBeLessThan(18);
});

test("a late stream keeps people where they were last seen, for a while", () => {
  const motion = new Motion();
  motion.push(1000, [person("p", 0)]);
  expect(motion.at(1000 + GONE_MS - 1)).toHaveLength(1);
});

test("eight visits have eight colours, and keep them", () => {
  const first = slots(new Map(), ["v1", "v2", "v9", "v3", "v17", "v4", "v5", "v6"]);
  expect(new Set(first.values()).size).toBe(COLOURS);
  const next = slots(first, ["v2", "v9", "v3", "v17", "v4", "v5", "v6", "v20"]);
  for (const visit of ["v2", "v9", "v17"]) expect(next.get(visit)).toBe(first.get(visit));
  expect(next.get("v20")).toBe(first.get("v1"));
  expect(slots(next, ["v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10"]).size).toBe(10);
});

test("a curve is broken where nothing was read, and drawn from its level before", () => {
  const t = [0, 1e8, 2e8, 9e9];
  expect(path(t, [1, 2, null, 3], (x) => x / 1e8, (y) => y)).toBe("M0.0 1.0L1.0 2.0M90.0 3.0");
  expect(relative(t, [[10, null], [12, 7], [12, 7], [2, 7]], 2e8)).toEqual([[-2, null], [0, 0], [0, 0], [-10, 0]]);
  expect(range([[0, 1]], 20)).toEqual([-9.5, 10.5]);
  expect(ticks(0, 60e9, 600)).toEqual([0, 10e9, 20e9, 30e9, 40e9, 50e9, 60e9]);
});
