"""Answers that no candidate was, in the running shop: what was named, and whether the scale allows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from walkout.inference.belief import Belief
from walkout.inference.model import Model
from walkout.inference.other import counts, named, only_gtin
from walkout.inference.question import key_of
from walkout.review import tables
from walkout.review.case import Body
from walkout.store.product import Product

MODEL: Final = Model()


@dataclass(frozen=True, slots=True)
class Said:
    """What a person named: a product, how many (None: they did not say), or neither."""

    gtin: str | None
    quantity: int | None


def said(belief: Belief, body: Body, key: str | None) -> Said | None:
    """What an answer names that no answer of the belief is; None: it is one of those, or says nothing."""
    doubt = next((d for d in belief.doubts if d.event == body.event), None)
    if key is None or doubt is None:
        return None
    if any(key_of(answer, body.kind) == key for answer in doubt.answers):  # type: ignore[arg-type] # checked when asked
        return None
    match body.kind, key.split(","):
        case "what", [gtin] if gtin.isdecimal():
            return Said(gtin, None)
        case "whole", ["other", gtin, quantity]:
            return Said(gtin, int(quantity))
        case "count", [number] if number.isdecimal() and int(number) > 0:
            return Said(only_gtin(belief, body.event), int(number))
    return Said(None, None)


def reentered(
    belief: Belief, event: str, what: Said, change_g: float | None, products: Mapping[str, Product], *, agreed: bool
) -> Belief | None:
    """The belief with what was named as a new hypothesis; None: neither the scale nor a second person speaks for it.

    `change_g`: by how much the plates changed, below 0 where something left; None: nobody weighed it. `agreed`: two
    people said the same, apart from each other: then their word counts, whatever the catalogue's mass says.
    """
    product = products.get(what.gtin or "")
    if product is None:
        return None
    many = {} if change_g is None else counts(product.masses, change_g, MODEL)
    if what.quantity is not None:
        many = {what.quantity: 1.0} if what.quantity in many else {}
    if not many and agreed:
        many = {what.quantity or 1: 1.0}
    if not many:
        return None
    return named(belief, event, product.gtin, many, left=change_g is None or change_g <= 0.0)


def change_of(evidence: Mapping[str, Any] | None, event: str) -> float | None:
    """By how much a happening's plates changed, from the kept evidence; None: it is gone, or nothing was weighed."""
    rows: Sequence[Mapping[str, Any]] = () if evidence is None else evidence.get("events", ())
    found = next((row for row in rows if row.get("id") == event), {})
    return None if found.get("mass_g") is None else float(found["mass_g"])


def is_agreed(connection: Connection, question: str) -> bool:
    """Whether a third person, apart from the first, came to the same answer."""
    of = tables.resolutions.c
    query = select(of.key, of.how).where(of.question == question).order_by(of.number)
    rows = connection.execute(query).all()
    last = rows[-1] if rows else None
    if last is None or last.how != "third" or last.key is None:
        return False
    first = [row.key for row in rows if row.how == "answered"]
    return bool(first) and first[-1] == last.key
