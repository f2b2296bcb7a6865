import importlib

import numpy as np
import pytest

from tests.twin.camera.shops import crowd, small_shop
from walkout.twin.camera import gl
from walkout.twin.camera.gl import GraphicsMissingError, Painter, mood, nudged
from walkout.twin.camera.pack import pack
from walkout.twin.camera.packaging import atlas
from walkout.twin.camera.raycast import bake, move, render
from walkout.twin.camera.scene import pinhole
from walkout.twin.camera.stage import PERSON_ID, stage


def why_not() -> str:
    try:
        Painter(16, 16, atlas(())).close()
    except GraphicsMissingError as error:
        return str(error)
    return ""


def test_moods_and_nudges_follow_their_seed() -> None:
    assert mood(3) == mood(3) != mood(4)
    camera = small_shop().cameras[0]
    assert nudged(camera, 3) == nudged(camera, 3) != nudged(camera, 4)
    assert nudged(camera, 3).at_m == pytest.approx(pinhole(camera).at_m, abs=0.15)


def test_without_moderngl_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gl, "find_spec", lambda _: None)
    with pytest.raises(GraphicsMissingError, match="install the extra 'gl'"):
        Painter(16, 16, atlas(()))


@pytest.mark.skipif(bool(why_not()), reason=why_not())
def test_opengl_sees_the_same_shop_as_the_ray_caster() -> None:
    importlib.import_module("moderngl")
    store = small_shop(320, 180)
    full = stage(store)
    solids = [solid for one in crowd(2) for solid in one.solids]
    camera = pinhole(store.cameras[0])
    frame = render(bake(full.scene, camera, full.atlas), move(solids, full.scene, full.atlas))
    parts = (pack(full.scene.boxes, full.atlas), pack(solids, full.atlas))
    with Painter(320, 180, full.atlas) as painter:
        rgb, ids = painter.paint(parts, full.scene.lights, full.scene.ambient, camera)
        strange, same_ids = painter.paint(parts, full.scene.lights, full.scene.ambient, camera, mood(3))
    assert (ids == frame.ids).mean() > 0.995
    np.testing.assert_array_equal(ids, same_ids)
    people = frame.ids >= PERSON_ID
    assert np.abs(rgb.astype(float) - frame.rgb)[people].mean() < 30
    assert np.abs(strange.astype(float) - rgb).mean() > 8
