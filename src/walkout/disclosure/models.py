"""The models that come with Walkout, each with whose visits, whose hours and what pay it was taught with."""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

import orjson

from walkout.checkout.decide import SHIPPED, settling_shipped

WEIGHTS = "walkout.sensing.vision"
NOBODY = "nobody's: simulated visits of invented shops"
NO_HOURS = "none: the simulation wrote the labels"


@cache
def models() -> tuple[dict[str, Any], ...]:
    """Each shipped model: what it does, its SHA-256, its origin, and the people in its data."""
    looks = orjson.loads((files(WEIGHTS) / "weights" / "looks.json").read_bytes())
    return (
        {
            "name": "pose",
            "what": "finds people and eight joints of each in pictures",
            "sha256": _digest(WEIGHTS, "weights/pose.onnx"),
            "origin": "simulated",
            "visits": NOBODY,
            "hours": NO_HOURS,
            "pay": None,
            "identifies_people": False,
        },
        {
            "name": "refine",
            "what": "finds those joints again at full resolution, one person at a time",
            "sha256": _digest(WEIGHTS, "weights/refine.onnx"),
            "origin": "simulated",
            "visits": NOBODY,
            "hours": NO_HOURS,
            "pay": None,
            "identifies_people": False,
        },
        {
            "name": "looks",
            "what": "tells goods apart in pictures of shelves and hands",
            "sha256": looks["sha256"],
            "origin": looks["origin"],
            "visits": "nobody's: " + looks["data"],
            "hours": NO_HOURS,
            "pay": None,
            "identifies_people": False,
        },
        {
            "name": "certificate of settling",
            "what": "from which probability up software settles alone, in simulated shops",
            "sha256": _digest("walkout.checkout", SHIPPED),
            "origin": "simulated",
            "visits": NOBODY,
            "hours": NO_HOURS,
            "pay": None,
            "identifies_people": False,
        },
    )


def certificate(origin: str) -> str | None:
    """The certificate by which software settles alone in shops of an origin; None: it does not."""
    return settling_shipped("simulated" if origin == "simulated" else "real").certificate


def _digest(package: str, name: str) -> str:
    return sha256((files(package) / name).read_bytes()).hexdigest()
