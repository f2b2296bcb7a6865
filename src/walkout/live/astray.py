"""What a visit left at wrong places, and what it took from there, out of the explanations that its decision rests on.

It is what inference believed when the visit was decided: what a person answers later changes receipts, not this list.
Goods on the floor are not in it: no scale tells of them as a shelf event.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from walkout.checkout.misplaced import Misplaced, Taken
from walkout.inference.belief import Belief
from walkout.inference.explanation import Candidate, Explanation

LIKELY = 0.5
"""From this probability up somebody is asked to look."""


def left_astray(belief: Belief, rests: Sequence[Explanation]) -> tuple[tuple[Misplaced, ...], tuple[Taken, ...]]:
    """What the party put at wrong places and nobody took since, and what it took that others had left there."""
    party = frozenset(belief.visit.shoppers)
    puts: list[Misplaced] = []
    takes: list[Taken] = []
    for one in sorted(rests, key=lambda rest: (rest.event.start_ns, rest.event.id)):
        for gtin in sorted({gtin for c in one.candidates for _, gtin, _ in c.astray}):
            if (found := _put(one, gtin, party)) is not None:
                puts.append(found)
            elif _took(one, gtin, None):
                taken = Taken(one.event.id, gtin, one.event.fixture, one.event.shelf, one.event.plates,
                              one.event.start_ns)  # fmt: skip
                if not _less(puts, taken) and _took(one, gtin, party):
                    takes.append(taken)
    return tuple(put for put in puts if put.quantity > 0), tuple(takes)


def _put(one: Explanation, gtin: str, party: Collection[str]) -> Misplaced | None:
    """What the party put there, where that is more likely than not."""
    about = [(c, n) for c in one.candidates if (n := -_moved(c, gtin, party)) > 0]
    p = sum(c.probability for c, _ in about)
    if p < LIKELY:
        return None
    event, count = one.event, max(about, key=lambda pair: pair[0].probability)[1]
    place = (event.fixture, event.shelf, event.plates)
    return Misplaced(event.id, gtin, count, *place, event.start_ns, round(min(p, 1.0), 6))


def _took(one: Explanation, gtin: str, who: Collection[str] | None) -> bool:
    return sum(c.probability for c in one.candidates if _moved(c, gtin, who) > 0) >= LIKELY


def _moved(candidate: Candidate, gtin: str, who: Collection[str] | None) -> int:
    """How many left a wrong place with some people (None: with anybody); below 0: came to one."""
    return sum(n for shopper, name, n in candidate.astray if name == gtin and (who is None or shopper in who))


def _less(puts: list[Misplaced], taken: Taken) -> bool:
    """Take one off what was put at that place before; False where nothing was."""
    for k, put in enumerate(puts):
        same = (put.gtin, put.fixture, put.shelf) == (taken.gtin, taken.fixture, taken.shelf)
        if same and put.quantity > 0 and set(put.plates) & set(taken.plates):
            puts[k] = replace(put, quantity=put.quantity - 1)
            return True
    return False
