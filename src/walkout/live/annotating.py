"""Clips for annotation in a running shop: drafted by the pose model, of visits whose shopper agreed, and of no other.

Only redacted clips are read here, as everywhere but in the maker of clips.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from walkout.learning.annotation import Annotated
from walkout.learning.dataset import offer
from walkout.learning.prelabel import drafted
from walkout.privacy.clips import Clips
from walkout.review import slots
from walkout.review.case import ReviewError
from walkout.review.consent import agreed, consent_of
from walkout.review.queues import Queues
from walkout.sensing.vision.persons import Persons
from walkout.store.shop import Origin

WITHIN_NS = 30 * 86_400 * 1_000_000_000
"""Marks are wanted within so long; everything else at the desk comes first."""
Detect = Callable[[NDArray[np.uint8]], Persons]


def offer_visit(
    queues: Queues, clips: Clips, visit: str, origin: Origin, *, detect: Detect | None, now_ns: int
) -> tuple[str, ...]:
    """Put a visit's redacted clips before people who accepted to annotate; gives the clips' names in the data set.

    `detect` finds people in a picture, for drafts; None: people begin with nothing. Said again it does nothing.
    Raises ReviewError where the shopper did not agree to it.
    """
    consent = consent_of(queues.engine, visit)
    if consent is None:
        raise ReviewError("found a visit whose shopper did not agree to annotation, right: one with consent")
    made = []
    for number, shows in enumerate(clips.names(visit)):
        video, about = clips.get(visit, shows)
        clip = _blank(f"{consent.consent}-{number:02d}", str(consent.consent), about, origin)
        if detect is not None:
            clip = drafted(clip, [detect(picture) for picture in _pictures(video, len(clip.t_ns))])
        offer(queues, visit, clip, shows=shows, deadline_ns=now_ns + WITHIN_NS)
        made.append(clip.clip)
    return tuple(made)


def offer_agreed(queues: Queues, clips: Clips, origin: Origin, *, detect: Detect | None, now_ns: int) -> int:
    """Put the clips of every visit whose consent stands before people; gives how many clips.

    Said again it does nothing. Nobody has to know, or to choose, whose they are.
    """
    visits = agreed(queues.engine)
    return sum(len(offer_visit(queues, clips, v, origin, detect=detect, now_ns=now_ns)) for v in visits)


def gone(queues: Queues, question: str) -> None:
    """Nobody is asked to mark a clip any more: it ended, as clips do, or its shopper took their consent back."""
    with queues.engine.begin() as connection:
        slots.shut(connection, question, "lapsed")


def _blank(name: str, consent: str, about: dict[str, Any], origin: Origin) -> Annotated:
    times = tuple(int(t) for t in about["t_ns"])
    return Annotated(name, consent, int(about["width"]), int(about["height"]), times, origin=origin)


def _pictures(video: bytes, count: int) -> Sequence[NDArray[np.uint8]]:
    """The pictures of a redacted clip. Raises ReviewError where they cannot be read, or are not as many."""
    if find_spec("av") is None:
        raise ReviewError("found no PyAV, which reads clips; right: './run extras', or offer them without drafts")
    with import_module("av").open(BytesIO(video)) as container:
        found = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    if len(found) != count:
        raise ReviewError(f"found {len(found)} pictures in a clip, right: {count}, as it says of itself")
    return found
