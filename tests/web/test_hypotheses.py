"""What else a visit may have been is told as what differs, with the event that tells the two apart."""

from dataclasses import replace

from tests.web.builders import BAR, WATER, replay
from walkout.inference.belief import Basket
from walkout.inference.doubt import Answer, Doubt
from walkout.inference.explanation import Candidate
from walkout.live.outcome import Replay
from walkout.web.report import report_html


def _page(one: Replay) -> str:
    return report_html(one, one.store)


def _doubted(one: Replay) -> Replay:
    answers = (
        Answer((("p0", WATER, 1),), "the hand was at the water"),
        Answer((("p0", BAR, 1),), "the hand was at the bars"),
    )
    joint = ((0.9, 0.0), (0.0, 0.06), (0.02, 0.0), (0.01, 0.01))
    event = one.events[0]
    doubt = Doubt(event.id, event.start_ns, event.end_ns, event.fixture, event.shelf, answers, joint)
    return replace(one, beliefs=(replace(one.beliefs[0], doubts=(doubt,)),))


def test_another_basket_is_told_as_what_differs_and_by_the_event_that_tells() -> None:
    page = _page(_doubted(replay()))
    assert "Told apart by event 1. " in page
    assert "The hand was at the water. Otherwise: The hand was at the bars." in page


def test_without_doubts_only_the_baskets_are_told() -> None:
    page = _page(replay())
    assert "If not this, then" in page
    assert "Told apart" not in page


def test_a_basket_with_a_stranger_says_so() -> None:
    one = replay()
    strange = replace(one.beliefs[0], baskets=(*one.beliefs[0].baskets[:1], Basket(((WATER, 1),), 0.05, unknown=True)))
    assert "also something that is not in the catalogue" in _page(replace(one, beliefs=(strange,)))


def test_a_candidate_that_later_events_moved_says_where_it_began() -> None:
    one = replay()
    first = one.explanations[0].candidates[0]
    moved: Candidate = replace(first, at_first=0.4)
    told = replace(one.explanations[0], candidates=(moved, *one.explanations[0].candidates[1:]))
    page = _page(replace(one, explanations=(told,)))
    assert "40" in page
    assert "when it happened" in page
