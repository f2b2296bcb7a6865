"""A question as a reviewer's page gets it: what is asked, and the least evidence that decides; and answers back.

Nothing of the software's answer leaves here: no probability, no explanation of an audit, no colleague's word.
"""

import hmac
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from walkout.live.till import Till
from walkout.review.audit import key_of_counts
from walkout.review.case import Body, Lease
from walkout.review.resolve import BLIND
from walkout.store.product import Product
from walkout.web.api.problem import ProblemError

KINDS: Final = {"back": "returned"}
"""Inference's word to the page's."""
OTHER: Final = ("what", "whole", "count", "who", "returned")
GTIN: Final = re.compile(r"\b\d{14}\b")
CHANGED_G: Final = 4.0
"""In evidence of a whole visit, plates that moved by less are left out."""
EVERY: Final = 4
"""And of their readings, all but every fourth."""


def question_row(till: Till, lease: Lease, clips: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """A leased question."""
    body, kind = lease.body, KINDS.get(lease.body.kind, lease.body.kind)
    blind = lease.purpose in BLIND
    candidates = list(body.candidates)
    if lease.purpose == "gold":  # an order that says nothing of what the software thought
        candidates.sort(key=lambda one: hmac.digest(till.queues.seed, f"{lease.token}{one[0]}".encode(), "sha256"))
    kept = till.evidence.of(source_of(lease)) or {}
    curves = [c for c in kept.get("curves", []) if body.event in ("", c["event"])]
    reaches = [] if blind or not body.event else [r for r in kept.get("reaches", []) if r["event"] == body.event]
    return {
        "token": lease.token,
        "purpose": lease.shown_as,
        "kind": kind,
        "sentence": body.words,
        "candidates": [_candidate(till, kind, key, words) for key, words in candidates],
        "other_allowed": kind in OTHER,
        "expires_ns": lease.until_ns,
        "evidence": {
            "clips": list(clips),
            "curve": _curve(body, curves),
            "products": _products(till, body, curves),
            "place": _place(curves) if body.event else None,
            "reaches": [
                {"key": r["shopper"], "label": "a wrist", "t_ns": [r["t_ns"]], "distance_m": [r["reach_m"]]}
                for r in reaches
            ],
            "tracks": [],
        },
        "visit_short": hmac.digest(lease.token.encode(), lease.visit.encode(), "sha256").hex()[:6],
        "blind": blind,
        "practice": False,
    }


def source_of(lease: Lease) -> str:
    """The visit whose evidence a question shows: of a gold question, the visit that it was made from."""
    return lease.visit.removeprefix("gold/").partition("~")[0]


def answer_key(till: Till, body: Body, given: dict[str, Any]) -> str | None:
    """What an answer of the page is at the desk; None: it cannot be told. 422 where it is no answer to this."""
    choice, kind = given["choice"], KINDS.get(body.kind, body.kind)
    if choice == "cannot_tell":
        return None
    if any(choice == key for key, _ in body.candidates):
        return str(choice)
    if choice == "basket" and kind == "basket":
        count: Counter[str] = Counter()
        for item in given["items"]:
            count[_known(till, item["gtin"])] += item["quantity"]
        return key_of_counts(count)
    if choice != "other" or kind not in OTHER:
        raise ProblemError(422, f"choice: found {str(choice)[:60]!r}, right: a candidate's key, or cannot_tell")
    if kind == "count":
        if given["quantity"] is None:
            raise ProblemError(422, "quantity: found nothing, right: how many there were")
        return str(given["quantity"])
    if kind in ("what", "whole"):
        gtin = _known(till, given["gtin"] or "")
        return gtin if kind == "what" else f"other,{gtin},{given['quantity'] or 1}"
    return "?"


def product_row(product: Product) -> dict[str, Any]:
    """A product as a reviewer sees it."""
    mass_g = round(product.masses[0].mass_g, 1) if product.masses else None
    return {
        "gtin": product.gtin,
        "name": product.name,
        "price": format(product.price, "f"),
        "mass_g": mass_g,
        "picture": product.image or None,
    }


def _known(till: Till, gtin: str) -> str:
    if gtin not in till.store.products:
        raise ProblemError(422, f"gtin: found {gtin[:20]!r}, right: a product of this shop's catalogue")
    return gtin


def _candidate(till: Till, kind: str, key: str, words: str) -> dict[str, Any]:
    gtins = [gtin for gtin in GTIN.findall(key) if gtin in till.store.products]
    product = till.store.products[gtins[0]] if len(set(gtins)) == 1 else None
    return {
        "key": key,
        "label": words[:1].upper() + words[1:],
        "gtin": None if product is None else product.gtin,
        "picture": None if product is None else product.image or None,
        "quantity": int(key) if kind == "count" and key.isdecimal() else None,
        "note": None,
    }


def _curve(body: Body, curves: Sequence[dict[str, Any]]) -> dict[str, Any]:
    plates = []
    for curve in curves:
        for at, plate in enumerate(curve["plates"]):
            pairs = [(t, row[at]) for t, row in zip(curve["t_ns"], curve["grams"], strict=True) if row[at] is not None]
            if not body.event:
                low, high = (f((g for _, g in pairs), default=0.0) for f in (min, max))
                pairs = pairs[::EVERY] if high - low >= CHANGED_G else []
            if pairs:
                id_ = f"{curve['fixture']}/{curve['shelf']}/{plate}"
                plates.append({"id": id_, "t_ns": [t for t, _ in pairs], "mass_g": [g for _, g in pairs]})
    times = [t for plate in plates for t in plate["t_ns"]] or [body.start_ns, body.end_ns]
    event_ns = body.start_ns if body.event else None
    return {"plates": plates, "t0_ns": min(times), "t1_ns": max(times), "event_ns": event_ns}


def _place(curves: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    return {name: curves[0][name] for name in ("fixture", "shelf", "plates")} if curves else None


def _products(till: Till, body: Body, curves: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the candidates speak of, and what has its place where it happened."""
    named = [gtin for key, _ in body.candidates for gtin in GTIN.findall(key)]
    places = {(c["fixture"], c["shelf"]) for c in curves} if body.event else set()
    here = [f.gtin for f in till.store.planogram if (f.fixture, f.shelf) in places]
    products = till.store.products
    return [product_row(products[gtin]) for gtin in dict.fromkeys([*named, *here]) if gtin in products]
