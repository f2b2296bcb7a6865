from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inference.scene import AWAY, JAM, SECOND, T0, at, shop
from tests.live.scene import batches, delivered
from walkout.inference.belief import Belief
from walkout.live.contacts import Contacts
from walkout.live.engine import Engine
from walkout.recording.channel import Observation
from walkout.recording.gate import GateEvent
from walkout.recording.people import Joint, PeopleFrame, Person
from walkout.sensing.identity import Doubt
from walkout.sensing.touch import Touch, Touches

FLOOR = (0.2, -1.5, 0.1)
PLACES = (FLOOR, (0.25, -1.5, 0.1), AWAY, at(JAM), (5.0, -1.0, 1.0), (0.0, 0.0, 0.0))
"""Few, so that hands are often at the same place at the same instant."""


def person(name: str, hands: Sequence[tuple[float, float, float] | None]) -> Person:
    joints = {"head": Joint(0.2, -1.5, 1.7, 1.0), "l_shoulder": Joint(0.0, -1.5, 1.4, 1.0)}
    joints |= {
        side: Joint(*place, 1.0) for side, place in zip(("l_wrist", "r_wrist"), hands, strict=True) if place is not None
    }
    return Person(name, joints)


def frame(t_s: float, people: Sequence[Person]) -> PeopleFrame:
    t_ns = T0 + round(t_s * SECOND)
    return PeopleFrame(t_ns, t_ns + SECOND // 10, tuple(people))


def engine_of(observations: Sequence[Observation]) -> list[Belief]:
    engine = Engine(shop(), expected=("/plates/g", "/people"))
    found = [belief for observation in observations for belief in engine.step(observation).beliefs]
    return [*found, *engine.finish().beliefs]


@pytest.mark.parametrize("gone", [True, False])
def test_both_hands_may_leave_the_floor_at_once(gone: bool) -> None:
    """Once, two touches that were due at the same instant could not be told apart, which ended the engine."""
    low = {True: (), False: (person("ann", (AWAY, AWAY)),)}[gone]
    frames = [
        frame(k / 15, [person("ann", (FLOOR, (0.4, -1.5, 0.1)))] if 60 <= k < 90 else [*low] if k < 200 else [])
        for k in range(300)
    ]
    (belief,) = engine_of(delivered(batches(), frames))[:1]
    assert not belief.lines or belief.p_exact < 1.0


def test_what_is_due_at_once_comes_in_one_order() -> None:
    touches = [Touch("floor", ("ann",), T0, T0 + SECOND, 0.1, x_m, -1.5) for x_m in (0.1, 0.2, 0.2)]
    doubts = [Doubt(T0 + SECOND, "ann", ((other, 0.1),)) for other in ("bob", "eve")]
    orders = set()
    for order in permutations(range(3)):
        contacts = Contacts(Touches(()))
        for k in order:
            contacts._wait(touches[k])
        for doubt in doubts if order[0] else doubts[::-1]:
            contacts.doubt(doubt)
        orders.add(tuple(entry[-1] for entry in sorted(contacts.waiting)))
    assert len(orders) == 1


hands = st.sampled_from([*PLACES, None])
bodies = st.dictionaries(st.sampled_from(["ann", "bob", "eve"]), st.tuples(hands, hands), max_size=3)
passages = st.tuples(
    st.integers(0, 4),
    st.sampled_from(["entry", "exit"]),
    st.sampled_from(["v1", "v2"]),
    st.sampled_from(["ann", "bob", None]),
    st.sampled_from(["in", "out"]),
)


@given(st.lists(st.tuples(bodies, st.integers(2, 20)), min_size=1, max_size=12), st.lists(passages, max_size=6))
@settings(max_examples=20, deadline=None)
def test_whatever_hands_and_gates_do_the_engine_goes_on(
    scenes: list[tuple[dict[str, tuple[object, object]], int]], gates: list[tuple[int, str, str, str | None, str]]
) -> None:
    frames: list[Observation] = []
    for body, length in scenes:
        everybody = [person(name, pair) for name, pair in sorted(body.items())]  # type: ignore[arg-type]
        frames += [frame((len(frames) + k) / 15, everybody) for k in range(length)]
    passed: list[Observation] = []
    for number, (second, way, visit, who, gate) in enumerate(gates):
        t_ns = T0 + second * SECOND
        passed.append(GateEvent(t_ns, t_ns, gate, way, visit, visit, who, source={"n": number}))  # type: ignore[arg-type]
    for belief in engine_of(delivered(batches(taken_s=2.0), frames, passed)):
        assert 0.0 <= belief.p_exact <= 1.0


def test_one_message_of_a_gate_twice_is_one_passage() -> None:
    entry = GateEvent(T0 + SECOND, T0 + SECOND, "in", "entry", "v1", "v1", "ann", source={"a": 1})
    other = replace(entry, t_ns=T0, visit="v0", arrived_ns=T0)
    stream = delivered(batches(), [frame(k / 15, [person("ann", (AWAY, AWAY))]) for k in range(200)])
    once, again = engine_of([other, entry, *stream]), replace(entry, source={"a": 2})
    for place in range(0, 120, 6):  # where the first one is gone and the second still waits, both were numbered alike
        assert engine_of([other, entry, *stream[:place], again, *stream[place:]]) == once
