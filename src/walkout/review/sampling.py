"""Which visits are audited: drawn by a seed that was committed to before, so that nobody can choose the sample.

The seed's hash is published before the month begins, the seed when it is over; in between, each visit that software
settles alone is drawn if a number made of seed and visit lies below its probability. The probability is written down
with the draw, before anybody looks. Afterwards everybody can draw again and compare.
"""

import hmac
from hashlib import sha256

from walkout.review.case import ReviewError

LEAST = 0.01
"""No visit is audited with a lower probability: what is never looked at proves nothing."""


def commitment(seed: bytes) -> str:
    """What is published of a seed before it is used. Raises ReviewError for one that could be guessed."""
    if len(seed) < 16:
        raise ReviewError(f"found a seed of {len(seed)} bytes, right: 16 random ones or more")
    return sha256(b"walkout audit seed\n" + seed).hexdigest()


def uniform(seed: bytes, visit: str) -> float:
    """The visit's number, from 0 to 1."""
    return int.from_bytes(hmac.digest(seed, b"audit\n" + visit.encode(), "sha256")[:7]) / 2**56


def is_drawn(seed: bytes, visit: str, probability: float) -> bool:
    """Whether a visit is audited. Raises ReviewError for a probability that is too low, or none."""
    if not LEAST <= probability <= 1.0:
        raise ReviewError(f"found an audit probability of {probability}, right: from {LEAST} to 1")
    return uniform(seed, visit) < probability


def is_plain(seed: bytes, visit: str, least: float) -> bool:
    """Whether a drawn visit also belongs to the even sample, in which every visit had the probability `least`.

    Visits near the threshold are drawn more often; what runs on a plain sequence of labels (e-process, alarm) takes
    only these, so that the others do not weigh more.
    """
    return uniform(seed, visit) < least
