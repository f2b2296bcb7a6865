/** Keys: one table for all pages, listed by `?`. Single keys can be switched off (WCAG 2.1.4). */

import { useLayoutEffect, useRef } from "preact/hooks";

export interface Key {
  key: string;
  does: string;
  /** With the key as it was pressed: Shift, and whether it is held down. */
  run: (event: KeyboardEvent) => void;
}

const OFF = "walkout:keys-off";
const pages = new Set<{ keys: () => Key[]; since: () => number }>();

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

/** When what a page asks was first on the screen, in the time of events; never, until it is. */
export interface Shown {
  current: number;
}

/** Says since when what is drawn now can be seen: a key pressed before that is meant for something else. */
export function useShown(): Shown {
  const shown = useRef(Number.POSITIVE_INFINITY);
  useLayoutEffect(() => {
    let timer = 0;
    // A frame's callback runs just before it is painted; a timer set there, after.
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(() => {
        shown.current = performance.now();
      });
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, []);
  return shown;
}

/** What a page's keys do while it is shown, from the same commit on; none that was pressed before `shown`. */
export function useKeys(keys: Key[], shown?: Shown): void {
  const latest = useRef(keys);
  latest.current = keys;
  useLayoutEffect(() => {
    const mine = { keys: () => latest.current, since: () => shown?.current ?? 0 };
    pages.add(mine);
    return () => {
      pages.delete(mine);
    };
  }, []);
}

/** All keys that do something now, the page's own first. */
export function keysNow(): Key[] {
  return [...pages].reverse().flatMap((page) => page.keys());
}

/** What a key does that was pressed at an instant; null where what it would do was not on the screen then. */
function meant(key: string, t_ms: number): Key | null | undefined {
  for (const page of [...pages].reverse()) {
    const found = page.keys().find((one) => one.key === key);
    if (found) return t_ms < page.since() ? null : found;
  }
  return undefined;
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
    const found = meant(event.key, event.timeStamp);
    if (found === undefined) return;
    event.preventDefault();
    found?.run(event);
  });
}
