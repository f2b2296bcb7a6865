"""Whether the running shop may settle alone: its guard, its blind audits, and what they found, kept in its database.

The guard's state is a fold over what it was told (certificates, labels, changes), in the order of `review_moves`; a
restart folds again. Draws are by a seed of the month, made once in the shop's secrets and committed to before.
"""

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import exists, func, insert, select

from walkout.checkout.decide import Settling
from walkout.checkout.receipt import Receipt
from walkout.evaluation.certificate import Certificate
from walkout.live.secrets import Secrets
from walkout.review import tables
from walkout.review.audit import WORST, Label, commit, draw, judge
from walkout.review.evidence import upper
from walkout.review.guard import Certified, Changed, Guard, Input, Labelled, Levels, State, guard, step
from walkout.review.queues import Queues
from walkout.review.slots import last_resolution

SECOND_NS = 1_000_000_000
DAY_NS = 86_400 * SECOND_NS
AUDIT_NS = 3 * DAY_NS
"""An audit that nobody answered for so long counts as wrong: the bound must hold whatever it was."""
SHARE = 0.05
STRATUM = "all"
MOST = 100
"""Labels put to the guard at once."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the running certificate says of one risk."""

    estimate: float | None
    low: float
    high: float
    labels: int


class Watch:
    """The guard of one shop. Its methods run where the till runs."""

    def __init__(
        self,
        queues: Queues,
        secrets: Secrets,
        settling: Settling,
        *,
        share: float = SHARE,
        shadow: bool = False,
        blind: bool = False,
        levels: Levels | None = None,
        bounds: tuple[float, float] | None = None,
    ) -> None:
        """`settling`: by what the shop would decide; `shadow`: begin in shadow whatever it says.

        `blind`: while in shadow, ask two people blindly about every visit, for the labels of a certificate.

        `bounds`: of the rungs that its certificate rests on (wrong, overcharged); None: the levels.
        """
        self._queues, self._secrets, self._base, self.share = queues, secrets, settling, share
        self.levels = levels or Levels()
        self._bounds = bounds or (self.levels.wrong, self.levels.over)
        self.guard: Guard = guard(self.levels)
        self.why = "no certificate of this shop's own blind labels yet"
        self._shadow, self._blind = shadow, blind or shadow
        self._committed: set[str] = set()
        self._certified: str | None = None
        """The last certificate that the guard was told of."""
        self._fold()
        self._begin()

    @property
    def state(self) -> State:
        """Shadow, alone, or asking about everything."""
        return self.guard.state

    @property
    def wants_labels(self) -> bool:
        """Whether people are asked blindly about every visit: in a shadow that is to end in a certificate."""
        return self._blind

    def settling(self) -> Settling:
        """By what the shop decides now: its threshold counts only while the guard lets it."""
        if self.guard.state == "alone" or self._base.settle_at is None:  # which allows nothing, as a replay has it
            return self._base
        return replace(self._base, settle_at=None, certificate=None)

    def certified(self, by: Settling, bounds: tuple[float, float]) -> None:
        """A certificate of the shop's own labels: from now on software settles alone by it."""
        self._base, self._bounds, self._shadow = by, bounds, False
        self._begin()

    def changed(self, what: str, name: str) -> int:
        """Something that certificates rest on is another one now; gives since when. Said again it does nothing."""
        self.told(Changed(what, self._queues.now_ns()), name)
        self._begin()
        of = tables.moves.c
        with self._queues.reading.begin() as connection:
            query = select(of.t_ns).where((of.kind == "changed") & (of.name == name))
            return int(connection.execute(query).scalar_one())

    def told(self, given: Input, name: str) -> None:
        """Put something to the guard, and write it down; `name`: what it is about, said twice it does nothing."""
        kind = {Certified: "certified", Labelled: "labelled", Changed: "changed"}[type(given)]
        with self._queues.engine.begin() as connection:
            of = tables.moves.c
            known = select(of.number).where((of.kind == kind) & (of.name == name))
            if connection.execute(known).first() is not None:
                return
            after, moved = step(self.guard, given)
            number = connection.execute(select(func.coalesce(func.max(of.number), 0))).scalar_one() + 1
            connection.execute(
                insert(tables.moves).values(
                    number=number,
                    kind=kind,
                    name=name,
                    body=orjson.dumps(asdict(given), option=orjson.OPT_SORT_KEYS).decode(),
                    state=after.state,
                    why="" if moved is None else moved.why,
                    t_ns=given.t_ns,
                )
            )
        self.guard = after
        if moved is not None:
            self.why = moved.why

    def draw(self, receipt: Receipt) -> bool:
        """Write down a receipt that software settled alone, and ask two people where it is drawn."""
        now_ns = self._queues.now_ns()
        month, seed = self.commit(now_ns)
        return draw(
            self._queues, receipt, month, seed, stratum=STRATUM, probability=self.share, deadline_ns=now_ns + AUDIT_NS
        )

    def commit(self, now_ns: int) -> tuple[str, bytes]:
        """This month and its seed; the seed's hash is published before anything is drawn with it."""
        month = datetime.fromtimestamp(now_ns // SECOND_NS, UTC).strftime("%Y-%m")
        seed = self._secrets.key(f"audit-{month}")
        if month not in self._committed:
            commit(self._queues, month, seed)
            self._committed.add(month)
        return month, seed

    def months(self) -> tuple[str, ...]:
        """The months with draws, or that were committed to, in order."""
        query = select(tables.commitments.c.month).order_by(tables.commitments.c.month)
        with self._queues.reading.begin() as connection:
            return tuple(connection.execute(query).scalars())

    def listen(self) -> tuple[str, ...]:
        """Put the labels of audits to the guard, in the order in which visits were drawn; gives those visits.

        It waits for an audit whose people are not done, until that is overdue; then it counts as wrong.
        """
        now_ns, done = self._queues.now_ns(), list[str]()
        of, moves = tables.draws.c, tables.moves.c
        told = exists().where((moves.kind == "labelled") & (moves.name == of.visit))
        query = select(of.visit, of.receipt_key).where(of.drawn & ~told).order_by(of.t_ns, of.visit)
        with self._queues.reading.begin() as connection:
            waiting = connection.execute(query.limit(MOST)).all()
        for row in waiting:
            label = self._label(row.visit, row.receipt_key, now_ns)
            if label is None:
                break
            self.told(Labelled(label, now_ns), row.visit)
            done.append(row.visit)
        return tuple(done)

    def running(self) -> dict[str, Bounds]:
        """What all labels since the guard was last reset say: share wrong and overcharged, with bounds at any time."""
        found = {}
        for name, evidence in (("wrong", self.guard.wrong), ("overcharge", self.guard.over)):
            estimate = evidence.bad / evidence.count if evidence.count else None
            high = upper(evidence.bad, evidence.count, self.levels.delta / 2.0)
            found[name] = Bounds(estimate, 0.0, high, evidence.count)
        return found

    def _label(self, visit: str, receipt_key: str, now_ns: int) -> Label | None:
        """What people found of an audited visit; None: they are not done, or may still take it back."""
        of = tables.questions.c
        with self._queues.reading.begin() as connection:
            last = last_resolution(connection, f"audit/{visit}")
            query = select(of.deadline_ns).where(of.question == f"audit/{visit}")
            deadline_ns = connection.execute(query).scalar_one_or_none()
        if last is not None and last.how != "undone":
            return judge(receipt_key, last.key) if last.t_ns + self._queues.undo_ns < now_ns else None
        return WORST if deadline_ns is not None and deadline_ns < now_ns else None

    def _fold(self) -> None:
        with self._queues.reading.begin() as connection:
            rows = connection.execute(select(tables.moves).order_by(tables.moves.c.number)).all()
        for row in rows:
            given = _given(row.kind, orjson.loads(row.body))
            self.guard, moved = step(self.guard, given)
            self._certified = given.certificate if isinstance(given, Certified) else self._certified
            if moved is not None:
                self.why = moved.why

    def _begin(self) -> None:
        """A certificate that came with the shop, or another one than the guard's, counts from now on."""
        certificate, now_ns = self._base.certificate, self._queues.now_ns()
        if self._base.settle_at is None or certificate is None:
            if self.guard.state == "alone":
                self.told(Changed("the certificate", now_ns), f"none/{now_ns}")
        elif self._shadow:
            if self.guard.state == "alone":
                self.told(Changed("the wish of the operator", now_ns), f"shadow/{now_ns}")
            self.why = "the operator wants to begin in shadow"
        elif self.guard.certificate != certificate and not (
            self.guard.state == "asks_all" and self._certified == certificate  # an alarm ended that one
        ):
            self.told(Certified(certificate, now_ns, *self._bounds), f"{certificate}/{now_ns}")


def bounds_of(certificate: Certificate) -> tuple[float, float]:
    """The bounds that a certificate's threshold rests on: of being wrong, and of overcharging."""
    bounds = {rung.risk: rung.bound for rung in certificate.settling}
    return bounds["wrong"], bounds.get("overcharged", bounds["wrong"])


def _given(kind: str, body: dict[str, Any]) -> Input:
    if kind == "certified":
        return Certified(**body)
    if kind == "changed":
        return Changed(**body)
    return Labelled(Label(**body["label"]), body["t_ns"])
