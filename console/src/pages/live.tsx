/** Is the shop all right now? */

import { useEffect, useMemo } from "preact/hooks";
import { Dial } from "../dial";
import { announce, useData, useLive, useSession, useTick } from "../hooks";
import { connection, freshness } from "../live";
import { changeWords, Lines, Loading, Mark, Problem } from "../parts";
import { Plan } from "../plan";
import { receiptPath, visitPath } from "../router";
import type { Device, ReceiptRow, ShelfEvent, Shop, Visit } from "../types";
import { about, brief, count, money, percent, plates, short, whole } from "../words";
import { deviceName, deviceWords, verdict } from "../verdict";
import { Seventh, usePlay } from "./seventh";

export function LivePage() {
  const live = useLive();
  useTick(1000);
  const shop = useData<Shop>("/shop");
  const play = usePlay();
  const state = live.live;
  const fresh = freshness(live.age(), live.open);
  const said = verdict(state, fresh, live.age(), live.now());
  const newest = state.receipts[0];
  useEffect(() => {
    if (newest && connection.now() - newest.issued_ns / 1e6 < 5000) {
      announce(`Receipt of visit ${short(newest.visit)}: ${newest.status === "asked" ? "needs a person" : "settled"}`);
    }
  }, [newest?.visit, newest?.revision]);
  useEffect(() => announce(said.words), [said.words.replace(/\d+/g, "")]);
  if (!state.known) {
    return (
      <Page words={fresh === "lost" && live.tries > 2 ? "The shop does not answer." : "Connecting to the shop…"} tone="muted">
        {live.tries > 2 && (
          <p class="state">
            Tried {live.tries} times. <button onClick={() => connection.retry()}>Try now</button>
          </p>
        )}
      </Page>
    );
  }
  return (
    <Page words={said.words} tone={said.tone} more={said.more}>
      <Devices devices={state.devices} now_ms={live.now()} />
      <div class="live">
        <section class={`left${play.fixture ? " playing" : ""}`} aria-label="The shop from above">
          {shop.value ? (
            <Plan shop={shop.value} you={play.you?.visit ?? null} chosen={play.fixture} onFixture={play.walk} />
          ) : shop.error ? (
            <Problem error={shop.error} retry={() => void shop.reload()} />
          ) : (
            <Loading what="the plan" />
          )}
          {shop.value && play.here && <Seventh play={play} shop={shop.value} />}
          {play.here && <Dial small currency={shop.value?.store.currency ?? ""} />}
        </section>
        <section class="inside">
          <h2>
            Inside now <span class="number">{state.visits.length}</span>
          </h2>
          {state.visits.length === 0 && (
            <p class="state">Nobody is in the shop. A basket appears here when somebody comes in.</p>
          )}
          {state.visits.map((visit) => (
            <Basket key={visit.id} visit={visit} now_ms={live.now()} you={visit.id === play.you?.visit} />
          ))}
        </section>
        <section class="last">
          <h2>Last receipts</h2>
          <Receipts rows={state.receipts.slice(0, 7)} />
          <h2>At the shelves</h2>
          <Events events={state.events.slice(0, 8)} now_ms={live.now()} />
        </section>
      </div>
    </Page>
  );
}

interface PageProps {
  words: string;
  tone: string;
  more?: string;
  children?: preact.ComponentChildren;
}

function Page({ words, tone, more, children }: PageProps) {
  return (
    <main class="page wide" id="main">
      <h1 class={`verdict ${tone}`} tabIndex={-1}>
        {words}
      </h1>
      {more && <p class="more">{more}</p>}
      {children}
    </main>
  );
}

/** All devices as one line that opens. */
function Devices({ devices, now_ms }: { devices: Device[]; now_ms: number }) {
  const bad = devices.filter((d) => d.state !== "ok");
  const kinds = useMemo(() => {
    const many = (kind: Device["kind"]) => devices.filter((d) => d.kind === kind).length;
    return [
      [many("plates"), "shelf with scales", "shelves with scales"],
      [many("camera"), "camera", "cameras"],
      [many("gate"), "gate", "gates"],
      [many("people"), "source of people", "sources of people"],
    ]
      .filter(([n]) => n)
      .map(([n, one, more]) => count(n as number, one as string, more as string))
      .join(" · ");
  }, [devices]);
  return (
    <details class="devices">
      <summary>
        {bad.length === 0 ? (
          <>All {count(devices.length, "device")} heard from</>
        ) : (
          <span class={bad.some((d) => d.state === "dead" || d.state === "silent") ? "wrong" : "unsure"}>
            {bad.length} of {count(devices.length, "device")} not well
          </span>
        )}
        <span class="quiet"> {kinds}</span>
      </summary>
      <ul>
        {[...bad, ...devices.filter((d) => d.state === "ok")].map((device) => (
          <li key={device.id} class={device.state}>
            <b>{deviceName(device)}</b> {deviceWords(device, now_ms)}
            {device.state !== "ok" && device.advice && <span class="quiet"> {device.advice}</span>}
          </li>
        ))}
      </ul>
      <p>
        <a href="/health">Noise, drift and gaps of each</a>
      </p>
    </details>
  );
}

const MOST_LINES = 5;

function Basket({ visit, now_ms, you }: { visit: Visit; now_ms: number; you: boolean }) {
  const { store } = useSession();
  const currency = visit.currency ?? store.currency;
  const many = visit.shoppers?.length ?? 1;
  return (
    <article class="basket">
      <header>
        <Mark visit={visit.id} link />
        <span class="who">
          {you ? "You" : many > 1 ? `${many} people` : "One person"}
          <span class="quiet"> in for {whole((now_ms - visit.entered_ns / 1e6) / 1000)}</span>
        </span>
        <span class="total">{visit.lines.length > 0 && money(visit.total, currency)}</span>
      </header>
      {visit.lines.length ? (
        <Lines lines={visit.lines} currency={currency} most={MOST_LINES} />
      ) : (
        <p class="quiet nothing">nothing so far</p>
      )}
    </article>
  );
}

export function Receipts({ rows }: { rows: ReceiptRow[] }) {
  if (!rows.length) return <p class="state">No receipt yet. One appears seconds after somebody leaves.</p>;
  return (
    <ul class="rows receipts">
      {rows.map((row) => (
        <li key={row.visit} class={row.status}>
          <Mark visit={row.visit} link />
          <a href={receiptPath(row.visit)} class="what">
            {row.status === "asked" ? "Needs a person" : row.decided_by === "person" ? "Settled by a person" : "Settled"}
            <span class="sr"> visit {short(row.visit)}</span>
          </a>
          <span class="number quiet">{percent(row.p_exact)}</span>
          <span class="price">{money(row.due, row.currency)}</span>
        </li>
      ))}
    </ul>
  );
}

function Events({ events, now_ms }: { events: ShelfEvent[]; now_ms: number }) {
  if (!events.length) return <p class="state">Nothing has moved yet.</p>;
  return (
    <ul class="rows events">
      {events.map((event) => (
        <li key={event.id}>
          <span class="number quiet ago">{brief((now_ms - event.t_ns / 1e6) / 1000)}</span>
          <Mark visit={event.candidates[0]?.visit ?? null} />
          <span class="what" title={`${event.fixture} ${event.shelf}, ${plates(event.plates)}`}>
            {event.candidates[0]?.visit ? <a href={visitPath(event.candidates[0].visit)}>{changeWords(event)}</a> : changeWords(event)}
          </span>
          <span class="number quiet">{event.candidates[0] && about(event.candidates[0].probability)}</span>
        </li>
      ))}
    </ul>
  );
}
