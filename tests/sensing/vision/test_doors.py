from walkout.recording.gate import GateEvent
from walkout.recording.people import Joint, PeopleFrame, Person
from walkout.sensing.vision.doors import bind
from walkout.store.layout import Gate

S = 1_000_000_000
DOOR = (Gate("door", 0.0, 0.0, 1.0),)


def frames(*stays: tuple[str, int, int]) -> list[PeopleFrame]:
    """Who is near the door at both ends of their stay (first and last second), and inside between."""
    found = []
    for t in range(60):
        people = []
        for id_, first, last in stays:
            if first <= t <= last:
                x = 0.5 if t in (first, last) else 4.0
                people.append(Person(id_, {"head": Joint(x, 0.5, 1.6, 0.9)}))
        found.append(PeopleFrame(t * S, t * S, tuple(people)))
    return found


def gate(t: int, way: str, visit: str, name: str = "door") -> GateEvent:
    return GateEvent(t * S, t * S, name, way, visit, "p", "given")  # type: ignore[arg-type]


def test_who_comes_and_goes_is_who_was_seen_then() -> None:
    events = [gate(0, "entry", "v1"), gate(3, "entry", "v2"), gate(31, "exit", "v1"), gate(41, "exit", "v2")]
    bound = bind(events, frames(("a", 1, 30), ("b", 4, 40)), DOOR)
    assert [event.person for event in bound] == ["a", "b", "a", "b"]


def test_a_visit_leaves_with_its_own_people_first() -> None:
    events = [gate(0, "entry", "v1"), gate(2, "entry", "v2"), gate(31, "exit", "v2"), gate(32, "exit", "v1")]
    assert [e.person for e in bind(events, frames(("a", 1, 30), ("b", 3, 30)), DOOR)] == ["a", "b", "b", "a"]


def test_nobody_there_or_a_gate_that_is_not_known_binds_nobody() -> None:
    events = [gate(20, "entry", "v1"), gate(0, "entry", "v2", "other")]
    assert [e.person for e in bind(events, frames(("a", 1, 30)), DOOR)] == [None, None]
