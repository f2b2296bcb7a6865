/** Addresses: which page, and how to go to another without loading anything anew. */

import { useEffect } from "preact/hooks";
import { useRedraw } from "./hooks";

const MOVED = "walkout:moved";

export interface Route {
  name: string;
  /** The part of the address that names a thing. */
  id: string;
}

const TABLE: [RegExp, string][] = [
  [/^\/$/, "live"],
  [/^\/visits$/, "visits"],
  [/^\/visits\/([^/]+)$/, "visit"],
  [/^\/visits\/([^/]+)\/receipt$/, "receipt"],
  [/^\/disputes$/, "disputes"],
  [/^\/disputes\/([^/]+)$/, "dispute"],
  [/^\/door$/, "door"],
  [/^\/shop$/, "shop"],
  [/^\/stock$/, "stock"],
  [/^\/sales$/, "sales"],
  [/^\/given-away$/, "given-away"],
  [/^\/health$/, "health"],
  [/^\/review$/, "review"],
  [/^\/review\/practice$/, "practice"],
  [/^\/review\/overview$/, "overview"],
  [/^\/review\/appeals$/, "appeals"],
  [/^\/review\/team$/, "team"],
  [/^\/review\/months$/, "months"],
  [/^\/review\/annotate$/, "annotate"],
  [/^\/review\/dataset$/, "dataset"],
  [/^\/labour$/, "labour"],
  [/^\/privacy$/, "privacy"],
  [/^\/shift$/, "shift"],
  [/^\/shift\/statements\/(\d{4}-\d{2})$/, "pay"],
  [/^\/account$/, "account"],
  [/^\/public$/, "public"],
  [/^\/sign$/, "sign"],
  [/^\/sign-in$/, "sign-in"],
  [/^\/first-run$/, "first-run"],
  [/^\/new-password$/, "new-password"],
  [/^\/s\/([^/]+)$/, "shopper"],
  [/^\/exit\/([^/]+)$/, "exit"],
];

export function route(path: string): Route {
  const clean = path.length > 1 ? path.replace(/\/+$/, "") : path;
  for (const [pattern, name] of TABLE) {
    const found = pattern.exec(clean);
    if (found) return { name, id: unescaped(found[1] ?? "") };
  }
  return { name: "nowhere", id: clean };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function go(path: string, replace = false): void {
  if (replace) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
  dispatchEvent(new Event(MOVED));
}

export function useRoute(): Route {
  const redraw = useRedraw();
  useEffect(() => {
    addEventListener("popstate", redraw);
    addEventListener(MOVED, redraw);
    return () => {
      removeEventListener("popstate", redraw);
      removeEventListener(MOVED, redraw);
    };
  }, []);
  return route(location.pathname);
}

/** Follows plain clicks on links of this site here, as a browser would. */
export function followLinks(): void {
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return;
    const link = (event.target as Element | null)?.closest?.("a[href]") as HTMLAnchorElement | null;
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (route(link.pathname).name === "nowhere" || link.getAttribute("href")?.startsWith("#")) return;
    event.preventDefault();
    go(link.pathname + link.search);
    scrollTo(0, 0);
  });
}

export const visitPath = (visit: string) => `/visits/${encodeURIComponent(visit)}`;
export const receiptPath = (visit: string) => `${visitPath(visit)}/receipt`;
export const casePath = (id: string) => `/disputes/${encodeURIComponent(id)}`;
