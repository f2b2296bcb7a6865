/** What opens over a question: why not this one, another product, and the list of a whole basket. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Draft, type Goods, words } from "./desk";
import { useData, useSession } from "./hooks";
import type { List } from "./types";
import { grams, money } from "./words";

function useDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  // Before the next key is heard: what is typed on is meant for the dialog.
  useLayoutEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector<HTMLElement>("input, ol button")?.focus();
  }, []);
  return dialog;
}

interface BasketProps {
  list: Goods[];
  change: (list: Goods[]) => void;
  add: () => void;
  answer: () => void;
  busy: boolean;
}

/** What somebody left with, where nothing is proposed. */
export function Basket({ list, change, add, answer, busy }: BasketProps) {
  const { store } = useSession();
  return (
    <div class="basket-list">
      <p>{list.length ? "They left with:" : "Nothing so far. Add what they left with; an empty list says that they took nothing."}</p>
      <ul>
        {list.map((one, n) => (
          <li key={n}>
            <span>{one.name}</span> <span class="quiet">{money(one.price, store.currency)}</span>
            <button type="button" class="plain" onClick={() => change(list.filter((_, k) => k !== n))}>
              Remove<span class="sr"> {one.name}</span>
            </button>
          </li>
        ))}
      </ul>
      <p class="tools">
        <button type="button" disabled={busy} onClick={add}>
          <kbd>0</kbd> Add a product
        </button>
        <button type="button" class="main" disabled={busy} onClick={answer}>
          <kbd>Enter</kbd> {list.length ? "That is all" : "They took nothing"}
        </button>
      </p>
    </div>
  );
}

interface ReasonsProps {
  title: string;
  lead: string;
  reasons: string[];
  close: () => void;
  choose: (reason: string) => void;
}

export function Reasons({ title, lead, reasons, close, choose }: ReasonsProps) {
  const dialog = useDialog();
  return (
    <dialog
      ref={dialog}
      onClose={close}
      aria-labelledby="reasons"
      onKeyDown={(event) => {
        const reason = reasons[Number(event.key) - 1];
        if (!reason) return;
        // The dialog may be gone before the page hears the same key: it must not be an answer.
        event.preventDefault();
        event.stopPropagation();
        choose(reason);
      }}
    >
      <h2 id="reasons">{title}</h2>
      <p class="quiet">{lead}</p>
      <ol class="reasons">
        {reasons.map((reason, n) => (
          <li key={reason}>
            <button type="button" onClick={() => choose(reason)}>
              <kbd>{n + 1}</kbd> {reason}
            </button>
          </li>
        ))}
      </ol>
      <form method="dialog">
        <button type="submit" class="plain">
          Back to the question
        </button>
      </form>
    </dialog>
  );
}

/** Any product of the catalogue: type, arrows, Enter. */
export function Other({ draft, close, choose }: { draft: Draft; close: () => void; choose: (goods: Goods) => void }) {
  const dialog = useDialog();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const found = useData<List<Goods> | Goods[]>(text.trim() ? `/desk/catalogue?q=${encodeURIComponent(text.trim())}` : null);
  const { store } = useSession();
  const goods = (Array.isArray(found.value) ? found.value : (found.value?.items ?? [])).slice(0, 8);
  const pick = (one: Goods | undefined) => {
    if (!one) return;
    close();
    choose(one);
  };
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="other">
      <h2 id="other">What was it?</h2>
      <label class="stack-label">
        Search the catalogue{draft.quantity !== null && ` (${draft.quantity} of it)`}
        <input
          role="combobox"
          aria-expanded={goods.length > 0}
          aria-controls="other-list"
          aria-activedescendant={goods[at] ? `other-${at}` : undefined}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") setAt(Math.min(goods.length - 1, at + 1));
            else if (event.key === "ArrowUp") setAt(Math.max(0, at - 1));
            else if (event.key === "Enter") pick(goods[at]);
            else return;
            event.preventDefault();
          }}
        />
      </label>
      <ul class="found" id="other-list" role="listbox" aria-label="Products">
        {goods.map((one, n) => (
          <li key={one.gtin} id={`other-${n}`} role="option" aria-selected={n === at} onClick={() => pick(one)}>
            {one.picture && <img src={one.picture} alt="" width="32" height="32" />}
            <span>{one.name}</span>
            <span class="quiet">
              {one.mass_g !== null && grams(one.mass_g)}, {money(one.price, store.currency)}
            </span>
          </li>
        ))}
      </ul>
      {text.trim() !== "" && !found.loading && goods.length === 0 && (
        <p class="state">{found.error ? words(found.error) : "Nothing in the catalogue is called that. “Cannot tell” is a good answer."}</p>
      )}
      <p class="quiet">Arrows choose, Enter answers, Esc goes back.</p>
    </dialog>
  );
}
