/** What somebody called distressing stays covered, and is not even loaded, until whoever is asked opens it; then grey. */

import { useState } from "preact/hooks";
import { announce } from "./hooks";
import type { Key } from "./keys";

export interface CoverState {
  /** Whether somebody called it distressing at all. */
  called: boolean;
  /** Nothing of it is shown or loaded. */
  shut: boolean;
  grey: boolean;
  toggle: () => void;
  colour: () => void;
  keys: Key[];
}

/** The cover of one question's clips; each question begins with it closed. */
export function useCover(token: string, called: boolean): CoverState {
  const [open, setOpen] = useState("");
  const [coloured, setColoured] = useState("");
  const shut = called && open !== token;
  const grey = called && coloured !== token;
  const toggle = () => {
    setOpen(shut ? token : "");
    announce(shut ? "The clips are open, in grey, and stand still." : "The clips are covered.");
  };
  const colour = () => setColoured(grey ? token : "");
  const keys = called
    ? [
        { key: "o", does: shut ? "open the covered clips, in grey" : "cover the clips again", run: toggle },
        ...(shut ? [] : [{ key: "t", does: grey ? "show the clips in colour" : "show the clips in grey", run: colour }]),
      ]
    : [];
  return { called, shut, grey, toggle, colour, keys };
}

interface CoverProps {
  cover: CoverState;
  /** Without a word, at no loss; none on a page where nothing can be skipped. */
  skip?: () => void;
  rest?: () => void;
}

/** Stands where the clips would: what is known of them, and what may be done, in one place. */
export function Cover({ cover, skip, rest }: CoverProps) {
  return (
    <div class="cover" role="group" aria-labelledby="cover-words">
      <p id="cover-words">
        <b>Somebody called what these clips show distressing.</b> They stay covered until you open them. You need not: decide by the rest, say “cannot tell”, or skip. Nothing of that is
        noted against you, and your time is paid.
      </p>
      <p class="tools">
        <button type="button" onClick={cover.toggle}>
          <kbd>O</kbd> Open them, in grey
        </button>
        {skip && (
          <button type="button" onClick={skip}>
            Skip it
          </button>
        )}
        {rest && (
          <button type="button" onClick={rest}>
            A paid break first
          </button>
        )}
      </p>
    </div>
  );
}

/** While they are open: back under the cover, and grey or not. */
export function CoverTools({ cover }: { cover: CoverState }) {
  if (!cover.called || cover.shut) return null;
  return (
    <p class="tools uncovered">
      <button type="button" onClick={cover.toggle}>
        <kbd>O</kbd> Cover them again
      </button>
      <button type="button" aria-pressed={!cover.grey} onClick={cover.colour}>
        <kbd>T</kbd> In colour
      </button>
    </p>
  );
}
