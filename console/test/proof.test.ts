import { describe, expect, it } from "vitest";
import { continued, hex, included, leaf, node, unhex } from "../src/proof";

const SIZES = 13;

/** The largest power of two below a size. */
const split = (n: number) => 2 ** Math.floor(Math.log2(n - 1));

async function root(leaves: Uint8Array[]): Promise<Uint8Array> {
  if (leaves.length === 1) return leaves[0]!;
  const k = split(leaves.length);
  return node(await root(leaves.slice(0, k)), await root(leaves.slice(k)));
}

/** RFC 6962, 2.1.1. */
async function path(at: number, leaves: Uint8Array[]): Promise<string[]> {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return at < k ? [...(await path(at, leaves.slice(0, k))), hex(await root(leaves.slice(k)))] : [...(await path(at - k, leaves.slice(k))), hex(await root(leaves.slice(0, k)))];
}

/** RFC 6962, 2.1.2. */
async function subproof(m: number, leaves: Uint8Array[], whole: boolean): Promise<string[]> {
  if (m === leaves.length) return whole ? [] : [hex(await root(leaves))];
  const k = split(leaves.length);
  return m <= k ? [...(await subproof(m, leaves.slice(0, k), whole)), hex(await root(leaves.slice(k)))] : [...(await subproof(m - k, leaves.slice(k), false)), hex(await root(leaves.slice(0, k)))];
}

const flipped = (one: string) => hex(unhex(one).map((byte, k) => (k === 3 ? byte ^ 1 : byte)));

describe("the proofs of RFC 6962", () => {
  const lines = Array.from({ length: SIZES }, (_, k) => `entry ${k}`);

  it("hold for every entry of every log, and for no other place or line", async () => {
    const leaves = await Promise.all(lines.map(leaf));
    for (let size = 1; size <= SIZES; size++) {
      const top = hex(await root(leaves.slice(0, size)));
      for (let at = 0; at < size; at++) {
        const steps = await path(at, leaves.slice(0, size));
        expect(await included(lines[at]!, at, size, steps, top)).toBe(true);
        expect(await included("another line", at, size, steps, top)).toBe(false);
        if (size > 1) expect(await included(lines[at]!, (at + 1) % size, size, steps, top)).toBe(false);
        if (steps.length) expect(await included(lines[at]!, at, size, [flipped(steps[0]!), ...steps.slice(1)], top)).toBe(false);
      }
    }
  });

  it("say of every log that it continues each earlier one, and of none that was rewritten", async () => {
    const leaves = await Promise.all(lines.map(leaf));
    for (let size = 1; size <= SIZES; size++) {
      const top = hex(await root(leaves.slice(0, size)));
      for (let first = 1; first <= size; first++) {
        const steps = await subproof(first, leaves.slice(0, size), true);
        const before = hex(await root(leaves.slice(0, first)));
        expect(await continued(first, size, before, top, steps)).toBe(true);
        expect(await continued(first, size, flipped(before), top, steps)).toBe(false);
        expect(await continued(first, size, before, flipped(top), steps)).toBe(false);
        for (let k = 0; k < steps.length; k++) {
          const bad = steps.map((one, n) => (n === k ? flipped(one) : one));
          expect(await continued(first, size, before, top, bad)).toBe(false);
        }
        expect(await continued(first, size, before, top, [...steps, before])).toBe(false);
      }
    }
  });

  it("say nothing of a log that is none", async () => {
    expect(await continued(0, 4, "", "", [])).toBe(false);
    expect(await continued(5, 4, "", "", [])).toBe(false);
    expect(await included("a", 4, 4, [], "")).toBe(false);
  });
});
