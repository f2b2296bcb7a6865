import numpy as np
import pytest

from tests.twin.camera.shops import crowd, person, small_shop
from walkout.store.layout import Camera
from walkout.twin.camera.figure import Figure
from walkout.twin.camera.packaging import atlas
from walkout.twin.camera.raycast import Backdrop, Frame, Moving, bake, move, render
from walkout.twin.camera.scene import Box, Light, Scene, pinhole
from walkout.twin.camera.stage import stage
from walkout.twin.camera.truth import PersonView, extents, people_in

NO_ATLAS = atlas(())
CAMERA = pinhole(Camera("c", 0.0, -3.5, 1.6, (0.0, 0.0, 0.9), 200.0, 240, 200))


def view(figures: tuple[Figure, ...], boxes: tuple[Box, ...] = ()) -> tuple[tuple[PersonView, ...], Frame]:
    scene = Scene(boxes, (Light((0.0, 0.0, 3.0), 4.0),))
    moving = move([solid for one in figures for solid in one.solids], scene, NO_ATLAS)
    frame = render(bake(scene, CAMERA, NO_ATLAS), moving)
    return people_in(frame, CAMERA, moving, figures), frame


def test_somebody_alone_is_seen_whole() -> None:
    (alone,), frame = view((person(1, 0.0, 0.0, -1.57),))
    assert alone.share == 1.0
    assert alone.seen == alone.whole
    rows, columns = np.nonzero(frame.ids == alone.id)
    assert alone.seen.box == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert {joint.sight for joint in alone.joints} <= {"seen", "behind_self"}


def test_somebody_behind_a_shelf_has_no_share_and_hidden_joints() -> None:
    (hidden,), _ = view((person(1, 0.0, 1.0, -1.57),), (Box((0.0, -0.2, 1.2), (2.0, 0.1, 1.4), 11),))
    assert hidden.share == 0.0
    assert hidden.seen.box is None
    assert hidden.whole.count > 500
    assert {joint.sight for joint in hidden.joints} == {"hidden"}


def test_half_a_person_is_behind_a_low_shelf() -> None:
    (half,), frame = view((person(1, 0.0, 0.6, -1.57),), (Box((0.0, 0.0, 0.5), (2.0, 0.1, 0.5), 11),))
    assert 0.3 < half.share < 0.8
    sights = {joint.name: joint.sight for joint in half.joints}
    assert sights["head"] == "seen"
    assert sights["l_foot"] == sights["r_knee"] == "hidden"
    assert half.seen.count == (frame.ids == half.id).sum()


def test_the_whole_of_one_before_another_does_not_depend_on_the_other() -> None:
    front, back = person(1, 0.0, -0.5, -1.57), person(2, 0.1, 0.6, -1.57)
    (a, b), _ = view((front, back))
    (only_a,), _ = view((front,))
    (only_b,), _ = view((back,))
    assert (a.whole, b.whole) == (only_a.whole, only_b.whole)
    assert a.share == 1.0
    assert b.share < 0.8


def test_an_arm_behind_the_own_back_is_behind_self() -> None:
    (one,), _ = view((person(1, 0.0, 0.0, 1.57, reach=(0.05, 0.4, 1.0)),))  # turned away, reaching forward
    assert {joint.name: joint.sight for joint in one.joints}["r_wrist"] == "behind_self"


def test_somebody_behind_the_camera_is_outside() -> None:
    (one,), _ = view((person(1, 0.0, -6.0, 1.57),))
    assert one.whole.count == 0
    assert one.share == 0.0
    assert {joint.sight for joint in one.joints} == {"outside"}


def test_a_joint_is_where_the_camera_projects_it() -> None:
    figure = person(1, 0.4, 0.3, -1.2)
    (one,), _ = view((figure,))
    head = one.joints[0]
    assert (head.column_px, head.row_px, head.depth_m) == CAMERA.pixel(figure.joints.head)


def test_counts_of_a_whole_shop_add_up() -> None:
    store = small_shop(160, 90)
    full = stage(store)
    people = crowd(4)
    camera = pinhole(store.cameras[1])
    still: Backdrop = bake(full.scene, camera, full.atlas)
    moving: Moving = move([solid for one in people for solid in one.solids], full.scene, full.atlas)
    frame = render(still, moving)
    ids = np.unique(frame.ids).tolist()
    assert sum(extent.count for extent in extents(frame.ids, ids)) == 160 * 90
    for one in people_in(frame, camera, moving, people):
        assert one.seen.count <= one.whole.count


def test_an_id_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="ids are 1 and up, found 0"):
        extents(np.zeros((2, 2), np.int32), [0])
