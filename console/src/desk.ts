/** What the review desk says and hears; and what a key press makes of a question. */

import { ApiError, post } from "./api";
import type { Clip } from "./frames";
import { relative } from "./curve";

export interface Purpose {
  name: string;
  what: string;
  accepted: boolean;
  rate: string;
  currency: string;
  p50_s: number | null;
  p90_s: number | null;
  estimate_from: string | null;
}

export interface ShiftNow {
  started_ns: number | null;
  active_s: number;
  paid_s: number;
  waiting_s: number;
  break_s: number;
  earned: string;
  hourly: string;
  currency: string;
}

export interface DeskState {
  worker: string;
  purposes: Purpose[];
  on_shift: boolean;
  on_break: boolean;
  shift: ShiftNow;
  break_due_in_s: number | null;
  waiting: number;
  outside_channel: string | null;
  warning: string | null;
  held?: string[];
  skip_reasons?: string[];
  flag_reasons?: string[];
}

export interface Option {
  key: string;
  label: string;
  gtin: string | null;
  picture: string | null;
  quantity: number | null;
  note: string | null;
}

export interface RawClip {
  camera: string;
  url: string;
  t0_ns: number;
  t1_ns: number;
  frame_rate: number | null;
  frames: number;
  width: number;
  height: number;
  /** Each picture's own instant, where it is known. */
  t_ns?: number[] | null;
}

export interface Goods {
  gtin: string;
  name: string;
  price: string;
  mass_g: number | null;
  picture: string | null;
}

export interface Way {
  key: string;
  label: string;
  t_ns: number[];
}

export interface Evidence {
  clips: RawClip[];
  /** Why there is none, and whether one may still come. */
  no_clip?: { why: string; pending: boolean } | null;
  /** Somebody called what the clips show distressing. */
  covered?: boolean;
  curve: {
    /** A plate's number, alone or as the end of fixture/shelf/plate. */
    plates: { id: number | string; t_ns: number[]; mass_g: (number | null)[] }[];
    t0_ns: number;
    t1_ns: number;
    event_ns: number;
  };
  products: Goods[];
  place?: { fixture: string; shelf: number; plates: number[] } | null;
  reaches?: (Way & { distance_m: number[] })[];
  tracks?: (Way & { x_m: number[]; y_m: number[] })[];
}

export interface Asked {
  token: string;
  purpose: string;
  kind: string;
  sentence: string;
  candidates: Option[];
  other_allowed: boolean;
  expires_ns: number;
  evidence: Evidence;
  visit_short: string;
  blind: boolean;
  practice: boolean;
}

export type Sureness = "sure" | "likely" | "unsure";

export interface AnswerBody {
  choice: string;
  gtin?: string;
  quantity?: number;
  items?: { gtin: string; quantity: number }[];
  sure: Sureness;
  idempotency_key: string;
}

export interface Answered {
  done: boolean;
  undo_until_ns: number;
  settled: boolean | null;
  case: { answers: number; open: boolean } | null;
}

/** Why somebody may skip; the first is as good as any. */
export const SKIPS = ["no reason", "I know this person", "distressing", "bad footage", "not my language", "something else"];
export const FLAGS = ["a person can be recognised", "distressing or harmful", "the evidence does not fit the question", "something else"];

/** What somebody is about to say, before they choose. */
export interface Draft {
  /** Null: as each candidate says. */
  quantity: number | null;
  sure: Sureness;
}

export const BLANK: Draft = { quantity: null, sure: "sure" };

/** Whether how many is asked beside what: then Q and E change it. */
export function counted(asked: Asked): boolean {
  return asked.kind === "count" || asked.candidates.some((one) => one.gtin !== null && one.quantity !== null);
}

/** One more or one fewer, from what the likeliest candidate says. */
export function countedBy(draft: Draft, asked: Asked, by: 1 | -1): Draft {
  if (!counted(asked)) return draft;
  const from = draft.quantity ?? asked.candidates.find((one) => one.quantity !== null)?.quantity ?? 1;
  return { ...draft, quantity: Math.min(99, Math.max(1, from + by)) };
}

/** The same word again takes it back. */
export function said(draft: Draft, sure: Sureness): Draft {
  return { ...draft, sure: draft.sure === sure ? "sure" : sure };
}

/** What is sent where a candidate is chosen. */
export function chosen(one: Option, draft: Draft, nonce: string): AnswerBody {
  const body: AnswerBody = { choice: one.key, sure: draft.sure, idempotency_key: nonce };
  if (one.gtin !== null) body.gtin = one.gtin;
  const quantity = one.gtin === null ? one.quantity : (draft.quantity ?? one.quantity);
  if (quantity !== null) body.quantity = quantity;
  return body;
}

/** What is sent where something stands in the catalogue that is not among the candidates. */
export function other(gtin: string, draft: Draft, nonce: string): AnswerBody {
  return { choice: "other", gtin, quantity: draft.quantity ?? 1, sure: draft.sure, idempotency_key: nonce };
}

/** Kinds of which "something else" is a product. */
export function needsProduct(kind: string): boolean {
  return !["who", "count", "returned", "back", "dispute"].includes(kind);
}

/** What is sent where something else is no product: somebody else, another number. */
export function otherwise(draft: Draft, nonce: string): AnswerBody {
  const body: AnswerBody = { choice: "other", sure: draft.sure, idempotency_key: nonce };
  return draft.quantity === null ? body : { ...body, quantity: draft.quantity };
}

/** What is sent where a whole basket is asked for: each product once, with how many. */
export function listed(goods: readonly Goods[], draft: Draft, nonce: string): AnswerBody {
  const many = new Map<string, number>();
  for (const one of goods) many.set(one.gtin, (many.get(one.gtin) ?? 0) + 1);
  return { choice: "basket", items: [...many].map(([gtin, quantity]) => ({ gtin, quantity })), sure: draft.sure, idempotency_key: nonce };
}

export function cannotTell(nonce: string): AnswerBody {
  return { choice: "cannot_tell", sure: "sure", idempotency_key: nonce };
}

/** A name that no other answer has; also where a page is not in a secure context and lacks `randomUUID`. */
export function nonce(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

/** The stretch that a question shows, with everything on it in seconds from its start. */
export interface Stretch {
  end_s: number;
  event_s: number;
  clips: (Clip & { raw: RawClip })[];
  plates: { id: number; t_s: number[]; change_g: (number | null)[] }[];
  hands: { key: string; label: string; t_s: number[]; distance_m: number[]; nearest_s: number }[];
  /** Where J and K go. */
  marks: number[];
}

export function stretch(evidence: Evidence): Stretch {
  const { curve } = evidence;
  const t0 = Math.min(curve.t0_ns, ...evidence.clips.map((clip) => clip.t0_ns));
  const t1 = Math.max(curve.t1_ns, ...evidence.clips.map((clip) => clip.t1_ns));
  const s = (t_ns: number) => (t_ns - t0) / 1e9;
  const event_s = s(curve.event_ns);
  const hands = (evidence.reaches ?? [])
    .filter((reach) => reach.t_ns.length > 0)
    .map((reach) => {
      const nearest = reach.distance_m.reduce((best, m, k) => (m < reach.distance_m[best]! ? k : best), 0);
      return { key: reach.key, label: reach.label, t_s: reach.t_ns.map(s), distance_m: reach.distance_m, nearest_s: s(reach.t_ns[nearest]!) };
    });
  const end_s = s(t1);
  return {
    end_s,
    event_s,
    clips: evidence.clips.map((raw) => filmed(raw, s)),
    plates: curve.plates.map((plate) => ({
      id: Number(String(plate.id).split("/").pop()),
      t_s: plate.t_ns.map(s),
      change_g: relative(plate.t_ns, plate.mass_g.map((g) => [g]), curve.event_ns - 3e8).map((row) => row[0] ?? null),
    })),
    hands,
    marks: [...new Set([event_s, ...hands.map((hand) => hand.nearest_s)])].filter((t) => t > 0 && t < end_s).sort((a, b) => a - b),
  };
}

/** A clip on a clock of its own, or of several. */
export function filmed(raw: RawClip, s: (t_ns: number) => number): Stretch["clips"][number] {
  const t_ns = raw.t_ns;
  const rate = raw.frame_rate || (raw.frames > 1 ? ((raw.frames - 1) * 1e9) / Math.max(1, raw.t1_ns - raw.t0_ns) : 10);
  if (!t_ns || t_ns.length !== raw.frames) return { raw, start_s: s(raw.t0_ns), rate, frames: raw.frames };
  const first = t_ns[0] ?? raw.t0_ns;
  // The film's own clock counts whole milliseconds.
  const at_s = t_ns.map((t) => Math.round((t - first) / 1e6) / 1e3);
  return { raw, start_s: s(first), rate, frames: raw.frames, at_s };
}

/** How far the weight is changed at an instant on all plates, g; null where nothing was read. */
export function changeAt(plates: Stretch["plates"], t_s: number): number | null {
  let sum: number | null = null;
  for (const plate of plates) {
    let last: number | null = null;
    for (let k = 0; k < plate.t_s.length && plate.t_s[k]! <= t_s; k++) last = plate.change_g[k] ?? last;
    if (last !== null) sum = (sum ?? 0) + last;
  }
  return sum;
}

/** What the words of a purpose are, where a question is shown. */
export const PURPOSE: Record<string, string> = {
  settle: "to settle a receipt",
  audit: "a blind audit: nothing that the software thought is shown",
  dispute: "a shopper says that a line is wrong",
  adjudicate: "two people answered differently",
  training: "training",
  annotate: "for learning, with the shopper's consent",
};

/** A lease is asked for; null: there is nothing to ask. */
export async function lease(): Promise<Asked | null> {
  return (await post<Asked | undefined>("/desk/lease", {})) ?? null;
}

/** Whether a clip of a question may still come: then it is asked for again. */
export function awaits(asked: Asked): boolean {
  return asked.evidence.clips.length === 0 && (asked.evidence.no_clip?.pending ?? false);
}

/** What stands where a question's clips would be, in a few words. */
export function noClip(evidence: Evidence): { title: string; why: string } {
  const none = evidence.no_clip;
  if (!none) return { title: "There is no clip of this.", why: "No camera of this shop keeps any." };
  const why = `${none.why.charAt(0).toUpperCase()}${none.why.slice(1)}.`;
  return { title: none.pending ? "There is no clip of this yet." : "There is no clip of this.", why };
}

export function words(error: unknown): string {
  if (!(error instanceof ApiError)) return String(error);
  return error.detail ? `${error.title}. ${error.detail}` : `${error.title}.`;
}
