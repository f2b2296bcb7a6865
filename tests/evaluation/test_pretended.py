import numpy as np

from tests.sensing.vision.scene import LENSES, ROOM, START_NS, STEP_NS, body
from walkout.evaluation.pretended import Flaws, pretended
from walkout.twin.glimpses import Glimpse

NONE = Flaws(0.0, 0.0, 0.0, 0.6, 1.0, 1.0, 0.0, 0.0, 3, 0.0, 0.0, 0.0)


def glimpses(count: int = 30) -> list[Glimpse]:
    joints = body(2.5, 2.5)[None]
    nothing = np.zeros((1, 8), bool)
    return [Glimpse(camera, START_NS + k * STEP_NS, ("a",), joints, nothing) for k in range(count) for camera in LENSES]


def test_without_flaws_it_tells_the_truth() -> None:
    for glimpse, sighting in zip(glimpses(2), pretended(glimpses(2), ROOM, 1, NONE), strict=True):
        assert (sighting.camera, sighting.t_ns, len(sighting.persons)) == (glimpse.camera, glimpse.t_ns, 1)
        true = LENSES[glimpse.camera].project(glimpse.joints_m[0])[0]
        assert np.abs(sighting.persons.keypoints[0, :, :2] - true).max() < 1e-3


def test_the_same_seed_errs_in_the_same_way_by_about_as_much_as_said() -> None:
    one, again = ([s.persons.keypoints for s in pretended(glimpses(), ROOM, seed)] for seed in (1, 1))
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one, again, strict=True))
    off = []
    for glimpse, sighting in zip(glimpses(60), pretended(glimpses(60), ROOM, 2), strict=True):
        if len(sighting.persons):
            true = LENSES[glimpse.camera].project(glimpse.joints_m[0])[0]
            off.append(sighting.persons.keypoints[0, 0, :2] - true[0])
    assert 1.0 < float(np.nanstd(np.array(off))) < 6.0


def test_what_is_hidden_is_missed_or_doubted() -> None:
    plain = glimpses(60)
    behind = [Glimpse(g.camera, g.t_ns, g.people, g.joints_m, np.arange(8)[None] >= 5) for g in plain]
    found = [s.persons.keypoints[0] for s in pretended(behind, ROOM, 3) if len(s.persons)]
    seen = np.array([np.isfinite(key[:, 0]) for key in found])
    assert seen[:, :5].mean() > 0.9
    assert seen[:, 5:].mean() < 0.5
