r"""Who may see video as it was taken: one person asks with a reason, another lets them, and only for some minutes.

    asked --approved by somebody else, in time--> open until ... --> over
      \-- nobody approved within an hour, or it was ended --> over

Pure: what is written down and shown is `live/break_glass.py`'s. All instants are the server's, UTC nanoseconds.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

from walkout.privacy.apart import Account, ApartError, Pair, apart
from walkout.privacy.segments import SLICE_NS

MINUTE_NS: Final = 60 * 1_000_000_000
WAIT_NS: Final = 60 * MINUTE_NS
"""A request that nobody approves in this time is over."""
MOST_MINUTES: Final = 30
LEAST_WORDS, MOST_WORDS = 10, 200
"""Characters of a reason: it stands in the public log for ever, and must say something and name nobody."""

State = Literal["asked", "open", "over"]


class BreakGlassError(ValueError):
    """Something that breaking the glass does not allow; its words say what was found and what would be right."""


@dataclass(frozen=True, slots=True)
class Glass:
    """One request: who asks, for which camera and instants, why, how long; and who let them."""

    id: str
    by: str
    role: str
    camera: str
    from_ns: int
    to_ns: int
    minutes: int
    reason: str
    asked_ns: int
    approved_by: str | None = None
    approver_role: str | None = None
    until_ns: int = 0
    """The end of the time in which the one who asked may look; 0: nobody approved."""
    accounts: Pair | None = None
    """How far apart the accounts of the two are."""
    opened_ns: int = 0
    """When the one who asked first looked; 0: not yet."""
    ended: bool = False

    def state(self, now_ns: int) -> State:
        """What it is at this instant."""
        if self.ended:
            return "over"
        if self.approved_by is None:
            return "asked" if self.asked_ns <= now_ns < self.asked_ns + WAIT_NS else "over"
        return "open" if now_ns < self.until_ns else "over"


def asked(
    id_: str, by: str, role: str, camera: str, from_ns: int, to_ns: int, minutes: int, reason: str, now_ns: int
) -> Glass:
    """A request. Raises BreakGlassError for more than one slice, no reason, or too long a time."""
    words = reason.strip()
    if not LEAST_WORDS <= len(words) <= MOST_WORDS or not words.isprintable():
        raise BreakGlassError(
            f"found a reason of {len(words)} characters, right: {LEAST_WORDS} to {MOST_WORDS} on one line"
        )
    if not 1 <= minutes <= MOST_MINUTES:
        raise BreakGlassError(f"found {minutes} minutes, right: 1 to {MOST_MINUTES}")
    if not 0 <= from_ns < to_ns or from_ns // SLICE_NS != (to_ns - 1) // SLICE_NS:
        raise BreakGlassError("found more than one slice of ten minutes, or none, right: a stretch inside of one")
    if from_ns > now_ns:
        raise BreakGlassError("found a time that has not come, right: one whose video is there")
    return Glass(id_, by, role, camera, from_ns, to_ns, minutes, words, now_ns)


def approved(glass: Glass, asker: Account, other: Account, role: str, now_ns: int) -> Glass:
    """Let somebody look from now on, by another person's word.

    BreakGlassError for the one who asked, for an account that may be theirs too, and for a request that is no more.
    """
    try:
        accounts = apart(asker, other, glass.asked_ns)
    except ApartError as error:
        raise BreakGlassError(str(error)) from error
    if glass.approved_by is not None:
        raise BreakGlassError("found a request that was approved already, right: one that waits")
    if glass.state(now_ns) != "asked":
        raise BreakGlassError(f"found a request that is over after {WAIT_NS // MINUTE_NS} minutes, right: a new one")
    until_ns = now_ns + glass.minutes * MINUTE_NS
    return replace(glass, approved_by=other.name, approver_role=role, until_ns=until_ns, accounts=accounts)


def ended(glass: Glass, by: str, may_approve: bool) -> Glass:
    """Take a request back, refuse it, or close it early. BreakGlassError for whoever has no part in it."""
    if by not in (glass.by, glass.approved_by) and not may_approve:
        raise BreakGlassError("found somebody who has no part in it, right: who asks, or who may approve")
    return replace(glass, ended=True)


def check_look(glass: Glass, by: str, now_ns: int) -> None:
    """Raise BreakGlassError unless this person may look right now."""
    if by != glass.by:
        raise BreakGlassError("found somebody else, right: the one who asked and gave the reason")
    if (state := glass.state(now_ns)) != "open":
        words = "that nobody approved yet" if state == "asked" else "whose time is over"
        raise BreakGlassError(f"found a request {words}, right: one that another person approved, in its time")
