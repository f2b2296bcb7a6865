"""What it costs to make a question's clips as the running shop makes them: processor time, bytes, and how often none.

Crowded plays of the sample store (seven parties in half a minute), its cameras drawn by the twin at 640 x 360 and ten
pictures a second into the vault, people as the simulated tracker has them into a journal. The maker of the shop's own
process learns each camera's backdrop from the empty shop and makes what is asked; everything is timed in this process.
Simulated, but for the clock.
"""

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks._clips import AROUND_S, RATE_HZ, Studio, coming
from benchmarks._line_clips import _events, _keep
from walkout.live.clip import AROUND_NS
from walkout.live.clip_maker import Answer, Happening, Look, Maker, Setting, Wanted
from walkout.live.journal import Journal
from walkout.live.past import named
from walkout.privacy.keys import DataKey
from walkout.privacy.segments import RawPacket
from walkout.privacy.vault import Vault
from walkout.recording.gate import GateEvent
from walkout.recording.people import PeopleFrame
from walkout.recording.truth import TruthMove
from walkout.store.folder import pack
from walkout.store.layout import Camera
from walkout.twin.camera.encode import Encoder
from walkout.twin.play import simulate
from walkout.twin.settings import DEFAULT
from walkout.twin.simulation import START_NS
from walkout.twin.watched import Seen, Watched

SEEDS = range(72_000, 72_002)
EVENTS = 6
"""Of one play."""
EMPTY_S = (0.0, 0.1, 0.2, 0.3, 0.4)
"""Before the first one comes."""


def run(json: bool, data: Path | None = None, seeds: range | None = None, events: int = EVENTS) -> dict[str, Any]:
    """Measure; there are no bars. `data` is not used."""
    del data
    studio, answers, looks = Studio(), list[Answer](), list[float]()
    for seed in seeds or SEEDS:
        with TemporaryDirectory() as folder:
            _play(studio, Path(folder), seed, events, answers, looks)
    figures = summary(answers, looks)
    if not json:
        for name, value in figures.items():
            print(f"{name}: {value}")
    return figures


def summary(answers: list[Answer], looks: list[float]) -> dict[str, Any]:
    """The figures of some answers, and of processor seconds a look."""
    clips = [clip for answer in answers for clip in answer.clips]
    cost = sorted(answer.cpu_s for answer in answers)
    pictures = sum(clip.made.pictures for clip in clips)
    why: dict[str, int] = {}
    for answer in answers:
        if not answer.clips:
            why[answer.why] = why.get(answer.why, 0) + 1
    return {
        "questions": len(answers),
        "clips": len(clips),
        "without_any": why,
        "processor_s_a_question_median": round(float(np.median(cost)), 2) if cost else None,
        "processor_s_a_question_most": round(cost[-1], 2) if cost else None,
        "processor_s_a_clip": round(sum(cost) / len(clips), 2) if clips else None,
        "pictures_a_clip": round(pictures / len(clips), 1) if clips else None,
        "withheld_share": round(sum(clip.made.withheld for clip in clips) / pictures, 4) if pictures else None,
        "kilobytes_a_clip_median": round(float(np.median([len(c.video) for c in clips])) / 1000, 1) if clips else None,
        "processor_ms_a_look": round(1000 * float(np.mean(looks)), 1) if looks else None,
    }


def _play(studio: Studio, folder: Path, seed: int, most: int, answers: list[Answer], looks: list[float]) -> None:
    """One play: film it, let the maker learn, and ask for the clips of its first events."""
    store = studio.store
    got = list(simulate(store, coming(seed), seed=seed))
    told = [one for one in got if isinstance(one, PeopleFrame | GateEvent)]
    moves = [one for one in got if isinstance(one, TruthMove)]
    asked = [event for event, _ in _events(store, seed, moves, list(named(told, store.gates)), most)]
    wanted: set[float] = set()
    for event in asked:
        first = (event.t_ns - START_NS) / 1e9 - AROUND_S - 2.0 / RATE_HZ
        wanted |= {round(k / RATE_HZ, 3) for k in range(int(first * RATE_HZ), int((first + 7.0) * RATE_HZ))}
    cameras = {camera.id: camera for camera in store.cameras}
    journal = Journal(folder / "journal", store_files=pack(store), origin="simulated", store=store.name)
    with Vault(folder / "data", folder / "secrets", START_NS) as vault:
        maker = Maker(Setting(store.cameras, store.gates, str(journal.folder), str(vault.raw_folder)))
        ways = {c.id: (Encoder(c.width_px, c.height_px, RATE_HZ), vault.raw_writer(c.id)) for c in store.cameras}

        def look(seen: Seen) -> None:
            t_ns = START_NS + round(seen.t_s * 1e6) * 1000
            if seen.t_s in EMPTY_S:
                began_s = time.process_time()
                maker.look(_look(cameras[seen.camera], seen, t_ns))
                looks.append(time.process_time() - began_s)
            if seen.t_s in wanted:
                _keep(ways[seen.camera], seen, t_ns)

        film = Watched(store, seed, dict.fromkeys(cameras, wanted | set(EMPTY_S)), look, DEFAULT, studio.draw())
        try:
            for _ in simulate(store, coming(seed), seed=seed, film=film):
                pass
        finally:
            film.close()
        journal.append(sorted(told, key=lambda one: one.arrived_ns))
        journal.close()
        for encoder, writer in ways.values():
            for coded in encoder.close():
                writer.write(RawPacket(coded.t_ns, coded.keyframe, coded.data), coded.t_ns)
            writer.close()
        for event in asked:
            keys: dict[str, DataKey] = {}
            for camera in cameras:
                found = vault.raw_keys(camera, event.t_ns - 2 * AROUND_NS, event.t_ns + 2 * AROUND_NS)
                keys |= {key.id: key for key in found}
            happening = Happening(event.name, event.t_ns, event.t_ns, event.target, 1.0)
            answers.append(maker.make(Wanted((event.person,), START_NS, (happening,), tuple(keys.values()), 2, 1)))


def _look(camera: Camera, seen: Seen, t_ns: int) -> Look:
    """A picture of the empty shop, coded alone."""
    encoder = Encoder(camera.width_px, camera.height_px, RATE_HZ)
    coded = [*encoder.push(np.ascontiguousarray(seen.rgb), t_ns), *encoder.close()]
    nobody = tuple(PeopleFrame(t_ns + k * 100_000_000, t_ns, ()) for k in range(-30, 31))
    return Look(camera.id, t_ns, coded[0].data, nobody)
