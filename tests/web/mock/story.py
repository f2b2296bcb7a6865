"""The told story as a clock plays it: what has happened by now, shifted to now."""

import gzip
from functools import cache
from pathlib import Path
from typing import Any

import orjson

STORY = Path(__file__).parent / "story.json.gz"
SECOND_NS = 1_000_000_000


@cache
def story() -> dict[str, Any]:
    """As `make` wrote it; times in ns from its start."""
    read = orjson.loads(gzip.decompress(STORY.read_bytes()))
    assert isinstance(read, dict)
    return read


def shifted(value: Any, by_ns: int, key: str = "") -> Any:
    """The same with every instant moved."""
    if isinstance(value, dict):
        return {k: shifted(v, by_ns, k) for k, v in value.items()}
    if isinstance(value, list):
        return [shifted(v, by_ns, key) for v in value]
    return value + by_ns if key.endswith("_ns") and isinstance(value, int) else value


def people_at(t_ns: int) -> list[dict[str, Any]]:
    """Everybody in the shop in the last report before an instant; none where the report is older than a second."""
    reports = story()["people"]
    low, high = 0, len(reports)
    while low < high:
        middle = (low + high) // 2
        if reports[middle][0] <= t_ns:
            low = middle + 1
        else:
            high = middle
    if not low or t_ns - reports[low - 1][0] > SECOND_NS:
        return []
    return [
        {
            "id": id_,
            "visit": visit or None,
            "role": "shopper",
            "x_m": x,
            "y_m": y,
            "z_m": z,
            "hands": [{"x_m": hx, "y_m": hy, "z_m": hz} for hx, hy, hz in hands],
        }
        for id_, visit, x, y, z, hands in reports[low - 1][1]
    ]


def tracks_of(visit: str) -> list[dict[str, Any]]:
    """Where the people of a visit went, five points a second."""
    found: dict[str, dict[str, Any]] = {}
    for t_ns, row in story()["people"][::2]:
        for id_, of, x, y, _, _ in row:
            if of == visit:
                track = found.setdefault(id_, {"visit": of, "person": id_, "t_ns": [], "x_m": [], "y_m": []})
                track["t_ns"].append(t_ns)
                track["x_m"].append(x)
                track["y_m"].append(y)
    return list(found.values())


def messages(after_ns: int, until_ns: int) -> list[dict[str, Any]]:
    """What was told after one instant and no later than another."""
    return [message for t_ns, message in story()["messages"] if after_ns < t_ns <= until_ns]
