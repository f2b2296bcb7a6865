/** The offline page of the bundle: log, report, the reviewers' statement and a holder's paper, computed again here.
 *
 * Built into one script (vite.verify.ts) that stands inside the page. It asks nobody for anything.
 */

import { hex, included, leaf, LOOKS, node, sha, text, unbase, unhex, verified } from "./proof";
import { checkedPay, type Document_, seal } from "./pay-proof";
import { message, type Signed } from "./signing";

type Facts = Record<string, string | number | boolean | undefined>;

interface Entry {
  kind: string;
  t_ns: number;
  facts: Facts;
  sealed: Record<string, string | undefined>;
}

interface Point {
  key: string;
  size: number;
  root: string;
  t_ns: string;
  signature: string;
}

interface Figure {
  n: number;
  value: number;
}

interface Report {
  period: { month: string };
  checkpoint: { root: string; size: number; words: string; witnesses: unknown[] };
  visits: { total: Figure };
  headline: { seen_by_any_person_per_1000: Figure; questions_to_settle_per_1000: Figure };
  human_work: { paid_hours: Figure };
  workforce: { statements: Figure };
  control: { workers_statement: { words: string; statements: { text: string; signatures: { store: string; key: string; replaces: string; signature: string }[] }[] } };
}

interface Holder {
  kind: string;
  salt: string;
  visit: string;
  worker: string;
  month: string;
  head: { size: number; root: string };
  entries: { number: number; line: string; path: string[] }[];
  rows: { row: string; number: number }[];
  intervals: { ms: number; paid: boolean }[];
  statements: { sha256: string }[];
  voices?: string[];
}

const at = (id: string) => document.getElementById(id)!;
const data = JSON.parse(at("data").textContent!) as { entries: string[]; head: string; checkpoints: string[]; report: Report };
const entries = data.entries.map((line) => JSON.parse(line) as Entry);
const { report } = data;

async function root(leaves: Uint8Array[]): Promise<Uint8Array> {
  if (leaves.length === 0) return sha(new Uint8Array());
  let level = leaves;
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let n = 0; n + 1 < level.length; n += 2) next.push(await node(level[n]!, level[n + 1]!));
    if (level.length % 2) next.push(level[level.length - 1]!);
    level = next;
  }
  return level[0]!;
}

/** A signed head from its line. Its time has more digits than a number of JavaScript holds: they stay text. */
function point(line: string): Point {
  return { ...(JSON.parse(line) as Point), t_ns: /"t_ns":(\d+)/.exec(line)![1]! };
}

const signedPoint = (one: Point) =>
  verified(unbase(one.key), unbase(one.signature), text.encode(`walkout checkpoint 1\n${one.key}\n${one.size}\n${one.root}\n${one.t_ns}\n`));

function recount(month: string): Record<string, number> {
  const visits = new Set<string>();
  const seen = new Set<string>();
  const questions = new Map<string, string>();
  let paid = 0;
  let people = 0;
  for (const one of entries.filter((e) => e.facts.month === month)) {
    const { what, purpose } = one.facts;
    const visit = one.sealed.visit ?? "";
    if (LOOKS.includes(one.kind)) {
      seen.add(visit);
      if (purpose === "settle" && what === "question") questions.set(one.sealed.question!, visit);
    } else if (one.kind === "decision" && what === "receipt") visits.add(visit);
    else if (one.kind === "hours" && one.facts.paid) paid += Number(one.facts.ms);
    else if (one.kind === "payment" && what === "statement" && one.facts.revision === 0) people += 1;
  }
  return {
    visits: visits.size,
    "visits seen by any person": [...seen].filter((visit) => visits.has(visit)).length,
    "questions to settle": [...questions.values()].filter((visit) => visits.has(visit)).length,
    "paid hours": Math.round(paid / 3.6) / 1e6,
    "people with a statement": people,
  };
}

function say(list: Element, good: boolean | null, words: string): boolean {
  const item = document.createElement("li");
  item.className = good === null ? "note" : good ? "yes" : "no";
  item.textContent = (good === null ? "" : good ? "holds: " : "WRONG: ") + words;
  list.append(item);
  return good !== false;
}

const nameOf = async (...parts: Parameters<typeof message>) => hex(await sha(message(...parts)));

interface Logged {
  store: string;
  key: string;
  replaces: string;
}

/** What stands in the log of the reviewers' statements: hash to key and what it replaces. As disclosure/voices.py. */
function standing(month: string): Map<string, Logged> {
  const logged = new Map<string, Logged>();
  for (const { kind, facts } of entries)
    if (kind === "voice" && facts.what === "statement" && facts.month === month)
      logged.set(String(facts.sha256), { store: String(facts.store), key: String(facts.key), replaces: String(facts.replaces) });
  for (const { key, replaces } of [...logged.values()]) if (logged.get(replaces)?.key === key) logged.delete(replaces);
  return logged;
}

async function statements(list: Element): Promise<boolean> {
  const month = report.period.month;
  const logged = standing(month);
  const told = report.control.workers_statement;
  let good = true;
  for (const one of told.statements) {
    for (const by of one.signatures) {
      const name = await nameOf(by.store, month, by.key, by.replaces, one.text);
      const signed = await verified(unhex(by.key), unhex(by.signature), message(by.store, month, by.key, by.replaces, one.text));
      const found = logged.get(name);
      const fits = found?.key === by.key && found.replaces === by.replaces;
      logged.delete(name);
      if (signed === null) say(list, null, "this browser knows no Ed25519: the reviewers' signature could not be checked");
      good = say(list, signed !== false && fits, `the reviewers' statement is what key ${by.key.slice(0, 16)} signed, and it is in the log`) && good;
    }
  }
  for (const [name, { store, key, replaces }] of logged)
    if (name !== (await nameOf(store, month, key, replaces, ""))) good = say(list, false, `the log has a statement of the reviewers (${name.slice(0, 12)}) that the report leaves out`);
  say(list, null, told.words);
  return good;
}

async function bundle(): Promise<void> {
  const list = at("bundle");
  const head = point(data.head);
  const checkpoints = data.checkpoints.map(point);
  const leaves: Uint8Array[] = [];
  for (const line of data.entries) leaves.push(await leaf(line));
  list.replaceChildren();
  let good = say(list, leaves.length === head.size && hex(await root(leaves)) === hex(unbase(head.root)), `the log of ${entries.length} entries is the one that the shop signed`);
  let all = true;
  for (const one of checkpoints) all = all && hex(await root(leaves.slice(0, one.size))) === hex(unbase(one.root)) && (await signedPoint(one)) !== false;
  good = say(list, all, `it begins as each of its ${checkpoints.length} checkpoints says`) && good;
  const signature = await signedPoint(head);
  good = say(list, signature, signature === null ? "the signature could not be checked: this browser knows no Ed25519" : "the signature is the shop's key's") && good;
  const rests = report.checkpoint;
  good = say(list, rests.root === hex(unbase(head.root)) && rests.size === head.size, "the report rests on this log") && good;
  good = (await statements(list)) && good;
  say(list, rests.witnesses.length ? true : null, rests.words);
  const told: Record<string, number> = {
    visits: report.visits.total.n,
    "visits seen by any person": report.headline.seen_by_any_person_per_1000.n,
    "questions to settle": report.headline.questions_to_settle_per_1000.n,
    "paid hours": report.human_work.paid_hours.value,
    "people with a statement": report.workforce.statements.n,
  };
  const table = at("numbers") as HTMLTableElement;
  table.insertRow().append(
    ...["", "the report says", "the log gives"].map((words) => {
      const cell = document.createElement("th");
      cell.textContent = words;
      return cell;
    }),
  );
  for (const [name, found] of Object.entries(recount(report.period.month))) {
    const row = table.insertRow();
    for (const words of [name, told[name], found]) row.insertCell().textContent = String(words);
    row.className = told[name] === found ? "yes" : "no";
    good = good && told[name] === found;
  }
  say(list, good, "everything together");
  document.body.dataset.bundle = good ? "holds" : "wrong";
}

/** What somebody keeps of what they signed: is it theirs, is it in the log, does the report carry it? */
async function own(list: Element, mine: Signed): Promise<boolean> {
  const name = await nameOf(mine.store, mine.month, mine.key, mine.replaces, mine.text);
  const signed = await verified(unhex(mine.key), unhex(mine.signature), message(mine.store, mine.month, mine.key, mine.replaces, mine.text));
  let good = say(list, signed, signed === null ? "this browser knows no Ed25519" : "this key signed these words");
  const logged = entries.filter(({ kind, facts }) => kind === "voice" && facts.sha256 === name && facts.key === mine.key);
  good = say(list, logged.length > 0, "your statement is in the log") && good;
  if (mine.month !== report.period.month) return say(list, null, `this report is about ${report.period.month}, your statement about ${mine.month}`) && good;
  if (!standing(mine.month).has(name)) return say(list, null, "your key replaced it, or took it back, later") && good;
  const carried = report.control.workers_statement.statements.some((one) => one.text === mine.text && one.signatures.some((by) => by.key === mine.key && by.signature === mine.signature));
  return say(list, carried || !mine.text, "the report carries it as you signed it") && good;
}

async function paper(list: Element, holder: Holder): Promise<boolean> {
  const lines = data.entries;
  let good = true;
  for (const one of holder.entries) {
    const fits = await included(one.line, one.number, holder.head.size, one.path, holder.head.root);
    if (!fits || lines[one.number] !== one.line) good = say(list, false, `entry ${one.number} is not in this log as your paper proves it`);
  }
  const have = new Set(holder.entries.map((one) => one.number));
  for (const row of holder.rows) if (!have.has(row.number)) good = say(list, false, `${row.row} has no entry`);
  const mine: Entry[] = [];
  const ofVisit = holder.kind === "visit-paper" ? await seal(holder.salt, "visit", holder.visit) : null;
  for (const one of entries) {
    const { visit, reviewer } = one.sealed;
    if (ofVisit !== null ? visit === ofVisit : reviewer !== undefined && reviewer === (await seal(holder.salt, "reviewer", `${holder.worker}/${one.facts.id}`))) mine.push(one);
  }
  const looks = mine.filter((one) => LOOKS.includes(one.kind));
  say(list, null, `${mine.length} entries of this log are yours, ${looks.length} of them looks`);
  for (const one of looks.slice(0, 200)) say(list, null, `${new Date(one.t_ns / 1e6).toISOString().slice(0, 16)}: ${one.facts.what} for ${one.facts.purpose}`);
  if (holder.kind === "month-paper") {
    const worked = mine.filter((one) => one.kind === "hours" && one.facts.month === holder.month && !["idle_answered", "granted"].includes(String(one.facts.what)));
    const logged = worked.map((one) => `${one.facts.ms} ${one.facts.paid}`);
    for (const one of holder.intervals) {
      const found = logged.indexOf(`${one.ms} ${one.paid}`);
      if (found < 0) good = say(list, false, `${one.ms / 1000} s of your time are not in the log`);
      else logged.splice(found, 1);
    }
    const said = new Set(mine.filter((one) => one.kind === "payment" || one.kind === "voice").map((one) => one.facts.sha256));
    for (const one of holder.statements) if (!said.has(one.sha256)) good = say(list, false, `your statement ${one.sha256.slice(0, 12)} is not in the log`);
    for (const one of holder.voices ?? []) if (!said.has(one)) good = say(list, false, `what you said in public (${one.slice(0, 12)}) is not in the log`);
    for (const one of mine) if (one.kind === "voice" && one.facts.what === "key") say(list, null, `a key stands in your name: ${one.facts.key}`);
  }
  return say(list, good, "you were counted: each of your entries is in the log that the report was counted from");
}

/** A pay statement with its proof: as it stands, and against this log. */
async function pay(list: Element, one: Document_): Promise<boolean> {
  const found = await checkedPay(one, hex(unbase(point(data.head).key)));
  let good = found.wrong.length === 0;
  for (const words of found.wrong) say(list, false, words);
  for (const entry of one.proof.entries) if (data.entries[entry.number] !== entry.line) good = say(list, false, `entry ${entry.number} is another one in this log`);
  return say(list, good, "your statement is in this log, with each hour of it, and its sums are right") && good;
}

async function given(words: string): Promise<void> {
  const list = at("mine");
  list.replaceChildren();
  let good: boolean;
  try {
    const read = JSON.parse(words) as { kind: string };
    good =
      read.kind === "reviewers-statement" ? await own(list, read as Signed) : read.kind === "pay-statement" ? await pay(list, read as unknown as Document_) : await paper(list, read as Holder);
  } catch (problem) {
    list.replaceChildren();
    good = say(list, false, `this is no paper (${(problem as Error).message}); right is the JSON from your own page`);
  }
  document.body.dataset.paper = good ? "holds" : "wrong";
}

at("go").addEventListener("click", () => void given((at("text") as HTMLTextAreaElement).value));
at("paper").addEventListener("change", (event) => void (event.target as HTMLInputElement).files![0]!.text().then(given));
void bundle();
