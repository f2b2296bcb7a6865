/** The reviewer's own key: made in this browser, kept in it, never given out; what it signs is what the shop publishes. */

import { hex } from "./proof";

export interface Signed {
  kind: "reviewers-statement";
  store: string;
  month: string;
  replaces: string;
  text: string;
  key: string;
  signature: string;
}

const ED = { name: "Ed25519" };
const bytes = new TextEncoder();

/** What is signed; the same bytes as `walkout.labour.voice.message`. */
export const message = (store: string, month: string, key: string, replaces: string, text: string) =>
  bytes.encode(["walkout reviewers' statement 1", store, month, key, replaces, text].join("\n"));

export const keyMessage = (store: string, key: string) => bytes.encode(["walkout reviewer's key 1", store, key].join("\n"));

const done = <T>(asked: IDBRequest<T>) =>
  new Promise<T>((good, bad) => {
    asked.onsuccess = () => good(asked.result);
    asked.onerror = () => bad(asked.error);
  });

/** This person's key pair in this browser; with `make`, a new one where there is none. The private half cannot be read out. */
export async function keyPair(who: string, make: boolean): Promise<CryptoKeyPair | null> {
  const opening = indexedDB.open("walkout-keys", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
  const store = await done(opening);
  const kept = (mode: IDBTransactionMode) => store.transaction("keys", mode).objectStore("keys");
  try {
    const found = await done<CryptoKeyPair | undefined>(kept("readonly").get(who));
    if (found || !make) return found ?? null;
    const made = (await crypto.subtle.generateKey(ED, false, ["sign", "verify"])) as CryptoKeyPair;
    await done(kept("readwrite").add(made, who));
    return made;
  } finally {
    store.close();
  }
}

export const publicHex = async (pair: CryptoKeyPair) => hex(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));

export const signed = async (pair: CryptoKeyPair, words: Uint8Array<ArrayBuffer>) => hex(new Uint8Array(await crypto.subtle.sign(ED, pair.privateKey, words)));
