/** A pay statement, checked by whoever it is for: each hour is in the signed log, none is left out, the sums are right. */

import { checked, type Found, hex, type Paper, sha, text, unhex } from "./proof";

export interface PayLine {
  kind: string;
  purpose: string;
  hourly: string;
  length_ns: string;
  paid: boolean;
  amount: string;
}

/** As it is published; nanoseconds stay text, they have more digits than a number of JavaScript holds. */
export interface Pay {
  id: string;
  worker: string;
  place: string;
  zone: string;
  currency: string;
  origin: string;
  period: { name: string; start_ns: string; end_ns: string };
  log: { as_of: number; head: string };
  lines: PayLine[];
  earned: string;
  floor: { due: string; rule: string; parts: { kind: string; hourly: string; from: string; length_ns: string; source: string; source_url: string; retrieved: string }[] };
  top_up: string;
  total: string;
  before: string;
  due: string;
  rounding: string;
  asked: { number: number; start_ns: string; end_ns: string; paid: boolean }[];
  intervals: { number: number; kind: string; start_ns: string; end_ns: string }[];
}

export interface PayPaper extends Paper {
  worker: string;
  period: string;
  /** Of each month that the statement lies in, hex. */
  salts: Record<string, string>;
}

export interface Document_ {
  published: string;
  sha256: string;
  proof: PayPaper;
}

interface Logged {
  number: number;
  kind: string;
  t_ns: bigint;
  facts: Record<string, string | number | boolean>;
  reviewer: string;
}

/** Neither of these is a stretch of work: they are said of one later. */
const SAID_LATER = ["idle_answered", "granted"];

export const parsed = (published: string) => JSON.parse(published.replace(/"(\w+_ns)":\s*(\d+)/g, '"$1":"$2"')) as Pay;

/** Money as whole ten-thousandths. */
function parts(amount: string): bigint {
  const [whole = "0", rest = ""] = amount.split(".");
  return BigInt(whole + rest.padEnd(4, "0").slice(0, 4));
}

/** What somebody finds who checks their statement; `key`: the one that the shop shows the public, "" for none. */
export async function checkedPay(given: Document_, key: string): Promise<Found> {
  const pay = parsed(given.published);
  const found = await checked(given.proof, 0, key);
  found.wrong.push(...(await bornOut(given, pay)), ...summed(pay));
  return found;
}

/** What the log does not bear out. */
async function bornOut({ published, sha256, proof }: Document_, pay: Pay): Promise<string[]> {
  const wrong: string[] = [];
  if (hex(await sha(text.encode(published))) !== sha256) wrong.push("the statement's SHA-256 is not the one beside it: it was changed");
  const logged: Logged[] = proof.entries.map(({ number, line }) => {
    const { kind, facts, sealed } = JSON.parse(line);
    return { number, kind, facts, reviewer: sealed?.reviewer ?? "", t_ns: BigInt(/"t_ns":\s*(\d+)/.exec(line)?.[1] ?? 0) };
  });
  for (const one of logged) {
    const salt = proof.salts[String(one.facts.month)];
    if (!salt || one.reviewer !== (await seal(salt, "reviewer", `${pay.worker}/${one.facts.id}`))) wrong.push(`entry ${one.number} is not one of yours`);
  }
  if (!logged.some((one) => one.kind === "payment" && one.facts.what === "statement" && one.facts.sha256 === sha256)) wrong.push("this statement is not in the log as it stands here");
  // By what a stretch and its entry have in common; of two that are alike it does not matter which is which.
  const left = new Map<string, Logged[]>();
  for (const one of logged) {
    if (one.kind !== "hours" || SAID_LATER.includes(String(one.facts.what))) continue;
    const name = `${one.t_ns}/${one.facts.ms}/${one.facts.what}`;
    left.set(name, [...(left.get(name) ?? []), one]);
  }
  let last = 0n;
  for (const one of pay.intervals) {
    const end = BigInt(one.end_ns);
    const ms = end / 1_000_000n - BigInt(one.start_ns) / 1_000_000n;
    const kind = one.kind === "gold" ? "active" : one.kind;
    if (!left.get(`${end}/${ms}/${kind}`)?.pop()) wrong.push(`${seconds(ms)} of ${kind.replace(/_/g, " ")}, until ${clock(end, pay.zone)}, are on the statement and not in the log`);
    if (end > last) last = end;
  }
  // What ended later than the statement's last hour is for the next one.
  for (const one of [...left.values()].flat()) {
    const start = one.t_ns - BigInt(one.facts.ms as number) * 1_000_000n;
    const within = one.t_ns <= last && start < BigInt(pay.period.end_ns) && one.t_ns > BigInt(pay.period.start_ns);
    if (within) wrong.push(`${seconds(BigInt(one.facts.ms as number))} of your time, until ${clock(one.t_ns, pay.zone)}, are in the log and not on the statement`);
  }
  return wrong;
}

/** What does not add up on the statement itself. */
function summed(pay: Pay): string[] {
  const wrong: string[] = [];
  const [from, to] = [BigInt(pay.period.start_ns), BigInt(pay.period.end_ns)];
  const worked = new Map<string, bigint>();
  for (const one of pay.intervals) {
    const start = BigInt(one.start_ns) > from ? BigInt(one.start_ns) : from;
    const end = BigInt(one.end_ns) < to ? BigInt(one.end_ns) : to;
    if (end > start) worked.set(one.kind, (worked.get(one.kind) ?? 0n) + end - start);
  }
  for (const line of pay.lines) if (line.kind !== "granted") worked.set(line.kind, (worked.get(line.kind) ?? 0n) - BigInt(line.length_ns));
  for (const [kind, rest] of worked) if (rest !== 0n) wrong.push(`the lines have ${seconds((rest < 0n ? -rest : rest) / 1_000_000n)} of ${kind.replace(/_/g, " ")} ${rest < 0n ? "more" : "less"} than was worked`);
  const earned = pay.lines.reduce((sum, line) => sum + parts(line.amount), 0n);
  if (earned !== parts(pay.earned)) wrong.push("the lines do not add up to what was earned");
  if (parts(pay.earned) + parts(pay.top_up) !== parts(pay.total)) wrong.push("what was earned and the top-up are not the total");
  if (parts(pay.total) < parts(pay.floor.due)) wrong.push("the total is below the floor");
  const due = parts(pay.total) - parts(pay.before);
  if ((due < 0n ? 0n : due) !== parts(pay.due)) wrong.push("what is owed is not the total without what was stated before");
  return wrong;
}

const keys = new Map<string, Promise<CryptoKey>>();

export async function seal(salt: string, name: string, value: string): Promise<string> {
  if (!keys.has(salt)) keys.set(salt, crypto.subtle.importKey("raw", unhex(salt), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]));
  const key = await keys.get(salt)!;
  return hex(new Uint8Array(await crypto.subtle.sign("HMAC", key, text.encode(`${name}\0${value}`))));
}

const seconds = (ms: bigint) => `${Number(ms) / 1000} s`;

const clock = (t_ns: bigint, zone: string) => new Date(Number(t_ns / 1_000_000n)).toLocaleString("en-GB", { timeZone: zone, dateStyle: "medium", timeStyle: "medium" });
