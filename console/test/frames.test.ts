import { expect, test } from "vitest";
import { astray, begins, type Clip, covers, finest, frameAt, jumped, lasts, middle, seekTime, shownFrame, stepped } from "../src/frames";

/** Numbers from 0 to 1 that come the same way every time (mulberry32). */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const RATES = [5, 10, 12.5, 15, 24000 / 1001, 25, 30000 / 1001, 30, 50, 60000 / 1001, 60, 120];

/** A clip with even frames, or with some that were lost or came late: whole milliseconds, as the vault's are. */
function anyClip(of: () => number): Clip {
  const clip = { start_s: of() * 4 - 1, rate: RATES[Math.floor(of() * RATES.length)]!, frames: 1 + Math.floor(of() * 300) };
  if (of() < 0.5) return clip;
  const at_s = [0];
  while (at_s.length < clip.frames) {
    const apart = (of() < 0.1 ? 1 + Math.floor(of() * 4) : 1) / clip.rate + (of() - 0.5) * 0.3 / clip.rate;
    at_s.push(at_s[at_s.length - 1]! + Math.max(0.004, Math.round(apart * 1e3) / 1e3));
  }
  return { ...clip, at_s };
}

/** As a browser may round what it is asked for: to the microsecond, to the millisecond, to a clock of 90 kHz. */
const ROUNDED = [(s: number) => s, (s: number) => Math.round(s * 1e6) / 1e6, (s: number) => Math.round(s * 1e3) / 1e3, (s: number) => Math.floor(s * 9e4) / 9e4];

test("the frame shown is the frame asked for, whatever a browser rounds its time to", () => {
  const of = random(1);
  const wrong: unknown[] = [];
  for (let n = 0; n < 6_000; n++) {
    const clip = anyClip(of);
    const frame = Math.floor(of() * clip.frames);
    const shown = ROUNDED.map((round) => shownFrame(clip, round(seekTime(clip, frame))));
    shown.push(frameAt(clip, middle(clip, frame)), frameAt(clip, clip.start_s + begins(clip, frame)));
    if (shown.some((one) => one !== frame)) wrong.push({ clip, frame, shown });
  }
  expect(wrong).toEqual([]);
});

test("the same on the clock of an epoch: nanoseconds that lost what a number cannot hold", () => {
  const of = random(2);
  for (let n = 0; n < 2_000; n++) {
    const t0_ns = 1.8e18 + Math.floor(of() * 1e16);
    const clip = { ...anyClip(of), start_s: 0 };
    const frame = Math.floor(of() * clip.frames);
    const start_s = (t0_ns + 256 * Math.round(of() * 4) - t0_ns) / 1e9;
    const at_s = (t0_ns + (start_s + seekTime(clip, frame)) * 1e9 - t0_ns) / 1e9;
    expect(frameAt({ ...clip, start_s }, at_s)).toBe(frame);
  }
});

test("a step moves the finest clip by exactly one frame, and back by the same", () => {
  const of = random(3);
  for (let n = 0; n < 2_000; n++) {
    const clips = Array.from({ length: 1 + Math.floor(of() * 3) }, () => anyClip(of));
    const clip = finest(clips)!;
    const end_s = Math.max(0.5, ...clips.map((c) => c.start_s + lasts(c)));
    const frame = Math.floor(of() * clip.frames);
    const t_s = middle(clip, frame);
    const on = stepped(clips, t_s, 1, end_s);
    if (frame + 1 < clip.frames) {
      expect(frameAt(clip, on)).toBe(frame + 1);
      expect(frameAt(clip, stepped(clips, on, -1, end_s))).toBe(frame);
    }
    expect(on).toBeGreaterThanOrEqual(Math.min(t_s, end_s));
    expect(on).toBeLessThanOrEqual(end_s + 1e-9);
  }
});

test("stepping from one end to the other shows every frame once, in order", () => {
  const of = random(4);
  for (let n = 0; n < 60; n++) {
    const clip = { ...anyClip(of), start_s: 0 };
    const end_s = lasts(clip);
    const seen = [0];
    let t_s = middle(clip, 0);
    while (frameAt(clip, t_s) < clip.frames - 1) {
      t_s = stepped([clip], t_s, 1, end_s);
      seen.push(frameAt(clip, t_s));
    }
    expect(seen).toEqual(Array.from({ length: clip.frames }, (_, k) => k));
  }
});

test("several cameras stand at one instant: each shows the frame that stood there just then", () => {
  const of = random(5);
  for (let n = 0; n < 2_000; n++) {
    const clips = [anyClip(of), anyClip(of)] as const;
    const t_s = of() * 12;
    if (!clips.every((clip) => covers(clip, t_s))) continue;
    const stood = clips.map((clip) => {
      const frame = frameAt(clip, t_s);
      const until = frame + 1 < clip.frames ? begins(clip, frame + 1) : lasts(clip);
      return [clip.start_s + begins(clip, frame), clip.start_s + until] as const;
    });
    for (const [from, until] of stood) {
      expect(from).toBeLessThanOrEqual(t_s + 2e-4);
      expect(until).toBeGreaterThanOrEqual(t_s - 2e-4);
    }
  }
});

test("before a clip stands its first frame, after it its last, and neither is a picture of that instant", () => {
  const clip = { start_s: 1, rate: 10, frames: 20 };
  expect([frameAt(clip, 0), frameAt(clip, 1), frameAt(clip, 99)]).toEqual([0, 0, 19]);
  expect([covers(clip, 0.9), covers(clip, 1), covers(clip, 2.99), covers(clip, 3.1)]).toEqual([false, true, true, false]);
});

test("without a clip a step is a tenth of a second, and nothing leaves what is shown", () => {
  expect(stepped([], 1, 1, 8)).toBeCloseTo(1.1);
  expect(stepped([], 0.05, -1, 8)).toBe(0);
  expect(stepped([], 7.95, 1, 8)).toBe(8);
});

test("jumps go from event to event, then to the ends", () => {
  expect(jumped([2, 5], 0, 1, 8)).toBe(2);
  expect(jumped([2, 5], 2, 1, 8)).toBe(5);
  expect(jumped([2, 5], 5, 1, 8)).toBe(8);
  expect(jumped([2, 5], 5, -1, 8)).toBe(2);
  expect(jumped([2, 5], 2, -1, 8)).toBe(0);
});

test("a playing clip is set again only where it ran away", () => {
  const clip = { start_s: 1, rate: 30, frames: 300 };
  expect(astray(clip, 2, 3)).toBe(false);
  expect(astray(clip, 2.1, 3)).toBe(false);
  expect(astray(clip, 2.2, 3)).toBe(true);
});
