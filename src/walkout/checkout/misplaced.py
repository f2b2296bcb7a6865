"""Goods that were left at wrong places: a list that staff work off. It knows no person, neither shopper nor staff."""

from collections.abc import Iterable
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from walkout.checkout import tables


@dataclass(frozen=True, slots=True)
class Misplaced:
    """Some of one product at a place that is not its own, put there in one shelf event."""

    event: str
    gtin: str
    quantity: int
    fixture: str
    shelf: int
    plates: tuple[int, ...]
    t_ns: int
    """When it was put there."""
    probability: float
    """That it was, as inference said when the visit was decided."""
    id: int = 0
    """Its number in the list; 0: not in it yet."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Some of one product that a shopper took from a place that is not its own."""

    event: str
    gtin: str
    fixture: str
    shelf: int
    plates: tuple[int, ...]
    t_ns: int


class MisplacedGoods:
    """The list. Rows that are done are kept for a while, unseen, so that the same visit told again adds nothing."""

    def __init__(self, engine: Engine, life_ns: int) -> None:
        self._engine, self.life_ns = engine, life_ns
        self._reading = engine.execution_options(walkout_reads=True)

    def keep(self, put: Iterable[Misplaced], taken: Iterable[Taken], now_ns: int) -> None:
        """Add what a visit left at wrong places, and strike what it took from there; again it does nothing."""
        put, taken = tuple(put), tuple(taken)
        if not put and not taken:
            return
        try:
            with self._engine.begin() as connection:
                for one in put:
                    self._add(connection, one, now_ns)
                for gone in taken:
                    _strike(connection, gone)
        except IntegrityError:  # another process was quicker
            return

    def there(self) -> tuple[Misplaced, ...]:
        """What should still stand at wrong places, the longest there first."""
        of = tables.misplaced.c
        with self._reading.begin() as connection:
            query = select(tables.misplaced).where(of.state == "there").order_by(of.t_ns, of.id)
            return tuple(
                Misplaced(
                    row.event, row.gtin, row.quantity, row.fixture, row.shelf, tuple(orjson.loads(row.plates)),
                    row.t_ns, row.probability, row.id,
                )
                for row in connection.execute(query)
            )  # fmt: skip

    def put_back(self, id_: int) -> bool:
        """Somebody put it back, or found nothing there; False where the list does not hold it."""
        of = tables.misplaced.c
        with self._engine.begin() as connection:
            done = update(tables.misplaced).where(of.id == id_, of.state == "there").values(state="put back")
            return bool(connection.execute(done).rowcount)

    def delete_due(self, now_ns: int) -> int:
        """Delete what nobody looked for in all that time, and what is long done; so many."""
        of = tables.misplaced.c
        with self._engine.begin() as connection:
            return int(connection.execute(delete(tables.misplaced).where(of.until_ns <= now_ns)).rowcount)

    def _add(self, connection: Connection, one: Misplaced, now_ns: int) -> None:
        of = tables.misplaced.c
        known = select(of.id).where(of.event == one.event, of.gtin == one.gtin)
        if connection.execute(known).first() is not None:
            return
        values = {
            "event": one.event,
            "gtin": one.gtin,
            "quantity": one.quantity,
            "fixture": one.fixture,
            "shelf": one.shelf,
            "plates": orjson.dumps(one.plates).decode(),
            "t_ns": one.t_ns,
            "probability": one.probability,
            "state": "there",
            "until_ns": now_ns + self.life_ns,
        }
        connection.execute(insert(tables.misplaced).values(**values))


def _strike(connection: Connection, gone: Taken) -> None:
    """The oldest row that fits what was taken is done."""
    of = tables.misplaced.c
    told = select(of.id).where(of.taken_in == gone.event, of.gtin == gone.gtin)
    if connection.execute(told).first() is not None:
        return
    query = select(of.id, of.plates).where(
        of.state == "there", of.gtin == gone.gtin, of.fixture == gone.fixture, of.shelf == gone.shelf,
        of.t_ns < gone.t_ns,
    ).order_by(of.t_ns, of.id)  # fmt: skip
    for row in connection.execute(query).all():
        if set(orjson.loads(row.plates)) & set(gone.plates):
            values = {"state": "taken", "taken_in": gone.event}
            connection.execute(update(tables.misplaced).where(of.id == row.id).values(**values))
            return
