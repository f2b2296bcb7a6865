"""Tags at the exit: one more factor, which tells equals apart and never makes a line of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from tests.inference.scene import AWAY, CHIPS, COCOA, JAM, MODEL, SECOND, T0, TEA, WATER, at, event, evidence, shop
from walkout.inference.belief import Belief
from walkout.inference.departure import depart, said
from walkout.inference.goods import goods
from walkout.inference.heard import words
from walkout.inference.hypothesis import Hypotheses, start, step
from walkout.inference.posterior import believe
from walkout.inference.tagbook import TagBook
from walkout.inference.visit import Visit
from walkout.recording.gate import GateEvent
from walkout.recording.tags import Tag, TagFrame

A, B = "ann", "bob"
STORE = replace(shop(), products={g: replace(p, tagged=1.0) for g, p in shop().products.items()})
OUT_S = 20.0
Heard = tuple[float, str, str]
"""Seconds from the exit, GTIN, item."""


def ns(t_s: float) -> int:
    return T0 + round(t_s * SECOND)


def book(
    heard: Sequence[Heard], exits: Mapping[str, float], *, awake: bool = True, gate: str = "door", role: str = "shopper"
) -> TagBook:
    """A reader that spoke twice a second around OUT_S, with what it heard; visits left at these instants."""
    made = TagBook(MODEL)
    for k in range(-8, 12):
        slot = [tag for t, *tag in heard if int(t // 0.5) == k]
        t_ns = ns(OUT_S + 0.5 * (k + 1))
        if awake or slot:
            tags = tuple(Tag(gtin, item, 1, -55.0, 2) for gtin, item in slot)
            made.hear(TagFrame(t_ns, t_ns, gate, tags, k + 8))
    for visit, t_s in exits.items():
        made.leave(GateEvent(ns(OUT_S + t_s), 0, "door", "exit", visit, visit, role=role))  # type: ignore[arg-type]
    return made


def gone(visit: str, *people: str, t_s: float = 0.0) -> Visit:
    return Visit(visit, visit, people, T0, ns(OUT_S + t_s))


def left(pasts: Hypotheses, heard: TagBook, *visits: Visit, inside: Sequence[Visit] = ()) -> list[Belief]:
    known = goods(STORE, MODEL)
    after, told = depart(heard, pasts, visits, inside, known)
    return [said(believe(after, one, known), told.get(one.id), STORE) for one in visits]


def played(*what: tuple[float, str, int, dict[int, float], str]) -> Hypotheses:
    pasts = start()
    for t_s, product, shelf, delta_g, who in what:
        hands = {A: AWAY, B: AWAY} | {who: at(product)}
        pasts = step(pasts, evidence(event(t_s, shelf, delta_g), hands), goods(STORE, MODEL))
    return pasts


def basket(belief: Belief) -> dict[str, int]:
    return {line.gtin: line.quantity for line in belief.lines}


TWINS = (1.0, TEA, 2, {9: -125.0, 10: -125.5}, A)
"""Tea and cocoa weigh the same and share two plates."""


@pytest.mark.parametrize(("gtin", "other"), [(TEA, COCOA), (COCOA, TEA)])
def test_the_tag_tells_equals_apart(gtin: str, other: str) -> None:
    pasts = played(TWINS)
    before = believe(pasts, gone("v", A), goods(STORE, MODEL))
    assert before.p_exact < 0.9
    (belief,) = left(pasts, book([(0.1, gtin, "1")], {"v": 0.0}), gone("v", A))
    assert basket(belief) == {gtin: 1}
    assert belief.p_exact > 0.97
    assert belief.lines[0].why.endswith("; its tag was read at the exit")
    assert [(one.gtin, one.heard, one.strange) for one in belief.tags or ()] == [(gtin, 1, 0)]
    assert all(other not in line.gtin for line in belief.lines)


def test_without_a_reader_nothing_changes() -> None:
    pasts = played(TWINS)
    plain = believe(pasts, gone("v", A), goods(STORE, MODEL))
    assert left(pasts, TagBook(MODEL), gone("v", A)) == [plain]
    asleep = book([(0.1, TEA, "1")], {"v": 0.0}, awake=False)
    assert left(pasts, asleep, gone("v", A)) == [plain]


def test_a_stray_makes_no_line_and_asks_for_a_look() -> None:
    pasts = played((1.0, JAM, 1, {7: -301.0}, A))
    heard = book([(0.0, JAM, "1"), (0.1, WATER, "9"), (0.2, WATER, "9")], {"v": 0.0})
    (belief,) = left(pasts, heard, gone("v", A))
    assert basket(belief) == {JAM: 1}
    assert 0.02 < belief.unseen < 0.4
    assert belief.p_right < 0.97
    strange = {one.gtin: one.strange for one in belief.tags or ()}
    assert strange == {JAM: 0, WATER: 1}


def test_an_empty_basket_stays_empty_whatever_is_heard() -> None:
    heard = book([(0.1 * k, WATER, str(k)) for k in range(5)], {"v": 0.0})
    (belief,) = left(start(), heard, gone("v", A))
    assert belief.lines == ()
    assert belief.p_right < 0.9


def test_a_missed_tag_does_not_take_a_sure_line_off() -> None:
    pasts = played((1.0, JAM, 1, {7: -301.0}, A), (5.0, WATER, 1, {1: -620.0}, A))
    (belief,) = left(pasts, book([(0.1, WATER, "1")], {"v": 0.0}), gone("v", A))
    assert basket(belief) == {JAM: 1, WATER: 1}
    assert "no tag of it was read at the exit, though each carries one" in belief.lines[0].why + belief.lines[1].why


def test_items_are_counted_by_their_own_names() -> None:
    pasts = played((1.0, CHIPS, 1, {5: -120.0, 6: -121.0}, A))
    for items in (["1", "2"], ["1"]):
        heard = book([(t, CHIPS, item) for item in items for t in (-0.3, 0.2)], {"v": 0.0})
        (belief,) = left(pasts, heard, gone("v", A))
        assert basket(belief) == {CHIPS: 2}
        assert [one.heard for one in belief.tags or ()] == [len(items)]


def test_what_is_heard_long_after_has_not_left() -> None:
    pasts = played(TWINS)
    plain = believe(pasts, gone("v", A), goods(STORE, MODEL))
    heard = book([(t, TEA, "1") for t in (-0.5, 0.0, 0.5, 2.9, 3.4)], {"v": 0.0})
    (belief,) = left(pasts, heard, gone("v", A))
    tea = next((basket.probability for basket in belief.baskets if basket.items == ((TEA, 1),)), 0.0)
    assert tea <= next(basket.probability for basket in plain.baskets if basket.items == ((TEA, 1),)) + 1e-6
    assert belief.unseen == 0.0


def both_at_once() -> Hypotheses:
    """Jam left the shelf while both had a hand there: whose it is, nobody can say."""
    hands = {A: at(JAM), B: at(JAM)}
    return step(start(), evidence(event(1.0, 1, {7: -301.0}), hands), goods(STORE, MODEL))


@pytest.mark.parametrize(("heard_s", "who"), [(0.0, A), (1.8, B)])
def test_two_who_leave_within_seconds_are_told_apart_by_time(heard_s: float, who: str) -> None:
    heard = book([(heard_s, JAM, "1")], {"va": 0.0, "vb": 1.8})
    found = left(both_at_once(), heard, gone("va", A), gone("vb", B, t_s=1.8))
    lines = {belief.visit.shoppers[0]: basket(belief) for belief in found}
    assert lines[who] == {JAM: 1}
    assert lines[{A: B, B: A}[who]] == {}


def test_two_who_leave_at_the_same_instant_share_what_is_heard() -> None:
    heard = book([(0.0, JAM, "1")], {"va": 0.0, "vb": 0.0})
    one, two = left(both_at_once(), heard, gone("va", A), gone("vb", B))
    p = [sum(b.probability for b in belief.baskets if b.items == ((JAM, 1),)) for belief in (one, two)]
    assert p[0] == pytest.approx(p[1], abs=0.02)
    assert sum(p) > 0.9, "somebody has it"


def test_what_somebody_else_carries_out_beside_is_theirs() -> None:
    pasts = played((1.0, JAM, 1, {7: -301.0}, B))
    heard = book([(0.1, JAM, "1")], {"va": 0.0, "vb": 0.1})
    (belief,) = left(pasts, heard, gone("va", A), inside=[gone("vb", B)])
    assert belief.lines == ()
    assert belief.unseen < 0.02


def test_staff_may_carry_things_out() -> None:
    heard = book([(0.0, JAM, "1")], {"v": 0.0})
    heard.leave(GateEvent(ns(OUT_S), 0, "door", "exit", "s", "s", role="staff"))
    (belief,) = left(start(), heard, gone("v", A))
    alone = left(start(), book([(0.0, JAM, "1")], {"v": 0.0}), gone("v", A))[0]
    assert belief.unseen < alone.unseen / 5


def test_another_gate_that_hears_it_better_takes_it() -> None:
    heard = book([(0.1, TEA, "1")], {"v": 0.0}, gate="other")
    for k in range(-8, 12):
        t_ns = ns(OUT_S + 0.5 * (k + 1))
        heard.hear(TagFrame(t_ns, t_ns, "door", (Tag(TEA, "1", 1, -90.0),) if k == 0 else ()))
    here = book([(0.1, TEA, "1")], {"v": 0.0})
    far, near = (left(played(TWINS), one, gone("v", A))[0] for one in (heard, here))
    tea = [sum(b.probability for b in one.baskets if dict(b.items).get(TEA)) for one in (far, near)]
    assert tea[0] < tea[1]


def test_nothing_heard_of_anything_may_be_a_covered_reader() -> None:
    """Four sure items of which none is heard: rather a bag that hides them than four mistakes."""
    pasts = played((1.0, JAM, 1, {7: -301.0}, A), (5.0, WATER, 1, {1: -620.0}, A), (9.0, CHIPS, 1, {5: -120.0}, A))
    before = believe(pasts, gone("v", A), goods(STORE, MODEL)).p_exact
    (belief,) = left(pasts, book([], {"v": 0.0}), gone("v", A))
    assert basket(belief) == {JAM: 1, WATER: 1, CHIPS: 1}
    assert belief.p_exact > before - 0.1


def test_reads_are_forgotten() -> None:
    heard = book([(0.1, TEA, "1")], {"v": 0.0})
    heard.forget(ns(OUT_S + 60), set())
    assert (heard.reads, heard.exits) == ([], [])
    heard = book([(0.1, TEA, "1")], {"v": 0.0})
    heard.forget(ns(OUT_S + 600), {"v"})
    (exit_,) = heard.exits
    assert exit_.done
    assert exit_.awake
    assert [near.gtin for near in exit_.items] == [TEA], "a member of a party who left long before the others"


def test_words() -> None:
    assert words(1, 1, every=True) == "its tag was read at the exit"
    assert words(2, 3, every=True) == "the tags of all 2 were read at the exit"
    assert words(3, 1, every=True) == "the tags of 1 of the 3 were read at the exit"
    assert words(2, 0, every=False) == "no tag of them was read at the exit; not every item carries one"
