"""Questions answered by somebody who knows the truth: how many it takes until a visit settles."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from walkout.inference.belief import Belief
from walkout.inference.doubt import Answer, Doubt, Moved
from walkout.inference.question import Question, answered, ask, key_of
from walkout.recording.reader import Recording
from walkout.recording.truth import Place, TruthMove, TruthVisit
from walkout.recording.truth_reader import truth_of

MOST = 6
"""Questions to one visit at most; then a person looks at all of it."""
AROUND_NS = 1_500_000_000
"""What happened at a shelf so long before the event or after it is what the event shows."""
NONE_OF_THESE = "none of these"


def answer_all(recording: Recording, beliefs: Sequence[Belief]) -> dict[str, tuple[Mapping[str, Any], ...]]:
    """By visit: `p_raw` and `basket` after each answer to the question worth most, until none is worth asking.

    Raises RecordingError where the truth cannot be read.
    """
    truth = list(truth_of(recording))
    moves = [item for item in truth if isinstance(item, TruthMove)]
    party = {shopper: visit.visit for visit in truth if isinstance(visit, TruthVisit) for shopper in visit.shoppers}
    party |= {shopper: belief.visit.id for belief in beliefs for shopper in belief.visit.shoppers}
    return {belief.visit.id: _answers(belief, moves, party) for belief in beliefs}


def true_key(doubt: Doubt, question: Question, moves: Sequence[TruthMove], party: Mapping[str, str]) -> str | None:
    """What somebody who saw everything answers; None: it cannot be told (who is who, once and for all).

    People are told apart as far as they pay apart: `party` maps a tracked person to their visit. What happened on the
    plates that the question is about goes before what happened elsewhere on that shelf at the time.
    """
    if not doubt.fixture and not doubt.event.startswith(("floor/", "hands/")):
        return None
    place = {candidate.key: n for n, candidate in enumerate(question.candidates)}
    for near in (True, False):
        true = key_of(Answer(moved_at(doubt, moves, party, near=near), ""), question.kind)
        fits = [a for a in doubt.answers if key_of(Answer(_by_visit(a.moved, party), ""), question.kind) == true]
        if fits:
            keys = sorted({key_of(a, question.kind) for a in fits}, key=lambda key: (place.get(key, len(place)), key))
            return keys[0]
    return NONE_OF_THESE


def moved_at(
    doubt: Doubt, moves: Sequence[TruthMove], party: Mapping[str, str], *, near: bool = False
) -> tuple[Moved, ...]:
    """What truly left the doubt's shelf, or came back to it, around its time; people by visit.

    At no shelf: what was left on the floor or picked up, or what somebody was handed. `near`: at the doubt's plates.
    """
    plate = _plate(doubt) if near else None
    count: Counter[tuple[str | None, str]] = Counter()
    for move in moves:
        if move.start_ns > doubt.end_ns + AROUND_NS or move.end_ns < doubt.start_ns - AROUND_NS:
            continue
        gtin = move.gtin.zfill(14)
        if doubt.event.startswith("hands/"):
            if move.source.kind == move.target.kind == "shopper":
                to = move.target.shopper
                count[party.get(to, to) or None, gtin] += move.quantity
            continue
        by = party.get(move.shopper, move.shopper) or None
        count[by, gtin] += move.quantity * (_at(move.source, doubt, plate) - _at(move.target, doubt, plate))
    return _sorted([(by, gtin, n) for (by, gtin), n in count.items()])


def _answers(belief: Belief, moves: Sequence[TruthMove], party: Mapping[str, str]) -> tuple[Mapping[str, Any], ...]:
    found: list[Mapping[str, Any]] = []
    while len(found) < MOST and (question := ask(belief)) is not None:
        doubt = next(d for d in belief.doubts if d.event == question.event)
        key = true_key(doubt, question, moves, party)
        if key == NONE_OF_THESE:
            break  # the software had not thought of it: a person looks at all of the visit
        if key is None:
            belief = replace(belief, doubts=tuple(d for d in belief.doubts if d is not doubt))
        else:
            belief = answered(belief, question, key)
        found.append({"p_raw": belief.p_right, "basket": {line.gtin: line.quantity for line in belief.lines}})
    return tuple(found)


def _by_visit(moved: Sequence[Moved], party: Mapping[str, str]) -> tuple[Moved, ...]:
    return _sorted([(None if by is None else party.get(by, by), gtin, n) for by, gtin, n in moved])


def _sorted(moved: Sequence[Moved]) -> tuple[Moved, ...]:
    """Without what changed nothing; the same person's same product together."""
    count: Counter[tuple[str | None, str]] = Counter()
    for by, gtin, n in moved:
        count[by, gtin] += n
    return tuple(sorted(((by, gtin, n) for (by, gtin), n in count.items() if n), key=str))


def _at(place: Place, doubt: Doubt, plate: int | None) -> int:
    if not doubt.fixture:
        return int(place.kind == "floor")
    here = place.kind == "plates" and place.fixture == doubt.fixture and place.shelf == doubt.shelf
    return int(here and (plate is None or any(abs(p - plate) <= 1 for p in place.plates)))


def _plate(doubt: Doubt) -> int | None:
    """The plate that the event's id names (fixture/shelf/plate@second)."""
    name = doubt.event.partition("@")[0].rpartition("/")[2]
    return int(name) if doubt.fixture and name.isdecimal() else None
