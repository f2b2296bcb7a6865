"""Time to intervals: each thing that may happen, and random months of all of it."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from benchmarks._labour import a_month, faults_of
from hypothesis import given
from hypothesis import strategies as st

from tests.labour.desk import MINUTE_NS, SECOND_NS
from walkout.labour.event import BREAKS, KINDS, SESSIONS, Event
from walkout.labour.interval import Interval
from walkout.labour.shift import CLOSES_AFTER_NS, IDLE_PAID_NS, Desk, fold, running, step

W = "swift-heron"
MORE: dict[str, dict[str, object]] = {
    "leased": {"unit": "u", "purpose": "settle", "card": "c"},
    "break_started": {"detail": "rest"},
    "session_started": {"detail": "meeting"},
    "idle_answered": {"detail": "worked", "of": 1},
    "granted": {"of": 5, "by": "calm-otter", "detail": "why"},
}


def told(*happenings: Any) -> list[Event]:
    """Events from seconds and kinds."""
    made = []
    for n, (at, kind, *more) in enumerate(happenings):
        given_ = {**MORE.get(kind, {}), **(more[0] if more else {})}
        if kind in {"submitted", "skipped", "expired", "returned"}:
            given_.setdefault("unit", "u")
        made.append(Event(f"e{n}", W, kind, int(at * SECOND_NS), **given_))
    return made


def kinds(intervals: tuple[Interval, ...]) -> list[tuple[str, float, bool]]:
    return [(i.kind, i.length_ns / SECOND_NS, i.paid) for i in intervals]


def test_a_plain_shift() -> None:
    _, made = fold(W, told((0, "shift_started"), (60, "leased"), (100, "submitted"), (130, "shift_ended")))
    assert kinds(made) == [("waiting_paid", 60, True), ("active", 40, True), ("waiting_paid", 30, True)]
    assert [(i.unit, i.purpose, i.card) for i in made] == [("", "", ""), ("u", "settle", "c"), ("", "", "")]


@pytest.mark.parametrize("end", ["submitted", "skipped", "expired", "returned"])
def test_however_a_question_ends_its_time_is_paid(end: str) -> None:
    _, made = fold(W, told((0, "leased"), (100, end), (100, "shift_ended")))
    assert kinds(made) == [("active", 100, True)]


@pytest.mark.parametrize(
    ("kind", "detail", "becomes", "paid"),
    [
        ("break_started", "rest", "break_paid", True),
        ("break_started", "recovery", "break_paid", True),
        ("break_started", "meal", "break_unpaid", False),
        ("session_started", "meeting", "meeting", True),
        ("session_started", "training", "training", True),
        ("session_started", "appeal", "appeal", True),
        ("fault_started", "", "fault_paid", True),
    ],
)
def test_what_is_no_question(kind: str, detail: str, becomes: str, paid: bool) -> None:
    end = kind.replace("started", "ended")
    _, made = fold(W, told((0, "shift_started"), (10, kind, {"detail": detail}), (400, end), (410, "shift_ended")))
    assert kinds(made) == [("waiting_paid", 10, True), (becomes, 390, paid), ("waiting_paid", 10, True)]


@pytest.mark.parametrize(("purpose", "becomes"), [("gold", "gold"), ("training", "training"), ("audit", "active")])
def test_gold_and_training_are_kept_apart(purpose: str, becomes: str) -> None:
    _, made = fold(W, told((0, "leased", {"purpose": purpose}), (10, "submitted"), (10, "shift_ended")))
    assert kinds(made) == [(becomes, 10, True)]
    assert made[0].shown_kind == ("training" if purpose == "training" else "active")


def test_silence_is_asked_about_and_paid_up_to_the_cap() -> None:
    _, made = fold(W, told((0, "shift_started"), (3600, "heartbeat"), (3600, "shift_ended")))
    cap = IDLE_PAID_NS / SECOND_NS
    assert kinds(made) == [
        ("waiting_paid", 120, True),
        ("idle_query", cap, True),
        ("idle_query", 3600 - 120 - cap, False),
    ]


def test_an_expired_lease_is_no_sign_of_life() -> None:
    _, made = fold(W, told((0, "leased"), (300, "expired"), (2000, "heartbeat"), (2000, "shift_ended")))
    assert kinds(made) == [
        ("active", 120, True),
        ("idle_query", 180, True),
        ("idle_query", 720, True),
        ("idle_query", 980, False),
    ]


def test_a_program_that_was_away_is_our_fault() -> None:
    _, made = fold(W, told((0, "leased"), (60, "heartbeat"), (1000, "restarted"), (1010, "submitted")))
    assert kinds(made) == [("active", 60, True), ("fault_paid", 940, True), ("active", 10, True)]


def test_a_shift_that_nobody_ended_is_closed_and_asked_about() -> None:
    desk, made = fold(W, told((0, "shift_started"), (10**6, "ticked")))
    assert not desk.open
    assert sum(i.length_ns for i in made) == 120 * SECOND_NS + CLOSES_AFTER_NS
    assert [i.kind for i in made] == ["waiting_paid", "idle_query", "idle_query"]


def test_work_outside_a_shift_opens_one_and_a_late_start_moves_its_beginning() -> None:
    _, made = fold(W, told((50, "leased"), (20, "shift_started"), (80, "submitted"), (90, "shift_ended")))
    assert kinds(made) == [("waiting_paid", 30, True), ("active", 30, True), ("waiting_paid", 10, True)]
    assert [i.number for i in made] == [1, 2, 3]


def test_two_questions_at_once_are_paid_once() -> None:
    second = {"unit": "v", "purpose": "audit"}
    events = told((0, "leased"), (5, "leased", second), (30, "submitted"), (50, "submitted", {"unit": "v"}))
    _, made = fold(W, [*events, *[replace(e, id="end") for e in told((50, "shift_ended"))]])
    assert [(i.unit, i.length_ns // SECOND_NS) for i in made] == [("u", 30), ("v", 20)]


def test_what_is_running_is_shown_without_being_written() -> None:
    desk, _ = fold(W, told((0, "leased")))
    assert kinds(running(desk, 60 * SECOND_NS)) == [("active", 60, True)]
    assert running(Desk(W), 5) == ()


@pytest.mark.parametrize("seed", range(40))
def test_random_months(seed: int) -> None:
    assert faults_of(a_month(seed)) == []


def test_the_check_of_months_finds_what_is_planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger that pays no waiting, one that loses a minute, one that forgets the floor: each is found."""
    seed = next(s for s in range(100) if len(a_month(s).events) > 60)
    honest = fold

    def unpaid(*a: object, **k: object) -> tuple[Desk, tuple[Interval, ...]]:
        desk, made = honest(*a, **k)  # type: ignore[arg-type]
        return desk, tuple(replace(i, paid=i.paid and i.kind != "waiting_paid") for i in made)

    def shorter(*a: object, **k: object) -> tuple[Desk, tuple[Interval, ...]]:
        desk, made = honest(*a, **k)  # type: ignore[arg-type]
        return desk, tuple(replace(i, end_ns=i.end_ns - 1) for i in made)

    for planted in (unpaid, shorter):
        with monkeypatch.context() as patched:
            patched.setattr("walkout.labour.statement.fold", planted)
            patched.setattr("benchmarks._labour.fold", planted)
            assert faults_of(a_month(seed)) != []
    with monkeypatch.context() as patched:
        patched.setattr("walkout.labour.pay.Pay.top_up", property(lambda self: self.earned * 0))
        assert any("below the floor" in found for s in range(6) for found in faults_of(a_month(s)))


@st.composite
def anything(draw: st.DrawFn) -> list[Event]:
    """Any events in any order at any instants."""
    made = []
    for n in range(draw(st.integers(1, 25))):
        kind = draw(st.sampled_from(KINDS))
        more = dict(MORE.get(kind, {}))
        if kind == "break_started":
            more["detail"] = draw(st.sampled_from(BREAKS))
        if kind == "session_started":
            more["detail"] = draw(st.sampled_from(SESSIONS))
        if kind in {"leased", "submitted", "skipped", "expired", "returned"}:
            more["unit"] = draw(st.sampled_from("uvw"))
        t_ns = draw(st.integers(0, 600)) * MINUTE_NS // draw(st.sampled_from([1, 10, 60]))
        made.append(Event(f"e{n}", W, kind, t_ns, **more))  # type: ignore[arg-type]
    return made


@given(anything())
def test_any_events_at_all_leave_a_partition(events: list[Event]) -> None:
    desk, made = fold(W, events, ended_ns=10**15)
    assert not desk.open
    for shift in {i.shift for i in made}:
        own = sorted((i for i in made if i.shift == shift), key=lambda i: i.start_ns)
        assert all(a.end_ns == b.start_ns for a, b in pairwise(own))
        assert all(i.end_ns > i.start_ns for i in own)
    starts = sorted(made, key=lambda i: i.start_ns)
    assert all(a.end_ns <= b.start_ns for a, b in pairwise(starts))
    assert [i.number for i in made] == list(range(1, len(made) + 1))
    assert all(i.paid for i in made if i.kind not in {"break_unpaid", "idle_query"})


@given(anything(), st.data())
def test_copies_change_nothing(events: list[Event], data: st.DataObject) -> None:
    copied = list(events)
    for _ in range(3):
        k = data.draw(st.integers(0, len(copied) - 1))
        copied.insert(data.draw(st.integers(k + 1, len(copied))), copied[k])
    assert fold(W, copied) == fold(W, events)


def test_another_persons_event_is_refused() -> None:
    with pytest.raises(ValueError, match="right: one of 'somebody'"):
        step(Desk("somebody"), told((0, "heartbeat"))[0])


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("leased", {"unit": "u"}),
        ("break_started", {"detail": "nap"}),
        ("granted", {"of": 1, "by": W, "detail": "x"}),
        ("watched", {}),
    ],
)
def test_an_event_that_makes_no_sense_is_refused(kind: str, more: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="right: "):
        Event("e", W, kind, 0, **more)  # type: ignore[arg-type]
