"""What redacted clips still show of people who should not be seen: crowded plays of the twin, exact truth by pixel.

A clip is one event's, from up to two cameras, 3 s before and after. A track is one person in one clip. It leaks when
in any picture any pixel is left of somebody else's body, bag, pushchair or head, or of anybody's head, a child's too.
The tracker is the simulated one, with its errors, gaps, losses and swaps. Simulated.
"""

import pickle
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from benchmarks._clips import ClipFound, Studio, Track
from walkout.evaluation.intervals import exact_share
from walkout.twin.body import Build

SEEDS = range(70_000, 70_040)
IDENTIFIABLE_PX = 25
"""Fewer pixels of a head than these show nobody who it was: a head has some 500 at two metres."""


def run(json: bool, data: Path | None = None, seeds: range | None = None, keep: Path | None = None) -> dict[str, Any]:
    """Measure; with `keep`, plays done before are read from there. Passed: no track leaks. `data` is not used."""
    del data
    clips: list[ClipFound] = []
    studio = Studio()
    still = None if keep is None else keep / "redaction-scenery.pickle"
    if still is not None and still.exists():
        studio.scenery = pickle.loads(still.read_bytes())  # noqa: S301 written by this bench
    elif still is not None:
        still.parent.mkdir(parents=True, exist_ok=True)
        still.write_bytes(pickle.dumps(studio.draw()))
    for seed in seeds or SEEDS:
        file = None if keep is None else keep / f"redaction-{seed}.json"
        if file is not None and file.exists():
            clips += [_read(row) for row in orjson.loads(file.read_bytes())]
            continue
        found = list(studio.clips(seed))
        clips += found
        if file is not None:
            file.write_bytes(orjson.dumps([asdict(one) for one in found]))
    figures = summary(clips)
    if not json:
        _show(figures)
    return figures


def summary(clips: list[ClipFound]) -> dict[str, Any]:
    """The figures over clips of several people."""
    several = [clip for clip in clips if clip.several]
    tracks = [track for clip in several for track in clip.tracks]
    frames = sum(clip.frames for clip in several)
    withheld = sum(clip.withheld for clip in several)
    why: dict[str, int] = {}
    for clip in several:
        for words, count in clip.why.items():
            why[words] = why.get(words, 0) + count
    leaking = [clip for clip in several if any(track.leaked_px for track in clip.tracks)]
    return {
        "clips": len(several),
        "clips_alone": len(clips) - len(several),
        "pictures": frames,
        "clips_leaking": _share(len(leaking), len(several)),
        "clips_leaking_identifiable": _share(
            sum(any(_identifiable(track) for track in clip.tracks) for clip in several), len(several)
        ),
        "tracks": _leaks(tracks),
        "tracks_of_others": _leaks([track for track in tracks if not track.own]),
        "own_heads": _leaks([track for track in tracks if track.own]),
        "by_head_cover": _groups(tracks, lambda track: track.build.head_cover),
        "by_stature": _groups(tracks, lambda track: _stature(track.build.stature_m)),
        "by_kind": _groups(tracks, lambda track: track.build.kind),
        "withheld": withheld / max(frames, 1),
        "why_withheld": dict(sorted(why.items())),
        "hand_shown": sum(clip.hand_shown for clip in several) / max(len(several), 1),
        "shown_share": sum(clip.shown_share for clip in several) / max(frames - withheld, 1),
        "worst": [asdict(track) for track in sorted(tracks, key=lambda one: -one.leaked_px)[:5] if track.leaked_px],
        "passed": not leaking,
    }


def _identifiable(track: Track) -> bool:
    return track.leaked_head_px >= IDENTIFIABLE_PX


def _leaks(tracks: Iterable[Track]) -> dict[str, Any]:
    rows = list(tracks)
    return {
        **_share(sum(track.leaked_px > 0 for track in rows), len(rows)),
        "head_identifiable": sum(map(_identifiable, rows)),
    }


def _share(part: int, whole: int) -> dict[str, Any]:
    """A count with its one-sided 95 % bound (Clopper and Pearson)."""
    return {"of": whole, "leaking": part, "at_most": exact_share(part, whole, 0.90)[1] if whole else 1.0}


def _groups(tracks: list[Track], of: Callable[[Track], str]) -> dict[str, Any]:
    return {name: _leaks([track for track in tracks if of(track) == name]) for name in sorted({*map(of, tracks)})}


def _stature(stature_m: float) -> str:
    return "below 1.60 m" if stature_m < 1.6 else "1.60 to 1.80 m" if stature_m < 1.8 else "above 1.80 m"


def _read(row: dict[str, Any]) -> ClipFound:
    tracks = [Track(**{**track, "build": Build(**track["build"])}) for track in row["tracks"]]
    return ClipFound(**{**row, "tracks": tracks})


def _show(figures: dict[str, Any]) -> None:
    print(f"{figures['clips']} clips of several people, {figures['pictures']} pictures; simulated")
    for name in ("clips_leaking", "clips_leaking_identifiable", "tracks", "tracks_of_others", "own_heads"):
        row = figures[name]
        print(f"{name:28s} {row['leaking']:4d} of {row['of']:5d}, 95 % bound {row['at_most']:.2%}")
    for group in ("by_head_cover", "by_stature", "by_kind"):
        for name, row in figures[group].items():
            print(f"  {group[3:]:12s} {name:15s} {row['leaking']:4d} of {row['of']:5d}, bound {row['at_most']:.2%}")
    print(f"withheld pictures {figures['withheld']:.1%}: {figures['why_withheld']}")
    print(
        f"hand shown at the event in {figures['hand_shown']:.1%} of clips; {figures['shown_share']:.1%} of pixels shown"
    )
    for row in figures["worst"]:
        print(
            f"worst: {row['leaked_px']} px, {row['leaked_head_px']} of a head, {row['build']['kind']}, own {row['own']}"
        )
