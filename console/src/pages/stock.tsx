/** What do I put back, and what do I order? */

import { useRef, useState } from "preact/hooks";
import { ApiError, call } from "../api";
import { announce, useData, useSession, useZone } from "../hooks";
import { Empty, Loading, Problem, Scroll } from "../parts";
import { Page } from "../shell";
import type { Misplaced, Place, Stock, StockRow } from "../types";
import { about, count, day, listed, plates, time } from "../words";

const FULL = [1, 7, 30, 90];

export function StockPage() {
  const [days, setDays] = useState(7);
  const stock = useData<Stock>(`/stock?days=${days}`, 60_000);
  const astray = useData<{ items: Misplaced[] }>("/misplaced", 5000);
  const back = astray.value?.items ?? [];
  const order = (stock.value?.products ?? []).filter((row) => row.reorder);
  const parts = [back.length ? count(back.length, "thing to put back", "things to put back") : "", order.length ? `${order.length} to order` : ""];
  const said = parts.filter(Boolean).join(", ");
  const known = stock.value !== null && astray.value !== null;
  return (
    <Page
      title={known ? (said ? `${said}.` : "Nothing to put back, nothing to order.") : "Stock"}
      tone={known && said ? "unsure" : ""}
      more="By the books: what was planned, less what final receipts say. A look at the shelf is the truth."
    >
      <PutBack astray={astray.value ? back : null} loading={astray.loading} error={astray.error} reload={astray.reload} />
      <div class="heading">
        <h2>Stock</h2>
        <Spans label="When the shelves were last full" days={days} of={FULL} words={(n) => `full ${count(n, "day")} ago`} choose={setDays} />
      </div>
      {stock.error && <Problem error={stock.error} retry={() => void stock.reload()} />}
      {!stock.value && stock.loading && <Loading what="the stock" />}
      {stock.value && !stock.value.products.length && (
        <Empty>
          No product has a place on a shelf yet. <a href="/shop">Give it one on the Shop page.</a>
        </Empty>
      )}
      {stock.value && stock.value.products.length > 0 && <Table rows={stock.value.products} days={days} />}
    </Page>
  );
}

interface SpansProps {
  label: string;
  days: number;
  of: number[];
  words: (days: number) => string;
  choose: (days: number) => void;
}

/** Buttons to choose how many days back are looked at. */
export function Spans({ label, days, of, words, choose }: SpansProps) {
  return (
    <span class="tools" role="group" aria-label={label}>
      {of.map((span) => (
        <button type="button" class="plain" key={span} aria-pressed={span === days} onClick={() => choose(span)}>
          {words(span)}
        </button>
      ))}
    </span>
  );
}

interface PutBackProps {
  astray: Misplaced[] | null;
  loading: boolean;
  error: ApiError | null;
  reload: () => Promise<void>;
}

function PutBack({ astray, loading, error, reload }: PutBackProps) {
  const zone = useZone();
  const may = ["admin", "operator", "staff"].includes(useSession().role);
  const [failed, setFailed] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const tick = async (row: Misplaced, at: number) => {
    setBusy(row.id);
    setFailed(null);
    try {
      await call("DELETE", `/misplaced/${row.id}`);
      announce(`${row.name} is struck off.`);
    } catch (problem) {
      // Somebody else was quicker: the list says so by itself.
      if (!(problem instanceof ApiError) || problem.status !== 404)
        setFailed(problem instanceof ApiError ? problem : new ApiError(0, "It could not be struck off", String(problem)));
    }
    await reload();
    setBusy(0);
    requestAnimationFrame(() => {
      const left = list.current?.querySelectorAll<HTMLElement>("button") ?? [];
      (left[Math.min(at, left.length - 1)] ?? document.querySelector<HTMLElement>("#back"))?.focus();
    });
  };
  return (
    <section>
      <h2 id="back" tabIndex={-1}>
        To put back
      </h2>
      {error && <Problem error={error} retry={() => void reload()} />}
      {failed && <Problem error={failed} />}
      {!astray && loading && <Loading what="what stands at wrong places" />}
      {astray && !astray.length && <Empty>Nobody left anything at a wrong place, as far as the shelves can tell.</Empty>}
      {astray && astray.length > 0 && (
        <ul class="astray" ref={list}>
          {astray.map((row, at) => (
            <li key={row.id}>
              <span class="what">
                <b>{row.quantity > 1 ? `${row.quantity} × ${row.name}` : row.name}</b>{" "}
                <span class="quiet">
                  {day(row.t_ns, zone) === day(Date.now() * 1e6, zone) ? "" : `${day(row.t_ns, zone)} `}
                  {time(row.t_ns, zone).slice(0, 5)}
                  {row.probability < 0.95 && <span class="unsure"> · probably, {about(row.probability)}</span>}
                </span>
              </span>
              <span class="where">
                {placeWords(row)}
                <span class="quiet"> → {row.home.length ? listed(row.home.map(placeWords)) : "it has no place of its own"}</span>
              </span>
              {may && (
                <button type="button" disabled={busy === row.id} aria-label={`It is put back: ${row.name} at ${placeWords(row)}`} onClick={() => void tick(row, at)}>
                  It is put back
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {astray && astray.length > 0 && <p class="quiet">Strike off what is not there, too. Nobody's name is kept: neither who left it nor who put it back.</p>}
    </section>
  );
}

export function placeWords(place: Place): string {
  return `${place.fixture} shelf ${place.shelf}, ${plates(place.plates)}`;
}

function Table({ rows, days }: { rows: StockRow[]; days: number }) {
  const sorted = [...rows].sort((a, b) => Number(b.reorder) - Number(a.reorder));
  return (
    <>
      <Scroll label="Stock">
        <table class="given stock">
          <thead>
            <tr>
              <th>Product</th>
              <th>Left</th>
              <th class="right">Sold</th>
              <th class="right less">Lasts</th>
              <th>Order</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((row) => (
              <tr key={row.gtin} class={row.reorder ? "unsure" : ""}>
                <td>{row.name}</td>
                <td class="number">
                  {row.left === null ? (
                    <span class="quiet">not known</span>
                  ) : (
                    <>
                      <span class="bar" aria-hidden="true">
                        <span class="fill" style={{ width: `${row.planned ? Math.min(100, (row.left / row.planned) * 100) : 0}%` }} />
                      </span>{" "}
                      {row.left}
                      {row.planned !== null && ` of ${row.planned}`}
                      {row.counted !== null && <span class="quiet"> weighed</span>}
                    </>
                  )}
                </td>
                <td class="number right">{row.sold || ""}</td>
                <td class="number right less">{row.left === 0 ? "none left" : lasts(row.days_left)}</td>
                <td>{row.reorder ? <b>order</b> : ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p class="quiet">
        Left, where it says weighed: what the scales count now, refills and all. Elsewhere the stock in the planogram less what was sold in {count(days, "day")}, so
        choose when the shelves were last full: goods that came onto them since are not known there. Lasts: at the pace of these days. To order: a third or less
        is left.
      </p>
    </>
  );
}

export function lasts(days: number | null): string {
  if (days === null) return "";
  if (days < 1) return "under a day";
  return count(Math.floor(days), "day");
}
