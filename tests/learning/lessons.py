"""Lessons made by hand, of the small shop of `tests.inference.scene`."""

from walkout.inference.belief import Basket, Belief, BelievedLine
from walkout.inference.explanation import Candidate, Explanation
from walkout.inference.model import Model
from walkout.inference.visit import Visit
from walkout.learning.label import Label, Told
from walkout.learning.lesson import Lesson, lesson
from walkout.sensing.event import ShelfEvent

T0 = 1_700_000_000_000_000_000


def event(name: str, shelf: int, plates: tuple[int, ...], grams: float = -100.0) -> ShelfEvent:
    share = tuple(grams / len(plates) for _ in plates)
    cov = tuple(tuple(1.0 if a == b else 0.0 for b in plates) for a in plates)
    return ShelfEvent(name, "g", shelf, plates, share, cov, T0, T0, T0 + 1, T0 + 2)


def candidate(
    gtin: str, count: int = 1, p: float = 1.0, who: str | None = "a", also: tuple[tuple[str | None, str, int], ...] = ()
) -> Candidate:
    return Candidate(who, gtin, count, p, 0.0, 0.01, "why", also)


def belief(visit: str, lines: dict[str, int], p: float = 0.9, others: dict[str, float] | None = None) -> Belief:
    items = tuple(sorted(lines.items()))
    baskets = (Basket(items, p), *(Basket(((gtin, 1),), q) for gtin, q in (others or {}).items()))
    believed = tuple(BelievedLine(gtin, count, p, "why", ()) for gtin, count in items)
    return Belief(Visit(visit, visit, ("a",), T0, T0 + 9), believed, p, baskets)


def label(
    visit: str, basket: dict[str, int], *, p: float = 1.0, told: tuple[Told, ...] = (), who: str = "ada"
) -> Label:
    how = "answered" if p == 1.0 else "audited"
    return Label(visit, tuple(sorted(basket.items())), how, p, T0, told, frozenset({who}))  # type: ignore[arg-type]


def taught(
    visit: str, lines: dict[str, int], happened: list[Explanation], found: Label | None, p: float = 0.9
) -> Lesson:
    return lesson(belief(visit, lines, p), happened, found, Model())
