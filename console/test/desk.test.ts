import { expect, test } from "vitest";
import { type Asked, awaits, BLANK, changeAt, chosen, counted, countedBy, type Goods, listed, needsProduct, noClip, nonce, other, otherwise, said, stretch } from "../src/desk";

const asked = (kind: string, gtin: string | null = "g1"): Asked => ({
  token: "t",
  purpose: "settle",
  kind,
  sentence: "?",
  candidates: [
    { key: "a", label: "A", gtin, picture: null, quantity: gtin ? 2 : null, note: null },
    { key: "b", label: "B", gtin, picture: null, quantity: gtin ? 1 : null, note: null },
  ],
  other_allowed: true,
  expires_ns: 0,
  evidence: {
    clips: [{ camera: "c", url: "/c", t0_ns: 1e9, t1_ns: 5e9, frame_rate: 10, frames: 3, width: 4, height: 4, t_ns: [1e9, 1.1e9, 1.4e9] }],
    curve: { plates: [{ id: "snacks/2/3", t_ns: [2e9, 3e9, 4e9], mass_g: [500, 500, 455] }], t0_ns: 2e9, t1_ns: 8e9, event_ns: 3.5e9 },
    products: [],
    reaches: [{ key: "p", label: "person A", t_ns: [2e9, 3e9], distance_m: [0.4, 0.03] }],
  },
  visit_short: "7",
  blind: false,
  practice: false,
});

test("one key answers; how many and how sure go with it where they were said", () => {
  const question = asked("whole");
  expect(chosen(question.candidates[0]!, BLANK, "n")).toEqual({ choice: "a", gtin: "g1", quantity: 2, sure: "sure", idempotency_key: "n" });
  const more = countedBy(BLANK, question, 1);
  expect(chosen(question.candidates[1]!, said(more, "likely"), "n")).toEqual({ choice: "b", gtin: "g1", quantity: 3, sure: "likely", idempotency_key: "n" });
  expect(said(said(BLANK, "unsure"), "unsure").sure).toBe("sure");
  expect(countedBy({ quantity: 1, sure: "sure" }, question, -1).quantity).toBe(1);
});

test("where nothing is counted, Q and E do nothing and no number is sent", () => {
  const question = asked("who", null);
  expect(counted(question)).toBe(false);
  expect(countedBy(BLANK, question, 1)).toBe(BLANK);
  expect(chosen(question.candidates[0]!, BLANK, "n")).toEqual({ choice: "a", sure: "sure", idempotency_key: "n" });
});

test("something else is a product, somebody, or a number, as the question asks", () => {
  expect(["whole", "what", "who", "count", "returned", "dispute"].map(needsProduct)).toEqual([true, true, false, false, false, false]);
  expect(other("g9", BLANK, "n")).toEqual({ choice: "other", gtin: "g9", quantity: 1, sure: "sure", idempotency_key: "n" });
  expect(otherwise({ quantity: 4, sure: "sure" }, "n")).toEqual({ choice: "other", quantity: 4, sure: "sure", idempotency_key: "n" });
  expect(otherwise(BLANK, "n")).not.toHaveProperty("quantity");
});

test("a whole basket is each product once, with how many; nothing is an answer too", () => {
  const goods = (gtin: string): Goods => ({ gtin, name: gtin, price: "1", mass_g: null, picture: null });
  expect(listed([goods("a"), goods("b"), goods("a")], BLANK, "n").items).toEqual([{ gtin: "a", quantity: 2 }, { gtin: "b", quantity: 1 }]);
  expect(listed([], BLANK, "n")).toEqual({ choice: "basket", items: [], sure: "sure", idempotency_key: "n" });
});

test("everything of a question stands on one clock, which starts with what starts first", () => {
  const shown = stretch(asked("whole").evidence);
  expect(shown.end_s).toBe(7);
  expect(shown.event_s).toBe(2.5);
  expect(shown.clips[0]).toMatchObject({ start_s: 0, frames: 3, at_s: [0, 0.1, 0.4] });
  expect(shown.plates[0]!.id).toBe(3);
  expect(shown.plates[0]!.change_g).toEqual([0, 0, -45]);
  expect([changeAt(shown.plates, 0), changeAt(shown.plates, 2.5), changeAt(shown.plates, 7)]).toEqual([null, 0, -45]);
  expect(shown.marks).toEqual([2, 2.5]);
});

test("no two answers have the same name", () => {
  expect(new Set(Array.from({ length: 500 }, nonce)).size).toBe(500);
  expect(nonce()).toMatch(/^[0-9a-f]{32}$/);
});

test("a clip that is being made is waited for; why there is none is said in a sentence", () => {
  const question = asked("what");
  expect(awaits(question)).toBe(false);
  const none = (why: string, pending: boolean): Asked => ({ ...question, evidence: { ...question.evidence, clips: [], no_clip: { why, pending } } });
  expect(awaits(none("it is being made", true))).toBe(true);
  expect(noClip(none("it is being made", true).evidence)).toEqual({ title: "There is no clip of this yet.", why: "It is being made." });
  expect(awaits(none("no camera is connected to this shop", false))).toBe(false);
  expect(noClip(none("no camera is connected to this shop", false).evidence).title).toBe("There is no clip of this.");
  expect(awaits({ ...question, evidence: { ...question.evidence, clips: [] } })).toBe(false);
});
