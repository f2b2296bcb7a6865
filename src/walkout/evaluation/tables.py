"""Verdicts as figures: shares with intervals, apart by method and by tag."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from walkout.evaluation.intervals import bootstrap_ratio, exact_share
from walkout.evaluation.verdict import Verdict

SURE = 0.95
"""A receipt whose published probability of being exactly right is below this counts as unsure."""
Rows = Sequence[Verdict]


def by_recording(rows: Iterable[Verdict]) -> list[tuple[Verdict, ...]]:
    """The verdicts of each recording together, in the order in which recordings first come."""
    grouped: dict[str, list[Verdict]] = {}
    for row in rows:
        grouped.setdefault(row.recording, []).append(row)
    return [tuple(found) for found in grouped.values()]


def grouped(rows: Iterable[Verdict], key: Callable[[Verdict], str | None]) -> dict[str, list[Verdict]]:
    """Verdicts by a key, sorted by it; those whose key is None are left out."""
    found: dict[str, list[Verdict]] = {}
    for row in rows:
        value = key(row)
        if value is not None:
            found.setdefault(value, []).append(row)
    return dict(sorted(found.items()))


def tagged(name: str) -> Callable[[Verdict], str | None]:
    """The key of a tag, for `grouped`."""
    return lambda row: row.tags.get(name)


def consistent(rows: Iterable[Verdict]) -> list[Verdict]:
    """Without recordings whose truth contradicts itself."""
    return [row for row in rows if row.tags.get("consistent", "true") != "false"]


def f1(rows: Rows) -> float:
    """F1 as the competition counted: of a recording's items, mean over recordings; both empty: 1."""
    units = by_recording(rows)
    return sum(_f1(unit) for unit in units) / len(units) if units else float("nan")


def certainty(row: Verdict) -> float:
    """The probability of being exactly right as the receipt says it, calibrated where the method calibrates."""
    return float(row.tags.get("p", row.p_exact))


def exact(rows: Rows) -> float:
    """The share of visits (and of receipts of no visit) that are exactly right; NaN where there is none."""
    return sum(row.exact for row in rows) / len(rows) if rows else float("nan")


def share(rows: Rows, is_so: Callable[[Verdict], bool]) -> dict[str, Any]:
    """How many of the rows are so: `count`, `of`, `share`, and `interval` at 95 %.

    The interval is the wider of the exact binomial one and that of a bootstrap by recording: visits of one recording
    may depend on one another, and where none or all are so a bootstrap knows nothing.
    """
    count = sum(is_so(row) for row in rows)
    low, high = exact_share(count, len(rows))
    if len(units := by_recording(rows)) < len(rows):
        a, b = bootstrap_ratio([sum(map(is_so, unit)) for unit in units], [len(unit) for unit in units])
        low, high = min(low, a), max(high, b)
    value = count / len(rows) if rows else None
    return {"count": count, "of": len(rows), "share": value, "interval": [low, high]}


def figures(rows: Rows, sure: float = SURE) -> dict[str, Any]:
    """The figures of one method over some verdicts.

    `visits`, `recordings`; as `share`: `exact`, `overcharged`, `undercharged`, `unsure` (less certain than `sure`),
    `sure_wrong` (of the others, not exactly right), `settled` (by software alone, as the receipts say) and
    `settled_wrong`; `f1` with its `f1_interval` by bootstrap over recordings; `value`: what was overcharged and
    undercharged for 1,000 visits, and the same as shares of what was taken.
    """
    certain = [row for row in rows if certainty(row) >= sure]
    settled = [row for row in rows if row.tags.get("settled") == "yes"]
    units = by_recording(rows)
    return {
        "visits": sum(bool(row.visit) for row in rows),
        "recordings": len(units),
        "exact": share(rows, lambda row: row.exact),
        "f1": f1(rows) if units else None,
        "f1_interval": list(bootstrap_ratio([_f1(u) for u in units], [1] * len(units))) if units else None,
        "overcharged": share(rows, lambda row: row.over),
        "undercharged": share(rows, lambda row: row.under),
        "unsure": share(rows, lambda row: certainty(row) < sure),
        "sure_wrong": share(certain, lambda row: not row.exact),
        "settled": share(rows, lambda row: row.tags.get("settled") == "yes"),
        "settled_wrong": share(settled, lambda row: not row.exact),
        "value": _value(rows),
    }


def by_method(rows: Iterable[Verdict], sure: float = SURE) -> dict[str, dict[str, Any]]:
    """`figures` of each method."""
    return {name: figures(found, sure) for name, found in grouped(rows, lambda row: row.method).items()}


def _value(rows: Rows) -> dict[str, float]:
    taken = float(sum(row.taken_value for row in rows))
    over = float(sum(row.overcharged_value for row in rows))
    under = float(sum(row.undercharged_value for row in rows))
    per = 1000.0 / max(1, sum(bool(row.visit) for row in rows))
    return {
        "overcharged_per_1000": round(over * per, 2),
        "undercharged_per_1000": round(under * per, 2),
        "overcharged_share": over / taken if taken else 0.0,
        "undercharged_share": under / taken if taken else 0.0,
    }


def _f1(rows: Rows) -> float:
    right, charged, taken = (sum(getattr(row, name) for row in rows) for name in ("right", "charged", "taken"))
    return 2 * right / (charged + taken) if charged + taken else 1.0
