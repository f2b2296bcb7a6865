"""The store's cameras while people shop: frames of what the simulation does, drawn, made noisy, compressed.

Every camera's frames follow from the seed and the simulated people alone, so cameras are drawn side by side on as many
cores as there are. What is seen on the shelves follows from the truth: an item is gone when its take is over, and lies
where it was put, right or wrong, when that is over.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil, dist

import numpy as np
from numpy.typing import NDArray

from walkout.recording.camera import CameraFrame
from walkout.recording.people import JOINTS
from walkout.recording.truth import TruthMove
from walkout.store.layout import Camera
from walkout.store.shop import Store
from walkout.twin.actor import Actor
from walkout.twin.camera.encode import Encoder, h264_available
from walkout.twin.camera.figure import Figure, figure
from walkout.twin.camera.gait import Joints, with_legs
from walkout.twin.camera.looks import Aid, Looks, looks
from walkout.twin.camera.raycast import Backdrop, Moving, bake, move, rebake, render
from walkout.twin.camera.scene import UPRIGHT, Box, Scene, Solid, pinhole
from walkout.twin.camera.sensor import SENSORS, Sensor, chip, expose, of_camera
from walkout.twin.camera.stage import Stage, item, stage
from walkout.twin.seeds import number, stream
from walkout.twin.settings import DEFAULT, Settings
from walkout.twin.shelves import Shelves
from walkout.twin.simulation import Observation, Simulation

LAG_S = (0.08, 0.02)
"""How long a frame takes to the recorder: at least, and the mean of what comes on top. Chosen."""
IN_HAND_S = 2.5
"""How long something taken is seen in the hand before it goes out of sight. Chosen."""
BEYOND_WRIST_M = 0.09
"""From the wrist to the middle of what the hand holds. Chosen."""
AIDS: dict[str, Aid] = {"pushchair": "pushchair", "wheelchair": "wheelchair", "child_in_arms": "child_in_arms"}


class FilmError(ValueError):
    """The cameras of this store cannot be filmed."""


@dataclass(frozen=True, slots=True)
class _Change:
    """The scene from an instant on, and the boxes that came or went."""

    t_s: float
    scene: Scene
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class _Held:
    """Something in a hand: since when, and in which hand (0 left, 1 right)."""

    from_s: float
    gtin: str
    side: int


@dataclass(frozen=True, slots=True, eq=False)
class Scenery:
    """What stands still in a store before anybody comes, and each camera's view of it, by the camera's id."""

    full: Stage
    views: Mapping[str, Backdrop]


class Film:
    """The cameras of one simulated shop; give it to `simulate`, which asks it for frames as time goes on.

    Drawing what stands still takes some seconds a camera, here, unless the `scenery` of another film of the same store
    is given. A film is for one simulation, from its start, and wants all of its blocks.

    Raises:
        FilmError: the store has no cameras, one of them cannot be drawn, or PyAV is missing.
    """

    def __init__(self, store: Store, seed: int, settings: Settings = DEFAULT, scenery: Scenery | None = None) -> None:
        if not store.cameras:
            raise FilmError(f"{store.name} has no cameras; right would be at least one under 'cameras' in store.yaml")
        if not h264_available():
            raise FilmError("filming needs PyAV for H.264, which is optional; './run extras' installs it")
        self._set_up(store, seed, settings, scenery)

    def _set_up(self, store: Store, seed: int, settings: Settings, scenery: Scenery | None = None) -> None:
        self._seed = seed
        self._full = stage(store) if scenery is None else scenery.full
        self._shelves = Shelves(store, self._full)
        self._held: dict[str, _Held] = {}
        self._dress: dict[str, tuple[int, Looks]] = {}
        self._came = 0
        sensor = SENSORS.get(settings.name, SENSORS["default"])
        self._threads = ThreadPoolExecutor(max(1, min(len(store.cameras), os.cpu_count() or 1)))
        try:
            if scenery is None:
                full = self._full
                drawn = self._threads.map(lambda camera: bake(full.scene, pinhole(camera), full.atlas), store.cameras)
                scenery = Scenery(full, {camera.id: view for camera, view in zip(store.cameras, drawn, strict=True)})
        except ValueError as error:
            self.close()
            raise FilmError(str(error)) from error
        self.scenery = scenery
        """What stood still at the start, for the next film of this store."""
        self._eyes = [_Eye(camera, scenery, sensor, seed) for camera in store.cameras]

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown()

    def frames(
        self, sim: Simulation, happened: Iterable[tuple[float, Observation]], from_s: float, to_s: float
    ) -> Iterator[tuple[float, CameraFrame]]:
        """The frames of a stretch of time, each with its second; `happened` holds the moves that end in it."""
        changes = self._changes(sim, happened)
        instants = sorted({t_s for eye in self._eyes for t_s in eye.instants(from_s, to_s)})
        moving = {t_s: self._moving(sim, t_s) for t_s in instants}
        shot = self._threads.map(lambda eye: eye.shoot(sim, changes, moving, from_s, to_s), self._eyes)
        yield from sorted((pair for frames in shot for pair in frames), key=lambda pair: (pair[0], pair[1].camera))
        self._dress = {name: self._dress[name] for name in self._dress if name in sim.stays}

    def _changes(self, sim: Simulation, happened: Iterable[tuple[float, Observation]]) -> list[_Change]:
        """What the moves change on the shelves; notes what is in hands from then on."""
        changes = []
        for at_s, move_ in happened:
            if isinstance(move_, TruthMove):
                boxes = self._shelves.move(move_)
                self._hold(sim, move_, at_s)
                if boxes:
                    changes.append(_Change(at_s, self._shelves.scene(), boxes))
        return changes

    def _hold(self, sim: Simulation, taken: TruthMove, at_s: float) -> None:
        if taken.source.kind == "shopper":
            self._held.pop(taken.source.shopper, None)
        actor = sim.actors.get(taken.target.shopper)
        if taken.target.kind != "shopper" or actor is None:
            return
        side = 1 if actor.build.handed == "right" else 0
        if taken.source.kind == "plates":
            spot = sim.store.fixture(taken.source.fixture)
            plates = [sim.store.plate(spot.id, taken.source.shelf, plate) for plate in taken.source.plates]
            x_m = sum(plate.x_m + plate.width_m / 2 for plate in plates) / len(plates)
            goods = spot.to_store(x_m, 0.0, sim.store.shelf(spot.id, taken.source.shelf).z_m + 0.1)
            upper = np.empty((len(JOINTS), 3))
            actor.motion.joints(at_s, upper)
            left, right = (dist(upper[JOINTS.index(wrist)].tolist(), goods) for wrist in ("l_wrist", "r_wrist"))
            side = 0 if left < right else 1
        self._held[actor.id] = _Held(at_s, taken.gtin, side)

    def _moving(self, sim: Simulation, t_s: float) -> Moving:
        solids: list[Solid] = []
        spots: list[tuple[float, float, float, float]] = []
        for actor in sim.inside(t_s):
            body = self._figure(actor, t_s)
            solids += body.solids
            spots += body.spots
            held = self._held.get(actor.id)
            if held is not None and held.from_s <= t_s < held.from_s + IN_HAND_S:
                solids += self._in_hand(body.joints, held)
        return move(solids, self._full.scene, self._full.atlas, spots)

    def _figure(self, actor: Actor, t_s: float) -> Figure:
        build, motion = actor.build, actor.motion
        aid = AIDS.get(build.kind, "none")
        if actor.id not in self._dress:
            seed = number(self._seed, "looks", actor.id)
            dress = looks(
                seed, clothing=build.clothing, skin=build.skin, head_cover=build.head_cover, bag=build.bag, aid=aid
            )
            self._dress[actor.id] = (self._came, dress)
            self._came += 1
        person, dress = self._dress[actor.id]
        upper = np.empty((len(JOINTS), 3))
        motion.joints(t_s, upper)
        x_m, y_m, heading, speed_m_s = motion.place(t_s)
        joints = with_legs(upper, (x_m, y_m), heading, build.stature_m, motion.swing_rad(t_s), speed_m_s, aid)
        return figure(joints, heading, dress, person, build.stature_m)

    def _in_hand(self, joints: Joints, held: _Held) -> tuple[Box, ...]:
        size_m = self._shelves.size_m(held.gtin)
        if size_m is None:
            return ()
        elbow, wrist = ((joints.l_elbow, joints.l_wrist), (joints.r_elbow, joints.r_wrist))[held.side]
        share = BEYOND_WRIST_M / max(dist(elbow, wrist), 1e-6)
        x, y, z = (w + share * (w - e) for e, w in zip(elbow, wrist, strict=True))
        return item(held.gtin, (x, y, z), size_m, UPRIGHT, self._shelves.id_of(held.gtin))


class Snapshots(Film):
    """The cameras' pictures at a few instants, without compression, for looking at; needs no PyAV."""

    def __init__(self, store: Store, seed: int, instants_s: Sequence[float], settings: Settings = DEFAULT) -> None:
        self._set_up(store, seed, settings)
        self._instants_s = instants_s
        self.pictures: dict[str, list[NDArray[np.uint8]]] = {camera.id: [] for camera in store.cameras}
        self.people: Moving | None = None
        """Who is there at the last instant so far."""

    def frames(
        self, sim: Simulation, happened: Iterable[tuple[float, Observation]], from_s: float, to_s: float
    ) -> Iterator[tuple[float, CameraFrame]]:
        """Takes the pictures; yields nothing."""
        changes = self._changes(sim, happened)
        moving = {t_s: self._moving(sim, t_s) for t_s in self._instants_s if from_s <= t_s < to_s}
        for _, people in sorted(moving.items()):
            self.people = people
        for eye in self._eyes:
            self.pictures[eye.camera.id] += [rgb.copy() for _, rgb in eye.pictures(sim, changes, moving)]
        yield from ()


class _Eye:
    """One camera: what stands still before it, its chip, its encoder."""

    def __init__(self, camera: Camera, scenery: Scenery, sensor: Sensor, seed: int) -> None:
        full = scenery.full
        self.camera = camera
        self._atlas = full.atlas
        self._still = scenery.views[camera.id]
        self._chip = chip(of_camera(sensor, seed, camera.id), camera.width_px, camera.height_px)
        self._encoder: Encoder | None = None
        self._frame = render(self._still, move((), full.scene, full.atlas))
        self._noisy = np.empty_like(self._frame.rgb)
        self._rng = stream(seed, "camera", camera.id)
        self._arrived_s = 0.0

    def instants(self, from_s: float, to_s: float) -> list[float]:
        """When it takes its frames: a clock for all cameras of a rate."""
        rate_hz = self.camera.rate_hz
        return [k / rate_hz for k in range(ceil(from_s * rate_hz - 1e-9), ceil(to_s * rate_hz - 1e-9))]

    def pictures(
        self, sim: Simulation, changes: Sequence[_Change], moving: Mapping[float, Moving]
    ) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """Its pictures at the instants of `moving`, each with its second; the next one overwrites the one before."""
        for t_s, rgb, _ in self.seen(sim, changes, moving):
            yield t_s, rgb

    def seen(
        self, sim: Simulation, changes: Sequence[_Change], moving: Mapping[float, Moving]
    ) -> Iterator[tuple[float, NDArray[np.uint8], NDArray[np.int32]]]:
        """As `pictures`, with the exact id of what each pixel shows."""
        waiting = list(changes)
        for t_s in sorted(moving):
            while waiting and waiting[0].t_s <= t_s:
                self._change(waiting.pop(0))
            picture = render(self._still, moving[t_s], self._frame)
            yield t_s, expose(picture.rgb, self._chip, sim.ns(t_s), self._noisy), picture.ids
        for change in waiting:
            self._change(change)

    def shoot(
        self, sim: Simulation, changes: Sequence[_Change], moving: Mapping[float, Moving], from_s: float, to_s: float
    ) -> list[tuple[float, CameraFrame]]:
        """Its frames of a stretch of time, each with its second."""
        if self._encoder is None:
            self._encoder = Encoder(self.camera.width_px, self.camera.height_px, self.camera.rate_hz, kind="h264")
        taken = []
        own = {t_s: moving[t_s] for t_s in self.instants(from_s, to_s)}
        for t_s, rgb in self.pictures(sim, changes, own):
            lag_s = LAG_S[0] + LAG_S[1] * float(self._rng.standard_exponential())
            self._arrived_s = max(self._arrived_s, t_s + lag_s)
            arrived_ns = sim.ns(self._arrived_s)
            coded = self._encoder.push(rgb, sim.ns(t_s))
            taken += [(t_s, CameraFrame(self.camera.id, part.t_ns, arrived_ns, "h264", part.data)) for part in coded]
        return taken

    def _change(self, change: _Change) -> None:
        self._still = rebake(self._still, change.scene, self._atlas, change.boxes)
