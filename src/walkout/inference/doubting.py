"""What a visit's basket hangs on: the open happenings of its clusters, each against the baskets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from walkout.inference.choice import Move, Options
from walkout.inference.cluster import Copy
from walkout.inference.doubt import Answer, Doubt, Flags, Floats, Moved, gain
from walkout.inference.goods import UNKNOWN
from walkout.inference.happening import Happening

Items = tuple[tuple[str, int], ...]
Key = tuple[Items, bool]
"""A basket: what the catalogue knows of it, and whether there is more."""

ANSWERS = 16
"""Answers of one doubt at most; all others are one."""
DOUBTS = 8
"""Doubts of one visit at most: those whose answers could change most."""
LEAST = 1e-5
"""A happening that could not raise P(exactly right) by so much is no doubt."""
ELSE = Answer((("?", "", 0),), "something else")
SURE = 0.9999
"""A visit as sure as this has no doubts."""


@dataclass(frozen=True, slots=True)
class Part:
    """One cluster as it concerns one party."""

    p: Floats
    """Of its states."""
    own: Sequence[Key]
    """The party's basket in each state, as far as this cluster says it."""
    others: Sequence[tuple[Key, float]]
    """What the party's other clusters may say, and how likely; one empty basket where there is none."""
    copies: Sequence[Copy]


def doubts(
    parts: Sequence[Part], baskets: Sequence[Key], told: Callable[[Options | Happening, int], str]
) -> tuple[Doubt, ...]:
    """The happenings that matter most, in the order of happening; `told` says what one choice is, in a sentence."""
    row = {basket: n for n, basket in enumerate(baskets)}
    known = np.array([not unknown for _, unknown in baskets], np.bool_)
    found: dict[str, tuple[float, Doubt]] = {}
    for part in parts:
        weight = _rows(part, row) * part.p[:, None]
        for copy in part.copies:
            joint = weight.T @ copy.share
            worth = gain(joint[:-1], known, _nameless(copy))
            id_ = copy.record.id
            if worth >= LEAST and worth > found.get(id_, (0.0,))[0]:
                found[id_] = worth, _doubt(copy, joint, told)
    best = sorted(found.items(), key=lambda kv: (-kv[1][0], kv[0]))[:DOUBTS]
    return tuple(sorted((doubt for _, (_, doubt) in best), key=lambda d: (d.start_ns, d.event)))


def _rows(part: Part, row: Mapping[Key, int]) -> Floats:
    """P(each basket, and the rest, given each state), shape (states, baskets + 1)."""
    known: dict[Key, Floats] = {}
    for own in part.own:
        if own not in known:
            at = np.zeros(len(row) + 1)
            for other, p in part.others:
                at[row.get(_both(own, other), len(row))] += p
            at[-1] += max(0.0, 1.0 - at.sum())
            known[own] = at
    return np.array([known[own] for own in part.own]).reshape(len(part.own), len(row) + 1)


def _both(a: Key, b: Key) -> Key:
    count = dict(a[0])
    for gtin, n in b[0]:
        count[gtin] = count.get(gtin, 0) + n
    return tuple(sorted(count.items())), a[1] or b[1]


def _nameless(copy: Copy) -> Flags:
    """The choices by which somebody has what nothing in the catalogue explains: a person can name it."""
    choices = copy.record.told.choices
    return np.array(
        [
            any(m.shopper is not None and m.quantity and not _sold(m.gtin) for m in choices[k].moves)
            for k in copy.record.columns.tolist()
        ],
        np.bool_,
    )


def _doubt(copy: Copy, joint: Floats, told: Callable[[Options | Happening, int], str]) -> Doubt:
    record = copy.record
    choices = record.told.choices
    groups: dict[tuple[Moved, ...], list[int]] = {}
    for n, k in enumerate(record.columns.tolist()):
        moved = sorted(((m.shopper, _sold(m.gtin), m.quantity) for m in choices[k].moves if _matters(m)), key=str)
        groups.setdefault(tuple(moved), []).append(n)
    p = joint.sum(axis=0)
    ranked = sorted(groups.items(), key=lambda kv: (-float(p[kv[1]].sum()), str(kv[0])))
    answers, columns = [], []
    for moved_, ns in ranked[:ANSWERS]:
        best = int(record.columns[max(ns, key=lambda n: (p[n], -n))])
        answers.append(Answer(moved_, told(record.told, best)))
        columns.append(joint[:, ns].sum(axis=1))
    rest = [n for _, ns in ranked[ANSWERS:] for n in ns]
    if rest:
        answers.append(ELSE)
        columns.append(joint[:, rest].sum(axis=1))
    table = np.array(columns).T
    table = table / table.sum()
    at = record.told.evidence.event if isinstance(record.told, Options) else None
    return Doubt(
        record.id,
        record.start_ns,
        record.end_ns,
        at.fixture if at is not None else "",
        at.shelf if at is not None else 0,
        tuple(answers),
        tuple(tuple(float(x) for x in line) for line in table),
    )


def _matters(move: Move) -> bool:
    """Whether anybody has more or less by a move; not so by a shake, a resting hand, goods that were pushed about."""
    return bool(_sold(move.gtin)) or move.kind == "swap" or (move.shopper is not None and move.quantity != 0)


def _sold(gtin: str) -> str:
    return "" if gtin.startswith(UNKNOWN) else gtin
