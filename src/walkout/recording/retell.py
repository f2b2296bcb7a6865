"""The same recording with other people: what the cameras were seen to show in place of skeletons that were given."""

from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from pathlib import Path
from typing import Final, cast

from walkout.recording.camera import CameraFrame
from walkout.recording.channel import Observation, Written
from walkout.recording.gate import GateEvent
from walkout.recording.people import PeopleFrame
from walkout.recording.reader import Recording
from walkout.recording.truth import TruthMove, TruthNote, TruthVisit
from walkout.recording.truth_reader import truth_of
from walkout.recording.writer import Origin, RecordingWriter

OTHERS: Final = ("identity_",)
"""Notes of truth that tell what the given skeletons' ids did; they say nothing of others."""


def retell(
    recording: Recording,
    out: Path,
    people: Sequence[PeopleFrame],
    gates: Sequence[GateEvent],
    notes: Mapping[str, str],
) -> None:
    """Write a recording again with these people and gate messages for its own; all else stays as it is.

    Its notes are kept, and `notes` added. Raises RecordingError where either cannot be read or written.
    """
    kept = [o for o in recording.observations() if not isinstance(o, PeopleFrame | GateEvent)]
    truth = [t for t in truth_of(recording) if not (isinstance(t, TruthNote) and t.name.startswith(OTHERS))]
    rest: list[Observation | TruthMove | TruthVisit | TruthNote] = [*kept, *people, *gates, *truth]
    first_ns = min((_arrival_ns(one) for one in rest if not isinstance(one, TruthNote)), default=0)
    told = sorted(
        ((max(_arrival_ns(one), first_ns), isinstance(one, TruthNote), n, one) for n, one in enumerate(rest)),
        key=lambda row: row[:3],
    )
    with RecordingWriter(
        out,
        store_files=recording.store_files,
        origin=cast(Origin, recording.origin),
        notes={**recording.notes, **notes},
        creator="walkout see",
        store=recording.store_name,
        source_files=recording.source_files,
    ) as writer:
        for *_, one in merge(told, _frames(recording), key=lambda row: row[:3]):
            writer.write(one)


def _frames(recording: Recording) -> Iterator[tuple[int, bool, int, Written]]:
    """Frames by arrival; cameras' own order may differ from it by little, which the writer takes."""
    for n, frame in enumerate(recording.frames()):
        yield frame.arrived_ns, True, n, frame


def _arrival_ns(one: Observation | CameraFrame | TruthMove | TruthVisit | TruthNote) -> int:
    match one:
        case TruthMove():
            return one.end_ns
        case TruthVisit():
            return one.left_ns
        case TruthNote():
            return 0
        case _:
            return one.arrived_ns
