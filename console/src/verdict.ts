/** Whether the shop is all right now, in one sentence; and each device's last word. */

import type { Freshness, Live } from "./live";
import type { Device } from "./types";
import { count, listed, sentence, whole } from "./words";

export interface Verdict {
  words: string;
  tone: "" | "unsure" | "wrong" | "muted";
  more: string;
}

const KINDS: Partial<Record<Device["kind"], string>> = { plates: "scales at", gate: "gate", camera: "camera", tags: "tag reader at", latch: "lock of" };

/** What a device is at or of: "plates-snacks" is about snacks. */
export function deviceAbout(device: Device): string {
  const prefix = new RegExp(`^${device.kind}[-_/.]`);
  return device.id.replace(prefix, "");
}

export function deviceName(device: Device): string {
  if (device.kind === "people") return "positions of people";
  if (device.kind === "looks") return "looks at goods";
  return `${KINDS[device.kind] ?? device.kind} ${deviceAbout(device)}`;
}

export function deviceWords(device: Device, now_ms: number): string {
  const since = device.last_ns ? whole((now_ms - device.last_ns / 1e6) / 1000) : "";
  switch (device.state) {
    case "ok":
      return "heard";
    case "late":
      return device.detail || "late";
    case "silent":
      return since ? `silent for ${since}` : "silent";
    default:
      return since ? `gone for ${since}` : "gone";
  }
}

function plural(device: Device): boolean {
  return device.kind === "plates" || device.kind === "people" || device.kind === "looks";
}

/** The one question of the live page, answered. Worst first, no blame. */
export function verdict(live: Live, fresh: Freshness, age_ms: number, now_ms: number): Verdict {
  if (fresh === "lost") {
    return {
      words: "It is not known how the shop is.",
      tone: "wrong",
      more: `Nothing was heard for ${whole(age_ms / 1000)}; what you see is from then. The shop goes on without this page.`,
    };
  }
  const broken = live.devices.filter((d) => d.state === "dead" || d.state === "silent");
  const late = live.devices.filter((d) => d.state === "late");
  const asked = live.receipts.filter((r) => r.status === "asked").length;
  const shoppers = live.visits.reduce((n, v) => n + Math.max(1, v.shoppers?.length ?? 1), 0);
  const people = live.visits.length
    ? `${count(shoppers, "person", "people")} in ${count(live.visits.length, "visit")}`
    : "Nobody is inside";
  const waiting = asked ? `${count(asked, "receipt waits", "receipts wait")} for a person` : "No receipt waits for a person";
  const more = `${people}. ${waiting}.`;
  if (broken.length) {
    const worst = broken[0]!;
    if (broken.length > 3) {
      const words = `${broken.length} of ${count(live.devices.length, "device")} are silent.`;
      return { words, tone: "wrong", more: `${worst.advice || ""} ${more}`.trim() };
    }
    const who = broken.length > 1 ? listed(broken.slice(0, 3).map(deviceName)) : deviceName(worst);
    const what = broken.length > 1 ? "are silent" : `${plural(worst) ? "have been" : "has been"} ${deviceWords(worst, now_ms)}`;
    return { words: `The ${who} ${what}.`, tone: "wrong", more: `${worst.advice || ""} ${more}`.trim() };
  }
  if (late.length) {
    if (late.length === 1 && late[0]!.detail) return { words: sentence(late[0]!.detail), tone: "unsure", more };
    return { words: `The shop runs, but ${listed(late.slice(0, 3).map(deviceName))} ${late.length > 1 || plural(late[0]!) ? "are" : "is"} late.`, tone: "unsure", more };
  }
  if (fresh === "late") return { words: "The connection to the shop is slow.", tone: "unsure", more };
  return { words: "The shop is all right.", tone: "", more };
}
