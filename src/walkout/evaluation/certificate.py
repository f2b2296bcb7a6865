"""A certificate: from which probability up software may settle a visit alone, and what was tested to say so."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Literal

import orjson

VERSION = 1
RISKS = ("wrong", "overcharged", "undercharged")
"""What may go wrong with a receipt that software settles alone."""


class CertificateError(ValueError):
    """A text that is no certificate; its words say what was found and what would be right."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One risk at one level: from where up software may decide alone, or why not."""

    risk: str
    alpha: float
    delta: float
    threshold: float | None
    """None: nothing is certified."""
    share: float
    """Of all labelled visits: those at or above the threshold."""
    labels: int
    """Labelled visits at or above the threshold (where there is none: at the start of the last walk)."""
    bad: int
    """Of those, how many were so."""
    bound: float
    """Upper bound of the risk at 1 - delta, from those, the design effect in it."""
    short: int
    """Where nothing is certified: about so many more labelled visits of all kinds would do if no more of them went
    wrong in proportion than now; 0 where there is a threshold; -1: too many go wrong at every threshold seen so far,
    so that more labels alone would not help."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was tested, the ladder, and the threshold that settles."""

    origin: Literal["real", "simulated", "mixed"]
    store: str
    about: str
    """Which visits, in words: suite, seeds, settings."""
    card: str
    """The hash of the calibration card that the probabilities come from; it certifies no other."""
    visits: int
    """Labelled visits, all."""
    recordings: int
    correlation: float
    """Intra-class correlation of being wrong within a recording, as found."""
    design_effect: float
    """By how much the visits count for fewer than so many independent ones."""
    settling: tuple[Rung, ...]
    """What settling rests on: being wrong, and overcharging, each at its level with half of delta."""
    ladder: tuple[Rung, ...]
    """All that can be claimed, each rung for itself."""

    @property
    def settle_at(self) -> float | None:
        """Software decides alone from this calibrated P(exactly right) up; None: never."""
        thresholds = [rung.threshold for rung in self.settling]
        found = [t for t in thresholds if t is not None]
        return max(found) if found and len(found) == len(thresholds) else None

    @property
    def id(self) -> str:
        """The hash of all that it says."""
        return sha256(orjson.dumps(_plain(self), option=orjson.OPT_SORT_KEYS)).hexdigest()


def to_json(certificate: Certificate) -> bytes:
    """A certificate as a file: sorted keys, its own hash as `id`, its threshold as `settle_at`."""
    plain = _plain(certificate) | {"id": certificate.id, "settle_at": certificate.settle_at}
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def from_json(data: bytes) -> Certificate:
    """A certificate from a file. Raises CertificateError where it is none, or was changed after it was written."""
    try:
        read = orjson.loads(data)
        if read["version"] != VERSION:
            raise CertificateError(f"found a certificate of version {read['version']}, right: version {VERSION}")
        found = Certificate(
            read["origin"],
            read["store"],
            read["about"],
            read["card"],
            int(read["visits"]),
            int(read["recordings"]),
            float(read["correlation"]),
            float(read["design_effect"]),
            tuple(_rung(rung) for rung in read["settling"]),
            tuple(_rung(rung) for rung in read["ladder"]),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, CertificateError):
            raise
        raise CertificateError(f"found no certificate ({error}), right: one written by walkout certify") from error
    if found.id != read.get("id"):
        raise CertificateError("found a certificate that is not what it was when written, right: the file as it was")
    return found


def _rung(read: Mapping[str, Any]) -> Rung:
    if read["risk"] not in RISKS:
        raise CertificateError(f"found the risk {read['risk']!r}, right: {', '.join(RISKS)}")
    threshold = read["threshold"]
    return Rung(
        read["risk"],
        float(read["alpha"]),
        float(read["delta"]),
        None if threshold is None else float(threshold),
        float(read["share"]),
        int(read["labels"]),
        int(read["bad"]),
        float(read["bound"]),
        int(read["short"]),
    )


def _plain(certificate: Certificate) -> dict[str, Any]:
    return {"kind": "certificate", "version": VERSION, **asdict(certificate)}
