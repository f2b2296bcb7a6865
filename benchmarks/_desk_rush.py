"""A rush hour of the twin before simulated reviewers: one shop, its real desk over real HTTP, and a simulated clock.

The twin's recording is fed to the shop at its own pace, reviewers ask and answer over a loopback socket, and the clock
that both live by goes from one happening to the next: what a machine takes to work it out is in no figure. Reviewers
are those of `review/reviewers.py`; what they would see is known from the truth of the twin, at the shelf and the time
of the question.
"""

import asyncio
import heapq
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import uvicorn
from sqlalchemy import func, select

from walkout.checkout.receipt import Receipt
from walkout.evaluation.answering import NONE_OF_THESE, moved_at, true_key
from walkout.inference.belief import Belief
from walkout.inference.doubt import Answer
from walkout.inference.question import Question, answered, ask, key_of
from walkout.live.cashier import ASKED, DECIDED
from walkout.live.disputes import Disputes
from walkout.live.door import Door, Passage
from walkout.live.shop import Shop
from walkout.live.stays import Stays
from walkout.live.till import Till, Wishes, open_till
from walkout.recording.gate import GateEvent
from walkout.recording.reader import open_recording
from walkout.recording.truth import TruthMove, TruthVisit
from walkout.recording.truth_reader import truth_of
from walkout.review import tables
from walkout.review.audit import key_of_counts
from walkout.review.case import SECOND_NS, Lease
from walkout.review.reviewers import Reviewer, answers, takes_s
from walkout.store.shop import Store
from walkout.web.api.app import make_app
from walkout.web.api.context import Context
from walkout.web.api.identity import Identity

API = "/api/v1"
PASSWORD = "of nobody, simulated"  # noqa: S105 - of a simulated person
STEP_NS = SECOND_NS
WORK_NS = 3 * SECOND_NS
"""The till works, and what became final is noted, so often: times are no finer. A shop's works every quarter second."""
AGAIN_NS = 5 * SECOND_NS
"""An empty desk is asked again after so long, as the page does."""
MOST = 12
"""Answers to one case at most, where question orders are compared."""
PURPOSES = ("settle", "audit", "adjudicate")


@dataclass(slots=True)
class Rush:
    """What came of one."""

    truth: dict[str, TruthVisit] = field(default_factory=dict)
    """By the shop's name of the visit."""
    moves: list[TruthMove] = field(default_factory=list)
    party: dict[str, str] = field(default_factory=dict)
    """Tracked person to visit, in the words of truth and of the shop."""
    first: dict[str, Receipt] = field(default_factory=dict)
    """The software's decision, all lines in it."""
    last: dict[str, Receipt] = field(default_factory=dict)
    final_ns: dict[str, int] = field(default_factory=dict)
    beliefs: dict[str, Belief] = field(default_factory=dict)
    """Of visits that became cases."""
    took_s: list[float] = field(default_factory=list)
    questions: int = 0
    seen: int = 0
    clips: list[int] = field(default_factory=list)
    curves: int = 0
    """Leases of a question on one happening whose curve was there."""
    leases: int = 0
    paid_s: float = 0.0


@dataclass(slots=True)
class _Seat:
    reviewer: Reviewer
    client: httpx2.AsyncClient
    csrf: str = ""
    rested_ns: int = 0

    async def post(self, path: str, body: dict[str, Any] | None = None) -> httpx2.Response:
        found = await self.client.post(f"{API}{path}", json=body or {}, headers={"x-csrf-token": self.csrf})
        if found.status_code not in (200, 201, 204, 409):
            raise RuntimeError(f"{path}: found {found.status_code}: {found.text[:300]}")
        return found


class _Desk:
    """The one simulation: a heap of what happens when."""

    def __init__(self, recording: Path, store: Store, folder: Path, wishes: Wishes, seed: int) -> None:
        self.recording, self.store, self.random = recording, store, Random(seed)  # noqa: S311 - a simulation
        self.now_ns = _begins(recording)
        self.rush = Rush()
        self.heap: list[tuple[int, int, Callable[[], Any]]] = []
        self.count, self.fed, self.ready = 0, False, False
        self.shop = Shop(lambda: open_till(store, folder, wishes=wishes, now_ns=lambda: self.now_ns), store.name, None)

    @property
    def till(self) -> Till:
        return self.shop.till

    def at(self, t_ns: int, what: Callable[[], Any]) -> None:
        self.count += 1
        heapq.heappush(self.heap, (max(t_ns, self.now_ns), self.count, what))

    async def play(self, team: Sequence[Reviewer]) -> Rush:
        """Everything, until every visit is final and nobody has anything in hand."""
        await self.shop.open(listen=False)
        batches = self._batches()
        for t_ns, batch in batches:
            self.at(t_ns, partial(self._feed, batch))
        self.at(batches[-1][0] + STEP_NS, self._finish)
        self.at(self.now_ns + STEP_NS, self._work)
        server, url = self._server()
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.02)
        seats = [await self._seat(one, url) for one in team]
        for seat in seats:
            self.at(self.now_ns, partial(self._free, seat))
        while self.heap and not self.ready:
            self.now_ns, _, what = heapq.heappop(self.heap)
            await what()
        for seat in seats:
            await seat.post("/desk/shift/end")
            await seat.client.aclose()
        server.should_exit = True
        await serving
        await self.shop.do(partial(self._end, team))
        await self.shop.close()
        return self.rush

    def _batches(self) -> list[tuple[int, list[Any]]]:
        """What the recording has, a simulated second at a time; gate messages through a door, as in a shop."""
        rush, door = self.rush, Door(self.till.credentials.holder, Stays())
        truth = list(truth_of(open_recording(self.recording)))
        rush.moves = [one for one in truth if isinstance(one, TruthMove)]
        named: dict[str, str] = {}
        found: list[tuple[int, list[Any]]] = []
        for n, observation in enumerate(open_recording(self.recording).observations()):
            given: Any = observation
            if isinstance(observation, GateEvent):
                who = "staff" if observation.role == "staff" else "card"
                way, at_ns = observation.way, observation.t_ns
                token = f"{who}:{observation.party}"
                passage = Passage(observation.gate, way, at_ns, observation.arrived_ns, n, token, observation.person)
                given = door.decide(passage)
                if isinstance(given, GateEvent) and who == "card":
                    named.setdefault(observation.party, given.visit)
            t_ns = _arrives(given, found[-1][0] if found else self.now_ns)
            if not found or t_ns >= found[-1][0] + STEP_NS:
                found.append((t_ns, []))
            found[-1][1].append(given)
        for one in truth:
            if isinstance(one, TruthVisit) and one.party in named:
                rush.truth[named[one.party]] = one
                rush.party |= dict.fromkeys(one.shoppers, named[one.party])
        return found

    async def _feed(self, batch: list[Any]) -> None:
        await self.shop.do(lambda: self.till.runner.take(batch))

    async def _finish(self) -> None:
        await self.shop.do(self.till.runner.finish)
        self.fed = True

    async def _work(self) -> None:
        await self.shop.do(self._looked)
        self.at(self.now_ns + WORK_NS, self._work)

    def _looked(self) -> None:
        till, rush = self.till, self.rush
        till.work()
        open_ = 0
        for visit in till.ledger.visits():
            if visit in rush.final_ns:
                continue
            issued = till.ledger.receipts(visit)
            if issued and issued[-1].final:
                rush.final_ns[visit] = self.now_ns
            elif issued and till.cashier.is_decision(issued[-1]) and visit not in rush.beliefs:
                belief = till.desk.belief(visit)
                if belief is not None:
                    rush.beliefs[visit] = belief
                    rush.party |= dict.fromkeys(belief.visit.shoppers, visit)
            open_ += visit not in rush.final_ns
        waiting = sum(till.queues.open_counts(frozenset(PURPOSES)).values())
        self.ready = self.fed and not open_ and not waiting and self.now_ns > max(rush.final_ns.values(), default=0)

    def _server(self) -> tuple[uvicorn.Server, str]:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = int(found.getsockname()[1])
        identity = Identity(self.till.database, b"of a bench")
        context = Context(self.shop, identity, Disputes(self.till), "", f"http://127.0.0.1:{port}")
        for rate in (context.requests, context.log_ins):
            rate.burst = rate.per_minute = 1e9  # real seconds say nothing here
        self.identity = identity
        config = uvicorn.Config(make_app(context), "127.0.0.1", port, log_level="warning", lifespan="off")
        return uvicorn.Server(config), f"http://127.0.0.1:{port}"

    async def _seat(self, reviewer: Reviewer, url: str) -> _Seat:
        name = reviewer.name.replace(" ", "-")
        self.identity.add_user(name, PASSWORD, "reviewer", self.now_ns)
        await self.shop.do(lambda: self.till.reviewing.add(name, "exampleville", "employed", "nobody: simulated"))
        seat = _Seat(reviewer, httpx2.AsyncClient(base_url=url, timeout=60), rested_ns=self.now_ns)
        found = await seat.client.post(f"{API}/session", json={"name": name, "password": PASSWORD})
        seat.csrf = found.json()["csrf"]
        for purpose in PURPOSES:
            await seat.post(f"/desk/purposes/{purpose}/accept")
        await seat.post("/desk/shift/start")
        return seat

    async def _free(self, seat: _Seat) -> None:
        reviewer = seat.reviewer
        if self.now_ns - seat.rested_ns >= reviewer.rest_every_s * SECOND_NS:
            await seat.post("/desk/break/start", {"kind": "paid"})
            seat.rested_ns = self.now_ns + round(reviewer.rest_s * SECOND_NS)
            self.at(seat.rested_ns, partial(self._back, seat))
            return
        found = await seat.post("/desk/lease")
        if found.status_code != 200:
            self.at(self.now_ns + AGAIN_NS, partial(self._free, seat))
            return
        question = found.json()
        evidence = question["evidence"]
        self.rush.leases += 1
        self.rush.clips.append(len(evidence["clips"]))
        self.rush.curves += bool(evidence["curve"]["plates"])
        seconds = takes_s(reviewer, self.random, self._tired_s(seat))
        self.rush.took_s.append(seconds)
        self.at(self.now_ns + round(seconds * SECOND_NS), partial(self._answer, seat, question))

    async def _back(self, seat: _Seat) -> None:
        await seat.post("/desk/break/end")
        await self._free(seat)

    async def _answer(self, seat: _Seat, question: dict[str, Any]) -> None:
        path, name = f"/desk/leases/{question['token']}", seat.reviewer.name.replace(" ", "-")
        lease = self.till.queues.of_token(question["token"], name)
        if self.random.random() < seat.reviewer.skips:
            await seat.post(f"{path}/skip")
        elif lease is None:  # its time was up while somebody looked: the page says so, and the time is paid
            await seat.post(f"{path}/answer", {"choice": "cannot_tell"})
        else:
            await seat.post(f"{path}/answer", self._said(seat, question, lease))
        await self._free(seat)

    def _said(self, seat: _Seat, question: dict[str, Any], lease: Lease) -> dict[str, Any]:
        reviewer, tired_s = seat.reviewer, self._tired_s(seat)
        if lease.body.kind == "basket":
            basket = {gtin.zfill(14): n for gtin, n in self.rush.truth[lease.visit].basket.items() if n}
            said = answers(reviewer, self.random, key_of_counts(basket), (), tired_s)
            if said is None:
                return {"choice": "cannot_tell"}
            if said != key_of_counts(basket):
                basket = dict(list(basket.items())[1:])  # they missed one
            return {"choice": "basket", "items": [{"gtin": g, "quantity": n} for g, n in sorted(basket.items())]}
        true = self._true(lease)
        keys = [one["key"] for one in question["candidates"]]
        said = None if true is None else answers(reviewer, self.random, true, keys, tired_s)
        if said in keys:
            return {"choice": said}
        if said is not None and lease.body.kind == "what" and said in self.store.products:
            return {"choice": "other", "gtin": said}
        return {"choice": "cannot_tell"}

    def _true(self, lease: Lease) -> str | None:
        """What somebody answers who saw that happening; None: it cannot be told, or is none of what may be answered."""
        belief, body = self.till.desk.belief(lease.visit), lease.body
        doubt = None if belief is None else next((d for d in belief.doubts if d.event == body.event), None)
        if doubt is None:
            return None
        asked = Question(body.event, body.start_ns, body.end_ns, body.kind, body.words, (), 0.0)  # type: ignore[arg-type]
        key = true_key(doubt, asked, self.rush.moves, self.rush.party)
        if key != NONE_OF_THESE:
            return key
        return key_of(Answer(moved_at(doubt, self.rush.moves, self.rush.party), ""), asked.kind)

    def _tired_s(self, seat: _Seat) -> float:
        return max(0.0, (self.now_ns - seat.rested_ns) / SECOND_NS)

    def _end(self, team: Sequence[Reviewer]) -> None:
        till, rush = self.till, self.rush
        for visit in till.ledger.visits():
            issued = till.ledger.receipts(visit)
            decided = [one for one in issued if one.reason in (DECIDED, ASKED)] or list(issued)
            if issued:
                rush.first[visit], rush.last[visit] = decided[0].receipt, issued[-1].receipt
        with till.queues.reading.begin() as connection:
            of, lease = tables.questions.c, tables.leases.c
            asked = select(func.count()).where(of.case.is_not(None) & of.of.is_(None) & (of.state != "lapsed"))
            rush.questions = connection.execute(asked).scalar_one()
            rush.seen = connection.execute(select(func.count(lease.visit.distinct()))).scalar_one()
        names = [one.name.replace(" ", "-") for one in team]
        rush.paid_s = sum(i.length_ns for n in names for i in till.books.ledger.intervals(n) if i.paid) / SECOND_NS
        wrong = [line for n in names for line in till.books.ledger.verify(n)]
        if wrong or till.cashier.conflicts:
            raise RuntimeError(f"found {wrong}, {till.cashier.conflicts} conflicts; right: none")


def rush(recording: Path, store: Store, folder: Path, wishes: Wishes, team: Sequence[Reviewer], seed: int) -> Rush:
    """Play one recording before a team."""
    return asyncio.run(_Desk(recording, store, folder, wishes, seed).play(team))


Order = Callable[[Belief, Sequence[Question], Random], Question]


def needed(rush_: Rush, belief: Belief, settles: Callable[[Belief], bool], order: Order, random: Random) -> int | None:
    """How many right answers a case needs until its receipt may settle, asked in an order; None: it never does."""
    now, asked = belief, 0
    while not settles(now):
        useful = [found for d in now.doubts if (found := ask(replace(now, doubts=(d,)))) is not None]
        if not useful or asked == MOST:
            return None
        question = order(now, useful, random)
        doubt = next(d for d in now.doubts if d.event == question.event)
        key = true_key(doubt, question, rush_.moves, rush_.party)
        now = answered(now, question, None if key in (None, NONE_OF_THESE) else key)
        asked += 1
    return asked


ORDERS: Mapping[str, Order] = {
    "worth most": lambda belief, useful, _: ask(belief) or useful[0],
    "earliest": lambda _, useful, __: min(useful, key=lambda question: question.start_ns),
    "random": lambda _, useful, random: random.choice(list(useful)),
}


def _begins(recording: Path) -> int:
    return _arrives(next(iter(open_recording(recording).observations())), 0)


def _arrives(observation: Any, before_ns: int) -> int:
    """When an observation comes in; of plates, the end of the batch."""
    if observation is None:
        return before_ns
    if hasattr(observation, "arrived_ns"):
        return max(before_ns, int(observation.arrived_ns))
    t_ns = observation.t_ns
    return max(before_ns, int(t_ns if isinstance(t_ns, int) else t_ns[-1]))
