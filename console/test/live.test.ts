import { expect, test } from "vitest";
import { backoff, freshness, NOTHING, step, type Live } from "../src/live";
import type { LiveMessage, ReceiptRow, ShelfEvent, Visit } from "../src/types";
import { verdict } from "../src/verdict";

const visit = (id: string, entered_ns = 1, left_ns: number | null = null): Visit => ({
  id,
  party: id,
  shoppers: [id],
  entered_ns,
  left_ns,
  lines: [],
  total: "0",
  p_exact: 1,
});
const event = (id: string, t_ns: number): ShelfEvent => ({
  id,
  t_ns,
  fixture: "snacks",
  shelf: 1,
  plates: [1],
  mass_g: -45,
  candidates: [],
});
const receipt = (of: string, revision: number): ReceiptRow => ({
  visit: of,
  revision,
  final: false,
  status: "asked",
  total: "1",
  due: "1",
  currency: "EUR",
  p_exact: 0.9,
  decided_by: "software",
  issued_ns: revision,
});
const told = (messages: LiveMessage[]): Live => messages.reduce(step, NOTHING);
const snapshot: LiveMessage = {
  type: "snapshot",
  t_ns: 5,
  people: [],
  visits: [visit("v2", 20), visit("v1", 10), visit("v0", 1, 9)],
  devices: [{ id: "snacks", kind: "plates", state: "ok", last_ns: 5, detail: "", advice: "" }],
  events: [event("old", 1), event("new", 2)],
  receipts: [],
};

test("a snapshot says all; who has left is not inside, the newest event stands first", () => {
  const live = told([snapshot]);
  expect(live.known).toBe(true);
  expect(live.visits.map((v) => v.id)).toEqual(["v1", "v2"]);
  expect(live.events.map((e) => e.id)).toEqual(["new", "old"]);
});

test("a visit comes, changes and goes", () => {
  const live = told([snapshot, { type: "visit", visit: visit("v3", 15) }, { type: "visit", visit: visit("v1", 10, 99) }]);
  expect(live.visits.map((v) => v.id)).toEqual(["v3", "v2"]);
});

test("an event told again replaces what was said of it, and a late one finds its place", () => {
  const again = { ...event("old", 1), mass_g: -46 };
  const live = told([snapshot, { type: "event", event: again }, { type: "event", event: event("middle", 1.5) }]);
  expect(live.events.map((e) => [e.id, e.mass_g])).toEqual([
    ["new", -45],
    ["middle", -45],
    ["old", -46],
  ]);
});

test("of a receipt the highest revision stays, whatever comes late", () => {
  const live = told([snapshot, { type: "receipt", receipt: receipt("v1", 1) }, { type: "receipt", receipt: receipt("v1", 0) }]);
  expect(live.receipts.map((r) => r.revision)).toEqual([1]);
});

test("what a newer release says and this one does not know changes nothing", () => {
  const live = told([snapshot]);
  expect(step(live, { type: "weather", rain: true } as unknown as LiveMessage)).toBe(live);
});

test("silence is seen: pings come every 2 s", () => {
  expect([0, 4000, 6000, 16000].map((ms) => freshness(ms, true))).toEqual(["live", "live", "late", "lost"]);
  expect([100, 6000].map((ms) => freshness(ms, false))).toEqual(["late", "lost"]);
  expect([0, 1, 2, 9].map(backoff)).toEqual([500, 1000, 2000, 15000]);
});

test("the verdict names the worst first, and never says that all is well where nothing is heard", () => {
  const well = told([snapshot]);
  expect(verdict(well, "live", 0, 5e-6).words).toBe("The shop is all right.");
  expect(verdict(well, "lost", 20000, 5e-6).words).toBe("It is not known how the shop is.");
  const device = { id: "snacks", kind: "plates", state: "silent", last_ns: 0.001, detail: "", advice: "Check its plug." } as const;
  const broken = told([snapshot, { type: "device", device: { ...device, last_ns: 1e9 } }]);
  const said = verdict(broken, "live", 0, 41_000);
  expect(said.words.replace(/\u00a0/g, " ")).toBe("The scales at snacks have been silent for 40 s.");
  expect(said.tone).toBe("wrong");
  expect(said.more).toContain("Check its plug.");
});
