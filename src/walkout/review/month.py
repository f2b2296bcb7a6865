"""A month's certificate: how many of the receipts that software settled alone can have been wrong, at most.

It is a pure function of an exported bundle (the seed, every draw, every label), so that anybody can compute it again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Literal

import orjson

from walkout.evaluation.ladder import upper
from walkout.review.audit import WORST, Draw, Label, judge
from walkout.review.case import ReviewError
from walkout.review.population import Stratum, most_wrong_together
from walkout.review.sampling import commitment, is_drawn

VERSION = 1
DELTA = 0.05
RISKS = ("wrong", "over", "under")


@dataclass(frozen=True, slots=True)
class Auditors:
    """How many visits known to be wrong were given to the auditors, and how many of those they found wrong."""

    seeded: int = 0
    caught: int = 0


@dataclass(frozen=True, slots=True)
class Bundle:
    """All that the certificate rests on."""

    store: str
    month: str
    origin: Literal["real", "simulated"]
    commitment: str
    seed: str
    """In hexadecimal; published when the month is over."""
    draws: tuple[Draw, ...]
    auditors: Auditors = Auditors()


def certify(bundle: Bundle, delta: float = DELTA) -> dict[str, Any]:
    """The certificate's content.

    Each bound holds with probability 1 - delta for what auditors would find; `most_wrong_true` also allows for what
    they miss, each of the two with half of delta, and is None while too few known-wrong visits were given to them.
    Raises ReviewError where the bundle contradicts itself.
    """
    check(bundle)
    strata = _strata(bundle)
    size = len(bundle.draws)
    miss = None
    if bundle.auditors.seeded:
        missed = bundle.auditors.seeded - bundle.auditors.caught
        miss = upper(missed, bundle.auditors.seeded, delta / 2.0)
    bounds = {}
    for risk in RISKS:
        counts = [Stratum(s["size"], s["drawn"], s[risk]) for s in strata]
        most = most_wrong_together(counts, delta)
        strict = most_wrong_together(counts, delta / 2.0)
        true = None if miss is None or miss >= 1.0 else min(size, int(strict / (1.0 - miss)))
        bounds[risk] = {"most": most, "share": round(most / size, 9) if size else None, "most_true": true}
    content = {
        "kind": "month-certificate",
        "version": VERSION,
        "store": bundle.store,
        "month": bundle.month,
        "origin": bundle.origin,
        "commitment": bundle.commitment,
        "delta": delta,
        "settled_alone": size,
        "drawn": sum(s["drawn"] for s in strata),
        "not_judged": sum(s["not_judged"] for s in strata),
        "strata": strata,
        "auditors": asdict(bundle.auditors) | {"most_missed_share": None if miss is None else round(miss, 9)},
        "bounds": bounds,
    }
    return content | {"id": sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()}


def check(bundle: Bundle) -> None:
    """Raise ReviewError with all that contradicts itself: the seed, the draws, labels of what was not drawn."""
    seed = bytes.fromhex(bundle.seed)
    wrong = []
    if commitment(seed) != bundle.commitment:
        wrong.append("found a seed that is not the one committed to")
    if len({d.visit for d in bundle.draws}) != len(bundle.draws):
        wrong.append("found a visit twice")
    wrong += [
        f"{one.visit}: found {'' if one.drawn else 'not '}drawn, right by the seed: the opposite"
        for one in bundle.draws
        if is_drawn(seed, one.visit, one.probability) != one.drawn
    ]
    wrong += [
        f"{one.visit}: found a label of a visit that was not drawn"
        for one in bundle.draws
        if one.labelled and not one.drawn
    ]
    pairs = {(one.stratum, one.probability) for one in bundle.draws}
    wrong += [
        f"stratum {name}: found several probabilities, right: one"
        for name in sorted({name for name, _ in pairs})
        if sum(of == name for of, _ in pairs) > 1
    ]
    if not 0 <= bundle.auditors.caught <= bundle.auditors.seeded:
        wrong.append("found more known-wrong visits caught than given")
    if wrong:
        raise ReviewError("\n".join(wrong))


def to_json(bundle: Bundle, certificate: Mapping[str, Any]) -> bytes:
    """Bundle and certificate as one file."""
    plain = {"bundle": asdict(bundle), "certificate": certificate}
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def is_month(data: bytes) -> bool:
    """Whether a file is, or means to be, a month's certificate with its bundle."""
    try:
        read = orjson.loads(data)
    except orjson.JSONDecodeError:
        return False
    return isinstance(read, dict) and "bundle" in read and "certificate" in read


def verify(data: bytes) -> tuple[str, ...]:
    """Compute a file's certificate again from its bundle; gives what differs, empty where all of it holds.

    Raises ReviewError where it is no such file.
    """
    try:
        read = orjson.loads(data)
        given = read["certificate"]
        fields = read["bundle"]
        draws = tuple(Draw(**one) for one in fields.pop("draws"))
        bundle = Bundle(**fields | {"draws": draws, "auditors": Auditors(**fields.pop("auditors"))})
        again = certify(bundle, given["delta"])
    except ReviewError as error:
        return tuple(str(error).splitlines())
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReviewError(f"found no month's certificate ({error}), right: a file written by Walkout") from error
    names = sorted({*given, *again})
    return tuple(
        f"{name}: found {given.get(name)}, computed {again.get(name)}"
        for name in names
        if given.get(name) != again.get(name)
    )


def sentence(certificate: Mapping[str, Any]) -> str:
    """The certificate in one plain sentence."""
    bound = certificate["bounds"]["wrong"]
    where = " (simulated)" if certificate["origin"] == "simulated" else ""
    share = 100 * (bound["share"] or 0.0)
    return (
        f"Of the {certificate['settled_alone']:,} receipts that software settled alone in "
        f"{certificate['month']}{where}, at most {bound['most']:,} were wrong ({share:.2f} %), as far as two people "
        f"who looked apart at {certificate['drawn']:,} of them can tell. Of such sentences, one in "
        f"{round(1 / certificate['delta'])} is wrong at most."
    )


def labels(draws: Sequence[Draw]) -> tuple[tuple[Draw, Label], ...]:
    """Each drawn visit with what was found; what was not judged counts as wrong."""
    return tuple((one, judge(one.receipt_key, one.key) if one.labelled else WORST) for one in draws if one.drawn)


def _strata(bundle: Bundle) -> list[dict[str, Any]]:
    found = []
    for name in sorted({d.stratum for d in bundle.draws}):
        inside = [d for d in bundle.draws if d.stratum == name]
        judged = labels(inside)
        found.append(
            {
                "stratum": name,
                "size": len(inside),
                "probability": inside[0].probability,
                "drawn": len(judged),
                "not_judged": sum(not d.labelled or d.key is None for d, _ in judged),
                "wrong": sum(label.wrong for _, label in judged),
                "over": sum(label.over for _, label in judged),
                "under": sum(label.under for _, label in judged),
            }
        )
    return found
