/** What the API says, as the pages use it. Times are UTC nanoseconds, money is decimal text with a currency. */

export type Origin = "real" | "simulated";
export type Role = "admin" | "operator" | "staff" | "reviewer" | "auditor" | "integrator";

export interface Session {
  user: string;
  role: Role;
  /** What they may do besides: in the demonstration, an admin reviews too. */
  also?: Role[];
  csrf: string;
  origin: Origin;
  store: { id: string; name: string; currency: string; timezone: string };
}

export interface Point {
  x_m: number;
  y_m: number;
  z_m: number;
}

export interface Person extends Point {
  id: string;
  visit: string | null;
  role: "shopper" | "staff";
  hands: Point[];
}

export interface Line {
  gtin: string;
  name: string;
  quantity: number;
  probability: number;
  unit_price: string;
  /** What the line costs, where that is not quantity times unit_price. */
  amount?: string | null;
  offers?: string[];
  mass_g?: number | null;
  why?: string;
  shown?: boolean;
}

export interface Visit {
  id: string;
  party: string;
  shoppers: string[];
  entered_ns: number;
  left_ns: number | null;
  lines: Line[];
  total: string;
  currency?: string;
  p_exact: number;
}

export interface Candidate {
  visit: string | null;
  gtin: string;
  name: string;
  /** Above 0: left the shelf. */
  quantity: number;
  probability: number;
  words: string;
  /** Its probability when the event was told, before what came later. */
  at_first?: number | null;
}

export interface ShelfEvent {
  id: string;
  t_ns: number;
  end_ns?: number;
  fixture: string;
  shelf: number;
  plates: number[];
  mass_g: number;
  candidates: Candidate[];
}

export interface ReceiptRow {
  visit: string;
  revision: number;
  final: boolean;
  status: "settled" | "asked";
  total: string;
  due: string;
  currency: string;
  p_exact: number;
  decided_by: "software" | "person";
  issued_ns: number;
}

export type DeviceState = "ok" | "late" | "silent" | "dead";

export interface Device {
  id: string;
  kind: "plates" | "gate" | "camera" | "people" | "looks" | "tags" | "latch";
  state: DeviceState;
  last_ns: number | null;
  detail: string;
  advice: string;
  noise_g?: number | null;
  drift?: number | null;
  gaps?: number | null;
  skew_ms?: number | null;
}

export interface GivenAway {
  visits: number;
  currency: string;
  /** Value not charged per 1,000 visits. */
  per_thousand: string;
  causes: { cause: string; per_thousand: string }[];
}

export interface Snapshot {
  t_ns: number;
  people: Person[];
  visits: Visit[];
  devices: Device[];
  events: ShelfEvent[];
  receipts: ReceiptRow[];
  given_away?: GivenAway | null;
}

export type LiveMessage =
  | ({ type: "snapshot" } & Snapshot)
  | { type: "people"; t_ns: number; people: Person[] }
  | { type: "event"; event: ShelfEvent }
  | { type: "visit"; visit: Visit }
  | { type: "receipt"; receipt: ReceiptRow }
  | { type: "device"; device: Device }
  | { type: "ping"; t_ns: number };

export interface Plate {
  id: number;
  x_m: number;
  width_m: number;
}

export interface Shelf {
  id: number;
  z_m: number;
  height_m?: number;
  plates: Plate[];
}

export interface Fixture {
  id: string;
  kind?: string;
  x_m: number;
  y_m: number;
  angle_deg: number;
  width_m: number;
  depth_m: number;
  shelves: Shelf[];
}

export interface Facing {
  fixture: string;
  shelf: number;
  plates: number[];
  gtin: string;
  name: string;
  stock: number | null;
}

export interface Gate {
  id: string;
  x_m: number;
  y_m: number;
  way: "entry" | "exit" | "both";
  width_m?: number;
  angle_deg?: number;
}

export interface Shop {
  store: Session["store"];
  fixtures: Fixture[];
  /** The floor's outline, metres. */
  outline: [number, number][];
  gates: Gate[];
  facings: Facing[];
  cameras: { id: string; x_m: number; y_m: number; z_m?: number }[];
}

export interface Product {
  gtin: string;
  name: string;
  price: string;
  currency: string;
  mass_g: number | null;
  image: string;
  age_min: number;
  sold_by: string;
}

export interface Human {
  viewers: number;
  clips?: number;
  seconds?: number;
  purposes?: string[];
  last_at?: number | null;
}

export interface Question {
  event: string;
  words: string;
  candidates: { key: string; why: string; probability: number }[];
}

export interface Receipt {
  visit: string;
  revision: number;
  status: "settled" | "asks" | "asked";
  lines: Line[];
  /** Contested before paying, and not charged until a person has looked. */
  withheld?: Line[];
  total: string;
  due: string;
  currency: string;
  p_exact: number;
  decided_by: "software" | "person";
  human: Human;
  entered_ns: number;
  left_ns: number;
  issued_ns: number;
  questions: Question[];
  final: boolean;
  /** Why it was issued. */
  reason?: string;
}

export interface TimelineEvent extends ShelfEvent {
  curve?: Curve | null;
  reaches?: { visit: string | null; person: string; t_ns: number[]; distance_m: number[] }[];
}

export interface Track {
  visit: string | null;
  person: string;
  t_ns: number[];
  x_m: number[];
  y_m: number[];
}

export interface Money {
  operation: string;
  amount: string;
  currency: string;
  state: string;
  at_ns: number;
}

export interface Case {
  id: string;
  visit: string;
  kind: "wrong" | "missed";
  state: "open" | "evidence" | "closed";
  line?: string | null;
  gtin?: string | null;
  name?: string | null;
  quantity?: number | null;
  words: string;
  opened_ns: number;
  closed_ns?: number | null;
  outcome?: string | null;
  /** What was said when it was closed. */
  note?: string;
  /** What it is about, in money. */
  amount?: string | null;
  closed_by?: string | null;
  history?: { at_ns: number; words: string }[];
}

export interface Curve {
  event?: string;
  t_ns: number[];
  plates: number[];
  grams: (number | null)[][];
}

/** What was kept of a visit. Curves may stand in their events or beside them. */
export interface Timeline {
  events: TimelineEvent[];
  curves?: Curve[];
  tracks?: Track[];
  /** The likeliest baskets; [GTIN, count] each. */
  baskets?: { items: [string, number][]; probability: number }[];
}

export interface VisitDetail {
  visit: Visit;
  /** Whether lines, total and probability of `visit` are of anything: a basket or a receipt was told. */
  known: boolean;
  receipts: Receipt[];
  money: Money[];
  /** What is held, paid, owed back and could not be collected, so far. */
  sums: Record<"held" | "paid" | "owed" | "uncollected", string>;
  timeline: Timeline;
  case: Case | null;
  /** The shopper's signed link, where there is one. */
  link?: string | null;
}

export interface VisitRow {
  id: string;
  party: string;
  /** `waiting`: left, and no receipt is final yet; `decided`: final, the payment is to come. */
  stage: "inside" | "waiting" | "decided" | "settled";
  entered_ns: number;
  left_ns: number | null;
  currency: string;
  revision: number | null;
  final: boolean | null;
  total: string | null;
}

export interface Health {
  devices: Device[];
  engine: { lag_ms: number | null; journal_bytes: number; snapshot_age_s: number | null };
  degraded: { what: string; since_ns?: number | null }[] | string[];
}

export interface Waiting {
  id: string;
  kind: "entry" | "age" | "help";
  words: string;
  reason?: string;
  since_ns: number;
}

export interface ShopperPage {
  visit: string;
  state: "inside" | "provisional" | "final";
  status?: "settled" | "asked";
  lines: Line[];
  withheld?: Line[];
  total: string;
  due: string;
  paid?: string;
  currency: string;
  decided_by: "software" | "person";
  human: Human;
  revisions: { revision: number; issued_ns: number; total: string; reason: string; final?: boolean }[];
  stored: { what: string; until_ns: number | null; why: string }[];
  origin: Origin;
  store?: { name: string; timezone: string };
  disputes?: Case[];
  mail?: { offered: boolean; address: string | null; letters: { revision: number; state: string; sent_ns: number | null }[] };
}

export interface Play {
  you: { visit: string | null; inside: boolean; doing: string; held: string[]; link: string | null; answeredBy?: string | null } | null;
}

export interface List<T> {
  items: T[];
  next: string | null;
}

export interface Place {
  fixture: string;
  shelf: number;
  plates: number[];
}

/** Something that stands at a wrong place. */
export interface Misplaced extends Place {
  id: number;
  gtin: string;
  name: string;
  quantity: number;
  t_ns: number;
  probability: number;
  home: Place[];
}

export interface StockRow {
  gtin: string;
  name: string;
  planned: number | null;
  sold: number;
  left: number | null;
  counted: number | null;
  days_left: number | null;
  reorder: boolean;
}

export interface Stock {
  currency: string;
  products: StockRow[];
}

export interface Sales {
  currency: string;
  timezone: string;
  visits: number;
  buyers: number;
  items: number;
  total: string;
  days: { day: string; visits: number; buyers: number; items: number; total: string }[];
  hours: { hour: number; visits: number; items: number; total: string }[];
  products: { gtin: string; name: string; items: number; visits: number; total: string }[];
  baskets: { items: number; or_more: boolean; visits: number }[];
}
