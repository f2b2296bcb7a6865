/** The store frame (metres, y into the shop) and how it lies on a drawing (100 units a metre, y down). */

import type { Fixture, Shop } from "./types";

export const UNIT = 100;

export interface View {
  left: number;
  top: number;
  width: number;
  height: number;
}

export function px(x_m: number): number {
  return x_m * UNIT;
}

export function py(y_m: number): number {
  return -y_m * UNIT;
}

/** A point of a fixture's own frame (x along the front, y into it) in the store frame. */
export function toStore(fixture: Fixture, x_m: number, y_m: number): [number, number] {
  const turn = (fixture.angle_deg * Math.PI) / 180;
  const c = Math.cos(turn);
  const s = Math.sin(turn);
  return [fixture.x_m + c * x_m - s * y_m, fixture.y_m + s * x_m + c * y_m];
}

export function corners(fixture: Fixture, from_m = 0, to_m = fixture.width_m): [number, number][] {
  return [
    toStore(fixture, from_m, 0),
    toStore(fixture, to_m, 0),
    toStore(fixture, to_m, fixture.depth_m),
    toStore(fixture, from_m, fixture.depth_m),
  ];
}

export function points(list: readonly [number, number][]): string {
  return list.map(([x, y]) => `${px(x).toFixed(1)},${py(y).toFixed(1)}`).join(" ");
}

const EDGE_M = 0.03;

/** What has to be in sight: the floor, all fixtures and gates, and room for words above. */
export function view(shop: Shop, above_m = 0.64): View {
  const all: [number, number][] = [...shop.outline, ...shop.fixtures.flatMap((f) => corners(f))];
  for (const gate of shop.gates) all.push([gate.x_m, gate.y_m]);
  if (!all.length) all.push([0, 0], [4, 3]);
  const xs = all.map(([x]) => x);
  const ys = all.map(([, y]) => y);
  const left = Math.min(...xs) - EDGE_M;
  const right = Math.max(...xs) + EDGE_M;
  const low = Math.min(...ys) - EDGE_M;
  const high = Math.max(...ys) + above_m;
  return { left: px(left), top: py(high), width: px(right - left), height: px(high - low) };
}

/** From where to where along a fixture's front some plates of a shelf run, metres. */
export function span(fixture: Fixture, shelf: number, plates: readonly number[]): [number, number] {
  const found = fixture.shelves.find((s) => s.id === shelf)?.plates.filter((p) => plates.includes(p.id)) ?? [];
  if (!found.length) return [0, fixture.width_m];
  return [Math.min(...found.map((p) => p.x_m)), Math.max(...found.map((p) => p.x_m + p.width_m))];
}
