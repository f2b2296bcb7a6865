"""What the mock's desk says, as rows: candidates, curves, the visitor's own question."""

from typing import Any

import orjson

from walkout.review.case import Body
from walkout.store.shop import Store

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def product_json(store: Store, gtin: str) -> dict[str, Any]:
    product = store.products[gtin]
    mass_g = product.masses[0].mass_g if product.masses else None
    picture = f"/api/v1/desk/pictures/{gtin}"
    return {"gtin": gtin, "name": product.name, "price": str(product.price), "mass_g": mass_g, "picture": picture}


def loaded(text: str) -> dict[str, Any]:
    read: dict[str, Any] = orjson.loads(text)
    return read | {"candidates": tuple((key, why) for key, why in read["candidates"])}


def appeal_json(one: Any) -> dict[str, Any]:
    return {"filed_ns": one.filed_ns, "due_ns": one.due_ns, "upheld": one.upheld, "reason": one.reason}


def body_of(question: dict[str, Any], *, blind: bool = False) -> Body:
    pairs = [(c["key"], c["why"]) for c in question["candidates"]]
    return Body(
        question["event"],
        question["start_ns"],
        question["end_ns"],
        question["kind"],
        question["words"],
        tuple(sorted(pairs) if blind else pairs),
    )


def letters(body: Body, event: dict[str, Any] | None) -> dict[str, str]:
    """Letters for everybody who may have done it, in an order that says nothing."""
    if body.kind == "whole":
        ids = {key.split(",")[0] for key, _ in body.candidates}
    elif body.kind == "who":
        ids = {key for key, _ in body.candidates}
    else:
        ids = set()
    ids |= {r["person"] for r in (event or {}).get("reaches", ())}
    return {id_: f"person {LETTERS[n]}" for n, id_ in enumerate(sorted(ids - {"-", "?"}))}


def sentence_of(body: Body, visit: str) -> str:
    del visit
    return {"whole": "What was taken, and by whom?", "who": "Who took it?"}.get(body.kind, body.words)


def curve_of(event: dict[str, Any] | None, t0_ns: int, t1_ns: int, event_ns: int) -> dict[str, Any]:
    told = (event or {}).get("curve")
    plates = []
    if told:
        keep = [n for n, t_ns in enumerate(told["t_ns"]) if t0_ns <= t_ns <= t1_ns]
        for k, plate in enumerate(told["plates"]):
            mass_g = [told["grams"][n][k] for n in keep]
            plates.append({"id": plate, "t_ns": [told["t_ns"][n] for n in keep], "mass_g": mass_g})
    return {"plates": plates, "t0_ns": t0_ns, "t1_ns": t1_ns, "event_ns": event_ns}


def key_of(body: dict[str, Any]) -> str | None:
    choice = body["choice"]
    if choice == "cannot_tell":
        return None
    if choice == "other":
        return f"-,{body.get('gtin') or '?'},{body.get('quantity') or 1}"
    return str(choice)


def said_of(key: str | None, body: dict[str, Any]) -> tuple[str, int] | None:
    """Product and how many that an answer speaks of."""
    parts = (key or "").split(";")[0].split(",")
    if len(parts) != 3:
        return None
    return parts[1], int(body.get("quantity") or abs(int(parts[2])))


def yours(mine: dict[str, Any]) -> dict[str, Any]:
    """What the visitor's own receipt asks: how many they left with of what it is least sure of."""
    line = min(mine["visit"]["lines"], key=lambda one: one["probability"])
    at_ns = mine["receipt"]["issued_ns"]
    most = line["quantity"]
    pairs = [(str(n), f"{n} × {line['name']}" if n else "None: it stayed here") for n in range(most, -1, -1)]
    return {
        "event": f"you/{line['gtin']}",
        "start_ns": at_ns - 6 * 10**9,
        "end_ns": at_ns - 5 * 10**9,
        "kind": "count",
        "words": f"How many of {line['name']} were taken along?",
        "candidates": [{"key": key, "why": why} for key, why in pairs],
    }


def counted(lines: list[dict[str, Any]], gtin: str, key: str) -> list[dict[str, Any]]:
    many = int(key) if key.isdecimal() else 0
    changed = [one | {"quantity": many} if one["gtin"] == gtin else one for one in lines]
    return [one for one in changed if one["quantity"] > 0]
