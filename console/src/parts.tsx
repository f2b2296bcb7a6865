/** Small pieces that every page is made of. */

import type { ComponentChildren } from "preact";
import type { ApiError } from "./api";
import { slot } from "./marks";
import { visitPath } from "./router";
import type { Candidate, Human, Line, ShelfEvent } from "./types";
import { about, duration, grams, money, percent, short, times } from "./words";

/** A line is shown, and charged, from here up while nobody has answered. */
export const SURE = 0.95;

/** A visit's sign: its number in a ring of its colour. */
export function Mark({ visit, link = false }: { visit: string | null; link?: boolean }) {
  const said = visit ? short(visit) : "–";
  const sign = <span class={`mark v${slot(visit)}`}>{said}</span>;
  if (!link || !visit) return sign;
  return (
    <a class="marked" href={visitPath(visit)} aria-label={`Visit ${short(visit)}`}>
      {sign}
    </a>
  );
}

/** A probability as a bar with its number; amber, and the word, below what is sure. `other`: of what it is not. */
export function Sure({ p, word = true, other = false }: { p: number; word?: boolean; other?: boolean }) {
  const unsure = p < SURE && !other;
  return (
    <span class={unsure ? "sure unsure" : "sure"}>
      <span class="bar" aria-hidden="true">
        <span class="fill" style={{ width: `${Math.round(p * 1000) / 10}%` }} />
      </span>
      <span class="number">{percent(p)}</span>
      {word && unsure && <span class="word">unsure</span>}
    </span>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <p class="state" role="status">
      Reading {what}…
    </p>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="state">{children}</p>;
}

export function Problem({ error, retry }: { error: ApiError; retry?: () => void }) {
  return (
    <div class="state problem" role="alert">
      <p>
        <b>{error.title}.</b> {error.detail}
      </p>
      {retry && (
        <p>
          <button type="button" onClick={retry}>
            Try again
          </button>
        </p>
      )}
    </div>
  );
}

/** What happened at a shelf, in a few words: "−1 Oat bar 98 %"; minus is what left the shelf. */
export function eventWords(event: ShelfEvent): string {
  const best = event.candidates[0];
  return best ? `${changeWords(event)} ${about(best.probability)}` : changeWords(event);
}

/** The same without how sure that is. */
export function changeWords(event: ShelfEvent): string {
  const best = event.candidates[0];
  return best ? candidateWords(best, event) : `${grams(event.mass_g, true)} moved`;
}

export function candidateWords(candidate: Candidate, event: ShelfEvent): string {
  if (!candidate.gtin && !candidate.name) {
    return `${grams(event.mass_g, true)}, ${candidate.visit ? "not in the catalogue" : "no sale"}`;
  }
  const many = Math.abs(candidate.quantity);
  return `${candidate.quantity > 0 ? "−" : "+"}${many} ${candidate.name}`;
}

/** A person or software; how much people looked. */
export function decidedBy(by: "software" | "person", human?: Human): string {
  if (by === "person") return "Decided by a person";
  if (human && human.viewers > 0) return "Decided by software, and looked at by people";
  return "Decided by software; nobody looked";
}

export function humanWords(human: Human): string {
  if (human.viewers === 0) return "Nobody has looked at this visit.";
  const who = human.viewers === 1 ? "One person" : `${human.viewers} people`;
  const clips = human.clips === 1 ? "one clip" : `${human.clips ?? 0} clips`;
  const why = human.purposes?.length ? `, for ${human.purposes.join(", ")}` : "";
  return `${who} looked at ${clips}, ${duration(human.seconds ?? 0)} in all${why}.`;
}

/** The lines of a basket: how many, what, how sure, what it costs. */
export function Lines({ lines, currency, most = 99 }: { lines: Line[]; currency: string; most?: number }) {
  // The newest and the least sure matter most; a long basket shows what is unsure before what is not.
  const shown =
    lines.length > most ? [...lines].sort((a, b) => a.probability - b.probability).slice(0, most) : lines;
  return (
    <ul class="lines">
      {shown.map((line) => (
        <li key={line.gtin}>
          <span class="many">{line.quantity}</span>
          <span class="name">{line.name}</span>
          <Sure p={line.probability} word={false} />
          <span class="price">{money(line.amount ?? times(line.unit_price, line.quantity), currency).replace(/\s.*$/, "")}</span>
        </li>
      ))}
      {shown.length < lines.length && (
        <li>
          <span class="many" />
          <span class="name quiet">and {lines.length - shown.length} more, all surer</span>
        </li>
      )}
    </ul>
  );
}

/** A table that may be wider than the screen, and can be scrolled by keyboard too. */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
