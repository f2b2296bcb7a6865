"""Streams that no shop sends but a broken or hostile source may, of values that the readers let through."""

import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tests.inference.scene import AWAY, CHIPS, JAM, RICE, SECOND, T0, WATER, at
from tests.live.scene import RATE_HZ
from walkout.recording.channel import Observation
from walkout.recording.gate import GateEvent
from walkout.recording.people import FARTHEST_M, JOINTS, Joint, PeopleFrame, Person
from walkout.recording.plates import PlateBatch

PLACES = (
    *(AWAY, at(JAM), at(CHIPS), at(WATER), at(RICE)),
    *((0.2, -1.0, 0.1), (0.4, -1.0, 0.1), (5.0, -1.0, 1.0), (0.0, 0.0, 0.0), (0.5, 0.2, 0.4), (0.5, -0.5, 0.25)),
)
"""Few, so that much is at the same place at the same instant."""
IDS = ("a", "b", "c", "l", "r", "ann")
STEPS_G = (-300.0, 300.0, -60.0, -620.0, 250.0, -1.0, -120.0, 1000.0, -135.0)
FAR_M = 0.9999 * FARTHEST_M


def strange(seed: int) -> list[Observation]:
    """Some seconds of all streams in order of arrival; a third of the seeds are wild."""
    rng = random.Random(seed)  # noqa: S311
    wild, count = rng.random() < 0.3, rng.choice((60, 150, 300))
    everything: list[Observation] = [*_people(rng, count, wild), *_plates(rng, seed, count, wild), *_gates(rng, count)]
    return sorted(everything, key=lambda observation: observation.arrived_ns)


def _people(rng: random.Random, count: int, wild: bool) -> Iterator[PeopleFrame]:
    here: dict[str, list[tuple[float, float, float] | None]] = {}
    for k in range(count):
        t_ns = T0 + round(k / 15 * SECOND)
        if rng.random() < 0.15:
            id_ = rng.choice(IDS)
            if rng.random() < 0.4:
                here.pop(id_, None)
            else:
                here[id_] = [rng.choice((*PLACES, None)) for _ in JOINTS]
        people = [_person(rng, id_, places, wild) for id_, places in here.items()]
        if wild and people and rng.random() < 0.02:
            people.append(people[0])
        if wild and rng.random() < 0.02:
            t_ns += rng.choice((-5, 3600, -3600, 86_400)) * SECOND
        frame = PeopleFrame(t_ns, t_ns + rng.choice((0, 1, 3)) * SECOND // 10, tuple(people))
        yield from [frame] * (2 if rng.random() < 0.02 else 1)


def _person(rng: random.Random, id_: str, places: list[tuple[float, float, float] | None], wild: bool) -> Person:
    joints = {}
    for name, place in zip(JOINTS, places, strict=True):
        if place is not None:
            x_m, y_m, z_m = (c + rng.gauss(0.0, 0.02) * (rng.random() < 0.5) for c in place)
            if wild and rng.random() < 0.01:
                x_m = rng.choice((FAR_M, -FAR_M, 50.0, -50.0))
            joints[name] = Joint(x_m, y_m, z_m, rng.choice((1.0, 0.0, 0.5, -FAR_M, FAR_M) if wild else (1.0, 0.0, 0.5)))
    return Person(id_, joints)


def _plates(rng: random.Random, seed: int, count: int, wild: bool) -> Iterator[PlateBatch]:
    samples = int(count / 15 * RATE_HZ)
    grams = (np.random.default_rng(seed).normal(0.0, 0.5, (samples, 2, 12)) + 1000.0).astype(np.float32)
    for _ in range(rng.randint(0, 8)):
        grams[rng.randrange(samples) :, rng.randrange(2), rng.randrange(12)] += rng.choice(STEPS_G)
    if wild and rng.random() < 0.5:
        start = rng.randrange(samples)
        piece = grams[start : start + rng.randint(1, 60), rng.randrange(2), rng.randrange(12)]
        piece[:] = rng.choice((np.nan, np.nan, 3e38, -3e38, 1e30))
    t_ns = T0 + np.round(np.arange(samples) * SECOND / RATE_HZ).astype(np.int64)
    for k in range(0, samples, 12):
        last = int(t_ns[min(k + 11, samples - 1)])
        batch = PlateBatch("g", t_ns[k : k + 12], grams[k : k + 12], RATE_HZ, last + SECOND // 50)
        if wild and rng.random() < 0.02:
            continue
        if wild and rng.random() < 0.02:
            batch = replace(batch, t_ns=batch.t_ns + rng.choice((-1, 1, 3600)) * SECOND)
        if wild and rng.random() < 0.01:
            batch = replace(batch, grams=batch.grams[:, :, :5])
        yield from [batch] * (2 if rng.random() < 0.02 else 1)


def _gates(rng: random.Random, count: int) -> Iterator[GateEvent]:
    for _ in range(rng.randint(0, 6)):
        t_ns = T0 + round(rng.choice((0.0, 1.0, 2.0, count / 30)) * SECOND)
        yield GateEvent(
            t_ns,
            t_ns,
            rng.choice(("in", "out")),
            rng.choice(("entry", "exit")),
            rng.choice(("v1", "v2")),
            rng.choice(("p", "v1")),
            rng.choice((None, *IDS)),
            rng.choice(("shopper", "shopper", "staff")),
            {"n": rng.random()},
        )
