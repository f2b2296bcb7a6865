/** A fixture as a shopper facing it sees it: shelves from the top down, each facing as wide as its plates. */

import { useRef } from "preact/hooks";
import type { Facing, Fixture, Shelf } from "./types";

export interface Cell {
  facing: Facing;
  /** From 0 to 1 along the shelf. */
  left: number;
  width: number;
}

/** Where the facings of a shelf stand; those that share a plate share its width. */
export function cells(fixture: Fixture, shelf: Shelf, facings: readonly Facing[]): Cell[] {
  const on = facings.filter((f) => f.fixture === fixture.id && f.shelf === shelf.id);
  const sharing = new Map<string, Facing[]>();
  for (const facing of on) {
    const key = facing.plates.join(" ");
    sharing.set(key, [...(sharing.get(key) ?? []), facing]);
  }
  const found: Cell[] = [];
  for (const group of sharing.values()) {
    const plates = shelf.plates.filter((p) => group[0]!.plates.includes(p.id));
    if (!plates.length) continue;
    const from = Math.min(...plates.map((p) => p.x_m));
    const to = Math.max(...plates.map((p) => p.x_m + p.width_m));
    group.forEach((facing, k) => {
      const each = (to - from) / group.length;
      found.push({ facing, left: (from + k * each) / fixture.width_m, width: each / fixture.width_m });
    });
  }
  return found.sort((a, b) => a.left - b.left);
}

interface Props {
  fixture: Fixture;
  facings: readonly Facing[];
  chosen?: Facing | null;
  onChoose?: (facing: Facing) => void;
  /** What stands in a cell below the name. */
  note?: (facing: Facing) => string;
  /** Facings that changed last. */
  lit?: (facing: Facing) => boolean;
}

export function Elevation({ fixture, facings, chosen, onChoose, note, lit }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const shelves = [...fixture.shelves].sort((a, b) => b.z_m - a.z_m);
  // Arrow keys move between cells, so that one press of Tab passes the whole shelf.
  const move = (event: KeyboardEvent) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step || !root.current) return;
    const rows = [...root.current.querySelectorAll(".shelf")].map((r) => [...r.querySelectorAll<HTMLElement>("button")]);
    const row = rows.findIndex((r) => r.includes(event.target as HTMLElement));
    if (row < 0) return;
    event.preventDefault();
    const here = (event.target as HTMLElement).getBoundingClientRect();
    const list = rows[row + step[1]!] ?? [];
    const next = step[0]
      ? rows[row]![rows[row]!.indexOf(event.target as HTMLElement) + step[0]]
      : [...list].sort((a, b) => off(a, here) - off(b, here))[0];
    next?.focus();
  };
  let first = true;
  return (
    <div class="elevation" ref={root} onKeyDown={onChoose ? move : undefined}>
      {shelves.map((shelf) => (
        <div class="shelf" key={shelf.id}>
          <span class="shelf-id">{shelf.id}</span>
          <div class="board">
            {cells(fixture, shelf, facings).map(({ facing, left, width }) => {
              const on = chosen === facing;
              const reachable = on || (!chosen && first);
              first = false;
              const style = { left: `${left * 100}%`, width: `${width * 100}%` };
              const said = (
                <>
                  <span class="name">{facing.name}</span>
                  {note && <span class="quiet">{note(facing)}</span>}
                </>
              );
              const classes = `cell${on ? " on" : ""}${lit?.(facing) ? " lit" : ""}`;
              return onChoose ? (
                <button
                  type="button"
                  key={`${facing.gtin} ${facing.plates[0]}`}
                  class={classes}
                  style={style}
                  aria-pressed={on}
                  tabIndex={reachable ? 0 : -1}
                  title={facing.name}
                  onClick={() => onChoose(facing)}
                >
                  {said}
                </button>
              ) : (
                <div key={`${facing.gtin} ${facing.plates[0]}`} class={classes} style={style} title={facing.name}>
                  {said}
                </div>
              );
            })}
          </div>
        </div>
      ))}
    </div>
  );
}

function off(element: HTMLElement, here: DOMRect): number {
  const box = element.getBoundingClientRect();
  return Math.abs(box.left + box.width / 2 - (here.left + here.width / 2));
}
