from dataclasses import replace

from walkout.evaluation.answering import NONE_OF_THESE, moved_at, true_key
from walkout.inference.doubt import Answer, Doubt
from walkout.inference.question import Question
from walkout.recording.truth import Place, TruthMove

TEA, OAT = "00000000000017", "00000000000024"
SECOND_NS = 1_000_000_000
SHELF, HAND = Place("plates", "f", 1, (2,)), Place("shopper", shopper="a")
PARTY = {"a": "v1", "b": "v2"}


def move(gtin: str = TEA, *, at_s: float = 10.0, quantity: int = 1, back: bool = False, by: str = "a") -> TruthMove:
    at = round(at_s * SECOND_NS)
    source, target = (HAND, SHELF) if back else (SHELF, HAND)
    return TruthMove(f"{gtin}{at_s}", at, at, by, "put" if back else "take", gtin, quantity, 9.0, source, target)


def doubt(*moved: tuple[tuple[str | None, str, int], ...], fixture: str = "f") -> Doubt:
    answers = tuple(Answer(m, "") for m in moved)
    return Doubt("e", 10 * SECOND_NS, 11 * SECOND_NS, fixture, 1, answers, ())


def question(kind: str) -> Question:
    return Question("e", 0, 0, kind, "", (), 0.1)  # type: ignore[arg-type]


def test_what_truly_moved_at_a_shelf_around_its_time() -> None:
    moves = [move(), move(OAT, back=True, quantity=2), move(at_s=30.0), move(by="b", at_s=12.0)]
    assert moved_at(doubt(), moves, PARTY) == (("v1", TEA, 1), ("v1", OAT, -2), ("v2", TEA, 1))
    assert moved_at(doubt(), [move(), move(back=True)], PARTY) == ()


def test_the_one_who_knows_answers_with_the_candidate_that_is_true() -> None:
    asked = doubt((("a", TEA, 1),), (("a", TEA, 2),), (("b", TEA, 1),))
    assert true_key(asked, question("count"), [move(quantity=2)], PARTY) == "2"
    assert true_key(asked, question("who"), [move(by="b")], PARTY) == "b"
    assert true_key(asked, question("whole"), [move()], PARTY) == f"a,{TEA},1"


def test_what_the_software_did_not_think_of_is_none_of_these() -> None:
    assert true_key(doubt((("a", TEA, 1),)), question("what"), [move(OAT)], PARTY) == NONE_OF_THESE


def test_who_is_who_cannot_be_told() -> None:
    assert true_key(doubt((("a", TEA, 1),), fixture=""), question("who"), [move()], PARTY) is None


def test_what_was_left_on_the_floor_or_handed_over_is_seen() -> None:
    left = replace(move(back=True), target=Place("floor"))
    floor = replace(doubt((("a", TEA, -1),), (("a", OAT, -1),), (), fixture=""), event="floor/a@10")
    assert true_key(floor, question("what"), [left, move(OAT)], PARTY) == TEA
    assert true_key(floor, question("what"), [move(OAT)], PARTY) == "-"
    handed = replace(move(), source=HAND, target=Place("shopper", shopper="b"))
    hands = replace(doubt((("b", TEA, 1),), (), fixture=""), event="hands/a+b@10")
    assert true_key(hands, question("whole"), [handed, move(OAT)], PARTY) == f"b,{TEA},1"
    assert true_key(hands, question("back"), [], PARTY) == "touched"


def test_what_moved_at_the_plates_asked_about_goes_before_the_rest_of_the_shelf() -> None:
    asked = replace(doubt((("a", TEA, 1),), (("a", OAT, 1),)), event="f/1/6@10.0")
    there = replace(move(OAT), source=Place("plates", "f", 1, (6, 7)))
    assert true_key(asked, question("what"), [move(TEA), there], PARTY) == OAT
    assert true_key(asked, question("what"), [move(TEA)], PARTY) == TEA  # nothing there: what else it may have been


def test_two_people_of_one_party_are_one_answer() -> None:
    asked = doubt((("c", TEA, 1),), (("b", TEA, 1),))
    assert true_key(asked, question("who"), [move(by="a")], {"a": "v1", "c": "v1", "b": "v2"}) == "c"
