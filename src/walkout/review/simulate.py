"""A shift of simulated reviewers at the real queues: to size a team, and to run the whole desk.

Time is simulated, the desk is not: cases, leases, audits, gold and adjudications are those of the database. What a
visit is like (whether software settles it, how many answers it takes, what is true) is drawn from the settings.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random
from typing import Any

import numpy as np
from sqlalchemy import Engine, select

from walkout.checkout.receipt import Asked, HumanWork, Line, Receipt
from walkout.review import tables
from walkout.review.agreement import agreement
from walkout.review.audit import basket_key, commit, draw
from walkout.review.case import SECOND_NS, Body, Lease, LeaseLostError
from walkout.review.cases import case_of, go_on, lapse, open_case
from walkout.review.figures import figures
from walkout.review.gold import put_gold
from walkout.review.queues import Queues
from walkout.review.resolve import QUEUES
from walkout.review.reviewers import Reviewer, answers, takes_s

START_NS = 1_800_000_000 * SECOND_NS
MONTH = "simulated"
KEYS = ("a", "b", "c")
GTIN = "04012345000016"


@dataclass(frozen=True, slots=True)
class Setting:
    """A rush hour. All shares are of the visits they speak of."""

    visits: int = 300
    visits_an_hour: float = 300.0
    asks: float = 0.05
    """Visits that software may not settle."""
    more_answers: float = 0.25
    """After each answer, the chance that one more is needed."""
    software_right: float = 0.7
    """Of those it may not settle, how often its first candidate is right."""
    alone_wrong: float = 0.005
    audit: float = 0.05
    disputes: float = 0.002
    deadline_s: float = 900.0
    gold_rates: tuple[float, float] = (0.1, 0.04)
    seed: int = 1


@dataclass
class _Shop:
    """What is true, and what became of it."""

    truth: dict[str, str] = field(default_factory=dict)
    """By visit."""
    left_ns: dict[str, int] = field(default_factory=dict)
    final_ns: dict[str, int] = field(default_factory=dict)
    wrong_before: set[str] = field(default_factory=set)
    wrong_after: set[str] = field(default_factory=set)
    shown_only: set[str] = field(default_factory=set)
    need: dict[str, int] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)
    took_s: list[float] = field(default_factory=list)
    asked: int = 0


@dataclass
class _Seat:
    reviewer: Reviewer
    rested_ns: int = START_NS
    worked_s: float = 0.0
    idle: bool = True


class Simulation:
    """One run on an empty desk."""

    def __init__(self, engine: Engine, team: Sequence[Reviewer], setting: Setting) -> None:
        self.setting = setting
        self.random = Random(setting.seed)  # noqa: S311 a simulation
        self.now_ns = START_NS
        self.seed = b"simulated seed %8d" % setting.seed
        self.queues = Queues(
            engine, lambda _: frozenset(QUEUES), lambda: self.now_ns, seed=self.seed, gold_rates=setting.gold_rates
        )
        self.seats = [_Seat(one) for one in team]
        self.shop = _Shop()
        self.events: list[tuple[int, int, str, Any]] = []
        self.count = 0
        commit(self.queues, MONTH, self.seed)
        for seat in self.seats:
            self.queues.register(seat.reviewer.name)
        body = Body("gold", 1, 2, "what", "Which product was it?", tuple((key, f"Product {key}") for key in KEYS))
        for n in range(120):
            key = KEYS[1 + n % 2] if n % 2 else KEYS[0]
            put_gold(engine, f"g{n}", body, key, software_was_wrong=bool(n % 2), author="the simulation", t_ns=START_NS)
            self.shop.truth[f"gold/g{n}"] = key

    def run(self) -> dict[str, Any]:
        """Play until every visit is final; gives the figures."""
        t = 0.0
        for n in range(self.setting.visits):
            t += self.random.expovariate(self.setting.visits_an_hour / 3600.0)
            self._at(START_NS + int(t * SECOND_NS), "visit", f"v{n}")
        self._at(START_NS, "tick", None)
        while self.events:
            self.now_ns, _, kind, what = heapq.heappop(self.events)
            getattr(self, f"_{kind}")(what)
        return self._figures()

    def _at(self, t_ns: int, kind: str, what: Any) -> None:
        self.count += 1
        heapq.heappush(self.events, (t_ns, self.count, kind, what))

    def _tick(self, _what: None) -> None:
        self.queues.expire()
        for case in lapse(self.queues):
            visit = case.removeprefix("case/")
            self.shop.shown_only.add(visit)
            self._final(visit, wrong=False)
        if len(self.shop.final_ns) < self.setting.visits or any(not seat.idle for seat in self.seats):
            self._at(self.now_ns + 30 * SECOND_NS, "tick", None)

    def _visit(self, visit: str) -> None:
        """A party leaves: software settles it, or asks."""
        setting, shop = self.setting, self.shop
        shop.left_ns[visit] = self.now_ns
        deadline_ns = self.now_ns + int(setting.deadline_s * SECOND_NS)
        if self.random.random() < setting.asks:
            right = self.random.random() < setting.software_right
            shop.truth[visit] = KEYS[0] if right else self.random.choice(KEYS[1:])
            if not right:
                shop.wrong_before.add(visit)
            shop.need[visit] = 1
            while self.random.random() < setting.more_answers:
                shop.need[visit] += 1
            shop.cases[visit] = open_case(self.queues, _receipt(visit, self.now_ns, asks=True), deadline_ns=deadline_ns)
            shop.asked += 1
        else:
            made = _receipt(visit, self.now_ns, asks=False)
            shop.truth[visit] = basket_key(made.lines)
            if self.random.random() < setting.alone_wrong:
                shop.truth[visit] = f"{GTIN}*2"
                shop.wrong_before.add(visit)
            self._final(visit, wrong=visit in shop.wrong_before)
            far_ns = self.now_ns + 86_400 * SECOND_NS
            draw(self.queues, made, MONTH, self.seed, stratum="all", probability=setting.audit, deadline_ns=far_ns)
            if self.random.random() < setting.disputes:
                body = Body("", 1, 2, "basket", "The shopper says that a line is wrong.", ())
                self.queues.put(f"dispute/{visit}", visit, "dispute", body, deadline_ns=far_ns)
        self._wake()

    def _wake(self) -> None:
        for seat in self.seats:
            if seat.idle:
                seat.idle = False
                self._at(self.now_ns, "free", seat)

    def _free(self, seat: _Seat) -> None:
        """A reviewer has nothing in hand: rests if it is time, else takes the next question, else waits, paid."""
        reviewer = seat.reviewer
        if self.now_ns - seat.rested_ns >= reviewer.rest_every_s * SECOND_NS:
            back_ns = self.now_ns + int(reviewer.rest_s * SECOND_NS)
            seat.rested_ns = back_ns
            self._at(back_ns, "free", seat)
            return
        lease = self.queues.lease(reviewer.name)
        if lease is None:
            seat.idle = True
            return
        seconds = takes_s(reviewer, self.random, self._tired_s(seat))
        self._at(self.now_ns + int(seconds * SECOND_NS), "done", (seat, lease, seconds))

    def _done(self, what: tuple[_Seat, Lease, float]) -> None:
        seat, lease, seconds = what
        seat.worked_s += seconds
        self.shop.took_s.append(seconds)
        truth = self.shop.truth[lease.visit]
        keys = [key for key, _ in lease.body.candidates] or [f"{GTIN}*1", f"{GTIN}*2"]
        try:
            if self.random.random() < seat.reviewer.skips:
                self.queues.skip(lease.token)
            else:
                key = answers(seat.reviewer, self.random, truth, keys, self._tired_s(seat))
                outcome = self.queues.submit(lease.token, key)
                if outcome.resolved:
                    self._resolved(lease, outcome.key)
        except LeaseLostError:
            pass  # the case lapsed; the time is paid
        self._at(self.now_ns, "free", seat)
        self._wake()

    def _resolved(self, lease: Lease, key: str | None) -> None:
        visit, shop = lease.visit, self.shop
        if visit in shop.cases and visit not in shop.final_ns:
            case = case_of(self.queues, shop.cases[visit])
            known = [found for _, found in case.resolved]
            more = len(known) < shop.need[visit] or key is None
            helpless = key is None and len(known) >= shop.need[visit] + 2
            made = _receipt(visit, self.now_ns, asks=more, question=not helpless)
            state = go_on(self.queues, shop.cases[visit], replace(made, revision=len(known)))
            if state == "shown_only":
                shop.shown_only.add(visit)
                self._final(visit, wrong=False)
            elif state == "settled":
                self._final(visit, wrong=any(found not in (None, shop.truth[visit]) for found in known))
            else:
                shop.asked += 1
        elif lease.purpose in {"audit", "adjudicate", "dispute"} and key == shop.truth[visit]:
            shop.wrong_after.discard(visit)  # found, and corrected

    def _final(self, visit: str, *, wrong: bool) -> None:
        self.shop.final_ns[visit] = self.now_ns
        if wrong:
            self.shop.wrong_after.add(visit)

    def _tired_s(self, seat: _Seat) -> float:
        return max(0.0, (self.now_ns - seat.rested_ns) / SECOND_NS)

    def _figures(self) -> dict[str, Any]:
        setting, shop = self.setting, self.shop
        with self.queues.reading.begin() as connection:
            leases = connection.execute(select(tables.leases.c.visit, tables.leases.c.purpose)).all()
            rows = connection.execute(
                select(tables.answers.c.question, tables.answers.c.key)
                .join(tables.questions, tables.questions.c.question == tables.answers.c.question)
                .where(tables.questions.c.wanted > 1)
            ).all()
        seen = {row.visit for row in leases if not row.visit.startswith("gold/")}
        apart: dict[str, list[str | None]] = {}
        for row in rows:
            apart.setdefault(row.question, []).append("cannot tell" if row.key is None else row.key)
        asked = sorted(set(shop.cases))
        minutes = [(shop.final_ns[v] - shop.left_ns[v]) / 60e9 for v in shop.left_ns]
        waited = [(shop.final_ns[v] - shop.left_ns[v]) / 60e9 for v in asked]
        shift_h = (self.now_ns - START_NS) / 3600e9
        per_1000 = 1000.0 / setting.visits
        purposes = [row.purpose for row in leases]
        return {
            "origin": "simulated",
            "visits": setting.visits,
            "reviewers": len(self.seats),
            "questions_to_settle_per_1000": shop.asked * per_1000,
            "seen_by_any_person_per_1000": len(seen) * per_1000,
            "answers_by_purpose": {queue: purposes.count(queue) for queue in QUEUES},
            "seconds_a_question": _quantiles(shop.took_s),
            "minutes_to_final": _quantiles(minutes),
            "minutes_to_final_if_asked": _quantiles(waited),
            "wrong_before_per_1000": len(shop.wrong_before) * per_1000,
            "wrong_after_per_1000": len(shop.wrong_after) * per_1000,
            "shown_only_per_1000": len(shop.shown_only) * per_1000,
            "hours_on_shift": shift_h * len(self.seats),
            "hours_per_1000": shift_h * len(self.seats) * per_1000,
            "busy_share": sum(shop.took_s) / 3600.0 / max(1e-9, shift_h * len(self.seats)),
            "agreement_apart": _agreement(list(apart.values())),
            "gold": [
                {"reviewer": f.worker, "right": f.right, "of": f.of, "low": f.low, "high": f.high}
                for f in (figures(self.queues.engine, seat.reviewer.name) for seat in self.seats)
            ],
        }


def simulate(engine: Engine, team: Sequence[Reviewer], setting: Setting) -> dict[str, Any]:
    """Play a setting with a team at an empty desk; gives the figures, all of them simulated.

    Raises ValueError for a team of nobody.
    """
    if not team:
        raise ValueError("found a team of nobody, right: one reviewer or more")
    return Simulation(engine, team, setting).run()


def _agreement(units: Sequence[Sequence[str | None]]) -> dict[str, Any] | None:
    found = agreement([unit for unit in units if len(unit) > 1])
    if not found.units:
        return None
    return {"alpha": found.alpha, "low": found.low, "high": found.high, "questions": found.units}


def _quantiles(values: Sequence[float]) -> dict[str, float] | None:
    if not values:
        return None
    p50, p95 = np.quantile(np.asarray(values), [0.5, 0.95])
    return {"p50": float(p50), "p95": float(p95)}


def _receipt(visit: str, now_ns: int, *, asks: bool, question: bool = True) -> Receipt:
    price = Decimal("2.00")
    line = Line(GTIN, "A product", 1, price, 0.9, "Its weight left the shelf", ("e1",), shown=not asks)
    pairs = tuple((key, f"Product {key}", 0.9 if key == KEYS[0] else 0.05) for key in KEYS)
    asked = Asked("e1", now_ns - SECOND_NS, now_ns, "what", "Which product was it?", pairs, 0.3)
    return Receipt(
        visit,
        visit,
        (visit,),
        now_ns - 60 * SECOND_NS,
        now_ns,
        (line,),
        price,
        "EUR",
        0.9,
        "software",
        HumanWork(),
        0,
        "simulated",
        status="asks" if asks else "settled",
        due=Decimal(0) if asks else price,
        questions=(asked,) if asks and question else (),
    )
