"""Whether software may settle a visit alone, and what is charged while nobody has looked.

A visit settles alone only from the probability up that a certificate holds good for. Anything else asks. Until an
answer comes, a line is charged only if it is shown: if its own probability passes `SHOWN_AT`. Nobody pays for what
cannot be shown; what that gives away is counted (`walkout.evaluation.given_away`).
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from walkout.evaluation.certificate import Certificate, from_json
from walkout.inference.belief import Belief
from walkout.inference.calibrate import NO_CARD, Card, shipped
from walkout.inference.question import Question, ask, hopeful
from walkout.store.shop import Origin

SHOWN_AT = 0.95
"""A line is shown from this calibrated probability up: one in twenty such lines may be wrong at the bar itself, and
far fewer above it; the operator sees what it gives away."""
WORTH = 0.05
"""A question that gains so much is asked even of a visit that no answers could settle: it shows what to charge;
assumed."""
SHIPPED = "certificates/simulated.json"

Status = Literal["settled", "asks"]


class SettlingError(ValueError):
    """A card and a certificate that do not go together; its words say what was found and what would be right."""


@dataclass(frozen=True, slots=True)
class Settling:
    """By what a shop decides: how it calibrates, and from where up software settles alone (None: never)."""

    card: Card
    settle_at: float | None = None
    certificate: str | None = None
    """The hash of the certificate that says so."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one visit."""

    status: Status
    p_exact: float
    """Calibrated."""
    lines: tuple[float, ...]
    """The calibrated probability of each line, in the belief's order."""
    shown: tuple[bool, ...]
    """Whether each line is charged while nobody has answered; all are where the visit settles."""
    questions: tuple[Question, ...]
    """What to ask, the most valuable first; empty where the visit settles, or where no question would help."""


SHADOW = Settling(NO_CARD)
"""A shop without a card and a certificate of its own: every visit is asked about, nothing settles alone."""


def settling(card: Card, certificate: Certificate | None, origin: Origin) -> Settling:
    """What a certificate allows a shop of some origin.

    Raises SettlingError where the certificate is of another card, or of another origin than the shop: what was learnt
    on simulated visits certifies no real shop.
    """
    if certificate is None:
        return Settling(card)
    if certificate.card != card.id:
        raise SettlingError(
            f"found a certificate of the card {certificate.card[:12]}, right: of the card in use, {card.id[:12]}"
        )
    if certificate.origin != origin:
        raise SettlingError(f"found a certificate learnt on {certificate.origin} visits, right: on {origin} ones")
    return Settling(card, certificate.settle_at, certificate.id)


@cache
def settling_shipped(origin: Origin) -> Settling:
    """What comes with the package: a simulated certificate for simulated shops; a real shop starts in shadow."""
    if origin != "simulated":
        return SHADOW
    return settling(shipped(origin), _certificate_shipped(), origin)


@cache
def _certificate_shipped() -> Certificate | None:
    found = files("walkout.checkout").joinpath(SHIPPED)
    return from_json(found.read_bytes()) if found.is_file() else None


def rung_shipped(risk: str = "overcharged", alpha: float = 0.01) -> float | None:
    """From which probability up at most `alpha` of simulated visits go wrong so, at 95 %; None: none is certified.

    Nothing settles by it unless somebody chooses so for a simulated shop.
    """
    certificate = _certificate_shipped()
    ladder = () if certificate is None else certificate.ladder
    return next((rung.threshold for rung in ladder if (rung.risk, rung.alpha) == (risk, alpha)), None)


def shipped_bounds(origin: Origin) -> tuple[float, float] | None:
    """The bounds that the shipped certificate's threshold rests on (wrong, overcharged); None: there is none."""
    certificate = _certificate_shipped()
    if origin != "simulated" or certificate is None:
        return None
    bounds = {rung.risk: rung.bound for rung in certificate.settling}
    return (bounds["wrong"], bounds["overcharged"]) if bounds.keys() >= {"wrong", "overcharged"} else None


def decide(belief: Belief, by: Settling) -> Decision:
    """Settle alone, or ask."""
    p_exact = by.card.exact(belief.p_right, empty=not belief.lines)
    lines = tuple(by.card.of_line(line.probability) for line in belief.lines)
    if by.settle_at is not None and p_exact >= by.settle_at:
        return Decision("settled", p_exact, lines, (True,) * len(lines), ())
    question = ask(belief)
    if question is not None and question.gain < WORTH and not _may_settle(belief, by):
        question = None
    return Decision(
        "asks", p_exact, lines, tuple(p >= SHOWN_AT for p in lines), () if question is None else (question,)
    )


def _may_settle(belief: Belief, by: Settling) -> bool:
    """Whether a visit may settle once people said of everything what is likeliest; nobody is asked in vain."""
    if by.settle_at is None:  # in shadow every answer is a label
        return True
    best = hopeful(belief)
    return by.card.exact(best.p_right, empty=not best.lines) >= by.settle_at
