/** Where people are between the ten reports a second, and where they just were. */

import type { Person, Point } from "./types";

/** Shown so long after it could have been known, so that there is a next report to move towards. */
export const BEHIND_MS = 300;
/** Clocks and delays are learnt anew so often. */
const WINDOW_MS = 3000;
/** Length of a tail. */
export const TAIL_MS = 1800;
/** A report older than this says nothing of where a person is now. */
export const GONE_MS = 3000;

interface Fix {
  at: number;
  person: Person;
}

export interface Shown {
  id: string;
  visit: string | null;
  role: Person["role"];
  x_m: number;
  y_m: number;
  hands: Point[];
  /** Oldest first, ends at the person. */
  tail: [number, number][];
}

/** The last few seconds of everybody's reports. */
export class Motion {
  private fixes = new Map<string, Fix[]>();
  private leads: [heard: number, lead: number][] = [];
  latest = -Infinity;

  get known(): boolean {
    return this.leads.length > 0;
  }

  /** The reports' own clock at an instant of this machine's, by the least delay. */
  newest(here: number): number {
    return here + Math.max(...this.leads.map(([, lead]) => lead));
  }

  /** What to show at an instant of this machine's clock: reports may be late, and their clock any. */
  clock(here: number): number {
    return this.newest(here) - BEHIND_MS;
  }

  /** `at`: the report's own time, `here`: this machine's, ms. Reports that come out of order are put in order. */
  push(at: number, people: readonly Person[], here = at): void {
    this.leads.push([here, at - here]);
    while (this.leads.length > 1 && this.leads[0]![0] < here - WINDOW_MS) this.leads.shift();
    this.latest = Math.max(this.latest, at);
    for (const person of people) {
      const list = this.fixes.get(person.id) ?? [];
      let k = list.length;
      while (k > 0 && list[k - 1]!.at > at) k--;
      if (list[k - 1]?.at === at) list[k - 1] = { at, person };
      else list.splice(k, 0, { at, person });
      this.fixes.set(person.id, list);
    }
    const oldest = this.latest - TAIL_MS - GONE_MS;
    for (const [id, list] of this.fixes) {
      while (list.length && list[0]!.at < oldest) list.shift();
      if (!list.length) this.fixes.delete(id);
    }
  }

  /** Everybody at an instant, by the reports before and after it. */
  at(now: number): Shown[] {
    const shown: Shown[] = [];
    for (const [id, list] of this.fixes) {
      let k = list.length - 1;
      while (k >= 0 && list[k]!.at > now) k--;
      const before = list[k];
      if (!before || now - before.at > GONE_MS) continue;
      // Who is missing from later reports has left; who is only late stays where they were last seen.
      if (now - before.at > 700 && this.latest - before.at > 700) continue;
      const after = list[k + 1];
      const share = after ? (now - before.at) / (after.at - before.at) : 0;
      const x_m = mix(before.person.x_m, after?.person.x_m, share);
      const y_m = mix(before.person.y_m, after?.person.y_m, share);
      const tail: [number, number][] = [];
      for (const fix of list) {
        if (fix.at > now - TAIL_MS && fix.at <= now) tail.push([fix.person.x_m, fix.person.y_m]);
      }
      tail.push([x_m, y_m]);
      const hands = before.person.hands.map((hand, n) => {
        const next = after?.person.hands.length === before.person.hands.length ? after.person.hands[n] : undefined;
        return {
          x_m: mix(hand.x_m, next?.x_m, share),
          y_m: mix(hand.y_m, next?.y_m, share),
          z_m: mix(hand.z_m, next?.z_m, share),
        };
      });
      shown.push({ id, visit: before.person.visit, role: before.person.role, x_m, y_m, hands, tail });
    }
    return shown.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  clear(): void {
    this.fixes.clear();
    this.leads.length = 0;
    this.latest = -Infinity;
  }
}

function mix(a: number, b: number | undefined, share: number): number {
  return b === undefined ? a : a + (b - a) * share;
}
