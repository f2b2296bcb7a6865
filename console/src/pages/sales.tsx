/** What was sold, when, and how much at a time? */

import { useState } from "preact/hooks";
import { Bars } from "../bars";
import { useData } from "../hooks";
import { Empty, Loading, Problem, Scroll } from "../parts";
import { Page } from "../shell";
import type { Sales } from "../types";
import { count, money } from "../words";
import { Spans } from "./stock";

const BEST = 10;
const SPANS = [7, 30, 90];

export function SalesPage() {
  const [days, setDays] = useState(30);
  const sales = useData<Sales>(`/sales?days=${days}`, 60_000);
  const found = sales.value;
  return (
    <Page
      wide
      title={found ? `${money(found.total, found.currency)} in ${days} days.` : "Sales"}
      more={found ? `${count(found.visits, "visit")}, ${count(found.buyers, "of them with goods", "of them with goods")}, ${count(found.items, "item")}. By final receipts, in the shop's own time.` : ""}
    >
      <p>
        <Spans label="How far back" days={days} of={SPANS} words={(n) => `${n} days`} choose={setDays} />
      </p>
      {sales.error && <Problem error={sales.error} retry={() => void sales.reload()} />}
      {!found && sales.loading && <Loading what="what was sold" />}
      {found && !found.visits && <Empty>No visit ended in the last {days} days: there is nothing to draw.</Empty>}
      {found && found.visits > 0 && <Plots sales={found} days={days} />}
    </Page>
  );
}

function Plots({ sales, days }: { sales: Sales; days: number }) {
  const rows = new Map(sales.days.map((row) => [row.day, row]));
  const dates = datesOf(days, sales.timezone, sales.days[0]?.day);
  const average = sales.buyers ? (sales.items / sales.buyers).toFixed(1) : "0";
  return (
    <div class="plots">
      <Bars
        title="Sales by day"
        of="Day"
        unit={sales.currency}
        bars={dates.map((date) => {
          const total = rows.get(date)?.total ?? "0";
          return { name: dayWords(date), value: Number(total), said: money(total, sales.currency) };
        })}
      />
      <Bars
        title="Visits by day"
        of="Day"
        unit="Visits"
        bars={dates.map((date) => {
          const visits = rows.get(date)?.visits ?? 0;
          return { name: dayWords(date), value: visits, said: count(visits, "visit") };
        })}
      />
      <Bars
        title="Visits by hour of the day"
        of="Hour"
        unit="Visits"
        note="By when people left, all days together."
        bars={sales.hours.map((row) => ({
          name: String(row.hour),
          long: `${row.hour}:00 to ${row.hour + 1}:00`,
          value: row.visits,
          said: count(row.visits, "visit"),
        }))}
      />
      <Bars
        title="Items in a basket"
        of="Items"
        unit="Visits"
        note={`${average} items a visit that bought something.`}
        bars={sales.baskets.map((row) => ({
          name: row.or_more ? `${row.items}+` : String(row.items),
          long: row.or_more ? `${row.items} items and more` : count(row.items, "item"),
          value: row.visits,
          said: count(row.visits, "visit"),
        }))}
      />
      <Best sales={sales} />
    </div>
  );
}

function Best({ sales }: { sales: Sales }) {
  const [all, setAll] = useState(false);
  const most = Math.max(1, ...sales.products.map((row) => row.items));
  const shown = all ? sales.products : sales.products.slice(0, BEST);
  return (
    <section class="best">
      <h2>Best sellers</h2>
      {!sales.products.length && <Empty>Nobody bought anything.</Empty>}
      {shown.length > 0 && (
        <Scroll label="Best sellers">
          <table class="given">
            <thead>
              <tr>
                <th>Product</th>
                <th>Items</th>
                <th class="right less">Visits</th>
                <th class="right">Sales</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((row) => (
                <tr key={row.gtin}>
                  <td>{row.name}</td>
                  <td class="number">
                    <span class="bar" aria-hidden="true">
                      <span class="fill" style={{ width: `${(row.items / most) * 100}%` }} />
                    </span>{" "}
                    {row.items}
                  </td>
                  <td class="number right less">{row.visits}</td>
                  <td class="number right">{money(row.total, sales.currency)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {sales.products.length > BEST && (
        <p>
          <button type="button" class="plain" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? `Only the best ${BEST}` : `All ${sales.products.length}`}
          </button>
        </p>
      )}
    </section>
  );
}

/** Every day of the shop's calendar in a span up to now, such as 2026-11-27; from `first` where that is earlier. */
export function datesOf(days: number, zone: string, first?: string, now = Date.now()): string[] {
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(now);
  const end = Date.parse(`${today}T00:00:00Z`);
  const dates = Array.from({ length: days }, (_, k) => new Date(end - (days - 1 - k) * 86_400_000).toISOString().slice(0, 10));
  // The span begins in the middle of a day, whose end is in the sums too.
  return first && first < dates[0]! ? [first, ...dates] : dates;
}

/** Such as 3 Nov. */
export function dayWords(date: string): string {
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }).format(Date.parse(`${date}T00:00:00Z`));
}
