import { expect, test } from "vitest";
import { about, brief, bytes, duration, grams, length, listed, money, percent, plates, sentence, short, time, times, whole } from "../src/words";

const plain = (text: string) => text.replace(/\u00a0/g, " ");

test("a probability is never a plain 0 % or 100 % where it is only nearly that", () => {
  expect([0, 0.0004, 0.982, 0.9996, 1, NaN, 2].map((p) => plain(percent(p)))).toEqual([
    "< 0.1 %",
    "< 0.1 %",
    "98.2 %",
    "> 99.9 %",
    "> 99.9 %",
    "no number",
    "no number",
  ]);
  expect([0, 0.982, 1].map((p) => plain(about(p)))).toEqual(["1 %", "98 %", "99 %"]);
});

test("money keeps every decimal that it has, and the currency's own at least", () => {
  expect(plain(money("2.5", "EUR"))).toBe("2.50 EUR");
  expect(plain(money("1234567.005", "EUR"))).toBe("1,234,567.005 EUR");
  expect(plain(money("-3", "EUR"))).toBe("−3.00 EUR");
  expect(plain(money("1200", "JPY"))).toBe("1,200 JPY");
});

test("a price times a quantity is exact, where binary fractions are not", () => {
  expect(times("0.1", 3)).toBe("0.3");
  expect(times("2.29", 1000)).toBe("2290.00");
  expect(times("0.05", 2)).toBe("0.10");
  expect(times("7", 6)).toBe("42");
  expect(times("-1.10", 2)).toBe("-2.20");
});

test("amounts carry their units", () => {
  expect(plain(grams(-45.04, true))).toBe("−45.0 g");
  expect(plain(grams(1532, true))).toBe("+1,532 g");
  expect(plain(length(0.043))).toBe("4 cm");
  expect(plain(length(1.26))).toBe("1.3 m");
  expect(plain(duration(0.42))).toBe("0.4 s");
  expect(plain(duration(9.97))).toBe("10 s");
  expect(plain(whole(125))).toBe("2 min 5 s");
  expect(plain(whole(120))).toBe("2 min");
  expect(plain(whole(3 * 3600 + 20 * 60))).toBe("3 h 20 min");
  expect([59, 138, 7300].map((s) => plain(brief(s)))).toEqual(["59 s", "2 min", "2 h"]);
  expect(plain(bytes(48_213_004))).toBe("48.2 MB");
});

test("times are the shop's, whatever the reader's zone is; an unknown zone reads as UTC", () => {
  const noon = Date.UTC(2026, 6, 1, 12, 0, 5) * 1e6;
  expect(time(noon, "Europe/Berlin")).toBe("14:00:05");
  expect(time(noon, "America/New_York")).toBe("08:00:05");
  expect(time(noon, "Nowhere/Atall")).toBe("12:00:05");
});

test("lists, plates and names read as people say them", () => {
  expect(listed(["a"])).toBe("a");
  expect(listed(["a", "b", "c"])).toBe("a, b and c");
  expect(plates([3])).toBe("plate 3");
  expect(plates([3, 4, 5])).toBe("plates 3–5");
  expect(plates([3, 7])).toBe("plates 3, 7");
  expect(sentence("weight left")).toBe("Weight left.");
  expect([short("v00012"), short("vmwy7zmd1-17c2"), short("abcdefgh"), short("v-")]).toEqual(["12", "17c2", "efgh", "v-"]);
});
