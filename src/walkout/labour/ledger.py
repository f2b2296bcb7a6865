"""The log of working time in the database: each event is one transaction with the intervals that it completes."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

import orjson
from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, insert, select, update

from walkout.labour import tables
from walkout.labour.clock import Clock, Stamp
from walkout.labour.event import Event
from walkout.labour.interval import Interval
from walkout.labour.shift import Desk, fold, step
from walkout.labour.statement import Entry, chained

_DESK = TypeAdapter(Desk)
_EVENT = TypeAdapter(Event)


class LabourError(ValueError):
    """An input that contradicts the ledger; its words say what was found and what would be right."""


class LabourLedger:
    """Everybody's working time. Every event may be given again: its second copy does nothing."""

    def __init__(self, engine: Engine, clock: Clock | None = None) -> None:
        self.engine = engine
        self.reading = engine.execution_options(walkout_reads=True)
        self.clock = Clock(last_stamp(engine), resting=is_resting(engine)) if clock is None else clock

    def register(self, worker: str, place: str, employment: str, employer: str) -> None:
        """A person begins to work here, under a handle of their own choice; said again it does nothing.

        Raises LabourError where the handle is somebody else's.
        """
        row = {"worker": worker, "place": place, "employment": employment, "employer": employer}
        with self.engine.begin() as connection:
            found = connection.execute(select(tables.people).where(tables.people.c.worker == worker)).one_or_none()
            if found is not None:
                if (found.place, found.employment, found.employer) != (place, employment, employer):
                    raise LabourError(f"found another {worker}, right: a handle that was never used")
                return
            connection.execute(insert(tables.people).values(**row, since_ns=self.clock.now_ns()))
            desk = _DESK.dump_json(Desk(worker)).decode()
            connection.execute(insert(tables.desks).values(worker=worker, entries=0, head="", desk=desk))

    def happen(self, worker: str, kind: str, event: str, **more: Any) -> Event:
        """Write down what happens now, by the server's clock; gives the event as it counts.

        The instant is taken while the person's desk is locked, so that the order of the log is that of the clock.
        Raises LabourError for a person who is not registered.
        """
        with self.engine.begin() as connection:
            row = self._lock(connection, worker)
            stamp = self.clock.stamp()
            made = Event(event, worker, kind, stamp.t_ns, **more)  # type: ignore[arg-type] # checked inside
            return self._add(connection, row, made, stamp)

    def add(self, event: Event) -> Event:
        """As `happen`, for an event with its instant (imports, simulations)."""
        with self.engine.begin() as connection:
            return self._add(connection, self._lock(connection, event.worker), event)

    def tick(self) -> None:
        """Close the shifts whose end nobody told; call it now and then."""
        self._everybody("ticked")

    def recover(self) -> None:
        """Call at the start of the program: what passed since the last sign of life was our fault, and is paid."""
        self._everybody("restarted")

    def desk(self, worker: str) -> Desk:
        """How somebody's time stands."""
        with self.reading.begin() as connection:
            return _DESK.validate_json(self._lock(connection, worker, lock=False).desk)

    def intervals(self, worker: str) -> tuple[Interval, ...]:
        """All complete intervals of a person, in order."""
        query = select(tables.intervals).where(tables.intervals.c.worker == worker)
        with self.reading.begin() as connection:
            rows = connection.execute(query.order_by(tables.intervals.c.number))
            return tuple(Interval(**row._mapping) for row in rows)  # noqa: SLF001 SQLAlchemy's own public accessor

    def entries(self, worker: str, as_of: int | None = None) -> tuple[Entry, ...]:
        """A person's log, up to an entry."""
        query = select(tables.log).where(tables.log.c.worker == worker).order_by(tables.log.c.number)
        if as_of is not None:
            query = query.where(tables.log.c.number <= as_of)
        with self.reading.begin() as connection:
            return tuple(Entry(r.number, _EVENT.validate_json(r.body), r.hash) for r in connection.execute(query))

    def workers(self) -> tuple[str, ...]:
        """Everybody's handle, sorted."""
        with self.reading.begin() as connection:
            return tuple(connection.execute(select(tables.people.c.worker).order_by(tables.people.c.worker)).scalars())

    def verify(self, worker: str) -> tuple[str, ...]:
        """What does not hold of a person's log: the chain of hashes, and the intervals that the log gives."""
        wrong = []
        entries = self.entries(worker)
        head = ""
        for number, entry in enumerate(entries, 1):
            head = chained(head, number, asdict(entry.event))
            if (entry.number, entry.hash) != (number, head):
                wrong.append(f"entry {entry.number}: found {entry.hash[:12]}, right: entry {number}, {head[:12]}")
                break
        with self.reading.begin() as connection:
            row = self._lock(connection, worker, lock=False)
        if (row.entries, row.head) != (len(entries), entries[-1].hash if entries else ""):
            wrong.append(f"found a desk at entry {row.entries}, right: {len(entries)}, the log's last")
        desk, intervals = fold(worker, (entry.event for entry in entries))
        if desk != _DESK.validate_json(row.desk):
            wrong.append("found another desk than the log gives")
        if intervals != self.intervals(worker):
            wrong.append("found other intervals than the log gives")
        return tuple(wrong)

    def _everybody(self, kind: str) -> None:
        for worker in self.workers():
            with self.engine.begin() as connection:
                row = self._lock(connection, worker)
                if _DESK.validate_json(row.desk).open:
                    stamp = self.clock.stamp()
                    event = Event(f"{kind}/{worker}/{row.entries}", worker, kind, stamp.t_ns)  # type: ignore[arg-type]
                    self._add(connection, row, event, stamp)

    def _lock(self, connection: Connection, worker: str, *, lock: bool = True) -> Any:
        query = select(tables.desks).where(tables.desks.c.worker == worker)
        row = connection.execute(query.with_for_update() if lock else query).one_or_none()
        if row is None:
            raise LabourError(f"found nobody called {worker}, right: somebody who is registered")
        return row

    def _add(self, connection: Connection, row: Any, event: Event, stamp: Stamp | None = None) -> Event:
        known = connection.execute(select(tables.log.c.body).where(tables.log.c.event == event.id)).scalar_one_or_none()
        if known is not None:
            before = _EVENT.validate_json(known)
            if replace(event, t_ns=before.t_ns) != before:
                raise LabourError(f"found another event called {event.id}, right: an id that was never used")
            return before
        if event.kind == "idle_answered" and not _was_asked(connection, event):
            raise LabourError(
                f"found an answer about interval {event.of}, right: one that {event.worker} was asked about"
            )
        stamp = Stamp(event.t_ns) if stamp is None else stamp
        number, desk = row.entries + 1, _DESK.validate_json(row.desk)
        body = asdict(event)
        head = chained(row.head, number, body)
        after, made = step(desk, event)
        connection.execute(
            insert(tables.log).values(
                worker=event.worker,
                number=number,
                event=event.id,
                kind=event.kind,
                t_ns=event.t_ns,
                mono_ns=stamp.mono_ns,
                boot=stamp.boot,
                body=orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode(),
                hash=head,
            )
        )
        _put(connection, made)
        connection.execute(
            update(tables.desks)
            .where(tables.desks.c.worker == event.worker)
            .values(entries=number, head=head, desk=_DESK.dump_json(after).decode())
        )
        return event


def last_stamp(engine: Engine) -> Stamp:
    """The latest instant that the ledger knows."""
    of = tables.log.c
    query = select(of.t_ns, of.mono_ns, of.boot).order_by(of.t_ns.desc(), of.mono_ns.desc()).limit(1)
    with engine.execution_options(walkout_reads=True).begin() as connection:
        row = connection.execute(query).one_or_none()
        return Stamp() if row is None else Stamp(row.t_ns, row.mono_ns, row.boot)


def is_resting(engine: Engine) -> bool:
    """Whether nobody is on shift."""
    with engine.execution_options(walkout_reads=True).begin() as connection:
        return not any(
            _DESK.validate_json(desk).open for desk in connection.execute(select(tables.desks.c.desk)).scalars()
        )


def _was_asked(connection: Connection, event: Event) -> bool:
    of = tables.intervals.c
    query = select(of.kind).where((of.worker == event.worker) & (of.number == event.of))
    return connection.execute(query).scalar_one_or_none() == "idle_query"


def _put(connection: Connection, made: Iterable[Interval]) -> None:
    rows = [asdict(interval) for interval in made]
    if rows:
        connection.execute(insert(tables.intervals), rows)
