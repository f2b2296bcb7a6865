"""What is recorded about a person who works here, why, and for how long: all of it, readable by a program.

A test holds this list against the tables: a column that is not in it fails the build.
"""

from dataclasses import dataclass

from walkout.labour.event import KINDS


@dataclass(frozen=True, slots=True)
class Recorded:
    """One thing that is recorded."""

    where: str
    """table.column; `*` for all columns of a table."""
    what: str
    why: str
    how_long: str


NEVER = (
    "keystrokes",
    "mouse movements",
    "screenshots",
    "webcam or microphone",
    "mood or sentiment",
    "time on a single question as a score",
    "rank among colleagues",
)
"""What is recorded of nobody."""

PAY_LAW = "as long as the law wants pay records kept; the operator states it"

NOTICE = (
    Recorded("labour_people.*", "handle, place, kind of employment, employer, first day", "to pay", PAY_LAW),
    Recorded("labour_log.*", f"by the server's clock: {', '.join(KINDS)}", "to pay every minute", PAY_LAW),
    Recorded("labour_intervals.*", "the same as stretches of time", "to pay every minute", PAY_LAW),
    Recorded("labour_desks.*", "what is going on now: shift, break, questions that are leased", "to pay", "now only"),
    Recorded("labour_choices.*", "purposes you accepted or gave up, and the estimate shown", "consent", PAY_LAW),
    Recorded("labour_statements.*", "what you are owed, as told to you", "to pay", PAY_LAW),
    Recorded(
        "labour_confirmations.*", "whether you say that money came", "only you can say that you were paid", PAY_LAW
    ),
    Recorded("labour_looks.*", "who looked at any of this, and why", "so that you can know", PAY_LAW),
    Recorded(
        "labour_voice_keys.*",
        "public keys that you made",
        "so that your statements can be checked",
        "as they are public",
    ),
    Recorded(
        "labour_voices.*",
        "what you say of your work in public, signed",
        "so that nobody can edit it",
        "as it is public",
    ),
)
