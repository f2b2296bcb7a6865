import { expect, test } from "vitest";
import { barWords, firstPoint, place } from "../src/dial";
import { leftWords, sumWords } from "../src/pages/overview";
import { figuresOf, figureWords, lastMonths } from "../src/pages/public";
import { merged } from "../src/pages/shift";
import { route } from "../src/router";
import { sees } from "../src/shell";

const plain = (text: string) => text.replace(/\u00a0/g, " ");

test("reviewers see their pages, operators theirs, and neither the other's", () => {
  expect(["review", "practice", "shift", "shop"].map((page) => sees("reviewer", page))).toEqual([true, true, true, true]);
  expect(["live", "visits", "overview", "labour"].map((page) => sees("reviewer", page))).toEqual([false, false, false, false]);
  expect(["overview", "labour", "shift"].map((page) => sees("operator", page))).toEqual([true, true, false]);
  expect(["/review", "/review/practice", "/review/overview", "/labour", "/shift", "/public", "/sign"].map((path) => route(path).name)).toEqual([
    "review", "practice", "overview", "labour", "shift", "public", "sign",
  ]);
});

test("the dial starts where the shop stands, and never alone where it settles nothing", () => {
  const point = (settle_at: number) => ({ settle_at, questions: 0, seen: 0, wrong: 0, given_away: 0, paid_hours: null });
  const points = [0.9, 0.95, 0.99, 1].map(point);
  expect([firstPoint(points, null), firstPoint(points, 0.95), firstPoint(points, 0.96), firstPoint(points, 2)]).toEqual([3, 1, 2, 3]);
  expect([0.993, 1].map((p) => plain(barWords(p)))).toEqual(["from 99.3 % sure", "never alone"]);
  expect([0, 250, 1000, 5000].map(place)).toEqual([0, 0.5, 1, 1]);
});

test("a figure is said with its range and unit; what is left out, and what is not known, says so", () => {
  const figure = { words: "w", n: 3, method: "counted" };
  const said = (more: object) => figureWords({ ...figure, value: null, ...more });
  expect(said({})).toBe("not known");
  expect(said({ value: 3, suppressed: true })).toBe("left out: fewer than five people");
  expect(said({ value: 1234 })).toBe("1,234");
  expect(said({ value: 0.5, unit: "share", ci95_low: 0.25, ci95_high: 0.75 })).toBe("50.0 % (25.0 % to 75.0 %)");
  expect(said({ value: 12.34, unit: "hours" })).toBe("12.3 hours");
  const found = figuresOf({ looks: { settle: { ...figure, value: 1 } }, names: ["a"], rule: "text", total: { ...figure, value: 2 } });
  expect(found.map((one) => one.name)).toEqual(["looks, settle", "total"]);
});

test("months are counted back over a year's end", () => {
  expect(lastMonths(new Date("2026-02-28T23:59:59Z"), 4)).toEqual(["2025-11", "2025-12", "2026-01", "2026-02"]);
});

test("a day of questions is a few rows, and nothing of its time is lost", () => {
  const piece = (kind: string, start: number, end: number, paid = true) => ({ kind, start_ns: start * 1e9, end_ns: end * 1e9, purpose: "settle", paid });
  const rows = merged([piece("active", 10, 20), piece("gold", 20, 30), piece("waiting_paid", 0, 10), piece("idle_query", 30, 40), piece("idle_query", 40, 50, false)]);
  expect(rows.map((one) => [one.kind, one.start_ns / 1e9, one.end_ns / 1e9, one.paid])).toEqual([
    ["waiting_paid", 0, 10, true],
    ["active", 10, 30, true],
    ["idle_query", 30, 40, true],
    ["idle_query", 40, 50, false],
  ]);
});

test("what is left until a shop may settle alone is a sentence", () => {
  expect(plain(leftWords({ labels_left: 593, days_left: 13.2, paid_hours_left: 19.8 }))).toBe("593 blind labels left, about 14 days at today's pace, 20 paid hours.");
  expect(leftWords({ labels_left: null, days_left: null, paid_hours_left: null })).toContain("not known");
  expect(leftWords({ labels_left: 0, days_left: 0, paid_hours_left: 0 })).toBe("No label is left to gather.");
  expect(plain(sumWords({ EUR: "12.5", INR: "3" }))).toBe("12.50 EUR, 3.00 INR");
  expect(sumWords({})).toBe("nothing");
});
