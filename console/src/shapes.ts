/** From what the API says to what the pages show. Nothing is invented: what is not told stays out. */

import type {
  Case,
  Curve,
  GivenAway,
  Line,
  Money,
  Play,
  Receipt,
  ShopperPage,
  Timeline,
  TimelineEvent,
  Visit,
  VisitDetail,
} from "./types";

/** One visit as `GET /visits/{visit}` says it. */
export interface RawDetail {
  visit: { id: string; party: string; entered_ns: number; left_ns: number | null; total: string | null; live?: Visit | null };
  receipts: { revision: number; final: boolean; reason: string; issued_ns: number; receipt: Receipt & { shoppers?: string[] } }[];
  money: {
    held: string;
    paid: string;
    owed: string;
    uncollected: string;
    operations: {
      kind: string;
      amount: string;
      currency: string;
      outcome: string | null;
      reason: string | null;
      asked_ns: number;
    }[];
  };
  timeline: Timeline;
  case: Case | null;
  cases?: Case[];
  link?: string | null;
}

export function detailOf(raw: RawDetail): VisitDetail {
  const receipts = raw.receipts.map((one) => ({
    ...one.receipt,
    revision: one.revision,
    final: one.final,
    reason: one.reason,
    issued_ns: one.issued_ns,
  }));
  const last = receipts[receipts.length - 1];
  const live = raw.visit.live;
  const visit: Visit = {
    id: raw.visit.id,
    party: raw.visit.party,
    shoppers: live?.shoppers ?? raw.receipts[raw.receipts.length - 1]?.receipt.shoppers ?? [],
    entered_ns: raw.visit.entered_ns,
    left_ns: raw.visit.left_ns,
    lines: live?.lines ?? last?.lines ?? [],
    total: live?.total ?? last?.total ?? "0",
    p_exact: live?.p_exact ?? last?.p_exact ?? 1,
  };
  const money: Money[] = raw.money.operations.map((one) => ({
    operation: one.kind,
    amount: one.amount,
    currency: one.currency,
    state: one.outcome ?? "asked",
    at_ns: one.asked_ns,
  }));
  const { paid, owed, held, uncollected } = raw.money;
  const cases = raw.cases ?? (raw.case ? [raw.case] : []);
  const open = cases.find((one) => one.state !== "closed") ?? raw.case;
  const known = live != null || last !== undefined;
  return { visit, known, receipts, money, sums: { paid, owed, held, uncollected }, timeline: raw.timeline, case: open, link: raw.link };
}

/** The events in order, each with its curve: of the plates that took part, wherever the server put it. */
export function withCurves(timeline: Timeline): TimelineEvent[] {
  const curves = new Map((timeline.curves ?? []).map((curve) => [curve.event, curve]));
  return [...timeline.events]
    .sort((a, b) => a.t_ns - b.t_ns)
    .map((event) => {
      const curve = event.curve ?? curves.get(event.id);
      return curve ? { ...event, curve: ofPlates(curve, event.plates) } : event;
    });
}

function ofPlates(curve: Curve, plates: readonly number[]): Curve {
  const columns = curve.plates.map((_, k) => k).filter((k) => plates.includes(curve.plates[k]!));
  const grams = curve.grams.map((row) => columns.map((k) => row[k] ?? null));
  return { t_ns: curve.t_ns, plates: columns.map((k) => curve.plates[k]!), grams };
}

/** Value per 1,000 visits as `GET /given-away` says it. */
export interface RawGiven {
  visits: number;
  currency: string;
  per_1000: Record<string, string>;
}

export function givenOf(raw: RawGiven): GivenAway {
  const causes = Object.entries(raw.per_1000).map(([cause, per_thousand]) => ({ cause, per_thousand }));
  const cents = causes.reduce((sum, one) => sum + Math.round(Number(one.per_thousand) * 100), 0);
  return { visits: raw.visits, currency: raw.currency, per_thousand: (cents / 100).toFixed(2), causes };
}

/** The visitor's own shopper as `GET /play` says it. */
export interface RawPlay {
  you: string | null;
  inside: boolean;
  done: string[];
  held: string[];
  link: string | null;
  answered_by?: string | null;
}

export function playOf(raw: RawPlay): Play {
  if (!raw.inside && raw.you === null) return { you: null };
  const doing = raw.done[raw.done.length - 1] ?? (raw.you === null ? "coming in" : "looking around");
  const link = raw.link === null ? null : pathOf(raw.link);
  return { you: { visit: raw.you, inside: raw.inside, doing, held: raw.held, link, answeredBy: raw.answered_by ?? null } };
}

/** The same page on this host: a link holds the name that the shop gives itself. */
export function pathOf(link: string): string {
  return link.replace(/^https?:\/\/[^/]+/, "");
}

/** A shopper's page: where all of a kind stands inside, nothing is charged yet. */
export function shopperOf(raw: ShopperPage & { cases?: Case[] }): ShopperPage {
  const lines: Line[] = raw.state === "inside" ? raw.lines.map((line) => ({ ...line, shown: true })) : raw.lines;
  const due = raw.state === "inside" ? raw.total : raw.due;
  return { ...raw, lines, due, disputes: raw.disputes ?? raw.cases ?? [] };
}
