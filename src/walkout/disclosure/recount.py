"""The month's numbers from the log alone: what anybody with the exported bundle can count for themselves."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from walkout.privacy.entry import Entry

SETTLE = "settle"


@dataclass(slots=True)
class Recount:
    """What the entries of a month come to. Sets hold seals, not names."""

    visits: set[str] = field(default_factory=set)
    """Visits with a final receipt."""
    by: Counter[str] = field(default_factory=Counter)
    """Who decided the first final receipt: software, person, time."""
    again: set[str] = field(default_factory=set)
    """Visits whose final receipt was issued again."""
    seen: set[str] = field(default_factory=set)
    """Visits that any person looked at, for any reason."""
    seen_for: dict[str, set[str]] = field(default_factory=dict)
    """The same by purpose."""
    what: Counter[str] = field(default_factory=Counter)
    """Looks by what was shown: question, clip, page, raw."""
    questions: dict[str, set[str]] = field(default_factory=dict)
    """Questions that somebody was given to settle a visit, by visit."""
    answer_ms: list[int] = field(default_factory=list)
    paid_ms: int = 0
    unpaid_ms: int = 0
    ms: Counter[str] = field(default_factory=Counter)
    """Working time by kind."""
    hours: int = 0
    statements: int = 0
    """First statements of the month: one a person who worked."""
    payments: Counter[str] = field(default_factory=Counter)
    origins: set[str] = field(default_factory=set)
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def asked(self) -> int:
        """Questions needed to settle."""
        return sum(len(these) for visit, these in self.questions.items() if visit in self.visits)

    @property
    def seen_visits(self) -> int:
        """Of the visits with a final receipt, those that were seen."""
        return len(self.seen & self.visits)


def recount(entries: Iterable[Entry], month: str) -> Recount:
    """Count the entries of a month: those that say `month`, which is that of the visit's entry, or of the work."""
    found = Recount()
    for one in entries:
        if one.facts.get("month") == month:
            _add(found, one)
    return found


def _add(found: Recount, one: Entry) -> None:
    facts, visit = one.facts, one.sealed.get("visit", "")
    found.kinds[one.kind] += 1
    what = str(facts.get("what"))
    if one.kind in {"view", "widening", "raw_access"}:
        purpose = str(facts.get("purpose"))
        found.seen.add(visit)
        found.seen_for.setdefault(purpose, set()).add(visit)
        found.what[what] += 1
        if purpose == SETTLE and what == "question":
            found.questions.setdefault(visit, set()).add(one.sealed.get("question", ""))
    elif one.kind == "decision" and what == "receipt":
        found.visits.add(visit)
        found.origins.add(str(facts.get("origin")))
        if facts.get("first"):
            found.by[str(facts.get("by"))] += 1
        else:
            found.again.add(visit)
    elif one.kind == "decision" and what == "answer":
        found.answer_ms.append(int(facts.get("ms", 0)))
    elif one.kind == "hours":
        ms = int(facts.get("ms", 0))
        found.hours += 1
        found.paid_ms += ms if facts.get("paid") else 0
        found.unpaid_ms += 0 if facts.get("paid") else ms
        found.ms[what] += ms
    elif one.kind == "payment":
        found.payments[what] += 1
        found.statements += what == "statement" and facts.get("revision") == 0
