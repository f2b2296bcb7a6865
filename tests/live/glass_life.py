"""A life of a request to see raw video, in processes that die by SIGKILL: run as a program, it prints what was left.

`python -m tests.live.glass_life FOLDER DATABASE [KILLS]`: for every place at which a process can die (before and after
each append to the log and each commit of the database), a fresh shop lives up to there, is killed, and is opened by
another process, in which the same people go on with what they had not been told was done. One JSON line a death.
"""

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import orjson
from sqlalchemy import Engine, delete, event, insert

from walkout.checkout import tables
from walkout.checkout.storage import connect, open_database
from walkout.live.break_glass import BreakGlass
from walkout.privacy.break_glass import MINUTE_NS, BreakGlassError, Glass
from walkout.privacy.segments import SLICE_NS, RawPacket
from walkout.privacy.vault import Vault

NOW_NS, FROM_NS = 9 * SLICE_NS, 7 * SLICE_NS
REASON = "somebody fell at the door"
CAMERA = "door"
ROLES = {"ada": "operator", "ben": "auditor"}
JPEG = b"\xff\xd8 what no page may show \xff\xd9"


class Life:
    """An open shop's glass, which kills itself at the n-th step."""

    def __init__(self, folder: Path, where: str, die_at: int) -> None:
        self.steps, self.die_at = 0, die_at
        self.engine = connect(where, durable=False)  # a kill loses nothing of that
        self.vault = Vault(folder / "vault", folder / "secrets", NOW_NS)
        event.listen(self.engine, "commit", self._commit)
        append = self.vault.log.append

        def appending(*entries: Any) -> int:
            self._step()
            number = append(*entries)
            self._step()
            return number

        self.vault.log.append = appending  # type: ignore[method-assign]
        self.glass = BreakGlass(self.engine, self.vault, (CAMERA,), lambda: NOW_NS + self.steps)
        self.glass._made = lambda glass: self._video()  # type: ignore[method-assign] # noqa: ARG005 - without PyAV

    def go_on(self) -> dict[str, Any]:
        """Whatever is not done yet, as people would: they look at the list first."""
        found = self._of()
        if found is None:
            self.glass.ask("ada", ROLES["ada"], CAMERA, FROM_NS, FROM_NS + SLICE_NS, 30, REASON)
            found = self._of()
        assert found is not None
        if found.approved_by is None:
            self.glass.approve(found.id, "ben", ROLES["ben"])
        try:
            shown = self.glass.show(found.id, "ada", 0, None)[0]
            self.glass.end(found.id, "ben", ROLES["ben"], may_approve=True)
        except BreakGlassError:  # it was ended already, by the life before
            shown = b""
        last = self._of()
        assert last is not None
        entries = list(self.vault.log.entries())
        return {
            "said": [str(one.facts["what"]) for one in entries if one.kind == "break_glass"],
            "told": Counter(one.sealed["visit"] for one in entries if one.kind == "raw_access"),
            "shown": len(shown),
            "until_s": (last.until_ns - NOW_NS) / 1e9,
            "by": [last.by, last.approved_by, last.accounts],
            "ended": last.ended,
            "requests": len(self.glass.requests()),
        }

    def _of(self) -> Glass | None:
        found = self.glass.requests()
        return found[0][0] if found else None

    def _video(self) -> bytes:
        of = self._of()
        assert of is not None
        packets = list(self.vault.raw(CAMERA, FROM_NS, FROM_NS + SLICE_NS - 1))
        self.glass._from_ns[of.id] = packets[0].t_ns
        return b"".join(one.data for one in packets)

    def _commit(self, _connection: Any) -> None:
        self._step()

    def _step(self) -> None:
        self.steps += 1
        if self.steps == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)


def prepare(folder: Path, where: str) -> None:
    """A shop with a second of video, two visits inside then, one later, and two people."""
    engine = open_database(where)
    with Vault(folder / "vault", folder / "secrets", NOW_NS) as vault:
        writer = vault.raw_writer(CAMERA)
        for k in range(10):
            writer.write(RawPacket(FROM_NS + k * 10**8, True, JPEG), NOW_NS)
        writer.close()
    people(engine)
    engine.dispose()


def people(engine: Engine) -> None:
    """Put the rows back as they were before anything was asked."""
    with engine.begin() as connection:
        for table in (tables.break_glass, tables.visits, tables.users):
            connection.execute(delete(table))
        for name, made_by in (("root", ""), ("other root", ""), ("ada", "root"), ("ben", "other root")):
            role = ROLES.get(name, "admin")
            values = {"name": name, "role": role, "password": "", "epoch": 0, "created_ns": 1, "made_by": made_by}
            connection.execute(insert(tables.users).values(**values))
        for name, entered_ns in (("one", FROM_NS - 1), ("two", FROM_NS + 5), ("late", FROM_NS + SLICE_NS + MINUTE_NS)):
            values = {"visit": name, "party": "p", "payer": "x", "currency": "EUR", "entered_ns": entered_ns}
            connection.execute(insert(tables.visits).values(**values, stage="inside", payment="{}"))


def apart(what: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
    """Do something in a process of its own; None: it was killed."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(theirs, orjson.dumps(what()))
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - said to the parent
            os.write(theirs, orjson.dumps({"error": repr(error)}))
            os._exit(1)
    os.close(theirs)
    with os.fdopen(ours, "rb") as file:
        data = file.read()
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return None
    found: dict[str, Any] = orjson.loads(data)
    return found


def main(folder: Path, database: str, every: int) -> None:
    """All the deaths."""
    like = folder / "like"
    like.mkdir()

    def first() -> dict[str, Any]:
        prepare(like, database or str(like / "ledger.db"))
        return {}

    assert apart(first) == {}
    for die_at in range(1, 1000, every):
        here = Path(copytree(like, folder / "here"))
        where = database or str(here / "ledger.db")

        def again(where: str = where) -> dict[str, Any]:
            if database:
                engine = connect(where)
                people(engine)
                engine.dispose()
            return {}

        assert apart(again) == {}
        lived = apart(lambda: Life(here, where, die_at).go_on())  # noqa: B023
        after = apart(lambda: Life(here, where, -1).go_on()) if lived is None else lived  # noqa: B023
        sys.stdout.write(orjson.dumps({"die_at": die_at, "killed": lived is None, **(after or {})}).decode() + "\n")
        rmtree(here)
        if lived is not None:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
