"""Where people were a while ago, read back from the journal and under the names that the engine gave them.

Nothing is kept for this: the journal has every frame of people, and a clip is made of minutes ago at most.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from walkout.recording.error import RecordingError
from walkout.recording.gate import GateEvent
from walkout.recording.people import PeopleFrame
from walkout.recording.reader import Recording, open_recording
from walkout.recording.segments import segment_files
from walkout.sensing.identity import LOST_NS, Identities
from walkout.sensing.people import PeopleBuffer
from walkout.store.layout import Gate

BEFORE_NS = LOST_NS + 2_000_000_000
"""Names are followed from so long before a visit's entry on: whoever came with the visit has the first id they had."""


def moving(journal: Path, start_ns: int, end_ns: int) -> Iterator[PeopleFrame | GateEvent]:
    """People and gates of a stretch of event time out of a journal that may be written meanwhile.

    Only the segments that may hold them are opened; none that can be read: nothing.
    """
    parts: list[Recording] = []
    for path in reversed(segment_files(journal)):
        try:
            part = open_recording(path)
            began_ns = part.began_ns()
        except RecordingError:  # begun, and nothing in it yet
            continue
        parts.append(part)
        if began_ns is not None and began_ns <= start_ns:
            break
    for part in reversed(parts):
        yield from part.moving(start_ns, end_ns)


def named(found: Iterable[PeopleFrame | GateEvent], gates: Iterable[Gate]) -> tuple[PeopleFrame, ...]:
    """The frames in event time, each person under one name, as the engine names them from the same frames."""
    gates = tuple(gates)
    doors = tuple((gate.x_m, gate.y_m) for gate in gates if gate.way != "exit")
    exits = tuple((gate.x_m, gate.y_m) for gate in gates if gate.way != "entry")
    buffer, passages = PeopleBuffer(identities=Identities(doors, exits)), list[GateEvent]()
    for one in found:
        if isinstance(one, PeopleFrame):
            buffer.push(one)
        else:
            passages.append(one)
    first_ns = 0
    frames: list[PeopleFrame] = []
    for passage in sorted(passages, key=lambda one: (one.t_ns, one.way, one.visit, one.person or "")):
        frames += buffer.between(first_ns, passage.t_ns - 1)
        buffer.passed(passage)
        first_ns = max(first_ns, passage.t_ns)
    return (*frames, *buffer.between(first_ns, 2**62))
