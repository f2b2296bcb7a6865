/** The running shop as the console knows it: one WebSocket, a pure step for each message, and how old it all is. */

import { ApiError, get, ROOT } from "./api";
import { assign } from "./marks";
import { Motion } from "./motion";
import type { Device, LiveMessage, Person, ReceiptRow, ShelfEvent, Snapshot, Visit } from "./types";

export interface Live {
  /** False until the first snapshot. */
  known: boolean;
  people: Person[];
  visits: Visit[];
  devices: Device[];
  events: ShelfEvent[];
  receipts: ReceiptRow[];
  given: Snapshot["given_away"];
  t_ns: number;
}

export const NOTHING: Live = {
  known: false,
  people: [],
  visits: [],
  devices: [],
  events: [],
  receipts: [],
  given: null,
  t_ns: 0,
};

const MOST_EVENTS = 50;
const MOST_RECEIPTS = 20;

/** The shop after one message. What leaves is left out; the newest event and receipt stand first. */
export function step(live: Live, message: LiveMessage): Live {
  switch (message.type) {
    case "snapshot":
      return {
        known: true,
        people: message.people,
        visits: message.visits.filter((v) => v.left_ns === null).sort(byEntry),
        devices: message.devices,
        events: [...message.events].sort((a, b) => b.t_ns - a.t_ns).slice(0, MOST_EVENTS),
        receipts: [...message.receipts].sort((a, b) => b.issued_ns - a.issued_ns).slice(0, MOST_RECEIPTS),
        given: message.given_away ?? null,
        t_ns: message.t_ns,
      };
    case "people":
      return { ...live, people: message.people, t_ns: Math.max(live.t_ns, message.t_ns) };
    case "event": {
      const others = live.events.filter((e) => e.id !== message.event.id);
      const events = [message.event, ...others].sort((a, b) => b.t_ns - a.t_ns).slice(0, MOST_EVENTS);
      return { ...live, events };
    }
    case "visit": {
      const others = live.visits.filter((v) => v.id !== message.visit.id);
      const visits = message.visit.left_ns === null ? [...others, message.visit].sort(byEntry) : others;
      return { ...live, visits };
    }
    case "receipt": {
      const others = live.receipts.filter((r) => r.visit !== message.receipt.visit);
      const old = live.receipts.find((r) => r.visit === message.receipt.visit);
      if (old && old.revision > message.receipt.revision) return live;
      return { ...live, receipts: [message.receipt, ...others].slice(0, MOST_RECEIPTS) };
    }
    case "device": {
      const devices = live.devices.map((d) => (d.id === message.device.id ? { ...d, ...message.device } : d));
      if (!devices.some((d) => d.id === message.device.id)) devices.push(message.device);
      return { ...live, devices };
    }
    case "ping":
      return { ...live, t_ns: Math.max(live.t_ns, message.t_ns) };
    default:
      return live; // a newer release says more
  }
}

function byEntry(a: Visit, b: Visit): number {
  return a.entered_ns - b.entered_ns || (a.id < b.id ? -1 : 1);
}

export type Freshness = "live" | "late" | "lost";
/** Pings come every 2 s. */
const LATE_MS = 5000;
const LOST_MS = 15000;

/** How much a page that heard something so long ago can be trusted. */
export function freshness(age_ms: number, open: boolean): Freshness {
  if (age_ms > LOST_MS || (!open && age_ms > LATE_MS)) return "lost";
  return age_ms > LATE_MS || !open ? "late" : "live";
}

/** How long to wait before the n-th try again, ms: 0.5 s doubling to 15 s. */
export function backoff(tries: number): number {
  return Math.min(500 * 2 ** tries, 15000);
}

type Listener = () => void;

/** The connection. One a page; starts on the first listener. */
export class Connection {
  live: Live = NOTHING;
  motion = new Motion();
  open = false;
  /** performance.now() of the last message. */
  heard = -Infinity;
  /** The server's clock less this machine's, ms; null: no ping has told it yet. */
  skew: number | null = null;
  tries = 0;
  /** The server closed because nobody is signed in. */
  refused = false;
  onrefused: (() => void) | null = null;
  /** Instants (performance.now()) at which events were heard. */
  fresh = new Map<string, number>();
  private socket: WebSocket | null = null;
  private timer = 0;
  private listeners = new Set<Listener>();

  constructor(private readonly address: () => string) {}

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    if (this.listeners.size === 1 && !this.socket) this.connect();
    return () => this.listeners.delete(listener);
  }

  /** Milliseconds since anything was heard. */
  age(): number {
    return performance.now() - this.heard;
  }

  /** The server's time now, ms. */
  now(): number {
    if (this.skew !== null) return Date.now() + this.skew;
    return this.motion.known ? this.motion.newest(performance.now()) : Date.now();
  }

  retry(): void {
    clearTimeout(this.timer);
    this.tries = 0;
    this.refused = false;
    this.close();
    this.connect();
  }

  close(): void {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    this.open = false;
    if (socket) {
      socket.onclose = socket.onmessage = socket.onopen = null;
      socket.close();
    }
  }

  hear(message: LiveMessage): void {
    this.heard = performance.now();
    // Positions may be seconds late; only a ping tells the server's clock.
    if (message.type === "ping") this.skew = message.t_ns / 1e6 - Date.now();
    if (message.type === "snapshot") this.motion.clear();
    if (message.type === "people") this.motion.push(message.t_ns / 1e6, message.people, this.heard);
    if (message.type === "event" && !this.live.events.some((e) => e.id === message.event.id)) {
      this.fresh.set(message.event.id, this.heard);
      for (const [id, at] of this.fresh) if (this.heard - at > 10000) this.fresh.delete(id);
    }
    this.live = step(this.live, message);
    if (message.type === "snapshot" || message.type === "visit") assign(this.live.visits.map((v) => v.id));
    if (message.type !== "people") this.tell();
  }

  private connect(): void {
    const socket = new WebSocket(this.address());
    this.socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = this.open = true;
      this.tries = 0;
      this.tell();
    };
    socket.onmessage = (event) => {
      try {
        this.hear(JSON.parse(String(event.data)) as LiveMessage);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
      }
    };
    socket.onclose = (event) => {
      this.open = false;
      this.socket = null;
      if (event.code === 4401 || event.code === 1008) this.refuse();
      else this.timer = window.setTimeout(() => this.connect(), backoff(this.tries++));
      // A browser does not say why a connection was refused before it began: ask whether anybody is signed in.
      if (!opened && !this.refused) void this.ask();
      this.tell();
    };
  }

  private async ask(): Promise<void> {
    try {
      await get("/session");
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.refuse();
    }
  }

  private refuse(): void {
    clearTimeout(this.timer);
    this.refused = true;
    this.onrefused?.();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

export const connection = new Connection(
  () => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${ROOT}/live/ws`,
);
