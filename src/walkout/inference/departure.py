"""Parties that leave by a gate with a reader: what they may have is weighed by the tags that were heard."""

from collections.abc import Sequence
from dataclasses import replace

from walkout.inference.belief import Belief
from walkout.inference.goods import Goods
from walkout.inference.heard import words
from walkout.inference.hypothesis import Hypotheses
from walkout.inference.tagbook import TagBook
from walkout.inference.tags import Leaving, Told, listen
from walkout.inference.visit import Visit
from walkout.store.shop import Store


def depart(
    book: TagBook, pasts: Hypotheses, visits: Sequence[Visit], inside: Sequence[Visit], shop: Goods
) -> tuple[Hypotheses, dict[str, Told]]:
    """The explanations as some visits end, before they are let go, and what was heard of each; `inside`: the others."""
    told: dict[str, Told] = {}
    if not book.silent:
        people = {visit.id: visit.shoppers for visit in inside}

        def carried(visit: str, gtin: str) -> float:
            if not visit:
                return shop.model.tag_staff
            if visit in book.carried:
                return book.carried[visit].get(gtin, 0.0)
            return sum(pasts.chances.get((shopper, gtin), 0.0) for shopper in people.get(visit, ()))

        mine, others = book.at_once({visit.id for visit in visits})
        leaving = [Leaving(visit, tuple(one for one in mine if one.visit == visit.id)) for visit in visits]
        pasts, told = listen(pasts, leaving, others, carried, shop)
    for visit in visits:
        gone = frozenset(visit.shoppers)
        book.carried[visit.id] = {g: p for (owner, g), p in pasts.chances.items() if owner in gone}
    return pasts, told


def said(belief: Belief, told: Told | None, store: Store) -> Belief:
    """A belief with what was heard at the exit: in its numbers, and in its lines' reasons."""
    if told is None:
        return belief
    heard = {tags.gtin: tags.heard for tags in told.tags}
    lines = []
    for line in belief.lines:
        product = store.products.get(line.gtin)
        if product is not None and product.tagged > 0.0:
            more = words(line.quantity, heard.get(line.gtin, 0), every=product.tagged >= 1.0)
            lines.append(replace(line, why=f"{line.why}; {more}" if line.why else more[:1].upper() + more[1:]))
        else:
            lines.append(line)
    unseen = 1.0 - (1.0 - belief.unseen) * (1.0 - told.unseen)
    return replace(belief, lines=tuple(lines), tags=told.tags, unseen=unseen)
