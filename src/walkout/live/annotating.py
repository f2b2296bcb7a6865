"""Clips for annotation in a running shop: drafted from what the tracker saw; of visits whose shopper agreed alone.

Only redacted clips are read here, as everywhere but in the maker of clips: copies for learning, where there are any.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from walkout.learning.annotation import Annotated, Mark, Span
from walkout.learning.dataset import PURPOSE, offer
from walkout.learning.prelabel import drafted
from walkout.live.training_copies import copied
from walkout.privacy.clips import Clips
from walkout.privacy.vault import Vault
from walkout.review import slots, tables
from walkout.review.case import ReviewError, body_from
from walkout.review.consent import agreed, consent_of
from walkout.review.queues import Queues
from walkout.sensing.vision.persons import Persons
from walkout.store.shop import Origin

WITHIN_NS = 30 * 86_400 * 1_000_000_000
"""Marks are wanted within so long; everything else at the desk comes first."""
TOUCH_NS = 700_000_000
"""So long before and after an event a hand is taken to be at its facing, in a draft."""
Detect = Callable[[NDArray[np.uint8]], Persons]


def offer_visit(
    queues: Queues, vault: Vault, visit: str, origin: Origin, *, detect: Detect | None, now_ns: int
) -> tuple[str, ...]:
    """Put a visit's redacted clips before people who accepted to annotate; gives the clips' names in the data set.

    Drafts are the tracker's: a box around each wrist that it had of whoever the clip is about, and a span about the
    event. `detect` finds people in a picture, for more of them; None: no more. Said again it does nothing.
    Raises ReviewError where the shopper did not agree to it.
    """
    consent = consent_of(queues.engine, visit)
    if consent is None:
        raise ReviewError("found a visit whose shopper did not agree to annotation, right: one with consent")
    copied(queues.engine, vault, visit, now_ns)
    clips, before = clips_for(vault, visit), _named(queues, consent.consent)
    free = (name for number in count() if (name := f"{consent.consent}-{number:02d}") not in before.values())
    made = []
    for shows in clips.names(visit):
        video, about = clips.get(visit, shows)
        clip = _blank(before.get(shows) or next(free), str(consent.consent), about, origin)
        spans = _spans(about)
        if detect is not None:
            clip = drafted(clip, [detect(picture) for picture in _pictures(video, len(clip.t_ns))], spans)
        clip = replace(clip, marks=(*clip.marks, *_hands(clip, about)), spans=spans)
        offer(queues, visit, clip, shows=shows, deadline_ns=now_ns + WITHIN_NS)
        made.append(clip.clip)
    return tuple(made)


def clips_for(vault: Vault, visit: str) -> Clips:
    """What is annotated of a visit: its copies for learning; where there are none, its clips as long as they live."""
    return vault.training if vault.training.names(visit) else vault.clips


def offer_agreed(queues: Queues, vault: Vault, origin: Origin, *, detect: Detect | None, now_ns: int) -> int:
    """Put the clips of every visit whose consent stands before people; gives how many clips.

    Said again it does nothing. Nobody has to know, or to choose, whose they are.
    """
    visits = agreed(queues.engine)
    return sum(len(offer_visit(queues, vault, v, origin, detect=detect, now_ns=now_ns)) for v in visits)


def gone(queues: Queues, question: str) -> None:
    """Nobody is asked to mark a clip any more: it ended, as clips do, or its shopper took their consent back."""
    with queues.engine.begin() as connection:
        slots.shut(connection, question, "lapsed")


def _named(queues: Queues, consent: int) -> dict[str, str]:
    """What the clips of a consent are called in the data set, by their names in the vault: it stays when more come."""
    of = tables.questions.c
    query = select(of.question, of.body).where(of.question.startswith(f"{PURPOSE}/{consent}-"))
    with queues.reading.begin() as connection:
        rows = connection.execute(query).all()
    return {body_from(row.body).event: row.question.removeprefix(f"{PURPOSE}/") for row in rows}


def _blank(name: str, consent: str, about: dict[str, Any], origin: Origin) -> Annotated:
    times = tuple(int(t) for t in about["t_ns"])
    return Annotated(name, consent, int(about["width"]), int(about["height"]), times, origin=origin)


def _hands(clip: Annotated, about: dict[str, Any]) -> tuple[Mark, ...]:
    """A hand's box in each picture in which the tracker had a wrist of whoever the clip is about."""
    found = []
    for picture, name, x_px, y_px, side_px in about.get("wrists", ()):
        left, top = max(0.0, x_px - side_px / 2), max(0.0, y_px - side_px / 2)
        width, height = min(clip.width_px, x_px + side_px / 2) - left, min(clip.height_px, y_px + side_px / 2) - top
        if width >= 1.0 and height >= 1.0:
            box = (round(left, 1), round(top, 1), round(width, 1), round(height, 1))
            found.append(Mark(picture, "hand", *box, track=1 if name == "l_wrist" else 2, by="model"))
    return tuple(found)


def _spans(about: dict[str, Any]) -> tuple[Span, ...]:
    """Somebody is at the facing about the clip's event; whether they take or return is for whoever looks to say."""
    event_ns, times = about.get("event_ns"), about["t_ns"]
    inside = [k for k, t in enumerate(times) if event_ns is not None and abs(t - event_ns) <= TOUCH_NS]
    return (Span(inside[0], inside[-1], "touch", by="model"),) if inside else ()


def _pictures(video: bytes, count: int) -> Sequence[NDArray[np.uint8]]:
    """The pictures of a redacted clip. Raises ReviewError where they cannot be read, or are not as many."""
    if find_spec("av") is None:
        raise ReviewError("found no PyAV, which reads clips; right: './run extras', or offer them without drafts")
    with import_module("av").open(BytesIO(video)) as container:
        found = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    if len(found) != count:
        raise ReviewError(f"found {len(found)} pictures in a clip, right: {count}, as it says of itself")
    return found
