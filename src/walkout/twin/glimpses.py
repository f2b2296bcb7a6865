"""Where everybody's joints truly are at each instant at which a camera takes a frame, and what stands before them.

For trying out what comes after a person detector without drawing any picture: give it to `simulate` as its film.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from walkout.recording.camera import CameraFrame
from walkout.recording.people import JOINTS
from walkout.store.layout import Camera, Fixture
from walkout.store.shop import Store
from walkout.twin.body import Build
from walkout.twin.film import Film
from walkout.twin.simulation import Observation, Simulation

TORSO_M, HEAD_M = 0.17, 0.12
"""How far a trunk and a head reach from their axis and middle."""
OWN_M = 0.12
"""The trunk hides its own arms where the ray to them passes it so closely ..."""
BEYOND_M = 0.12
"""... and so far before them."""
FRONT_M = 0.06
"""A shelf's goods stand so far behind its front edge at least: hands before that are seen past the boards."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Glimpse:
    """Everybody in the shop at the instant of one camera's frame."""

    camera: str
    t_ns: int
    people: tuple[str, ...]
    joints_m: Floats
    """(people, 8, 3), in the order of `JOINTS`."""
    hidden: NDArray[np.bool_]
    """(people, 8): something stands before it, or another part of its own body."""


class Glimpses(Film):
    """Stands in for a film: yields no frames, keeps what is true at each."""

    def __init__(self, store: Store, phase_s: Sequence[float] = ()) -> None:
        """`phase_s`: how late each camera's clock ticks; none: all at once."""
        self._cameras = store.cameras
        self._phase_s = {c.id: phase_s[k] if phase_s else 0.0 for k, c in enumerate(store.cameras)}
        self._fixtures = store.fixtures
        self.taken: list[Glimpse] = []
        """In order of time; take them out as they come where memory matters."""
        self.builds: dict[str, Build] = {}

    def close(self) -> None:
        """Nothing to let go."""

    def frames(
        self, sim: Simulation, happened: Iterable[tuple[float, Observation]], from_s: float, to_s: float
    ) -> Iterator[tuple[float, CameraFrame]]:
        """Keeps the truth of a stretch of time; yields nothing."""
        for _ in happened:
            pass
        taken = []
        for camera in self._cameras:
            late = self._phase_s[camera.id]
            first, last = ((at - late) * camera.rate_hz - 1e-9 for at in (from_s, to_s))
            taken += [self._glimpse(sim, camera, k / camera.rate_hz + late) for k in range(ceil(first), ceil(last))]
        self.taken += sorted(taken, key=lambda one: (one.t_ns, one.camera))
        yield from ()

    def _glimpse(self, sim: Simulation, camera: Camera, t_s: float) -> Glimpse:
        actors = sim.inside(t_s)
        joints = np.empty((len(actors), len(JOINTS), 3))
        for n, actor in enumerate(actors):
            actor.motion.joints(t_s, joints[n])
            self.builds.setdefault(actor.id, actor.build)
        at = np.array([camera.x_m, camera.y_m, camera.z_m])
        return Glimpse(camera.id, sim.ns(t_s), tuple(a.id for a in actors), joints, hidden(at, joints, self._fixtures))


def hidden(at_m: Floats, joints_m: Floats, fixtures: Sequence[Fixture]) -> NDArray[np.bool_]:
    """Which joints (people, 8, 3) cannot be seen from a point: behind fixtures, others, their own trunk."""
    out = np.zeros(joints_m.shape[:2], bool)
    if not len(joints_m):
        return out
    for fixture in fixtures:
        out |= _behind(at_m, joints_m, fixture)
    for n, body in enumerate(joints_m):
        hip = body[1] - [0.0, 0.0, 0.33 * body[1, 2]]
        for m in range(len(joints_m)):
            own = m == n
            targets = joints_m[m, 4:] if own else joints_m[m]
            past = _passes(at_m, targets, body[1], hip, OWN_M if own else TORSO_M, BEYOND_M if own else 0.15)
            if own:
                out[m, 4:] |= past
            else:
                out[m] |= past | _passes(at_m, targets, body[0], body[0] + [0.0, 0.0, 0.06], HEAD_M, 0.15)
    return out


def _behind(at_m: Floats, joints_m: Floats, fixture: Fixture) -> NDArray[np.bool_]:
    """Whether the way to each joint leads through a fixture; its front is open as far as goods stand."""
    top = max((s.z_m + s.height_m for s in fixture.shelves), default=0.0) + fixture.z_m
    a = np.array(fixture.to_fixture(*at_m))
    b = np.array([fixture.to_fixture(*joint) for joint in joints_m.reshape(-1, 3)])
    low, high = np.array([0.0, FRONT_M, 0.0]), np.array([fixture.width_m, fixture.depth_m, top])
    inside = ((b > low) & (b < high)).all(axis=1)
    # who reaches in is seen from the front, not through the back
    back = a[1] > fixture.depth_m / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = (low - a) / (b - a), (high - a) / (b - a)
    enter = np.nanmax(np.minimum(first, second), axis=1)
    leave = np.nanmin(np.maximum(first, second), axis=1)
    through = (enter < np.minimum(leave, 1.0)) & (leave > 0.0)
    return np.asarray(np.where(inside, back, through)).reshape(joints_m.shape[:2])


def _passes(
    at_m: Floats, targets_m: Floats, top_m: Floats, low_m: Floats, radius_m: float, before_m: float
) -> NDArray[np.bool_]:
    """Whether rays to targets (n, 3) pass a thick line nearer than its radius, well before they arrive."""
    share = np.linspace(0.0, 1.0, 7)[:, None]
    axis = low_m + share * (top_m - low_m)
    toward = targets_m - at_m
    length = np.linalg.norm(toward, axis=1)
    unit = toward / length[:, None]
    along = unit @ (axis - at_m).T
    aside = np.linalg.norm((axis - at_m)[None] - along[..., None] * unit[:, None], axis=2)
    return np.asarray(((aside < radius_m) & (along > 0) & (along < length[:, None] - before_m)).any(axis=1))
