"""Two shoppers, one after the other, in view of two drawn cameras; and what happened."""

from contextlib import closing
from dataclasses import replace
from functools import cache

import numpy as np

from tests.twin.shops import small_shop
from walkout.live.clip import Event
from walkout.privacy.segments import RawPacket
from walkout.privacy.vault import Vault
from walkout.recording.camera import CameraFrame
from walkout.recording.gate import GateEvent
from walkout.recording.people import PeopleFrame
from walkout.recording.truth import TruthMove
from walkout.store.layout import Camera
from walkout.store.shop import Store
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.film import Film
from walkout.twin.party import Arrival, Member
from walkout.twin.play import simulate

Played = tuple[list[CameraFrame], list[PeopleFrame], list[TruthMove]]
QUIET_S = 9.0
"""At the end nobody is there for so long: a keyframe comes every two seconds."""


def shop() -> Store:
    """The small shop with two cameras."""
    cameras = (
        Camera("front", 0.6, -2.3, 2.6, (0.6, 0.1, 0.8), 200.0, 320, 180, 5.0),
        Camera("side", -0.8, -1.4, 2.4, (1.2, 0.0, 0.9), 200.0, 320, 180, 5.0),
    )
    return replace(small_shop(), cameras=cameras)


@cache
def _whole() -> tuple[Played, list[GateEvent]]:
    store, seed = shop(), 5
    coming = (
        Arrival(1.0, (Member(Build(1.78, 0.9, clothing="bright"), b.sequence(b.take, b.take)),)),
        Arrival(3.0, (Member(Build(1.64, 0.8, head_cover="turban"), b.sequence(b.take, b.take)),)),
    )
    with closing(Film(store, seed)) as film:
        got = list(simulate(store, coming, seed=seed, film=film, quiet_s=QUIET_S))
    frames = [one for one in got if isinstance(one, CameraFrame)]
    played = frames, [o for o in got if isinstance(o, PeopleFrame)], [o for o in got if isinstance(o, TruthMove)]
    return played, [o for o in got if isinstance(o, GateEvent)]


def play() -> Played:
    """Camera frames, people, and truth; drawn once."""
    return _whole()[0]


def gates() -> list[GateEvent]:
    """What the gates said."""
    return _whole()[1]


def record(vault: Vault, frames: list[CameraFrame]) -> None:
    """All frames into the vault."""
    for camera in ("front", "side"):
        writer = vault.raw_writer(camera)
        for frame in frames:
            if frame.camera == camera:
                writer.write(RawPacket(frame.t_ns, frame.keyframe, frame.data), frame.arrived_ns)
        writer.close()


def event(played: Played) -> Event:
    """The first take while both are inside."""
    store, (_, people, moves) = shop(), played
    for move in moves:
        t_ns = (move.start_ns + move.end_ns) // 2
        frame = min(people, key=lambda one: abs(one.t_ns - t_ns))
        own = next((person for person in frame.people if person.id == move.shopper), None)
        if move.source.kind != "plates" or len(frame.people) < 2 or own is None:
            continue
        spot, shelf = store.fixture(move.source.fixture), store.shelf(move.source.fixture, move.source.shelf)
        plate = store.plate(spot.id, shelf.id, move.source.plates[0])
        target = spot.to_store(plate.x_m + plate.width_m, 0.12, shelf.z_m + 0.1)
        wrists = [own.joints[name] for name in ("l_wrist", "r_wrist") if name in own.joints]
        at = min(wrists, key=lambda w: float(np.linalg.norm(np.subtract((w.x_m, w.y_m, w.z_m), target))))
        head = own.joints.get("head")
        return Event(
            move.id,
            "visit-1",
            own.id,
            t_ns,
            (at.x_m, at.y_m, at.z_m),
            None if head is None else (head.x_m, head.y_m, head.z_m),
            target,
        )
    raise AssertionError("no take while both are inside")
