"""A till with a clock to turn, and visits of which a test says what is believed: no sensors, no engine."""

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import mkdtemp
from typing import Any

from tests.live.story import WISHES
from tests.live.wire import sample
from walkout.inference.belief import Basket, Belief, BelievedLine
from walkout.inference.doubt import Answer, Doubt
from walkout.inference.visit import Visit
from walkout.live.disputes import Disputes
from walkout.live.till import Till, open_till
from walkout.review.case import Lease

STORE = sample()
TEA, OAT = list(STORE.products)[:2]
SECOND = 10**9
START_NS = 1_790_000_000 * SECOND
HOUR = 3600.0
WHO = ("ada", "ben", "cy")


def sure(visit: str, gtin: str = TEA) -> Belief:
    """A visit that leaves no doubt."""
    return _belief(visit, (Basket(((gtin, 1),), 0.999),), (), 0.999, gtin)


def doubted(visit: str, p: float = 0.6) -> Belief:
    """A visit with one happening: was it one or two? And a second one, of what, that matters less."""
    one, two, other = ((TEA, 1),), ((TEA, 2),), ((OAT, 1),)
    rest = 1.0 - p - 0.02
    baskets = (Basket(one, p), Basket(two, rest), Basket(other, 0.02))
    count = Doubt(
        "e1", 1, 2, "", 1,
        (Answer((("a", TEA, 1),), "took one tea"), Answer((("a", TEA, 2),), "took two teas")),
        ((p, 0.0), (0.0, rest), (0.02, 0.0), (0.0, 0.0)),
    )  # fmt: skip
    return _belief(visit, baskets, (count,), p, TEA)


def _belief(visit: str, baskets: tuple[Basket, ...], doubts: tuple[Doubt, ...], p: float, gtin: str) -> Belief:
    line = BelievedLine(gtin, 1, p, "tea left the shelf", ("e1",))
    at = START_NS
    return Belief(Visit(visit, visit, ("a",), at - 60 * SECOND, at), (line,), p, baskets, doubts)


@dataclass
class Shop:
    """A till that can be closed and opened again, or be left as a kill leaves it."""

    folder: Path
    wishes: dict[str, Any] = field(default_factory=dict)
    now_ns: int = START_NS
    tills: list[Till] = field(default_factory=list)

    @property
    def till(self) -> Till:
        return self.tills[-1]

    def open(self) -> Till:
        wishes = replace(WISHES, answer_within_ns=4 * 3600 * SECOND, settle_at=0.99, audit_share=0.01, **self.wishes)
        if self.tills:
            self.tills[-1].vault.close()  # as a process that ends lets go of its files
        self.tills.append(open_till(STORE, self.folder, wishes=wishes, now_ns=lambda: self.now_ns))
        Disputes(self.till)
        return self.till

    def on(self, seconds: float) -> None:
        self.now_ns += round(seconds * SECOND)

    def team(self, *purposes: str) -> None:
        for name in WHO:
            self.till.reviewing.add(name, "exampleville", "employed", "Example Ltd")
            for purpose in purposes or ("settle", "audit", "adjudicate", "dispute"):
                self.till.reviewing.accept(name, purpose)
            self.till.reviewing.shift(name, "shift_started")

    def visit(self, belief: Belief) -> None:
        """A party was inside and is decided, as the runner does it; said again it does nothing."""
        till, visit = self.till, belief.visit
        holder = till.credentials.holder("a card")
        assert holder is not None
        till.cashier.enter(visit.id, visit.party, holder.digest, visit.entered_ns)
        till.cashier.decide(belief, 0)
        curve = {
            "event": "e1",
            "fixture": "snacks",
            "shelf": 1,
            "plates": [1, 2],
            "t_ns": [START_NS - 2 * SECOND, START_NS - SECOND],
            "grams": [[900.0, None], [800.0, None]],
        }
        event = {
            "id": "e1", "fixture": "snacks", "shelf": 1, "plates": [1, 2], "t_ns": START_NS - SECOND, "mass_g": -105.0,
            "candidates": [{"shopper": "a", "probability": 0.7654321, "why": "a secret reason"}],
        }  # fmt: skip
        till.evidence.keep(visit.id, {"events": [event], "curves": [curve], "reaches": [], "baskets": []}, self.now_ns)
        till.desk.decided(belief)

    def lease(self, worker: str) -> Lease:
        found = self.till.reviewing.lease(worker)
        assert found is not None
        return found

    def answer(self, worker: str, key: str | None) -> str:
        lease = self.lease(worker)
        self.till.reviewing.submit(worker, lease.token, key, "sure")
        return lease.token

    def work(self, seconds: float = 3.0) -> None:
        self.on(seconds)
        self.till.work()


@cache
def empty() -> Path:
    """The files of a shop that was opened once, to be copied: migrations take a while."""
    folder = Path(mkdtemp(prefix="walkout-desk-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    shop = Shop(folder / "shop")
    shop.open().close(snapshot=False)
    return folder / "shop"


@contextmanager
def desk_shop(folder: Path, like: Path | None = None, **wishes: Any) -> Iterator[Shop]:
    """A shop for a test: a copy of an empty one, or of the files of another."""
    shop = Shop(Path(copytree(like or empty(), folder / "shop")), wishes)
    shop.open()
    try:
        yield shop
    finally:
        for till in shop.tills:
            till.vault.close()
            till.journal.close()
            till.provider.close()
            till.database.dispose()
