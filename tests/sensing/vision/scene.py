"""A bare room with four cameras and people made of joints, as exact sights; for the tests beside this."""

from collections.abc import Mapping

import numpy as np

from walkout.sensing.vision.lens import Lens
from walkout.sensing.vision.persons import Persons
from walkout.sensing.vision.sighting import Sighting
from walkout.store.layout import Camera, Gate
from walkout.store.shop import Store

START_NS = 1_000_000_000_000
STEP_NS = 100_000_000
CORNERS = ((0.0, 0.0), (5.0, 0.0), (5.0, 5.0), (0.0, 5.0))
ROOM = Store(
    "room",
    "simulated",
    "EUR",
    "UTC",
    CORNERS,
    (),
    (Gate("door", 2.5, 0.2, 1.0),),
    tuple(Camera(f"c{k}", x, y, 2.7, (2.5, 2.5, 0.9), 330.0) for k, (x, y) in enumerate(CORNERS)),
    {},
    (),
)
LENSES = {camera.id: Lens.of(camera) for camera in ROOM.cameras}
SHAPE = np.array(
    [
        [0.03, 0.0, 1.60],
        [0.0, 0.0, 1.40],
        [0.0, 0.18, 1.34],
        [0.0, -0.18, 1.34],
        [0.0, 0.22, 1.03],
        [0.0, -0.22, 1.03],
        [0.15, 0.2, 0.85],
        [0.15, -0.2, 0.85],
    ]
)


def body(x: float, y: float, turn: float = 0.0, tall: float = 1.0) -> np.ndarray:
    """The joints of somebody who stands there, turned by an angle."""
    c, s = np.cos(turn), np.sin(turn)
    return tall * SHAPE @ np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]]) + [x, y, 0.0]


def sighting(
    camera: str,
    t_ns: int,
    people: Mapping[str, np.ndarray],
    rng: np.random.Generator | None = None,
    looks: Mapping[str, np.ndarray] | None = None,
) -> Sighting:
    """What a camera sees of people, two pixels off where `rng` is given."""
    lens, rows, names = LENSES[camera], [], []
    for name, joints in people.items():
        pixels, _ = lens.project(joints)
        inside = lens.sees(joints)
        if inside.sum() < 3:
            continue
        if rng is not None:
            pixels = pixels + 2.0 * rng.standard_normal(pixels.shape)
        key = np.concatenate([pixels, np.full((8, 1), 0.9)], axis=1)
        key[~inside] = [np.nan, np.nan, 0.0]
        rows.append(key)
        names.append(name)
    if not rows:
        return Sighting(camera, t_ns, Persons.none(640, 360))
    keys = np.array(rows, np.float32)
    low, high = np.nanmin(keys[:, :, :2], axis=1), np.nanmax(keys[:, :, :2], axis=1)
    persons = Persons.of(
        640,
        360,
        np.concatenate([low, high], axis=1).astype(np.float32),
        np.full(len(keys), 0.9, np.float32),
        keys,
        np.full((len(keys), 8), 2.0, np.float32),
    )
    seen = None if looks is None else np.stack([looks[name] for name in names]).astype(np.float32)
    return Sighting(camera, t_ns, persons, seen)
