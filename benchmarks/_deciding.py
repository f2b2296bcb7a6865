"""What the benches of deciding share: our receipts with answers of somebody who knows, and the parts of a day.

The calibration card and the certificate come from the calibration seeds of `day`, apart from one another: the card from
the first hours, the certificate from the rest. Test seeds are only counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from benchmarks._bench import Bench
from benchmarks._methods import Receipts
from benchmarks._suites import SAMPLE, Job
from walkout.checkout.decide import SHOWN_AT
from walkout.cli.suite_scores import Wanted
from walkout.evaluation.answering import answer_all
from walkout.evaluation.calibration import fit_card
from walkout.evaluation.certificate import Certificate
from walkout.evaluation.certificate import to_json as certificate_json
from walkout.evaluation.certification import certify
from walkout.evaluation.verdict import Verdict
from walkout.inference.calibrate import Card
from walkout.inference.calibrate import to_json as card_json
from walkout.live.replay import replay, replay_json
from walkout.recording.reader import Recording
from walkout.twin.settings import DEFAULT
from walkout.twin.suites import CALIBRATION_SEEDS

CARD_SEEDS = CALIBRATION_SEEDS[96:102]
"""Hours of the calibration seeds that the card is fitted on. The first 96 were looked into while inference was made."""
CERTIFICATE_SEEDS = CALIBRATION_SEEDS[132:180]
"""Hours that the certificate rests on: some 4,000 visits, half an hour on two cores. Those before were counted for
earlier code, and what it got wrong in three of them was looked into; these were played for no other."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """A card and what is certified of it."""

    card: Card
    certificate: Certificate
    settle_at: float | None
    shown_at: float = SHOWN_AT


def answered(recording: Recording) -> Receipts:
    """Ours, and what answers to its questions would make of each receipt."""
    result = replay(recording)
    receipts: list[dict[str, Any]] = orjson.loads(replay_json(result))["receipts"]
    answers = answer_all(recording, result.beliefs)
    return [receipt | {"answers": answers.get(receipt["visit"], ())} for receipt in receipts]


def day(seeds: range | None) -> Job:
    """Hours of the sample store, by our method alone."""
    return Job(Wanted("day", SAMPLE, None, seeds, DEFAULT), {"ours": answered})


def learnt(this: Bench) -> Deciding:
    """The card and the certificate of the calibration seeds; both are written beside the verdicts that are kept."""
    first, rest = CARD_SEEDS, CERTIFICATE_SEEDS
    found = taught(
        this.rows(day(first), "card"),
        this.rows(day(rest), "certificate"),
        f"suite day, settings default, seeds {first[0]}..{first[-1]}",
        f"suite day, settings default, seeds {rest[0]}..{rest[-1]}",
    )
    if this.keep is not None:
        (this.keep / "card.json").write_bytes(card_json(found.card))
        (this.keep / "certificate.json").write_bytes(certificate_json(found.certificate))
    return found


def taught(for_card: Sequence[Verdict], for_certificate: Sequence[Verdict], first: str, rest: str) -> Deciding:
    """A card from some visits, a certificate from others."""
    card = fit_card(for_card, store=SAMPLE.name, about=first)
    certificate = certify(for_certificate, card, store=SAMPLE.name, about=rest)
    return Deciding(card, certificate, certificate.settle_at)
