"""A shop and replays made by hand, for the tests of the pages."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from xml.etree import ElementTree as ET

import numpy as np

from walkout.checkout.decide import Settling
from walkout.checkout.receipt import Receipt, make_receipt
from walkout.inference.belief import Basket, Belief, BelievedLine
from walkout.inference.calibrate import NO_CARD, Map
from walkout.inference.explanation import Candidate, Explanation
from walkout.inference.visit import Visit
from walkout.live.outcome import Curve, Path, Replay
from walkout.recording.loss import Loss
from walkout.sensing.event import ShelfEvent
from walkout.store.layout import Fixture, Gate, Plate, Shelf
from walkout.store.planogram import Facing
from walkout.store.product import Mass, Product
from walkout.store.shop import Origin, Store

WATER, BAR = "00071142008582", "00012345678905"
START_NS = 1_587_532_000_000_000_000
SECOND_NS = 1_000_000_000
AS_IT_IS = Map(cap=1.0)
AS_SAID = Settling(replace(NO_CARD, some=AS_IT_IS, none=AS_IT_IS, line=AS_IT_IS), 0.0)
"""Probabilities as the belief gives them, and every visit settles."""


def store(*, water: str = "Spring water 0.6 l", timezone: str = "America/New_York", name: str = "Test shop") -> Store:
    plates = tuple(Plate(p, (p - 1) * 0.1, 0.1) for p in range(1, 13))
    shelves = (Shelf(1, 0.4, 0.4, 0.3, plates), Shelf(2, 0.8, 0.4, 0.3, plates))
    return Store(
        name=name,
        origin="simulated",
        currency="USD",
        timezone=timezone,
        floor_m=((0.0, -3.0), (4.0, -3.0), (4.0, 0.6), (0.0, 0.6)),
        fixtures=(
            Fixture("a", 0.2, 0.0, 1.2, 0.4, shelves),
            Fixture("b", 3.4, 0.0, 1.2, 0.4, shelves, kind="fridge", yaw_deg=-90.0),
        ),
        gates=(Gate("door", 0.8, -2.8, 1.0),),
        cameras=(),
        products={
            WATER: Product(WATER, water, (Mass(621.67, 2.0),), Decimal("1.25"), "USD"),
            BAR: Product(BAR, "Oat bar", (Mass(45.0, 0.5),), Decimal("0.80"), "USD"),
        },
        planogram=(Facing("a", 1, (10, 11), WATER), Facing("a", 2, (1, 2), BAR)),
    )


def event(number: int, at_s: float, *, fixture: str = "a", shelf: int = 1) -> ShelfEvent:
    at = START_NS + round(at_s * SECOND_NS)
    return ShelfEvent(
        id=f"{fixture}/{shelf}/{number}",
        fixture=fixture,
        shelf=shelf,
        plates=(10, 11),
        delta_g=(-9.4, -612.2),
        cov_g2=((0.1, 0.0), (0.0, 0.2)),
        onset_ns=at - SECOND_NS // 4,
        start_ns=at,
        end_ns=at + SECOND_NS // 5,
        reported_ns=at + SECOND_NS,
    )


def explanation(
    found: ShelfEvent, person: str, *, probability: float = 0.95, why: str = "the hand was there"
) -> Explanation:
    left = 1 - probability
    return Explanation(
        found,
        (
            Candidate(person, WATER, 1, probability, -0.5, 0.03, why),
            Candidate(None, WATER, 1, left / 2, -0.5, None, "nobody was near"),
            Candidate(person, "", 0, left / 2, 12.0, 0.03, "goods were pushed about"),
        ),
    )


def curve(found: ShelfEvent) -> Curve:
    t_ns = np.arange(found.start_ns - 5 * SECOND_NS, found.end_ns + 5 * SECOND_NS, SECOND_NS // 20)
    grams = np.full((len(t_ns), 3), 1000.0, np.float32)
    grams[t_ns >= found.start_ns] += np.array([0.0, -9.4, -612.2], np.float32)
    return Curve(found.id, found.fixture, found.shelf, (3, 10, 11), t_ns, grams)


def path(person: str, visit: str, at_s: float) -> Path:
    t_ns = START_NS + round(at_s * SECOND_NS) + np.arange(60) * (SECOND_NS // 10)
    along = np.linspace(0.0, 1.0, 60)
    xy_m = np.stack((0.8 + 0.5 * np.sin(3 * along), -2.8 + 2.4 * along), axis=1).astype(np.float32)
    return Path(person, visit, t_ns, xy_m)


def replay(
    visits: int = 1,
    *,
    shop: Store | None = None,
    origin: Origin = "simulated",
    person: str = "p",
    probability: float = 0.95,
    why: str = "the hand was there",
    degraded: Sequence[Loss] = (),
    loose: bool = False,
) -> Replay:
    """So many visits, each with one shopper, one event and one line; `loose` adds an event that nobody did."""
    shop = shop or store()
    beliefs, receipts, events, explanations, paths = [], [], [], [], []
    for k in range(visits):
        who, visit = f"{person}{k}", f"visit-{k}"
        found = event(k, 10.0 + 20.0 * k)
        entered = START_NS + round(20.0 * k * SECOND_NS)
        belief = Belief(
            Visit(visit, visit, (who,), entered, entered + 18 * SECOND_NS),
            (BelievedLine(WATER, 1, probability, why, (found.id,)),),
            probability,
            (Basket(((WATER, 1),), probability), Basket(((BAR, 2),), 0.03), Basket((), 0.02, unknown=True)),
        )
        beliefs.append(belief)
        receipts.append(make_receipt(belief, shop.products, shop.currency, origin, settling=AS_SAID))
        events.append(found)
        explanations.append(explanation(found, who, probability=probability, why=why))
        paths.append(path(who, visit, 20.0 * k))
    if loose:
        found = event(999, 20.0 * visits + 10, fixture="b")
        events.append(found)
        explanations.append(Explanation(found, (Candidate(None, "", 0, 1.0, 0.0, None, "a restock"),)))
        paths.append(path("staff", "", 5.0))
    return Replay(
        origin=origin,
        store=shop,
        start_ns=START_NS if visits else 0,
        end_ns=START_NS + (20 * visits) * SECOND_NS if visits else 0,
        receipts=tuple(receipts),
        beliefs=tuple(beliefs),
        degraded=tuple(degraded),
        events=tuple(events),
        explanations=tuple(explanations),
        curves=tuple(curve(found) for found in events),
        paths=tuple(paths),
        counts={"gate_events": 0, "people_frames": 60 * visits, "plate_samples": 1200 * visits},
    )


def without_lines(receipt: Receipt) -> Receipt:
    """The receipt of somebody who took nothing."""
    return replace(receipt, lines=(), total=Decimal(0))


def parse(markup: str) -> ET.Element:
    """A page or a drawing as XML: every element is closed, every character is one that XML may hold."""
    return ET.fromstring(markup.removeprefix("<!doctype html>\n"))  # noqa: S314 - made by this very package
