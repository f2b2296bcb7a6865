import { expect, test } from "vitest";
import { problem } from "../src/api";
import { ticks } from "../src/bars";
import { caseWords } from "../src/pages/disputes";
import { datesOf } from "../src/pages/sales";
import { lasts, placeWords } from "../src/pages/stock";
import { basketAt, difference, headline } from "../src/pages/visit";
import { detailOf, givenOf, pathOf, playOf, shopperOf, withCurves } from "../src/shapes";
import { sees } from "../src/shell";
import { candidateWords, eventWords, humanWords } from "../src/parts";
import { route } from "../src/router";
import type { Candidate, Case, Receipt, TimelineEvent, VisitDetail } from "../src/types";

const candidate = (visit: string | null, gtin: string, quantity: number, probability: number, at_first?: number): Candidate => ({
  visit,
  gtin,
  name: gtin && `Product ${gtin}`,
  quantity,
  probability,
  words: "",
  at_first: at_first ?? null,
});
const event = (t_ns: number, candidates: Candidate[]): TimelineEvent => ({
  id: String(t_ns),
  t_ns,
  fixture: "snacks",
  shelf: 1,
  plates: [1],
  mass_g: -45,
  candidates,
  curve: null,
  reaches: [],
});

test("addresses lead to pages, names in them survive", () => {
  expect(route("/")).toEqual({ name: "live", id: "" });
  expect(route("/visits/v%2F1/receipt")).toEqual({ name: "receipt", id: "v/1" });
  expect(route("/visits/")).toEqual({ name: "visits", id: "" });
  expect(route("/s/a.b.c").name).toBe("shopper");
  expect(route("/visits/%E0%A4%A").id).toBe("%E0%A4%A");
  expect(route("/static/console.js").name).toBe("nowhere");
});

test("an event is said in a few words", () => {
  expect(eventWords(event(1, [candidate("v1", "a", 1, 0.984)])).replace(/\u00a0/g, " ")).toBe("−1 Product a 98 %");
  expect(candidateWords(candidate("v1", "a", -2, 0.9), event(1, []))).toBe("+2 Product a");
  expect(candidateWords(candidate(null, "", 1, 0.9), event(1, [])).replace(/\u00a0/g, " ")).toBe("−45.0 g, no sale");
});

test("the basket at an instant knows only what was known then", () => {
  const events = [
    event(10, [candidate("v1", "a", 1, 0.2, 0.9), candidate("v2", "a", 1, 0.8, 0.1)]),
    event(20, [candidate("v1", "b", 2, 0.99)]),
    event(30, [candidate("v1", "b", -1, 0.99)]),
  ];
  expect(basketAt(events, 5, "v1", 40).size).toBe(0);
  expect([...basketAt(events, 25, "v1", 40)].map(([gtin, line]) => [gtin, line.quantity])).toEqual([
    ["a", 1],
    ["b", 2],
  ]);
  expect([...basketAt(events, 45, "v1", 40).keys()]).toEqual(["b"]);
  expect([...basketAt(events, 45, "v2", 40).keys()]).toEqual(["a"]);
});

test("a curve beside its event is joined to it, with the plates that took part only", () => {
  const bare: TimelineEvent = { ...event(10, []), id: "e", plates: [2] };
  const curve = { event: "e", t_ns: [1, 2], plates: [1, 2], grams: [[5, 7], [5, null]] };
  const [found] = withCurves({ events: [bare], curves: [curve] });
  expect(found!.curve).toEqual({ t_ns: [1, 2], plates: [2], grams: [[7], [null]] });
  expect(withCurves({ events: [event(2, []), event(1, [])] }).map((e) => e.t_ns)).toEqual([1, 2]);
});

test("nobody is shown a page that their role may not see", () => {
  expect(sees("staff", "door")).toBe(true);
  expect(sees("staff", "visit")).toBe(false);
  expect(sees("auditor", "live")).toBe(false);
  expect(sees("reviewer", "shop")).toBe(true);
});

test("a visit's heading says what is left to do first", () => {
  const visit = { id: "v7", party: "p", shoppers: ["s"], entered_ns: 1, left_ns: 2, lines: [], total: "0", p_exact: 1 };
  const sums = { held: "0", paid: "0", owed: "0", uncollected: "0" };
  const base: VisitDetail = { visit, known: false, receipts: [], money: [], timeline: { events: [] }, case: null, sums };
  expect(headline({ ...base, visit: { ...visit, left_ns: null } }, "EUR").words).toBe("Visit 7 is inside.");
  const asks = { status: "asks", final: false, questions: [{ event: "", words: "Whose hand was it?", candidates: [] }] } as unknown as Receipt;
  expect(headline({ ...base, receipts: [asks] }, "EUR")).toEqual({ words: "Visit 7 waits for a person: Whose hand was it?", tone: "unsure" });
  const open = { ...base, receipts: [asks], case: { state: "open" } as Case };
  expect(headline(open, "EUR").words).toBe("Visit 7 is disputed.");
});

test("how much people looked is said in full", () => {
  const nobody = { viewers: 0, clips: 0, seconds: 0, purposes: [], last_at: null };
  expect(humanWords(nobody)).toBe("Nobody has looked at this visit.");
  const one = { ...nobody, viewers: 1, clips: 2, seconds: 12, purposes: ["question"] };
  expect(humanWords(one).replace(/\u00a0/g, " ")).toBe("One person looked at 2 clips, 12 s in all, for question.");
});

test("a dispute is said as the shopper meant it", () => {
  const base = { id: "c1", visit: "v1", state: "open", words: "", opened_ns: 1 } as const;
  expect(caseWords({ ...base, kind: "wrong", name: "Oat bar", quantity: 2 })).toBe("“2 × Oat bar” is wrong");
  expect(caseWords({ ...base, kind: "missed", words: "a yoghurt" })).toBe("We missed “a yoghurt”");
});

test("a problem has words even where the server sent none", () => {
  expect(problem(403, undefined).title).toBe("Your role may not do this");
  expect(problem(418, "tea").title).toBe("The shop answered 418");
  expect(problem(409, { title: "Too late", detail: "Captured already." }).message).toBe("Too late: Captured already.");
});

test("one visit is taken from the API's words", () => {
  const published = { lines: [{ gtin: "a", quantity: 1 }], total: "2", p_exact: 0.9, shoppers: ["s"], status: "asks" };
  const found = detailOf({
    visit: { id: "v1", party: "p1", entered_ns: 1, left_ns: 2, total: "2", live: null },
    receipts: [{ revision: 3, final: true, reason: "the decision", issued_ns: 9, receipt: published as unknown as Receipt }],
    money: {
      held: "0",
      paid: "2",
      owed: "0",
      uncollected: "0",
      operations: [{ kind: "capture", amount: "2", currency: "EUR", outcome: null, reason: null, asked_ns: 8 }],
    },
    timeline: { events: [] },
    case: null,
  });
  expect(found.known).toBe(true);
  expect(found.visit.shoppers).toEqual(["s"]);
  expect(found.visit.lines).toHaveLength(1);
  expect(found.receipts[0]).toMatchObject({ revision: 3, final: true, issued_ns: 9, total: "2" });
  expect(found.money[0]).toMatchObject({ operation: "capture", state: "asked", at_ns: 8 });
});

test("what is given away adds up to the cent", () => {
  const found = givenOf({ visits: 3, currency: "EUR", per_1000: { unanswered: "0.10", "given back": "0.20" } });
  expect(found.per_thousand).toBe("0.30");
  expect(found.causes.map((c) => c.cause)).toEqual(["unanswered", "given back"]);
});

test("the visitor's shopper is nobody, coming in, inside or gone", () => {
  const base = { done: [], held: [], link: null };
  expect(playOf({ ...base, you: null, inside: false }).you).toBeNull();
  expect(playOf({ ...base, you: null, inside: true }).you!.doing).toBe("coming in");
  const gone = playOf({ ...base, you: "v1", inside: false, done: ["left"], link: "http://127.0.0.1:8000/s/t" });
  expect(gone.you).toMatchObject({ inside: false, doing: "left", link: "/s/t" });
  expect(pathOf("https://shop.example/s/x")).toBe("/s/x");
});

test("inside, every line of a shopper's page is one that is believed, and nothing is held back", () => {
  const page = { state: "inside", lines: [{ gtin: "a", shown: false }], total: "3", due: "0" } as unknown as Parameters<typeof shopperOf>[0];
  expect(shopperOf(page)).toMatchObject({ due: "3", lines: [{ shown: true }], disputes: [] });
});

test("another basket is told by how it differs", () => {
  const lines = [
    { gtin: "a", quantity: 2 },
    { gtin: "b", quantity: 1 },
  ];
  const said = difference(lines, [["a", 1], ["c", 1]], (gtin) => gtin.toUpperCase());
  expect(said).toBe("also 1 × C, but not 1 × A and 1 × B");
});

test("draws round levels up to the most", () => {
  expect(ticks(0)).toEqual([0]);
  expect(ticks(1)).toEqual([0, 0.5, 1]);
  expect(ticks(15)).toEqual([0, 5, 10, 15]);
  expect(ticks(53.97)).toEqual([0, 20, 40, 60]);
  expect(ticks(0.3)[ticks(0.3).length - 1]).toBeGreaterThanOrEqual(0.3);
});

test("has every day of the shop's own calendar, and the part of a day before", () => {
  const now = Date.parse("2026-11-01T23:30:00Z");
  expect(datesOf(3, "Europe/Berlin", undefined, now)).toEqual(["2026-10-31", "2026-11-01", "2026-11-02"]);
  expect(datesOf(2, "UTC", "2026-10-30", now)).toEqual(["2026-10-30", "2026-10-31", "2026-11-01"]);
});

test("says a place and how long goods last", () => {
  expect(placeWords({ fixture: "snacks", shelf: 2, plates: [3, 4] })).toBe("snacks shelf 2, plates 3–4");
  expect([lasts(null), lasts(0.4), lasts(1.9)]).toEqual(["", "under a day", "1\u00a0day"]);
});
