import pytest

from tests.inference.scene import AWAY, SECOND, T0, frame
from walkout.inference.visit import VisitBook
from walkout.recording.gate import GateEvent


def gate(t_s: float, way: str, visit: str = "v", person: str | None = None, role: str = "shopper") -> GateEvent:
    t_ns = T0 + int(t_s * SECOND)
    return GateEvent(t_ns, t_ns, "door", way, visit, f"party {visit}", person, role)  # type: ignore[arg-type]


def seen(book: VisitBook, start_s: float, end_s: float, *people: str) -> None:
    for k in range(int(start_s * 10), int(end_s * 10) + 1):
        book.see(frame(k / 10, dict.fromkeys(people, AWAY)))


def test_without_gates_a_visit_is_from_first_to_last_sight() -> None:
    book = VisitBook(gated=False)
    seen(book, 1, 9, "a")
    assert book.next_close_ns() == T0 + 19 * SECOND
    (visit,) = book.close(T0 + 19 * SECOND)
    assert (visit.id, visit.party, visit.shoppers) == ("a", "a", ("a",))
    assert (visit.entered_ns, visit.left_ns) == (T0 + 1 * SECOND, T0 + 9 * SECOND)
    assert book.next_close_ns() is None or book.close(None) == ()


def test_a_flicker_is_no_visit_and_is_counted() -> None:
    book = VisitBook(gated=False)
    seen(book, 1, 1.5, "a")
    assert book.close(None) == ()
    assert book.brief == 1


def test_the_same_person_may_come_again() -> None:
    book = VisitBook(gated=False)
    seen(book, 1, 3, "a")
    book.close(T0 + 13 * SECOND)
    seen(book, 60, 63, "a")
    assert [visit.id for visit in book.close(None)] == ["a-2"]


def test_a_gate_opens_and_closes_a_visit_for_a_party_of_two() -> None:
    book = VisitBook(gated=True)
    for t_s, person in ((1, "a"), (2, "b")):
        book.pass_gate(gate(t_s, "entry", person=person))
    seen(book, 1, 20, "a", "b")
    book.pass_gate(gate(20, "exit", person="a"))
    assert book.next_close_ns() == T0 + 620 * SECOND
    assert book.present(T0 + 25 * SECOND, T0 + 26 * SECOND) == ("b",)
    book.pass_gate(gate(30, "exit", person="b"))
    (visit,) = book.close(T0 + 40 * SECOND)
    assert (visit.id, visit.party, visit.shoppers) == ("v", "party v", ("a", "b"))
    assert (visit.entered_ns, visit.left_ns) == (T0 + SECOND, T0 + 30 * SECOND)


def test_an_exit_under_the_id_of_somebody_who_stays_ends_only_the_visit_that_it_names() -> None:
    book = VisitBook(gated=True)
    book.pass_gate(gate(1, "entry", "v", "a"))
    book.pass_gate(gate(8, "entry", "w", "b"))
    seen(book, 1, 10, "a", "b")
    book.pass_gate(gate(10, "exit", "v", "b"))
    assert book.present(T0 + 15 * SECOND, T0 + 16 * SECOND) == ("b",)
    assert [visit.id for visit in book.close(T0 + 20 * SECOND)] == ["v"]


@pytest.mark.parametrize("first_s", [0.5, 2.0], ids=["seen before the gate spoke", "seen after"])
def test_a_gate_that_does_not_say_who_takes_the_nearest_first_sight(first_s: float) -> None:
    book = VisitBook(gated=True)
    seen(book, first_s, first_s, "a")
    book.pass_gate(gate(1, "entry"))
    seen(book, max(first_s, 1), 20, "a")
    assert book.visit_of("a") == "v"


def test_somebody_who_slips_through_a_gate_has_a_visit_of_their_own() -> None:
    book = VisitBook(gated=True)
    book.pass_gate(gate(1, "entry", person="a"))
    seen(book, 1, 20, "a", "b")
    assert book.visit_of("b") == "b"
    assert {visit.id for visit in book.close(None)} == {"v", "b"}


def test_somebody_who_left_by_no_gate_leaves_a_visit_that_ends_at_the_last_sight() -> None:
    book = VisitBook(gated=True)
    book.pass_gate(gate(1, "entry", person="a"))
    seen(book, 1, 20, "a")
    assert book.next_close_ns() == T0 + 620 * SECOND
    assert book.close(T0 + 600 * SECOND) == ()
    (visit,) = book.close(T0 + 620 * SECOND)
    assert visit.left_ns == T0 + 20 * SECOND


def test_a_new_id_beside_somebody_who_is_still_seen_is_somebody_else() -> None:
    book = VisitBook(gated=False)
    seen(book, 1, 10, "a")
    seen(book, 10.5, 20, "a", "b")
    assert [visit.shoppers for visit in book.close(None)] == [("a",), ("b",)]


def test_staff_have_no_visit_but_are_present() -> None:
    book = VisitBook(gated=True)
    book.pass_gate(gate(1, "entry", person="s", role="staff"))
    seen(book, 1, 20, "s")
    assert book.close(T0 + 5 * SECOND) == ()
    assert book.present(T0 + 5 * SECOND, T0 + 6 * SECOND) == ("s",)
