"""How often people do what, learnt: the shares by which inference weighs its explanations.

Every happening counts, each way by its probability, with people's answers in the place of software's guesses: one step
of expectation and maximisation with labels where there are some (Dempster, Laird, Rubin 1977). Counting only what
people were asked about would not do: they are asked about what is hard. A Beta prior around the rate in use keeps few
visits from moving it far.
"""

from collections.abc import Iterable, Mapping

from walkout.inference.learnt import LEAST_RATE, MOST_RATE, RATES
from walkout.inference.model import Model
from walkout.learning.lesson import Lesson, Way
from walkout.store.shop import Store

STRENGTH = 60.0
"""The prior counts as much as so many happenings."""
DIGITS = 6

Counts = Mapping[str, tuple[float, float]]
"""By rate: (how often it was so, of how many)."""


def counted(lessons: Iterable[Lesson], store: Store) -> Counts:
    """How often each of `RATES` came true, and of how many; counts are sums of probabilities."""
    so = dict.fromkeys(RATES, 0.0)
    of = dict.fromkeys(RATES, 0.0)
    for lesson in lessons:
        for seen in lesson.seen:
            for way in seen.ways:
                for name, yes in _says(way, seen.fixture, seen.shelf, seen.plates, store):
                    of[name] += way.p
                    so[name] += way.p * yes
    return {name: (so[name], of[name]) for name in RATES}


def rates(found: Counts, model: Model) -> tuple[tuple[str, float], ...]:
    """The rates after what was counted, by name."""
    after = []
    for name in RATES:
        so, of = found[name]
        rate = (STRENGTH * float(getattr(model, name)) + so) / (STRENGTH + of)
        after.append((name, round(min(max(rate, LEAST_RATE), MOST_RATE), DIGITS)))
    return tuple(sorted(after))


def _says(way: Way, fixture: str, shelf: int, plates: tuple[int, ...], store: Store) -> list[tuple[str, bool]]:
    """What one way says of each rate that it says anything of."""
    taken = [(gtin, count) for gtin, count in way.moved if count > 0]
    back = [gtin for gtin, count in way.moved if count < 0]
    said = [("put_back", bool(back))] if bool(back) != bool(taken) else []
    for gtin in back:
        own = any(
            (f.fixture, f.shelf) == (fixture, shelf) and set(f.plates) & set(plates) for f in store.facings_of(gtin)
        )
        said.append(("put_back_elsewhere", not own))
    if taken and not back:
        said += [("two_products", len({gtin for gtin, _ in taken}) > 1), ("two_shoppers", way.two_people)]
    if len(taken) == 1:
        said.append(("more_of_it", taken[0][1] > 1))
        if taken[0][1] > 1:
            said.append(("yet_more", taken[0][1] > 2))
    return said
