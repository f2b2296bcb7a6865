/** Numbers to lines on a drawing. */

/** Points as an SVG path, broken where a value is missing or a pause is long. */
export function path(
  t_ns: readonly number[],
  values: readonly (number | null)[],
  across: (t_ns: number) => number,
  down: (value: number) => number,
  pause_ns = 600e6,
): string {
  let drawn = "";
  let before: number | null = null;
  for (let k = 0; k < t_ns.length; k++) {
    const value = values[k];
    const at = t_ns[k]!;
    if (value === null || value === undefined || !Number.isFinite(value)) {
      before = null;
      continue;
    }
    const pen = before !== null && at - before <= pause_ns ? "L" : "M";
    drawn += `${pen}${across(at).toFixed(1)} ${down(value).toFixed(1)}`;
    before = at;
  }
  return drawn;
}

/** Each plate's grams less its level before an instant: the median until then, else its first reading. */
export function relative(t_ns: readonly number[], grams: readonly (readonly (number | null)[])[], onset_ns: number): (number | null)[][] {
  const plates = grams[0]?.length ?? 0;
  const levels: number[] = [];
  for (let plate = 0; plate < plates; plate++) {
    const all = grams.map((row) => row[plate] ?? null);
    const before = all.filter((g, k): g is number => g !== null && t_ns[k]! < onset_ns).sort((a, b) => a - b);
    levels.push(before.length ? before[Math.floor(before.length / 2)]! : (all.find((g) => g !== null) ?? 0));
  }
  return grams.map((row) => row.map((g, plate) => (g === null ? null : g - levels[plate]!)));
}

/** Low and high of what is drawn, never less than `least` apart, 0 always in it. */
export function range(values: readonly (readonly (number | null)[])[], least: number): [number, number] {
  let low = 0;
  let high = 0;
  for (const row of values)
    for (const g of row)
      if (g !== null) {
        low = Math.min(low, g);
        high = Math.max(high, g);
      }
  const room = Math.max((high - low) * 0.08, (least - (high - low)) / 2);
  return [low - room, high + room];
}

/** Whole seconds for an axis of so many px, not nearer than `apart`. */
export function ticks(start_ns: number, end_ns: number, width: number, apart = 72): number[] {
  const seconds = (end_ns - start_ns) / 1e9;
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600].find((s) => (s / seconds) * width >= apart) ?? 1200;
  const found: number[] = [];
  for (let t = Math.ceil(start_ns / 1e9 / step) * step; t <= end_ns / 1e9; t += step) found.push(t * 1e9);
  return found;
}
