"""The clips that a lease may show: redacted ones of its own happening, and no other."""

from collections.abc import Mapping
from typing import Any

from walkout.learning.dataset import PURPOSE
from walkout.live.annotating import clips_for
from walkout.live.clip_maker import GONE
from walkout.live.clip_work import why_none
from walkout.live.till import Till
from walkout.privacy.keys import KeyGoneError
from walkout.privacy.sealed import SealedError
from walkout.review.case import Lease
from walkout.review.consent import consent_of
from walkout.web.api.problem import ProblemError
from walkout.web.api.question_row import source_of

MOST = 4
"""Clips of one question at most."""
BEING_MADE = "it is being made"


def vault_of(till: Till) -> Any:
    """Where redacted clips are; None: this shop keeps none."""
    return getattr(till, "vault", None)


def about_clips(till: Till, lease: Lease) -> list[dict[str, Any]]:
    """What a question's page is told of its clips; none where the shop has no cameras or they are gone."""
    found = []
    for number, (_, about) in enumerate(_clips(till, lease)):
        times = about["t_ns"]
        span_s = (times[-1] - times[0]) / 1e9
        found.append(
            {
                "camera": about["camera"],
                "url": f"/api/v1/desk/clips/{lease.token}/{number}",
                "t0_ns": times[0],
                "t1_ns": times[-1],
                "frame_rate": round((len(times) - 1) / span_s, 3) if span_s else 1.0,
                "t_ns": times,
                "frames": len(times),
                "width": about.get("width"),
                "height": about.get("height"),
            }
        )
    return found


def no_clip(till: Till, lease: Lease, waiting: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """Why a question has no clip, in words, and whether one may still come; `waiting`: what is not made yet, and why.

    A question whose answer is known is told of like any other.
    """
    key = (source_of(lease), lease.body.event)
    why = why_none(till.database, *key)
    if why is None:
        return {"why": waiting.get(key, BEING_MADE), "pending": True}
    return {"why": why or GONE, "pending": False}


def clip(till: Till, lease: Lease, number: int) -> tuple[bytes, str]:
    """A clip of a lease by its number, and its camera; 404 where there is none."""
    found = _clips(till, lease)
    if not 0 <= number < len(found):
        raise ProblemError(404, "no such clip of this question")
    return found[number][0], str(found[number][1]["camera"])


def _clips(till: Till, lease: Lease) -> list[tuple[bytes, dict[str, Any]]]:
    vault = vault_of(till)
    if vault is None:
        return []
    found: list[tuple[bytes, dict[str, Any]]] = []
    visit = source_of(lease)
    clips = vault.clips
    if lease.purpose == PURPOSE:
        if consent_of(till.database, visit) is None:  # taken back while somebody has it in their hands
            return []
        clips = clips_for(vault, visit)
    for name in clips.names(visit):
        try:
            video, about = clips.get(visit, name)
        except (KeyGoneError, FileNotFoundError, SealedError):
            continue
        if lease.body.event in {"", name, about.get("event")}:
            found.append((video, about))
    # What is made while a page is open comes last, so that the numbers of the others stay.
    return sorted(found, key=lambda one: one[1].get("made_ns", 0))[:MOST]
