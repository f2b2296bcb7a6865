"""What a shop learnt, kept: one dated, numbered, hash-named record for each candidate, promoted or kept back.

Records are files that are only ever added to, each with the hash of the one before it, so that nobody can take one out
unseen. What is in use is a fold over them; going back is a record of its own.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal

import orjson

from walkout import __version__
from walkout.inference.calibrate import Card, CardError, from_json, to_json
from walkout.inference.learnt import NOTHING, Learnt, LearntError, from_plain, plain
from walkout.learning.trial import RULE, Trial

FOLDER: Final = "learnt"
VERSION: Final = 1
CONSENT: Final = (
    "learnt from reviewers' answers and from what software believed of the visits; no picture and no video went into "
    "it, nobody's name, and no time or speed of anybody's work; visits that their shopper had erased are left out"
)

Action = Literal["promoted", "kept back", "rolled back"]


class RegisterError(ValueError):
    """A register that is not what it was when it was written, or a wish that it cannot fulfil."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a candidate was learnt from."""

    visits: int
    answered: int
    audited: int
    disputed: int
    """Visits that people looked at, by why; the others of `visits` are software's own word."""
    people: str
    """How many answered, in words that single nobody out."""
    first_ns: int
    last_ns: int
    """When the first and the last of these visits left."""
    fresh_ns: int = 0
    """When the last visit of its trial left: a later candidate is tried on later ones only."""


@dataclass(frozen=True, slots=True)
class Use:
    """What is in use after a record. `card` None: the one that the shop had before."""

    learnt: Learnt = NOTHING
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One candidate and what became of it, or a step back."""

    number: int
    t_ns: int
    action: Action
    use: Use
    """What was proposed; of a step back, what is in use again."""
    origin: str
    what: str
    """In a sentence."""
    by: str
    source: Source | None = None
    trial: Trial | None = None
    to: int | None = None
    """Of a step back: the record after which things are as they were; 0: before the first."""
    before: str = ""
    """The hash of the record before."""
    rule: str = RULE
    consent: str = CONSENT
    software: str = __version__

    @property
    def id(self) -> str:
        """The hash of all that it says, the one before it included."""
        return sha256(orjson.dumps(_plain(self), option=orjson.OPT_SORT_KEYS)).hexdigest()


def published(record: Record) -> dict[str, Any]:
    """A record as its file has it: plain JSON values, its hash as `id`."""
    return _plain(record) | {"id": record.id}


class Register:
    """One shop's records in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        """`folder` need not be there."""
        self.folder = folder

    def records(self) -> tuple[Record, ...]:
        """All records in order. Raises RegisterError where one was changed, or is missing."""
        found: list[Record] = []
        for path in sorted(self.folder.glob("*.json")):
            record = _read(path)
            last = found[-1].id if found else ""
            if record.number != len(found) + 1 or record.before != last:
                raise RegisterError(f"found {path.name} after record {len(found)}, right: the one that follows it")
            found.append(record)
        return tuple(found)

    def use(self) -> Use:
        """What is in use now."""
        return in_use(self.records())

    def add(self, record: Record) -> Record:
        """Write the next record; its number and what was before it are filled in. Gives it as it was written."""
        records = self.records()
        before = records[-1].id if records else ""
        made = replace(record, number=len(records) + 1, before=before)
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{made.number:04d}-{made.id[:12]}.json"
        part = path.with_suffix(".part")
        part.write_bytes(orjson.dumps(published(made), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n")
        part.replace(path)
        return made

    def roll_back(self, to: int, *, by: str, origin: str, t_ns: int) -> Record:
        """Put back in use what was after record `to` (0: before the first), by somebody's name.

        Raises RegisterError where there is no such record, or nothing would change.
        """
        records = self.records()
        if not 0 <= to < len(records):
            raise RegisterError(f"found {len(records)} records and a step back to {to}, right: from 0 to one before")
        if not by:
            raise RegisterError("found nobody who goes back, right: a name; it stands in the record")
        use = in_use(records[:to])
        if use == in_use(records):
            raise RegisterError(f"found that the same is in use as after record {to}, right: an earlier one")
        what = f"as it was after record {to}" if to else "as it was before anything was learnt"
        return self.add(Record(0, t_ns, "rolled back", use, origin, what, by, to=to))


def fresh_from(records: tuple[Record, ...]) -> int:
    """Visits that left after this instant were in no trial yet."""
    return max((record.source.fresh_ns for record in records if record.source is not None), default=0)


def in_use(records: tuple[Record, ...]) -> Use:
    """What some records come to."""
    use = Use()
    for record in records:
        if record.action != "kept back":
            use = record.use
    return use


def _plain(record: Record) -> dict[str, Any]:
    return {
        "kind": "promotion",
        "version": VERSION,
        "number": record.number,
        "t_ns": record.t_ns,
        "date": f"{datetime.fromtimestamp(record.t_ns / 1e9, UTC):%Y-%m-%d}",
        "action": record.action,
        "what": record.what,
        "by": record.by,
        "origin": record.origin,
        "learnt": plain(record.use.learnt) | {"id": record.use.learnt.id},
        "card": None if record.use.card is None else orjson.loads(to_json(record.use.card)),
        "source": None if record.source is None else asdict(record.source),
        "trial": None if record.trial is None else asdict(record.trial),
        "rule": record.rule,
        "consent": record.consent,
        "to": record.to,
        "before": record.before,
        "software": record.software,
    }


def _read(path: Path) -> Record:
    try:
        read: Mapping[str, Any] = orjson.loads(path.read_bytes())
        if (read["kind"], read["version"]) != ("promotion", VERSION):
            raise RegisterError(f"{path.name}: found {read['kind']} of version {read['version']}, right: {VERSION}")
        card = None if read["card"] is None else from_json(orjson.dumps(read["card"]))
        made = Record(
            read["number"], read["t_ns"], read["action"], Use(from_plain(read["learnt"]), card), read["origin"],
            read["what"], read["by"], None if read["source"] is None else Source(**read["source"]),
            None if read["trial"] is None else Trial(**read["trial"]), read["to"], read["before"], read["rule"],
            read["consent"], read["software"],
        )  # fmt: skip
        if made.id != read["id"]:
            raise RegisterError(f"{path.name}: found a record that was changed, right: the file as it was written")
        return made
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, CardError, LearntError) as error:
        raise RegisterError(f"{path.name}: found no record ({error}), right: as walkout review learn writes") from error
