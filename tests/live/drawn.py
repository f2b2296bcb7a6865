"""A shop that cameras film, drawn by the twin, with its scales and gates: for eyes that see it over real wires."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copytree

import aiomqtt
import yaml
from benchmarks.tracking import walls

from tests.live.rtsp_server import Camera
from tests.live.wire import SAMPLE
from walkout.live import payload
from walkout.live.source import Broker
from walkout.live.topics import topic
from walkout.recording.camera import CameraFrame
from walkout.recording.gate import GateEvent
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.truth import TruthVisit
from walkout.store.folder import load
from walkout.store.shop import Store
from walkout.twin.body import Build
from walkout.twin.film import Film
from walkout.twin.interactive import Puppet, Wish
from walkout.twin.party import Arrival, Member
from walkout.twin.play import simulate
from walkout.twin.simulation import START_NS

RATE_HZ, GROUP = 10.0, 20
"""The twin's cameras have a keyframe every two seconds."""
LINGER_S = 6.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """What happened in the shop as its devices tell it, second 0 at `START_NS`, and the truth."""

    folder: Path
    store: Store
    films: dict[str, list[bytes]]
    told: tuple[PlateBatch | GateEvent, ...]
    truth: tuple[TruthVisit, ...]
    frames: tuple[CameraFrame, ...] = ()
    """What `films` are of, with their instants."""
    people: tuple[PeopleFrame, ...] = ()
    """Where everybody was; nobody is told of it."""


def drawn(folder: Path, cameras: Sequence[int], trips: Sequence[tuple[float, Sequence[str]]], seed: int = 7) -> Drawn:
    """Film a few shoppers, each with when they come (seconds) and the GTINs that they take; `cameras` of those
    round the walls. Drawing takes about ten seconds a camera of one core."""
    copytree(SAMPLE, folder)
    shop = load(folder)
    eyes = [walls(shop)[k] for k in cameras]
    text = yaml.safe_load((folder / "store.yaml").read_text("utf-8"))
    text["cameras"] = [
        {
            "id": eye.id, "x_m": eye.x_m, "y_m": eye.y_m, "z_m": eye.z_m,
            "look_at_m": [float(v) for v in eye.look_at_m], "focal_px": eye.focal_px,
        }
        for eye in eyes
    ]  # fmt: skip
    (folder / "store.yaml").write_text(yaml.safe_dump(text, sort_keys=False), "utf-8")
    shop = load(folder)
    facings = {facing.gtin: facing for facing in shop.planogram}
    coming = []
    for t_s, gtins in trips:
        puppet = Puppet()
        for gtin in gtins:
            puppet.wish(Wish("take", facings[gtin]))
        puppet.wish(Wish("leave"))
        coming.append(Arrival(t_s, (Member(Build(), puppet.behaviour),)))
    films: dict[str, list[bytes]] = {eye.id: [] for eye in eyes}
    told: list[PlateBatch | GateEvent] = []
    truth: list[TruthVisit] = []
    frames: list[CameraFrame] = []
    people: list[PeopleFrame] = []
    with closing(Film(shop, seed)) as film:
        for one in simulate(shop, coming, seed=seed, film=film, quiet_s=LINGER_S):
            if isinstance(one, CameraFrame):
                films[one.camera].append(one.data)
                frames.append(one)
            elif isinstance(one, PeopleFrame):
                people.append(one)
            elif isinstance(one, PlateBatch):
                told.append(one)
            elif isinstance(one, GateEvent):
                told.append(replace(one, person=None))  # the gate has no cameras
            elif isinstance(one, TruthVisit):
                truth.append(one)
    whole = min(map(len, films.values())) // GROUP * GROUP
    films = {name: film[:whole] for name, film in films.items()}
    told.sort(key=lambda one: one.arrived_ns)
    return Drawn(folder, shop, films, tuple(told), tuple(truth), tuple(frames), tuple(people))


async def play(shop: Drawn, broker: Broker, cameras: Sequence[Camera], lead_s: float = 0.5) -> None:
    """Let the film begin, and the scales and the gate tell their part in step with it, until all is told."""
    begins, zero_s = cameras[0].begin_at(time.monotonic() + lead_s)
    for camera in cameras:
        camera.begins = begins
    shift_ns = time.time_ns() + round((zero_s - time.monotonic()) * 1e9) - START_NS
    boot = f"drawn-{shift_ns % 10**9}"
    name = shop.store.name
    async with aiomqtt.Client(
        broker.host, broker.port, username=broker.name, password=broker.password, identifier=boot, timeout=20
    ) as client:
        up = payload.encode_status(payload.Status("up", boot))
        for device in {f"plates-{one.fixture}" for one in shop.told if isinstance(one, PlateBatch)} | {"gate-door"}:
            await client.publish(topic(name, "status", device), up, qos=1, retain=True)
        seq = 0
        for one in shop.told:
            wait_s = zero_s + (one.arrived_ns - START_NS) / 1e9 - time.monotonic()
            if wait_s > 0.001:
                await asyncio.sleep(wait_s)
            if isinstance(one, PlateBatch):
                where = topic(name, "plates", one.fixture)
                data = payload.encode_plates(replace(one, t_ns=one.t_ns + shift_ns), boot)
            else:
                where, card = topic(name, "gate", one.gate), f"card:{boot}-{one.party}"
                data = payload.encode_gate(replace(one, t_ns=one.t_ns + shift_ns), card, seq, boot)
                seq += 1
            await client.publish(where, data, qos=1)
