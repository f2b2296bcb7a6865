"""What else a party may have left with, how that differs from the receipt, and which event tells the two apart."""

from collections.abc import Sequence
from typing import Final

from walkout.checkout.receipt import Receipt
from walkout.inference.belief import Basket, Belief
from walkout.inference.doubt import Doubt
from walkout.web import words
from walkout.web.labels import Labels
from walkout.web.markup import Markup, el, join, name

MOST: Final = 5
"""Other baskets that are told one by one."""
APART: Final = 0.2
"""An event tells two baskets apart where its answers differ between them by this probability at least."""
STRANGER: Final = "something that is not in the catalogue"


def hypotheses(receipt: Receipt, belief: Belief | None, labels: Labels) -> Markup | None:
    """The likeliest other baskets of a visit; None where there are none."""
    if belief is None:
        return None
    chosen = tuple(sorted((line.gtin, line.quantity) for line in receipt.lines))
    rows = list(enumerate(belief.baskets))
    others = [(n, b) for n, b in rows if b.unknown or tuple(sorted(b.items)) != chosen]
    if not others:
        return None
    own = next((n for n, b in rows if not b.unknown and tuple(sorted(b.items)) == chosen), None)
    told = [
        el(
            "li",
            el("span", words.percent(basket.probability), class_="number"),
            el(
                "span",
                name(difference(chosen, basket, labels)),
                el("span", apart, class_="why") if (apart := _apart(belief.doubts, own, n, labels)) else None,
            ),
        )
        for n, basket in others[:MOST]
    ]
    if len(others) > MOST:
        left = sum(basket.probability for _, basket in others[MOST:])
        more = words.count(len(others) - MOST, "other basket")
        told.append(el("li", el("span", words.percent(left), class_="number"), el("span", f"{more} together")))
    return el("div", el("h3", "If not this, then"), el("ul", told, class_="others"))


def difference(chosen: Sequence[tuple[str, int]], basket: Basket, labels: Labels) -> str:
    """How a basket differs from what is charged: what more, what not."""
    charged, other = dict(chosen), dict(basket.items)
    more = tuple((g, n) for g in sorted(other) if (n := other[g] - charged.get(g, 0)) > 0)
    less = tuple((g, n) for g in sorted(charged) if (n := charged[g] - other.get(g, 0)) > 0)
    also = [labels.goods(more)] if more else []
    also += [STRANGER] if basket.unknown else []
    parts = [f"also {' and '.join(also)}"] if also else []
    parts += [f"not {labels.goods(less)}"] if less else []
    return ", but ".join(parts)


def _apart(doubts: Sequence[Doubt], own: int | None, other: int, labels: Labels) -> Markup | None:
    """The event whose answers differ most between two baskets, and what each would have it."""
    if own is None:
        return None
    best: tuple[float, Doubt, int, int] | None = None
    for doubt in doubts:
        if max(own, other) >= len(doubt.joint) - 1:
            continue
        mine, its = (_given(doubt.joint[n]) for n in (own, other))
        apart = 0.5 * sum(abs(a - b) for a, b in zip(mine, its, strict=True))
        if apart >= APART and (best is None or apart > best[0]):
            best = apart, doubt, mine.index(max(mine)), its.index(max(its))
    if best is None or best[2] == best[3]:
        return None
    _, doubt, here, there = best
    number = labels.events.get(doubt.event)
    where = f"event {number}" if number is not None else "what no scale told"
    now, then = (words.sentence(doubt.answers[k].why) for k in (here, there))
    return join(f"Told apart by {where}. ", name(f"{now} Otherwise: {then}"))


def _given(row: Sequence[float]) -> list[float]:
    total = sum(row)
    return [p / total for p in row] if total > 0.0 else [1.0 / len(row)] * len(row)
