/** What pages share: the live shop, data from the API, clocks, keys, addresses. */

import { createContext } from "preact";
import { useCallback, useContext, useEffect, useReducer, useRef, useState } from "preact/hooks";
import { ApiError, get } from "./api";
import { type Connection, connection } from "./live";
import type { List, Product, Session } from "./types";

export const SessionContext = createContext<Session | null>(null);

/** Who is signed in; pages of the console are only shown to somebody. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("a console page outside of a session");
  return session;
}

export function useZone(): string {
  return useContext(SessionContext)?.store.timezone ?? "UTC";
}

export function useRedraw(): () => void {
  return useReducer((n: number) => n + 1, 0)[1] as () => void;
}

/** The live shop; draws again whenever something but a position changed. */
export function useLive(): Connection {
  const redraw = useRedraw();
  useEffect(() => connection.subscribe(redraw), []);
  return connection;
}

/** Draws again every so often. */
export function useTick(ms: number): void {
  const redraw = useRedraw();
  useEffect(() => {
    const timer = setInterval(redraw, ms);
    return () => clearInterval(timer);
  }, [ms]);
}

export interface Data<T> {
  value: T | null;
  error: ApiError | null;
  loading: boolean;
  reload: () => Promise<void>;
}

/** What a path of the API says; kept while it is asked again, so that nothing flickers. `every`: ask again, ms. */
export function useData<T>(path: string | null, every = 0): Data<T> {
  const [state, set] = useState<{ path: string | null; value: T | null; error: ApiError | null; loading: boolean }>({
    path,
    value: null,
    error: null,
    loading: path !== null,
  });
  const latest = useRef(0);
  const load = useCallback(
    async (signal?: AbortSignal) => {
      if (path === null) return;
      const mine = ++latest.current;
      try {
        const value = await get<T>(path, signal);
        if (mine === latest.current) set({ path, value, error: null, loading: false });
      } catch (error) {
        if (mine !== latest.current || signal?.aborted) return;
        const said = error instanceof ApiError ? error : new ApiError(0, "The page could not be made", String(error));
        set((old) => ({ path, value: old.path === path ? old.value : null, error: said, loading: false }));
      }
    },
    [path],
  );
  useEffect(() => {
    const stop = new AbortController();
    set((old) => (old.path === path ? old : { path, value: null, error: null, loading: path !== null }));
    void load(stop.signal);
    const timer = every ? setInterval(() => void load(stop.signal), every) : 0;
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [load, every]);
  const current = state.path === path;
  return {
    value: current ? state.value : null,
    error: current ? state.error : null,
    loading: !current || state.loading,
    reload: load,
  };
}

/** The whole catalogue: a page of it is of no use to somebody who looks for a product. Asked for once an hour. */
export function useProducts(): Data<Product[]> {
  const [value, set] = useState<Product[] | null>(catalogue?.items ?? null);
  const [error, setError] = useState<ApiError | null>(null);
  const load = useCallback(async () => {
    if (catalogue && Date.now() - catalogue.at < 3_600_000) return set(catalogue.items);
    try {
      const items: Product[] = [];
      let cursor: string | null = "";
      while (cursor !== null) {
        const page: List<Product> = await get(`/products${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}`);
        items.push(...page.items);
        cursor = page.items.length ? (page.next ?? null) : null;
      }
      catalogue = { at: Date.now(), items };
      set(items);
      setError(null);
    } catch (problem) {
      setError(problem instanceof ApiError ? problem : new ApiError(0, "The catalogue could not be read", String(problem)));
    }
  }, []);
  useEffect(() => void load(), []);
  return { value, error, loading: value === null && error === null, reload: load };
}

let catalogue: { at: number; items: Product[] } | null = null;

/** What a GTIN is called; the GTIN where nobody knows. */
export function useNames(): (gtin: string) => string {
  const products = useProducts();
  return (gtin) => products.value?.find((p) => p.gtin === gtin)?.name ?? gtin;
}

export function reduced(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Says something to screen readers, politely. */
export function announce(words: string): void {
  const region = document.getElementById("said");
  if (region && region.textContent !== words) region.textContent = words;
}

/** How wide and how high an element is, px, and what to give it as its ref. */
export function useSize(first: [number, number] = [560, 1]): [[number, number], (element: Element | null) => void] {
  const [size, setSize] = useState(first);
  const observer = useRef<ResizeObserver | null>(null);
  const seen = useRef<Element | null>(null);
  const attach = useRef((element: Element | null) => {
    if (element === seen.current) return;
    observer.current?.disconnect();
    seen.current = element;
    if (!element) return;
    const measure = () => setSize([element.clientWidth, element.clientHeight]);
    measure();
    observer.current = new ResizeObserver(measure);
    observer.current.observe(element);
  });
  return [size, attach.current];
}
