"""What no scale tells: hand-overs, things left on the floor, and doubts about who is who, as choices with odds.

Each becomes a `Happening`: nothing, or one of the things that somebody may hold went from hand to hand or to the
floor. Which one is weighed by how probably it is held and by what was taken since: what a hand holds is mostly what
it took last. Inside a party nothing changes when hands meet, so nothing is said.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import log
from typing import TypeVar

from walkout.inference.choice import Choice, Move, Options
from walkout.inference.goods import Goods, name
from walkout.inference.happening import Happening
from walkout.inference.hypothesis import Hypotheses, past_of, records
from walkout.inference.item import Plates
from walkout.sensing.identity import Doubt
from walkout.sensing.touch import Touch

SECOND_NS = 1_000_000_000
LATEST_NS = 2**62

HANDED = 0.85
"""Something passes when hands of two parties meet so. 3 of 46 labelled real visits hold a hand-over (6.5 %), and in
400 simulated ones (tuning) hands of two parties met so by chance 0 times (at most 0.75 % at 95 %): 0.9 or more,
lowered because real people brush hands."""
LEFT = 0.75
"""A thing is left when somebody who may hold one has a hand on the floor; assumed: people also tie shoes."""
PICKED_UP = 0.15
"""Something that was left there is picked up; assumed: who leaves things on the floor leaves them, and most who pass
do."""
IN_HAND = (1.0, 0.15)
"""A hand holds what it took last, or the other hand what was taken before that: weights by how many things were taken
since. All 66 that simulated shoppers left or handed over in eight hours (tuning seeds) were what they took last;
lowered, as people have bags."""
BAGGED = 0.03
"""What was taken earlier still keeps this weight; assumed."""
AT_ONCE_NS = SECOND_NS // 2
"""Things taken within this are taken together: none of them was taken since the other."""
HEARD_OF = 1e-3
"""What somebody holds with less than this probability is not thought of."""
CELL_M = 0.5
"""Things on the floor are told apart by squares of this side; picked up from the same or a neighbouring one."""
NOWHERE: Plates = ("", 0, ())

Held = Mapping[tuple[str, str], float]
"""(Shopper, GTIN) to the probability of holding at least one."""


def taken(pasts: Hypotheses) -> dict[tuple[str, str], int]:
    """When each shopper last took each product, by the open shelf events, where that is more likely than not."""
    last: dict[tuple[str, str], int] = {}
    for record, p in records(pasts):
        if not isinstance(record.told, Options):
            continue
        share: dict[tuple[str, str], float] = {}
        for k, x in zip(record.columns.tolist(), p.tolist(), strict=True):
            for move in record.told.choices[k].moves:
                if move.shopper is not None and move.quantity > 0:
                    share[move.shopper, move.gtin] = share.get((move.shopper, move.gtin), 0.0) + x
        for key, x in sorted(share.items()):
            if x > 0.5:
                last[key] = max(record.start_ns, last.get(key, record.start_ns))
    return last


def hand_over(touch: Touch, pasts: Hypotheses, parties: Mapping[str, str], shop: Goods) -> Happening | None:
    """The choices when hands of two people met; None where nothing could change who pays.

    `parties`: shopper to visit. Where the policy is that the first taker pays, a hand-over changes nothing.
    """
    a, b = touch.people
    parted = parties.get(a, "") != parties.get(b, "") and parties.get(a) and parties.get(b)
    if not parted or shop.store.policies.hand_over != "last_holder":
        return None
    past, lately = past_of(pasts), taken(pasts)
    choices, words = [_nothing(1.0 - HANDED)], ["hands met and nothing passed between them"]
    for giver, to in ((a, b), (b, a)):
        for gtin, log_p in _which(giver, _odds(past.held), lately, touch.start_ns):
            move = Move(to, gtin, 1, NOWHERE, "hand", 0, giver)
            choices.append(Choice((move,), log(HANDED) + log_p, 0.0))
            words.append(f"another shopper handed this one the {name(shop, gtin)}")
    return _happening(f"hands/{a}+{b}@{touch.start_ns}", touch, choices, words)


def left_on_floor(touch: Touch, pasts: Hypotheses, parties: Mapping[str, str], shop: Goods) -> Happening | None:
    """The choices when somebody's hand was at the floor: nothing, something left there, or picked up from there."""
    (person,) = touch.people
    if not parties.get(person):
        return None
    square = (int(touch.x_m // CELL_M), int(touch.y_m // CELL_M))
    past, lately = past_of(pasts), taken(pasts)
    choices, words = [_nothing(1.0 - LEFT - PICKED_UP)], ["a hand was at the floor and left nothing there"]
    for gtin, log_p in _which(person, _odds(past.held), lately, touch.start_ns):
        move = Move(person, gtin, -1, _floor(square), "away", 0)
        choices.append(Choice((move,), log(LEFT) + log_p, 0.0))
        words.append(f"the {name(shop, gtin)} was left on the floor")
    for (place, gtin), p in _odds(past.strays).items():
        if place[0] == _FLOOR and _beside(place[2], square) and p >= HEARD_OF:
            choices.append(Choice((Move(person, gtin, 1, place, "stray", 0),), log(PICKED_UP), 0.0))
            words.append(f"the {name(shop, gtin)} was picked up from the floor")
    return _happening(f"floor/{person}@{touch.start_ns}", touch, choices, words)


def exchange(doubt: Doubt, pasts: Hypotheses, parties: Mapping[str, str]) -> Happening | None:
    """The choices where people may have been taken for each other; None where it would change nothing."""
    holding = {shopper for (shopper, _), p in _odds(past_of(pasts).held).items() if p >= HEARD_OF}
    me = doubt.person
    others = [
        (other, p)
        for other, p in doubt.others
        if parties.get(me, "") != parties.get(other, "-") and {me, other} & holding
    ]
    if not others:
        return None
    choices = [_nothing(1.0 - sum(p for _, p in others))]
    choices += [Choice((Move(me, "", 0, NOWHERE, "swap", 0, other),), log(p), 0.0) for other, p in others]
    words = ["this shopper was followed rightly", *("two shoppers were taken for each other" for _ in others)]
    return Happening(f"who/{me}@{doubt.t_ns}", doubt.t_ns, doubt.t_ns, tuple(choices), tuple(words))


_FLOOR = "(floor)"
K = TypeVar("K")


def _odds(found: Iterable[K]) -> dict[K, float]:
    """What may be, with its probability; 1 where only the fact is told."""
    return dict(found) if isinstance(found, Mapping) else dict.fromkeys(sorted(found), 1.0)  # type: ignore[type-var]


def _floor(square: tuple[int, int]) -> Plates:
    return (_FLOOR, 0, square)


def _beside(square: Sequence[int], other: Sequence[int]) -> bool:
    return all(abs(i - j) <= 1 for i, j in zip(square, other, strict=True))


def _nothing(probability: float) -> Choice:
    return Choice((), log(max(probability, 1e-9)), 0.0)


def _which(giver: str, held: Held, lately: Mapping[tuple[str, str], int], t_ns: int) -> list[tuple[str, float]]:
    """What may be in somebody's hand, each with the log weight that makes their probabilities sum to 1.

    `hypothesis` takes out an equal share for everything that is held; it is put back in here.
    """
    mine = {gtin: p for (shopper, gtin), p in held.items() if shopper == giver and p >= HEARD_OF}
    takes = {gtin: at_ns for (shopper, gtin), at_ns in lately.items() if shopper == giver and at_ns <= t_ns}
    weight = {}
    for gtin in mine:
        since = sum(at_ns > takes.get(gtin, -LATEST_NS) + AT_ONCE_NS for at_ns in takes.values())
        weight[gtin] = IN_HAND[since] if gtin in takes and since < len(IN_HAND) else BAGGED
    count = sum(mine.values())
    total = sum(p * weight[gtin] for gtin, p in mine.items()) / min(1.0, count or 1.0)
    count = max(1.0, count)
    return [(gtin, log(weight[gtin]) - log(total) + log(count)) for gtin in sorted(mine)]


def _happening(id_: str, touch: Touch, choices: Sequence[Choice], words: Sequence[str]) -> Happening | None:
    if len(choices) < 2:
        return None
    return Happening(id_, touch.start_ns, touch.end_ns, tuple(choices), tuple(words))
