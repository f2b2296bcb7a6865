import numpy as np

from tests.sensing.vision.scene import body
from tests.twin.shops import small_shop
from walkout.store.layout import Fixture, Shelf
from walkout.twin.glimpses import Glimpses, hidden
from walkout.twin.play import simulate
from walkout.twin.record import demo_arrivals

EYE = np.array([0.0, 2.0, 2.4])
GONDOLA = Fixture("g", 1.0, 2.0, 1.2, 0.5, (Shelf(1, 0.3, 0.45, 1.3),))
"""Its front looks down the y axis."""


def test_who_stands_behind_somebody_is_hidden_and_who_stands_before_is_not() -> None:
    near, far = body(1.5, 2.0), body(2.1, 2.0)
    found = hidden(EYE, np.stack([near, far]), ())
    assert not found[0, :4].any()
    assert found[1, 2:].mean() > 0.5
    assert not hidden(EYE, np.stack([body(1.5, 1.0), body(2.1, 3.0)]), ())[:, :4].any()


def test_a_hand_in_a_shelf_is_seen_from_the_front_and_not_through_the_back() -> None:
    one = body(1.6, 1.6)
    one[7] = (1.6, 2.2, 0.9)
    assert not hidden(np.array([2.8, 0.6, 2.4]), one[None], (GONDOLA,))[0, 7]
    assert hidden(np.array([1.8, 4.0, 2.4]), one[None], (GONDOLA,))[0, 7]


def test_nobody_there_hides_nothing() -> None:
    assert hidden(EYE, np.zeros((0, 8, 3)), (GONDOLA,)).shape == (0, 8)


def test_every_camera_s_instants_are_kept_at_its_own_clock_and_change_nothing_else() -> None:
    shop = small_shop()
    phases = [0.017 * k for k in range(len(shop.cameras))]
    film = Glimpses(shop, phases)
    arrivals = demo_arrivals()[:1]
    with_film = [type(o).__name__ for o in simulate(shop, arrivals, seed=3, film=film)]
    assert with_film == [type(o).__name__ for o in simulate(shop, arrivals, seed=3)]
    assert film.taken == sorted(film.taken, key=lambda one: (one.t_ns, one.camera))
    for camera, phase_s in zip(shop.cameras, phases, strict=True):
        times = [one.t_ns for one in film.taken if one.camera == camera.id]
        assert len(set(times)) == len(times)
        step_ns = round(1e9 / camera.rate_hz)
        assert abs((times[1] - round(phase_s * 1e9)) % step_ns) < 2_000 or step_ns - 2_000 < times[1] % step_ns
