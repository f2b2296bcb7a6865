/** Keys: one table for all pages, listed by `?`. Single keys can be switched off (WCAG 2.1.4). */

import { useEffect, useRef } from "preact/hooks";

export interface Key {
  key: string;
  does: string;
  run: () => void;
}

const OFF = "walkout:keys-off";
const pages = new Set<() => Key[]>();

export function keysOff(): boolean {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false;
  }
}

export function setKeysOff(off: boolean): void {
  try {
    if (off) localStorage.setItem(OFF, "1");
    else localStorage.removeItem(OFF);
  } catch {
    // A browser that keeps nothing starts with keys on, each time.
  }
}

/** What a page's keys do while it is shown. */
export function useKeys(keys: Key[]): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const mine = () => latest.current;
    pages.add(mine);
    return () => {
      pages.delete(mine);
    };
  }, []);
}

/** All keys that do something now, the page's own first. */
export function keysNow(): Key[] {
  return [...pages].reverse().flatMap((page) => page());
}

/** Whether a key pressed there is text, or moves within a control, and no command. */
export function typing(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName)) return true;
  if (target instanceof HTMLInputElement) return target.type !== "range" || /^Arrow|^Home$|^End$|^Page/.test(key);
  return (key === " " || key === "Enter") && /^(BUTTON|A|SUMMARY)$/.test(target.tagName);
}

export function listen(): void {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (typing(event.target, event.key)) return;
    if (keysOff() && event.key !== "?") return;
    if (document.querySelector("dialog[open]") && event.key !== "?") return;
    const found = keysNow().find((k) => k.key === event.key);
    if (!found) return;
    event.preventDefault();
    found.run();
  });
}
