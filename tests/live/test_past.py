"""Where people were, read back from a journal: the same frames, under the names that the engine gave them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.inference.scene import shop
from walkout.live.journal import Journal
from walkout.live.past import moving, named
from walkout.recording.channel import Observation
from walkout.recording.gate import GateEvent
from walkout.recording.people import Joint, PeopleFrame, Person
from walkout.recording.plates import PlateBatch
from walkout.sensing.identity import Identities
from walkout.sensing.people import PeopleBuffer
from walkout.store.layout import Gate

STORE = shop()
S = 10**9
T0 = 1_790_000_000 * S
GATES = (Gate("door", 0.0, -3.0, 1.0),)


def somebody(id_: str, x_m: float, y_m: float) -> Person:
    at = {"head": 1.7, "neck": 1.5, "l_wrist": 0.9, "r_wrist": 0.9}
    return Person(id_, {name: Joint(x_m, y_m, z_m, 1.0) for name, z_m in at.items()})


def walk(seconds: float) -> list[PeopleFrame]:
    """One comes at 5 s, another at 20 s; the tracker calls the first one otherwise from 12 s, the second from 26 s."""
    frames = []
    for k in range(round(10 * seconds)):
        t_s = k / 10
        people = []
        if t_s >= 5:
            people.append(somebody("a" if t_s < 12 else "a2", 0.2 * min(t_s - 5, 10), -3.0 + 0.2 * min(t_s - 5, 10)))
        if t_s >= 20:
            people.append(somebody("b" if t_s < 26 else "b2", -0.2 * min(t_s - 20, 10), -3.0))
        frames.append(PeopleFrame(T0 + k * S // 10, T0 + k * S // 10 + 200_000_000, tuple(people)))
    return frames


def told(seconds: float) -> list[Observation]:
    """All that came, plates among them, in the order of arrival."""
    found: list[Observation] = list(walk(seconds))
    for at_s, who in ((5.2, "a"), (20.2, "b")):
        t_ns = T0 + round(at_s * S)
        found.append(GateEvent(t_ns, t_ns, "door", "entry", f"visit-{who}", f"party-{who}", who))
    rows = np.arange(60)
    for k in range(round(seconds)):
        grams = np.zeros((60, 1, 2), np.float32)
        found.append(PlateBatch("gondola", T0 + k * S + rows * S // 60, grams, 60.0, T0 + (k + 1) * S))
    return sorted(found, key=lambda one: one.arrived_ns)


def engine_names(observations: list[Observation]) -> dict[int, tuple[str, ...]]:
    """As the engine does it, from the very beginning."""
    doors = ((0.0, -3.0),)
    buffer = PeopleBuffer(identities=Identities(doors, doors))
    gates = sorted((o for o in observations if isinstance(o, GateEvent)), key=lambda one: one.t_ns)
    for one in observations:
        if isinstance(one, PeopleFrame):
            buffer.push(one)
    frames: list[PeopleFrame] = []
    from_ns = 0
    for gate in gates:
        frames += buffer.between(from_ns, gate.t_ns - 1)
        buffer.passed(gate)
        from_ns = gate.t_ns
    frames += buffer.between(from_ns, 2**62)
    return {frame.t_ns: tuple(person.id for person in frame.people) for frame in frames}


def journal(folder: Path, **more: Any) -> Journal:
    return Journal(folder, store_files={"store.yaml": b"name: tiny"}, origin="simulated", store=STORE.name, **more)


@pytest.mark.parametrize("segment_bytes", [2_000, 40_000, 10**9])
@pytest.mark.parametrize("closed", [True, False])
def test_a_stretch_is_read_back_whole_whether_its_segments_are_closed_or_not(
    tmp_path: Path, segment_bytes: int, closed: bool
) -> None:
    written = journal(tmp_path, segment_bytes=segment_bytes)
    everything = told(40.0)
    for k in range(0, len(everything), 25):
        written.append(everything[k : k + 25])
    if closed:
        written.close()
    start_ns, end_ns = T0 + 8 * S, T0 + 31 * S
    wanted = [o for o in everything if isinstance(o, PeopleFrame | GateEvent) and start_ns <= o.t_ns <= end_ns]
    assert list(moving(tmp_path, start_ns, end_ns)) == wanted
    assert list(moving(tmp_path, T0 + 100 * S, T0 + 110 * S)) == []
    assert list(moving(tmp_path, T0 - 50 * S, T0 - 40 * S)) == []
    written.close()


def test_a_folder_without_a_journal_gives_nothing(tmp_path: Path) -> None:
    assert list(moving(tmp_path / "nothing", 0, 2**62)) == []
    (tmp_path / "000000000000.mcap").write_bytes(b"")
    assert list(moving(tmp_path, 0, 2**62)) == []


def test_people_have_the_names_that_the_engine_gave_them(tmp_path: Path) -> None:
    """Begun at the visit's entry: the one of the visit has the engine's name, though the tracker called them anew."""
    everything = told(40.0)
    by_engine = engine_names(everything)
    assert by_engine[T0 + 30 * S] == ("a", "b")
    wanted = [o for o in everything if isinstance(o, PeopleFrame | GateEvent) and o.t_ns >= T0 + 18 * S]
    late = {frame.t_ns: tuple(person.id for person in frame.people) for frame in named(wanted, GATES)}
    assert late[T0 + 30 * S] == ("a2", "b"), "of whoever was there before, the first id that was seen"
    whole = [o for o in everything if isinstance(o, PeopleFrame | GateEvent)]
    assert {f.t_ns: tuple(p.id for p in f.people) for f in named(whole, GATES)} == by_engine
