"""How near hands came to the goods around each event, read from the recording once more for the page's charts."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from walkout.inference.explanation import Explanation
from walkout.live.outcome import Replay
from walkout.recording.channel import Observation
from walkout.recording.people import PeopleFrame
from walkout.sensing.people import tracks
from walkout.sensing.reach import reach
from walkout.store.planogram import Facing
from walkout.store.shop import Store
from walkout.web.chart import Wrist
from walkout.web.labels import label

MAX_PER_EVENT = 3
"""Hands drawn beside one event: those of its likeliest candidates."""


def wrists(observations: Iterable[Observation], replay: Replay, visits: Collection[str] = ()) -> tuple[Wrist, ...]:
    """The hands of the likeliest candidates of the events on a page, over the time that the events' curves cover.

    `visits` as for the page itself, `walkout.web.report.report_html`.

    Only the frames around these events are kept in memory. For a product that does not belong there, the distance is to
    the plates that changed.
    """
    events = frozenset(label(replay, replay.store, visits).shown_events)
    told = [
        (explanation, curve)
        for explanation, curve in zip(replay.explanations, replay.curves, strict=True)
        if explanation.event.id in events and len(curve.t_ns)
    ]
    windows = _merged([(int(curve.t_ns[0]), int(curve.t_ns[-1])) for _, curve in told])
    starts = np.array([start for start, _ in windows], np.int64)
    frames: list[PeopleFrame] = []
    for observation in observations:
        if not isinstance(observation, PeopleFrame):
            continue
        at = int(np.searchsorted(starts, observation.t_ns, side="right")) - 1
        if at >= 0 and observation.t_ns <= windows[at][1]:
            frames.append(observation)
    frames.sort(key=lambda frame: frame.t_ns)
    times = np.array([frame.t_ns for frame in frames], np.int64)
    found: list[Wrist] = []
    for explanation, curve in told:
        low, high = np.searchsorted(times, curve.t_ns[0]), np.searchsorted(times, curve.t_ns[-1], side="right")
        found += _of_event(explanation, frames[int(low) : int(high)], replay.store)
    return tuple(found)


def _of_event(explanation: Explanation, frames: Sequence[PeopleFrame], store: Store) -> list[Wrist]:
    event = explanation.event
    try:
        fixture = store.fixture(event.fixture)
    except KeyError:
        return []
    seen = tracks(frames)
    found: dict[str, Wrist] = {}
    for candidate in explanation.candidates:
        person = candidate.shopper
        if person is None or person in found or person not in seen or len(found) == MAX_PER_EVENT:
            continue
        touched = set(event.plates)
        own = [
            facing
            for facing in store.facings_on(event.fixture, event.shelf)
            if facing.gtin == candidate.gtin and touched & set(facing.plates)
        ]
        facing = own[0] if own else Facing(event.fixture, event.shelf, event.plates, candidate.gtin)
        try:
            box = store.box(facing)
        except KeyError:
            continue
        track = seen[person]
        hands = reach(track, fixture, [box]).hand_m[:, :, 0]
        nearer = np.min(np.where(np.isnan(hands), np.inf, hands), axis=1)
        found[person] = Wrist(event.id, person, candidate.gtin, track.t_ns, np.where(np.isinf(nearer), np.nan, nearer))
    return list(found.values())


def _merged(windows: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same instants as windows that do not touch, in order."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(windows):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
