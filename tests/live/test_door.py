"""The door: who comes in, who does not and why, and which party somebody who leaves belongs to."""

from dataclasses import fields
from typing import Any

from walkout.checkout import tables
from walkout.live.door import BLOCKED, CLOSED, NO_CREDENTIAL, UNKNOWN, Door, Holder, Passage, Refused, name_of_visit
from walkout.live.stays import CREDENTIAL, Stay, Stays
from walkout.recording.gate import GateEvent

KNOWN = {
    "ann": Holder("d-ann", "card-ann"),
    "bob": Holder("d-bob", "card-bob"),
    "cut": Holder("d-cut", "card-cut", "shopper", "reported lost"),
    "meg": Holder("d-meg", "", "staff"),
}
T = 1_700_000_000_000_000_000


def door() -> Door:
    return Door(KNOWN.get)


def at(
    way: Any = "entry", credential: str | None = None, person: str | None = None, t_s: float = 0, **more: Any
) -> Passage:
    t_ns = T + round(t_s * 1e9)
    return Passage("door", way, t_ns, t_ns, None, credential, person, **more)


def let_in(found: object) -> GateEvent:
    assert isinstance(found, GateEvent)
    return found


def test_a_card_opens_a_visit_and_the_same_card_joins_it() -> None:
    here = door()
    first = let_in(here.decide(at(credential="ann", person="1")))
    second = let_in(here.decide(at(credential="ann", person="2", t_s=1)))
    other = let_in(here.decide(at(credential="bob", t_s=2)))
    assert first.visit == second.visit != other.visit
    assert first.source[CREDENTIAL] == "d-ann"
    assert here.stays.of[first.visit].entries == 2
    assert let_in(here.decide(at("exit", "ann", t_s=9))).visit == first.visit
    assert not here.stays.of[first.visit].gone
    assert let_in(here.decide(at("exit", person="2", t_s=10))).visit == first.visit
    assert here.stays.of[first.visit].gone
    assert let_in(here.decide(at(credential="ann", t_s=60))).visit != first.visit


def test_refusals_have_a_reason_and_words() -> None:
    here = door()
    found = {token: here.decide(at(credential=token)) for token in (None, "zoe", "cut")}
    assert [f.reason for f in found.values() if isinstance(f, Refused)] == [NO_CREDENTIAL, UNKNOWN, BLOCKED]
    blocked = found["cut"]
    assert isinstance(blocked, Refused)
    assert "reported lost" in blocked.words
    assert not here.stays.of
    here.is_open = False
    closed = here.decide(at(credential="ann"))
    assert isinstance(closed, Refused)
    assert closed.reason == CLOSED


def test_everybody_may_leave_a_closed_shop() -> None:
    here = door()
    inside = let_in(here.decide(at(credential="ann")))
    here.is_open = False
    assert let_in(here.decide(at("exit", "ann", t_s=5))).visit == inside.visit


def test_an_exit_without_a_word_is_of_the_only_party_inside() -> None:
    here = door()
    inside = let_in(here.decide(at(credential="ann")))
    assert let_in(here.decide(at("exit", t_s=5))).visit == inside.visit
    here.decide(at(credential="ann", t_s=10))
    here.decide(at(credential="bob", t_s=11))
    assert here.decide(at("exit", t_s=12)) is None
    assert here.lost_exits == 1


def test_staff_make_no_visit_and_leave_no_trace() -> None:
    here = door()
    for passage in (at(credential="meg", person="9"), at("exit", "meg", "9", t_s=100)):
        event = let_in(here.decide(passage))
        assert (event.role, event.visit, event.party) == ("staff", "", "")
        assert CREDENTIAL not in event.source
    assert not here.stays.of


def test_nothing_that_is_stored_has_room_for_times_of_staff() -> None:
    """Of staff the database knows a credential's digest and its role: no table ties a person to an instant or place."""
    columns = {table.name: set(table.columns.keys()) for table in tables.metadata.sorted_tables}
    with_role = {name for name, found in columns.items() if "role" in found}
    assert with_role == {"credentials", "users"}
    assert columns["credentials"] == {"digest", "payer", "role", "blocked", "created_ns"}
    assert columns["users"] == {"name", "role", "password", "epoch", "created_ns", "made_by"}
    forbidden = {"person", "people", "staff", "worker", "path", "shift", "seen_ns", "last_seen_ns"}
    assert not forbidden & set().union(*columns.values())
    assert {f.name for f in fields(Stay)} == {
        "visit", "party", "credential", "entered_ns", "entries", "exits", "people",
    }  # fmt: skip
    staff = GateEvent(T, T, "door", "entry", "", "", "9", "staff")
    assert Stays().observe(staff) is None


def test_visits_are_named_once() -> None:
    names = {name_of_visit(T + k * 1_000_000, f"d{k % 3}abc") for k in range(1000)}
    assert len(names) == 1000
