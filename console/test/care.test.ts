import { describe, expect, it } from "vitest";
import { type Appeal, dueWords, ruled } from "../src/pages/appeals";
import { dueIn, teamWords } from "../src/pages/team";

const plain = (words: string) => words.replace(/\s/g, " ");
const one = { known: "tea", answer: "oat" } as Appeal;
const queue = { purpose: "settle", open: 2, leased: 0, oldest_s: 3, due_ns: 0, overdue: 0 };

describe("an appeal", () => {
  it("is upheld by whatever is right but what was known", () => {
    expect(ruled(one, "oat").upheld).toBe(true);
    expect(ruled(one, "tea").upheld).toBe(false);
    expect(ruled(one, "jam").upheld).toBe(true);
    expect(ruled(one, null).upheld).toBe(true);
    expect(ruled({ ...one, known: null }, null).upheld).toBe(true);
  });
  it("says how long is left", () => {
    expect(plain(dueWords(14 * 86_400e9, 0))).toBe("14 days left");
    expect(dueWords(0, 3 * 3_600_000)).toContain("overdue by");
  });
});

describe("the team", () => {
  it("says first what is wrong", () => {
    expect(teamWords({ members: 2, on_shift: [], queues: [{ ...queue, overdue: 1 }] }).tone).toBe("wrong");
    expect(plain(teamWords({ members: 2, on_shift: [], queues: [queue] }).title)).toBe("2 answers wait, and nobody is on shift.");
    expect(teamWords({ members: 2, on_shift: [{ handle: "a", on_break: true }], queues: [] }).title).toBe("Nobody is on shift, and nothing waits.");
    expect(plain(teamWords({ members: 2, on_shift: [{ handle: "a", on_break: false }], queues: [] }).title)).toBe("1 person is on shift; nothing waits.");
    expect(plain(dueIn(3 * 86_400e9, 0))).toBe("in 3 days");
  });
});
