/** Which of the eight colours a visit has. Never colour alone: its number stands in or beside every mark. */

export const COLOURS = 8;

const given = new Map<string, number>();

/** A colour slot, 1 to 8, for each visit that is inside: kept while it is, the longest free one for a newcomer. */
export function slots(before: ReadonlyMap<string, number>, inside: readonly string[]): Map<string, number> {
  const kept = new Map([...before].filter(([visit]) => inside.includes(visit)));
  const use = new Array<number>(COLOURS).fill(0);
  for (const slot of kept.values()) use[slot - 1]!++;
  for (const visit of inside) {
    if (kept.has(visit)) continue;
    const own = (number(visit) - 1) % COLOURS;
    let best = own;
    for (let k = 0; k < COLOURS; k++) {
      const slot = (own + k) % COLOURS;
      if (use[slot]! < use[best]!) best = slot;
    }
    use[best]!++;
    kept.set(visit, best + 1);
  }
  return kept;
}

/** The colour slot of one visit anywhere on a page: as on the live plan if it is there, else by its number. */
export function slot(visit: string | null): number {
  if (!visit) return 0;
  return given.get(visit) ?? ((number(visit) - 1) % COLOURS) + 1;
}

/** Called by the live store whenever who is inside changes. */
export function assign(inside: readonly string[]): void {
  const next = slots(given, inside);
  // Whoever left keeps the colour for the receipts that still show it, until the colour is needed again.
  for (const [visit, colour] of next) given.set(visit, colour);
  if (given.size > 500) for (const visit of [...given.keys()].slice(0, 250)) if (!next.has(visit)) given.delete(visit);
}

function number(visit: string): number {
  const counted = /^[A-Za-z]*0*(\d{1,4})$/.exec(visit)?.[1];
  if (counted !== undefined && Number(counted) > 0) return Number(counted);
  let hash = 1;
  for (const letter of visit) hash = (hash * 31 + letter.charCodeAt(0)) % 9973;
  return hash + 1;
}
