"""Stock, sales and what is misplaced: the shop's own routes over a ledger of made-up sales, without who may do it."""

import hashlib
import random
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import Engine, insert

from tests.checkout.money import receipt
from walkout.checkout import tables
from walkout.checkout.ledger import Ledger
from walkout.checkout.misplaced import Misplaced, MisplacedGoods
from walkout.checkout.receipt import Line, Receipt, to_published
from walkout.checkout.storage import open_database
from walkout.checkout.terms import Terms
from walkout.store.shop import Store
from walkout.web.api import stock_routes

HOUR_NS = 3600 * 10**9
HOURS = (0,) * 7 + (4, 9, 7, 4, 6, 14, 10, 5, 4, 6, 12, 9, 5, 2) + (0,) * 3
"""How busy the hours of a day are."""


class Books:
    """As much of a till as the routes ask for, made when it is first asked for."""

    def __init__(self, store: Store, visits: int) -> None:
        self.store, self._visits = store, visits

    @cached_property
    def _engine(self) -> Engine:
        engine = open_database(Path(tempfile.mkdtemp(prefix="walkout-mock-")) / "ledger.db", durable=False)
        sold = _sold(self.store, self._visits)
        with engine.begin() as connection:
            if sold:
                connection.execute(insert(tables.visits), [_visit(one) for one in sold])
                connection.execute(insert(tables.receipts), [_row(one) for one in sold])
        return engine

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self._engine, "sample", Terms(), self.store.currency)

    @cached_property
    def misplaced(self) -> MisplacedGoods:
        found = MisplacedGoods(self._engine, 30 * 24 * HOUR_NS)
        if not self._visits:
            return found
        gtins, now_ns = list(self.store.products), time.time_ns()
        places = (("snacks", 2, (3, 4), 0.99), ("fridge", 1, (2,), 0.71), ("drinks", 1, (1,), 0.97))
        known = {fixture.id for fixture in self.store.fixtures}
        for k, (fixture, shelf, plates, p) in enumerate(places):
            name = fixture if fixture in known else min(known)
            put = Misplaced(f"e{k}", gtins[3 * k + 1], 1 + (k == 2), name, shelf, plates, now_ns - k * HOUR_NS, p)
            found.keep([put], [], now_ns)
        return found


def stock_into(app: FastAPI, store: Store, visits: int) -> None:
    """Mount the real routes beside the editor's."""
    context: SimpleNamespace = app.state.context
    context.till = Books(store, visits)
    weighed = {facing.gtin: 3 for facing in store.planogram[:2]}
    context.shop = SimpleNamespace(counts=SimpleNamespace(now=lambda: weighed))
    for route in stock_routes.router.routes:
        if isinstance(route, APIRoute):
            app.add_api_route(
                f"/api/v1{route.path}",
                route.endpoint,
                methods=list(route.methods or ()),
                response_model=None,
                status_code=route.status_code,
            )


def _sold(store: Store, visits: int) -> list[Receipt]:
    """Receipts of the last five weeks; the same each time but for when they end."""
    chance, now_ns = random.Random(7), time.time_ns()  # noqa: S311 - no secret
    products = list(store.products.values())
    found = []
    for number in range(visits):
        hour = chance.choices(range(24), HOURS)[0]
        age = (chance.randrange(35) * 24 - hour) * HOUR_NS + chance.randrange(HOUR_NS)
        midnight = now_ns - now_ns % (24 * HOUR_NS)
        left_ns = midnight - age
        if left_ns > now_ns:
            left_ns -= 24 * HOUR_NS
        liked = [1 / (3 + k) for k in range(len(products))]
        picks = {p.gtin: p for p in chance.choices(products, liked, k=chance.choice((0, 1, 1, 2, 2, 3, 5)))}
        lines = [Line(p.gtin, p.name, 1, p.price, 0.99, "it left the shelf", ("e",)) for p in picks.values()]
        plain = receipt(f"s{number:05}", 0, *lines)
        found.append(replace(plain, entered_ns=left_ns - 60 * 10**9, left_ns=left_ns))
    return found


def _visit(one: Receipt) -> Mapping[str, Any]:
    return {
        "visit": one.visit, "party": "p", "payer": "card", "currency": "EUR", "entered_ns": one.entered_ns,
        "left_ns": one.left_ns, "stage": "settled", "payment": "{}",
    }  # fmt: skip


def _row(one: Receipt) -> Mapping[str, Any]:
    text = orjson.dumps(to_published(one)).decode()
    return {
        "visit": one.visit, "revision": 0, "final": True, "reason": "mock", "total": Decimal(one.total),
        "currency": "EUR", "published": text, "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "issued_ns": one.left_ns,
    }  # fmt: skip
