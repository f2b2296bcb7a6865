"""The desk's questions and people: what is asked, and who may be given it. Each call is one transaction."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from walkout.review import slots, tables
from walkout.review.case import UNDO_NS, Body, ReviewError
from walkout.review.resolve import OVERLAP, QUEUES, Queue


class Asking:
    """What lending and answering stand on."""

    def __init__(
        self,
        engine: Engine,
        accepted: Callable[[str], frozenset[str]],
        now_ns: Callable[[], int],
        *,
        seed: bytes = b"",
        gold_rates: tuple[float, float] = (0.1, 0.04),
        overlap: dict[str, int] | None = None,
        undo_ns: int = UNDO_NS,
    ) -> None:
        self.engine = engine
        self.reading = engine.execution_options(walkout_reads=True)
        self.accepted = accepted
        self.now_ns = now_ns
        self.seed = seed
        self.gold_rates = gold_rates
        self.overlap = OVERLAP | (overlap or {})
        self.undo_ns = undo_ns

    def register(self, worker: str) -> None:
        """A person who may be given questions; said again it does nothing."""
        with self.engine.begin() as connection:
            if connection.execute(slots.person(worker)).one_or_none() is None:
                connection.execute(insert(tables.people).values(worker=worker))

    def put(
        self,
        question: str,
        visit: str,
        queue: Queue,
        body: Body,
        *,
        deadline_ns: int,
        case: str | None = None,
        waiting: bool = False,
    ) -> None:
        """Ask something; said again it does nothing."""
        with self.engine.begin() as connection:
            self.put_in(connection, question, visit, queue, body, deadline_ns=deadline_ns, case=case, waiting=waiting)

    def put_in(self, connection: Connection, question: str, visit: str, queue: Queue, body: Body, **more: Any) -> None:
        """As `put`, in a transaction that is open; also `of` and `gold`."""
        if queue not in QUEUES:
            raise ReviewError(f"found the queue {queue!r}, right: one of {', '.join(QUEUES)}")
        known = select(tables.questions.c.question).where(tables.questions.c.question == question)
        if connection.execute(known).one_or_none() is not None:
            return
        wanted = self.overlap[queue]
        row = {"case": None, "of": None, "gold": None, "waiting": False} | more
        connection.execute(
            insert(tables.questions).values(
                question=question,
                visit=visit,
                queue=queue,
                body=body.to_json(),
                wanted=wanted,
                opened_ns=self.now_ns(),
                state="open",
                **row,
            )
        )
        rows = [{"slot": f"{question}/{n}", "question": question, "number": n, "state": "open"} for n in range(wanted)]
        connection.execute(insert(tables.slots), rows)

    def _question(self, connection: Connection, question: str, *, lock: bool = True) -> Any:
        query = select(tables.questions).where(tables.questions.c.question == question)
        return connection.execute(query.with_for_update(key_share=True) if lock else query).one()

    def _lock(self, connection: Connection, worker: str) -> None:
        if connection.execute(slots.person(worker).with_for_update(key_share=True)).one_or_none() is None:
            raise ReviewError(f"found nobody called {worker}, right: somebody who is registered")
