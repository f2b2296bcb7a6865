/** A holder's paper, checked in their own browser: each entry is in the signed log (RFC 6962, SHA-256, Ed25519).
 *
 * The console uses it, and the offline page of the bundle (verify.ts) is built from it: one way to check, in two places.
 */

export interface Paper {
  head: { size: number; root: string };
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

/** Whether an Ed25519 key signed these words; null: this browser knows no Ed25519. */
export async function verified(key: Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>, words: Uint8Array<ArrayBuffer>): Promise<boolean | null> {
  try {
    const known = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, known, signature, words);
  } catch (problem) {
    return (problem as Error).name === "NotSupportedError" ? null : false;
  }
}

async function signedBy(paper: Paper): Promise<boolean | null> {
  const [, key, size, root] = paper.signed.split("\n");
  if (!key || !root || hex(unbase(key)) !== paper.key) return false;
  if (Number(size) !== paper.head.size || hex(unbase(root)) !== paper.head.root) return false;
  return verified(unhex(paper.key), unhex(paper.signature), text.encode(paper.signed));
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
  const signed = await signedBy(paper);
  if (signed === false) wrong.push("the log's head is not signed by the key on the paper");
  if (key && key !== paper.key) wrong.push("the paper is signed by another key than the one the shop shows the public");
  return { entries: paper.entries.length, looks: seen, size: paper.head.size, signed, wrong };
}
