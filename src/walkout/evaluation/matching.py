"""Which receipt is of which true visit: by ids where they agree, else by where people were and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from walkout.recording.truth import TruthVisit

NEAR_M = 0.75
"""Two points of one person's paths are no farther apart: trackers agree to decimetres, people stand farther apart."""
NEAR_NS = 1_000_000_000
"""Truth has a point a second or so."""

Points = NDArray[np.float64]
"""Shape (points, 3): seconds since an instant of the recording, x and y in metres; times rise."""


class ClaimError(ValueError):
    """Something that is no receipt; its words say what was found and what would be right."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a receipt says of a visit, money left out."""

    visit: str
    shoppers: tuple[str, ...]
    entered_ns: int
    left_ns: int
    basket: Mapping[str, int]
    """14-digit GTIN to count."""
    alone: bool
    """Whether software settled it alone."""


def claim(published: Mapping[str, Any]) -> Claim:
    """A claim from a receipt in the published JSON form, ours or anybody's.

    Needed are shoppers or visit, entered_ns, left_ns and lines of gtin and quantity. Raises ClaimError where one is
    missing or wrong.
    """
    basket: dict[str, int] = {}
    try:
        for line in published["lines"]:
            quantity = line["quantity"]
            if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 1:
                raise ClaimError(f"found quantity {quantity!r}, right: a number from 1 up")
            gtin = str(line["gtin"]).zfill(14)
            basket[gtin] = basket.get(gtin, 0) + quantity
        return Claim(
            str(published.get("visit", "")),
            tuple(str(shopper) for shopper in published.get("shoppers", ())),
            int(published["entered_ns"]),
            int(published["left_ns"]),
            basket,
            published.get("decided_by", "software") == "software" and published.get("status", "settled") == "settled",
        )
    except KeyError as error:
        raise ClaimError(
            f"found a receipt without {error.args[0]!r}, right: the published form of a receipt"
        ) from error
    except (TypeError, AttributeError) as error:
        raise ClaimError(f"found {str(published)[:60]!r}, right: the published form of a receipt") from error


def match(
    claims: Sequence[Claim], visits: Sequence[TruthVisit], paths: Mapping[str, Points], zero_ns: int
) -> tuple[tuple[int | None, int | None], ...]:
    """Pairs (claim, visit) by index; None on the side that has nothing.

    `paths` are tracked people's paths by id, in seconds since `zero_ns`. First equal visit ids, then common shoppers,
    then the best overlap in time and place, each as the assignment with the greatest sum.
    """
    left, right = list(range(len(claims))), list(range(len(visits)))
    pairs: list[tuple[int | None, int | None]] = []

    def same_id(c: Claim, v: TruthVisit) -> float:
        return float(c.visit == v.visit)

    def same_people(c: Claim, v: TruthVisit) -> float:
        common = len(set(c.shoppers) & set(v.shoppers))
        return common + 0.5 * _overlap(c, v) if common else 0.0

    def same_place(c: Claim, v: TruthVisit) -> float:
        return _likeness(c, v, paths, zero_ns)

    for score in (same_id, same_people, same_place):
        values = np.array([[score(claims[i], visits[j]) for j in right] for i in left]).reshape(len(left), len(right))
        rows, columns = linear_sum_assignment(values, maximize=True)
        found = [(left[i], right[j]) for i, j in zip(rows, columns, strict=True) if values[i, j] > 0.0]
        pairs += found
        left = [i for i in left if i not in {a for a, _ in found}]
        right = [j for j in right if j not in {b for _, b in found}]
    alone: list[tuple[int | None, int | None]] = [*((i, None) for i in left), *((None, j) for j in right)]
    return (*sorted(pairs, key=lambda p: (p[1] or 0, p[0] or 0)), *alone)


def _overlap(c: Claim, v: TruthVisit) -> float:
    """Intersection over union of two visits in time, 0 to 1."""
    both = min(c.left_ns, v.left_ns) - max(c.entered_ns, v.entered_ns)
    either = max(c.left_ns, v.left_ns) - min(c.entered_ns, v.entered_ns)
    return max(0.0, both / either) if either > 0 else float(c.entered_ns == v.entered_ns)


def _likeness(c: Claim, v: TruthVisit, paths: Mapping[str, Points], zero_ns: int) -> float:
    """The share of the true path that one of the claim's shoppers walked; in time alone where there is no path."""
    walked = [paths[s] for s in c.shoppers if s in paths and len(paths[s])]
    if not walked or not v.path:
        return _overlap(c, v)
    truth = np.array([((t - zero_ns) / 1e9, x, y) for t, x, y in v.path])
    return max(_share(truth, path) for path in walked) * (0.5 + 0.5 * _overlap(c, v))


def _share(truth: Points, path: Points) -> float:
    after = np.clip(np.searchsorted(path[:, 0], truth[:, 0]), 1, max(1, len(path) - 1))
    before = after - 1
    after = np.minimum(after, len(path) - 1)
    nearer = np.where(np.abs(path[after, 0] - truth[:, 0]) < np.abs(path[before, 0] - truth[:, 0]), after, before)
    near = np.hypot(path[nearer, 1] - truth[:, 1], path[nearer, 2] - truth[:, 2]) <= NEAR_M
    together = np.abs(path[nearer, 0] - truth[:, 0]) <= NEAR_NS / 1e9
    return float((near & together).mean())
