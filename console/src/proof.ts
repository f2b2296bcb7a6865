/** A holder's paper, checked in their own browser: each entry is in the signed log (RFC 6962, SHA-256, Ed25519).
 *
 * The console uses it, and the offline page of the bundle (verify.ts) is built from it: one way to check, in two places.
 */

export interface Paper {
  head: { size: number; root: string };
  /** The hash of the latest checkpoint that the shop kept; null before the first. */
  checkpoint?: string | null;
  /** That checkpoint, and the proof that the head continues it. */
  kept?: { size: number; root: string; hash: string; signed: string; signature: string; path: string[] } | null;
  /** The signed words: title, key (base64), size, root (base64), time. */
  signed: string;
  key: string;
  signature: string;
  entries: { number: number; line: string; path: string[] }[];
  rows: { row: string; number: number }[];
}

export interface Found {
  entries: number;
  looks: number;
  /** Entries of the whole log up to the head. */
  size: number;
  /** null: this browser knows no Ed25519. */
  signed: boolean | null;
  /** The hash of the latest checkpoint. */
  checkpoint: string | null;
  wrong: string[];
}

export const LOOKS = ["view", "widening", "raw_access"];
export const text = new TextEncoder();

export const hex = (bytes: Uint8Array) => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
export const unhex = (words: string) => Uint8Array.from(words.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
export const unbase = (words: string) => Uint8Array.from(atob(words), (c) => c.charCodeAt(0));

export async function sha(...parts: Uint8Array[]): Promise<Uint8Array> {
  const all = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
}

export const leaf = (line: string) => sha(Uint8Array.of(0), text.encode(line));
export const node = (left: Uint8Array, right: Uint8Array) => sha(Uint8Array.of(1), left, right);

/** Whether a line is entry `number` of the log of `size` entries with this root (RFC 9162, 2.1.3.2). */
export async function included(line: string, number: number, size: number, path: string[], root: string): Promise<boolean> {
  if (!(number >= 0 && number < size)) return false;
  let at = number;
  let last = size - 1;
  let hash = await leaf(line);
  for (const step of path) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = await node(unhex(step), hash);
      while (at % 2 === 0 && at !== 0) {
        at = Math.floor(at / 2);
        last = Math.floor(last / 2);
      }
    } else hash = await node(hash, unhex(step));
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && hex(hash) === root;
}

/** Whether the log of `size` entries begins with the one of `first`, by their roots (RFC 9162, 2.1.4.2). */
export async function continued(first: number, size: number, firstRoot: string, root: string, path: string[]): Promise<boolean> {
  if (!(first > 0 && first <= size)) return false;
  if (first === size) return path.length === 0 && firstRoot === root;
  // A tree of a power of two is a step of its own.
  const [begin, ...steps] = Math.log2(first) % 1 === 0 ? [firstRoot, ...path] : path;
  if (!begin) return false;
  let at = first - 1;
  let last = size - 1;
  const up = () => {
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  };
  while (at % 2 === 1) up();
  let before: Uint8Array = unhex(begin);
  let now: Uint8Array = before;
  for (const step of steps.map(unhex)) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      before = await node(step, before);
      now = await node(step, now);
      while (at % 2 === 0 && at !== 0) up();
    } else now = await node(now, step);
    up();
  }
  return last === 0 && hex(before) === firstRoot && hex(now) === root;
}

/** Whether an Ed25519 key signed these words; null: this browser knows no Ed25519. */
export async function verified(key: Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>, words: Uint8Array<ArrayBuffer>): Promise<boolean | null> {
  try {
    const known = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, known, signature, words);
  } catch (problem) {
    return (problem as Error).name === "NotSupportedError" ? null : false;
  }
}

async function signedBy(paper: Paper, head: { size: number; root: string }, words: string, signature: string): Promise<boolean | null> {
  const [, key, size, root] = words.split("\n");
  if (!key || !root || hex(unbase(key)) !== paper.key) return false;
  if (Number(size) !== head.size || hex(unbase(root)) !== head.root) return false;
  return verified(unhex(paper.key), unhex(signature), text.encode(words));
}

/** What does not fit between a paper and the checkpoint that it carries. */
async function keptWrong(paper: Paper): Promise<string[]> {
  const { kept } = paper;
  if (!kept) return paper.checkpoint ? ["the checkpoint is not on the paper, only its hash"] : [];
  const wrong: string[] = [];
  if (kept.hash !== paper.checkpoint || hex(await sha(text.encode(kept.signed))) !== kept.hash) wrong.push("the checkpoint's hash is not that of the checkpoint");
  if ((await signedBy(paper, kept, kept.signed, kept.signature)) === false) wrong.push("the checkpoint is not signed by the key on the paper");
  if (!(await continued(kept.size, paper.head.size, kept.root, paper.head.root, kept.path))) wrong.push("the log's head does not continue the checkpoint");
  return wrong;
}

/** What a paper proves; `looks`: how many looks the holder knows of, `key`: the key that the shop shows the public. */
export async function checked(paper: Paper, looks: number, key: string): Promise<Found> {
  const wrong: string[] = [];
  for (const one of paper.entries) {
    const fits = await included(one.line, one.number, paper.head.size, one.path, paper.head.root);
    if (!fits) wrong.push(`entry ${one.number} is not in the log as the paper says`);
  }
  const have = new Set(paper.entries.map((one) => one.number));
  for (const row of paper.rows) if (!have.has(row.number)) wrong.push(`${row.row} has no entry in the log`);
  const seen = paper.entries.filter((one) => LOOKS.includes(JSON.parse(one.line).kind)).length;
  if (seen < looks) wrong.push(`your receipt speaks of ${looks} looks, the log holds ${seen}`);
  wrong.push(...(await keptWrong(paper)));
  const signed = await signedBy(paper, paper.head, paper.signed, paper.signature);
  if (signed === false) wrong.push("the log's head is not signed by the key on the paper");
  if (key && key !== paper.key) wrong.push("the paper is signed by another key than the one the shop shows the public");
  return { entries: paper.entries.length, looks: seen, size: paper.head.size, signed, checkpoint: paper.checkpoint ?? null, wrong };
}
