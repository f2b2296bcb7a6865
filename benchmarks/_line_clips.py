"""Redacted clips of the sample store's drawn cameras, by the shop's own way: packets in the vault, `make_clips`, MP4.

The cameras are as the sample store has them, 640 x 360 at 10 Hz; only what clips need is drawn.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks._clips import AROUND_S, LEARN_EVERY_S, RATE_HZ, Studio, _first_pass, _near, _target, coming
from walkout.live.clip import Event, make_clips
from walkout.live.clip_view import best_cameras, sights_at, view_of
from walkout.privacy.backdrop import learn, unknown
from walkout.privacy.redact import covered
from walkout.privacy.segments import RawPacket, SegmentWriter
from walkout.privacy.vault import Vault
from walkout.recording.people import PeopleFrame
from walkout.recording.truth import TruthMove
from walkout.store.shop import Store
from walkout.twin.camera.encode import Encoder
from walkout.twin.play import simulate
from walkout.twin.settings import DEFAULT
from walkout.twin.simulation import START_NS
from walkout.twin.watched import Seen, Watched

ABSORB = 30


@dataclass(frozen=True, slots=True)
class Filmed:
    """One event with the clips that the shop made of it."""

    name: str
    t_ns: int
    fixture: str
    shelf: int
    plates: tuple[int, ...]
    gtin: str
    clips: tuple[tuple[bytes, dict[str, Any]], ...]
    """Each camera's video, and what is known of it."""


def filmed(studio: Studio, vault: Vault, seed: int, most: int) -> list[Filmed]:
    """Film one play of one seed and make the clips of its first events, each under a visit of its own."""
    store = studio.store
    moves, people, _ = _first_pass(store, seed)
    events = list(_events(store, seed, moves, people, most))
    if not events:
        return []
    wanted: dict[str, set[float]] = {}
    for event, _ in events:
        first = (event.t_ns - START_NS) / 1e9 - AROUND_S - 2.0 / RATE_HZ
        for camera in best_cameras(store.cameras, event.hand, event.head, 2):
            wanted.setdefault(camera.id, set()).update(
                round(k / RATE_HZ, 3) for k in range(int(first * RATE_HZ), int((first + 2 * AROUND_S + 0.4) * RATE_HZ))
            )
    last_s = max(max(times) for times in wanted.values())
    ways = {
        c.id: (Encoder(c.width_px, c.height_px, RATE_HZ), vault.raw_writer(c.id))
        for c in store.cameras
        if c.id in wanted
    }
    learning = {camera: _learning(last_s) for camera in wanted}
    cameras = {camera.id: camera for camera in store.cameras}
    backdrops = {id_: unknown(cameras[id_].height_px, cameras[id_].width_px) for id_ in wanted}

    def look(seen: Seen) -> None:
        t_ns = START_NS + round(seen.t_s * 1e6) * 1000
        if seen.t_s in wanted[seen.camera]:
            _keep(ways[seen.camera], seen, t_ns)
        if seen.t_s in learning[seen.camera]:
            sights = sights_at(people, t_ns)
            if seen.t_s < 0.5 or sights is not None:
                mask = covered(view_of(cameras[seen.camera]), sights or ())
                backdrops[seen.camera] = learn(backdrops[seen.camera], seen.rgb, mask, ABSORB)

    film = Watched(store, seed, {c: wanted[c] | learning[c] for c in wanted}, look, DEFAULT, studio.draw())
    try:
        for _ in simulate(store, coming(seed), seed=seed, film=film):
            pass
    finally:
        film.close()
    for encoder, writer in ways.values():
        for one in encoder.close():
            writer.write(RawPacket(one.t_ns, one.keyframe, one.data), one.t_ns)
        writer.close()
    doors = [(gate.x_m, gate.y_m) for gate in store.gates]
    found = []
    for event, move in events:
        made = make_clips(vault, store.cameras, event, people, backdrops, event.t_ns, doors=doors)
        clips = tuple(vault.clips.get(event.visit, one.name) for one in made)
        place = move.source if move.source.kind == "plates" else move.target
        found.append(Filmed(event.visit, event.t_ns, place.fixture, place.shelf, place.plates, move.gtin, clips))
    return found


def _learning(last_s: float) -> set[float]:
    early = np.arange(0.0, 0.5, 0.1).round(3).tolist()
    return {*early, *np.arange(2.0, last_s, LEARN_EVERY_S).round(3).tolist()}


def _keep(way: tuple[Encoder, SegmentWriter], seen: Seen, t_ns: int) -> None:
    encoder, writer = way
    for one in encoder.push(np.ascontiguousarray(seen.rgb), t_ns):
        writer.write(RawPacket(one.t_ns, one.keyframe, one.data), one.t_ns)


def _events(
    store: Store, seed: int, moves: list[TruthMove], people: list[PeopleFrame], most: int
) -> Iterator[tuple[Event, TruthMove]]:
    made = 0
    for move in moves:
        place = move.source if move.source.kind == "plates" else move.target
        t_ns = (move.start_ns + move.end_ns) // 2
        if place.kind != "plates" or made >= most or (t_ns - START_NS) / 1e9 < AROUND_S + 1.0:
            continue
        target = _target(store, place.fixture, place.shelf, place.plates)
        near = _near(people, t_ns, target)
        if near is None or len(best_cameras(store.cameras, near[1], near[2], 2)) < 2:
            continue
        made += 1
        yield Event(move.id, f"v{seed}-{move.id}", near[0], t_ns, near[1], near[2], target), move
