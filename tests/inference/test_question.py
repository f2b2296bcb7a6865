from dataclasses import replace

import pytest

from walkout.inference.belief import Basket, Belief, BelievedLine
from walkout.inference.doubt import Answer, Doubt
from walkout.inference.question import answered, ask, hopeful, key_of
from walkout.inference.visit import Visit

TEA, OAT = "00000000000017", "00000000000024"
ONE, TWO, OTHER = ((TEA, 1),), ((TEA, 2),), ((OAT, 1),)


def doubt(event: str = "e1", joint: tuple[tuple[float, ...], ...] = ((0.5, 0.0), (0.0, 0.4), (0.0, 0.1))) -> Doubt:
    answers = (Answer((("a", TEA, 1),), "took one tea"), Answer((("a", TEA, 2),), "took two teas"))
    return Doubt(event, 1, 2, "f", 1, answers, joint)


def belief(*doubts: Doubt, unknown: bool = False) -> Belief:
    baskets = (Basket(ONE, 0.5), Basket(TWO, 0.4, unknown))
    return Belief(Visit("v", "v", ("a",), 0, 9), (BelievedLine(TEA, 1, 0.9, "tea", ("e1",)),), 0.5, baskets, doubts)


def test_the_question_that_settles_most_is_asked_in_its_shortest_form() -> None:
    blunt = doubt("e2", ((0.25, 0.25), (0.2, 0.2), (0.05, 0.05)))
    question = ask(belief(blunt, doubt()))
    assert question is not None
    assert (question.event, question.kind, question.words) == ("e1", "count", "How many were taken?")
    assert question.gain == pytest.approx(0.4)
    assert [(c.key, c.probability) for c in question.candidates] == [("1", 0.5), ("2", 0.5)]


def test_a_question_that_changes_nothing_is_not_asked() -> None:
    assert ask(belief()) is None
    assert ask(belief(doubt(joint=((0.25, 0.25), (0.2, 0.2), (0.05, 0.05))))) is None
    assert ask(belief(doubt(), unknown=True)) is None  # no receipt can say the other basket


def test_what_nothing_in_the_catalogue_explains_is_asked_about_since_a_person_can_name_it() -> None:
    answers = (Answer((("a", "", 1),), "took something"), Answer((), "nothing was moved"))
    nameless = Doubt("e1", 1, 2, "f", 1, answers, ((0.0, 0.5), (0.4, 0.0), (0.0, 0.1)))
    question = ask(belief(nameless, unknown=True))
    assert question is not None
    assert question.gain == pytest.approx(0.4)
    other = replace(nameless, answers=(Answer((("z", "", 1),), "somebody else's"), answers[1]))
    assert ask(belief(other, unknown=True)) is None  # of another party: nobody's basket here gets a name


def test_how_sure_a_visit_may_become_at_best() -> None:
    best = hopeful(belief(doubt()))
    assert best.doubts == ()
    assert best.p_exact == pytest.approx(answered(belief(doubt()), ask(belief(doubt())), "1").p_exact)  # type: ignore[arg-type]
    assert hopeful(belief()).p_exact == belief().p_exact


def test_an_answer_conditions_the_belief() -> None:
    question = ask(belief(doubt()))
    assert question is not None
    one = answered(belief(doubt()), question, "1", trust=1.0)
    assert (one.lines[0].quantity, one.p_exact, one.doubts) == (1, 1.0, ())
    two = answered(belief(doubt()), question, "2", trust=1.0)
    assert two.lines[0].quantity == 2
    assert two.p_exact == pytest.approx(0.8)
    assert answered(belief(doubt()), question, "2", trust=0.9).p_exact < two.p_exact


def test_who_cannot_tell_changes_nothing_but_is_not_asked_again() -> None:
    asked = ask(belief(doubt()))
    assert asked is not None
    after = answered(belief(doubt()), asked, None)
    assert after == replace(belief(doubt()), doubts=())


def test_an_answer_that_nobody_thought_of_leaves_nothing_sure() -> None:
    asked = ask(belief(doubt()))
    assert asked is not None
    assert answered(belief(doubt()), asked, "7").p_exact < 0.01


def test_an_answer_to_one_happening_bears_on_another() -> None:
    other = doubt("e2", ((0.5, 0.0), (0.1, 0.3), (0.05, 0.05)))
    question = ask(belief(doubt(), other))
    assert question is not None
    after = answered(belief(doubt(), other), question, "2", trust=1.0)
    assert sum(map(sum, after.doubts[0].joint)) == pytest.approx(1.0)
    assert after.doubts[0].joint[0] == (0.0, 0.0)


@pytest.mark.parametrize(
    ("kind", "moved", "key"),
    [
        ("who", (("b", TEA, 1), ("a", OAT, 1)), "a b"),
        ("who", ((None, TEA, 1),), "-"),
        ("what", (("a", "", 1),), "?"),
        ("count", (("a", TEA, -2), ("a", "", 1)), "2"),
        ("back", (("a", TEA, -1),), "back"),
        ("back", (("a", TEA, -1), ("a", OAT, 1)), "both"),
        ("back", (), "touched"),
        ("whole", (("a", TEA, 1),), f"a,{TEA},1"),
    ],
)
def test_what_a_question_tells_apart(kind: str, moved: tuple[tuple[str | None, str, int], ...], key: str) -> None:
    assert key_of(Answer(moved, ""), kind) == key  # type: ignore[arg-type]


def test_an_answer_to_something_else_is_refused() -> None:
    asked = ask(belief(doubt()))
    assert asked is not None
    with pytest.raises(ValueError, match="an event of visit 'v'"):
        answered(belief(), asked, "1")
