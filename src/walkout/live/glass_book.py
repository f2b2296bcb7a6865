"""Requests to see video as it was taken, in the shop's database: a restart or a kill changes nothing of them.

The log is a file and the database another, so a step is written in three: the row with its new state and the step's
name, then the log's entry, then the name is taken off. A process that dies between is told apart by the log when the
book is opened next: what was decided and never entered is entered then; a first look of which the log knows nothing
showed nothing, and is a first look still.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Engine, delete, insert, select, update

from walkout.checkout.tables import break_glass, password_links, users
from walkout.privacy.apart import PAIRS, Account
from walkout.privacy.break_glass import Glass
from walkout.privacy.entry import Fact
from walkout.privacy.log import Log

KEPT: Final = 200
"""Requests that are over and still listed; the log keeps all of them."""
ELSEWHERE: Final = "sso:"
"""How the names of those begin who sign in elsewhere, as web/api/identity.py gives them."""
Telling = Callable[[Glass, str, str, str], None]
"""Enter a step: the request, the step's name, who did it, their role."""


class GlassBook:
    """The requests of one shop. Its methods raise SQLAlchemyError where the database does not answer."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = engine.execution_options(walkout_reads=True)

    def all(self) -> tuple[Glass, ...]:
        """What is kept, the newest first."""
        with self._reading.begin() as connection:
            rows = connection.execute(select(break_glass).order_by(break_glass.c.asked_ns.desc(), break_glass.c.id))
            return tuple(_glass(row) for row in rows)

    def get(self, id_: str) -> Glass | None:
        """One of them."""
        with self._reading.begin() as connection:
            row = connection.execute(select(break_glass).where(break_glass.c.id == id_)).one_or_none()
        return None if row is None else _glass(row)

    def step(self, glass: Glass, name: str, by: str, role: str, tell: Callable[[], None]) -> None:
        """Do a step: keep the request as it is now, have it told to the log, and only then be done with it."""
        doing = {"step": name, "step_by": by, "step_role": role}
        values = _values(glass) | doing
        with self._engine.begin() as connection:
            if name == "asked":
                connection.execute(insert(break_glass).values(**values))
            else:
                connection.execute(update(break_glass).where(break_glass.c.id == glass.id).values(**values))
        tell()
        self._done(glass.id)

    def mend(self, log: Log, tell: Telling) -> None:
        """Finish what a process that died left half done."""
        with self._reading.begin() as connection:
            rows = connection.execute(select(break_glass).where(break_glass.c.step != "")).all()
        if not rows:
            return
        said = {
            (str(one.facts.get("request")), str(one.facts.get("what")))
            for one in log.entries()
            if one.kind == "break_glass"
        }
        for row in rows:
            if (row.id, row.step) not in said:
                if row.step == "opened":  # nothing was shown: the next look is the first
                    with self._engine.begin() as connection:
                        connection.execute(update(break_glass).where(break_glass.c.id == row.id).values(opened_ns=0))
                else:
                    tell(_glass(row), row.step, row.step_by, row.step_role)
            self._done(row.id)

    def tidy(self, now_ns: int) -> tuple[str, ...]:
        """Let go of the oldest that are over; the ids of all that are over and kept."""
        over = [one.id for one in self.all() if one.state(now_ns) == "over"]
        if len(over) > KEPT:
            with self._engine.begin() as connection:
                connection.execute(delete(break_glass).where(break_glass.c.id.in_(over[KEPT:])))
        return tuple(over[:KEPT])

    def account(self, name: str) -> Account:
        """What is known of an account: who made it or let somebody set its password anew, and who made those."""
        with self._reading.begin() as connection:
            rows = {row.name: row for row in connection.execute(select(users))}
            used = select(password_links).where(password_links.c.used_ns.is_not(None))
            links: dict[str, list[Any]] = defaultdict(list)
            for one in connection.execute(used.order_by(password_links.c.used_ns)):
                links[one.name].append(one)
        row = rows.get(name)
        # Since somebody else let a password be set, it may be another person's: as if the account were new.
        made_ns = max([0 if row is None else row.created_ns, *(int(one.used_ns) for one in links[name])])
        makers: list[str] = []
        waiting = [name]
        while waiting:
            at = waiting.pop(0)
            here = rows.get(at)
            by = [one for one in (None if here is None else here.made_by, *(link.made_by for link in links[at])) if one]
            for maker in by:
                if maker not in (name, *makers):
                    makers.append(maker)
                    waiting.append(maker)
        # From the data folder: nobody knows by whom.
        known = all(_rooted(one, rows) and all(link.made_by for link in links[one]) for one in (name, *makers))
        return Account(name, made_ns, tuple(makers), known, vouched=name.startswith(ELSEWHERE))

    def _done(self, id_: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                update(break_glass).where(break_glass.c.id == id_).values(step="", step_by="", step_role="")
            )


def _rooted(name: str, rows: Mapping[str, Any]) -> bool:
    """Whether who made an account, and who made those, is known up to one that nobody here made."""
    seen: set[str] = set()
    while name not in seen:
        seen.add(name)
        row = rows.get(name)
        if row is None or row.made_by is None:
            return False
        if row.made_by == "":
            return True
        name = row.made_by
    return False  # a circle


def facts(glass: Glass, step: str, role: str) -> dict[str, Fact]:
    """What the log says of a step for everybody; names are not among it."""
    found: dict[str, Fact] = {"what": step, "request": glass.id, "role": role}
    if step == "asked":
        found |= {"reason": glass.reason, "minutes": glass.minutes, "camera": glass.camera}
        found |= {"from_ns": glass.from_ns, "to_ns": glass.to_ns}
    elif step == "approved":
        found |= {"reason": glass.reason, "until_ns": glass.until_ns, "accounts": words(glass)}
    return found


def words(glass: Glass) -> str:
    """How far apart the accounts of the two are, as the public reads it."""
    return PAIRS[glass.accounts or "unknown"]


def _values(glass: Glass) -> dict[str, Any]:
    return {
        "id": glass.id, "asked_by": glass.by, "asker_role": glass.role, "camera": glass.camera,
        "from_ns": glass.from_ns, "to_ns": glass.to_ns, "minutes": glass.minutes, "reason": glass.reason,
        "asked_ns": glass.asked_ns, "approved_by": glass.approved_by, "approver_role": glass.approver_role,
        "accounts": glass.accounts, "until_ns": glass.until_ns, "opened_ns": glass.opened_ns, "ended": glass.ended,
    }  # fmt: skip


def _glass(row: Any) -> Glass:
    return Glass(
        row.id, row.asked_by, row.asker_role, row.camera, row.from_ns, row.to_ns, row.minutes, row.reason,
        row.asked_ns, row.approved_by, row.approver_role, row.until_ns, row.accounts, row.opened_ns, row.ended,
    )  # fmt: skip
