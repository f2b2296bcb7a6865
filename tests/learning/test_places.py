import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inference.scene import MINT, SODA, WATER, shop
from tests.learning.lessons import candidate, event, label, taught
from walkout.inference.explanation import Explanation
from walkout.inference.learnt import Learnt, Place, from_plain, model_of, plain, shop_of
from walkout.inference.model import Model
from walkout.learning.lesson import Lesson
from walkout.learning.places import found_places, gone_places

STORE, MODEL = shop(), Model()
HERE = Place("g", 2, (9, 10), MINT)


def take(n: int, gtin: str, shelf: int, plates: tuple[int, ...], *, said: bool = True, count: int = 1) -> Lesson:
    happened = [Explanation(event(f"e{n}", shelf, plates, -50.0 * count), (candidate(gtin, count),))]
    basket = {gtin: count} if count > 0 else {}
    return taught(f"v{n}", basket, happened, label(f"v{n}", basket) if said else None)


def test_a_product_that_leaves_another_place_again_and_again_stands_there() -> None:
    lessons = [take(n, MINT, 2, (9, 10)) for n in range(3)]
    (found,) = found_places(lessons, STORE, MODEL)
    assert (found.place, found.visits, found.said) == (HERE, 3, 3)
    assert found_places(lessons[:2], STORE, MODEL) == ()


def test_software_alone_believes_in_no_place() -> None:
    lessons = [take(n, MINT, 2, (9, 10), said=False) for n in range(20)]
    assert found_places(lessons, STORE, MODEL) == ()
    looked = [take(n, MINT, 2, (9, 10)) for n in range(20, 23)]
    assert found_places([*lessons, *looked[:2]], STORE, MODEL) == ()
    assert len(found_places([*lessons, *looked], STORE, MODEL)) == 1


def test_what_people_left_there_and_others_took_is_no_place() -> None:
    left = [take(n, MINT, 2, (9, 10), count=-1) for n in range(4)]
    taken = [take(n, MINT, 2, (9, 10)) for n in range(4, 8)]
    assert found_places([*left, *taken], STORE, MODEL) == ()


def test_one_visit_that_takes_many_times_is_one_visit() -> None:
    happened = [Explanation(event(f"e{n}", 2, (9, 10), -50.0), (candidate(MINT),)) for n in range(5)]
    assert found_places([taught("v", {MINT: 5}, happened, label("v", {MINT: 5}))], STORE, MODEL) == ()


def test_goods_of_a_facing_that_reach_beyond_it_are_at_home() -> None:
    assert found_places([take(n, MINT, 2, (5, 6)) for n in range(9)], STORE, MODEL) == ()


def test_a_facing_is_gone_once_its_goods_are_taken_elsewhere_often_enough() -> None:
    four = [take(n, MINT, 2, (9, 10)) for n in range(4)]
    five = [*four, take(4, MINT, 2, (9, 10))]
    assert gone_places(four, found_places(four, STORE, MODEL), STORE) == ()
    assert Place("g", 2, (5,), MINT) in gone_places(five, found_places(five, STORE, MODEL), STORE)
    still = [*five, take(5, MINT, 2, (5,))]
    assert Place("g", 2, (5,), MINT) not in gone_places(still, found_places(still, STORE, MODEL), STORE)


def test_an_exchange_is_learnt_both_ways_and_the_planogram_stays() -> None:
    lessons = [take(n, WATER, 2, (5,)) for n in range(5)] + [take(n + 9, MINT, 1, (1, 2)) for n in range(5)]
    found = found_places(lessons, STORE, MODEL)
    assert [one.place for one in found] == [Place("g", 1, (1, 2), MINT), Place("g", 2, (5,), WATER)]
    gone = gone_places(lessons, found, STORE)
    assert gone == (Place("g", 1, (1, 2), WATER), Place("g", 2, (5,), MINT))
    after = shop_of(STORE, Learnt(tuple(one.place for one in found), gone))
    at = {(f.shelf, f.plates): f.gtin for f in after.planogram}
    assert (at[1, (1, 2)], at[2, (5,)], len(at)) == (MINT, WATER, len({(f.shelf, f.plates) for f in STORE.planogram}))
    assert STORE.planogram == shop().planogram


places = st.builds(
    Place,
    st.sampled_from(["g", "nowhere"]),
    st.integers(1, 3),
    st.lists(st.integers(1, 14), min_size=1, max_size=3, unique=True).map(lambda p: tuple(sorted(p))),
    st.sampled_from([WATER, SODA, MINT, "99999999999999"]),
)
rates = st.lists(st.tuples(st.sampled_from(["put_back", "more_of_it"]), st.floats(0.01, 0.8)), unique_by=lambda r: r[0])


@given(st.lists(places, max_size=4, unique=True), st.lists(places, max_size=4, unique=True), rates)
def test_what_was_learnt_survives_its_file_and_fits_every_shop(
    there: list[Place], gone: list[Place], new: list[tuple[str, float]]
) -> None:
    learnt = Learnt(tuple(sorted(there)), tuple(sorted(gone)), tuple(sorted(new)))
    again = from_plain(plain(learnt))
    assert again == learnt
    assert again.id == learnt.id
    after = shop_of(STORE, learnt)
    for facing in after.planogram:
        assert after.box(facing).high_m  # nothing stands where the shop has no plate
        assert facing.gtin in STORE.products
    model = model_of(MODEL, learnt)
    assert model.put_back == dict(new).get("put_back", MODEL.put_back)
    assert model.beam == MODEL.beam


def test_a_rate_that_nobody_may_move_is_refused() -> None:
    with pytest.raises(ValueError, match="found the rate beam"):
        Learnt(rates=(("beam", 0.5),))
    with pytest.raises(ValueError, match="found nothing that was learnt"):
        from_plain({})
