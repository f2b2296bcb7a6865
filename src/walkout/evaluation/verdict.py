"""One visit's receipt held against the truth, as one flat row: what calibration, certificates and benches count."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson


class VerdictError(ValueError):
    """A row that is no verdict; its words say what was found and what would be right."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One true visit and its receipt, by one method; a side that is missing leaves its numbers at 0."""

    recording: str
    visit: str
    method: str
    """ours, greedy, winner, or a named variant of ours."""
    p_exact: float
    """As the method gave it, before any calibration; 0 where there is no receipt."""
    lines: tuple[tuple[float, bool], ...]
    """(probability, right) of each line of the receipt; right: the party has at least so many."""
    taken: int
    charged: int
    right: int
    """Items: truly taken, on the receipt, and both."""
    taken_value: Decimal = Decimal(0)
    overcharged_value: Decimal = Decimal(0)
    undercharged_value: Decimal = Decimal(0)
    worth: tuple[tuple[Decimal, Decimal], ...] = ()
    """Of each line: its value on the receipt, and how much of that was truly taken."""
    answers: tuple[tuple[float, bool, Decimal, Decimal], ...] = ()
    """(p_exact, exactly right, value overcharged, value undercharged) after each answer of somebody who knows."""
    origin: str = "simulated"
    tags: Mapping[str, str] = field(default_factory=dict)
    """What the visit is of (suite, case, fault, stature, ...), for tables by group."""

    @property
    def exact(self) -> bool:
        """The receipt is exactly the truth."""
        return self.charged == self.right == self.taken

    @property
    def over(self) -> bool:
        """Something is charged that was not taken."""
        return self.charged > self.right

    @property
    def under(self) -> bool:
        """Something was taken that is not charged."""
        return self.taken > self.right


def write_verdicts(path: Path, verdicts: Iterable[Verdict]) -> int:
    """Append rows to a file of JSON lines; how many."""
    count = 0
    with path.open("ab") as file:
        for verdict in verdicts:
            file.write(orjson.dumps(asdict(verdict), default=str, option=orjson.OPT_SORT_KEYS) + b"\n")
            count += 1
    return count


def read_verdicts(path: Path) -> Iterator[Verdict]:
    """The rows of a file of JSON lines.

    Raises VerdictError naming file and line where one is not a verdict.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield _verdict(orjson.loads(line))
            except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, ArithmeticError) as error:
                raise VerdictError(f"{path}:{number}: found {line[:60]!r} ({error}), right: one verdict") from error


def _verdict(read: Mapping[str, Any]) -> Verdict:
    return Verdict(
        str(read["recording"]),
        str(read["visit"]),
        str(read["method"]),
        float(read["p_exact"]),
        tuple((float(p), bool(right)) for p, right in read["lines"]),
        int(read["taken"]),
        int(read["charged"]),
        int(read["right"]),
        Decimal(read["taken_value"]),
        Decimal(read["overcharged_value"]),
        Decimal(read["undercharged_value"]),
        tuple((Decimal(charged), Decimal(right)) for charged, right in read.get("worth", ())),
        tuple((float(p), bool(e), Decimal(o), Decimal(u)) for p, e, o, u in read.get("answers", ())),
        str(read["origin"]),
        {str(k): str(v) for k, v in read["tags"].items()},
    )
