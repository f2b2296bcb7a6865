"""The review desk of the mock: the real queues, time ledger and books over the questions of the told story.

Who may have which question, leases, undo, gold and pay are the product's own code. Played here: what a receipt becomes
by an answer (the mock keeps no belief that could be asked again), and the clips, which are drawn (`clips`).
"""

import shutil
import tempfile
import weakref
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from tests.web.mock import clips, seventh, story
from tests.web.mock.known import WORKER, Known
from tests.web.mock.rows import body_of, counted, curve_of, key_of, letters, product_json, said_of, sentence_of, yours
from walkout.labour.books import Books
from walkout.labour.ledger import LabourLedger
from walkout.labour.purposes import PURPOSES
from walkout.labour.rate import rate_card
from walkout.labour.rest import AFTER_NS, screen_ns
from walkout.labour.shift import running
from walkout.labour.storage import open_labour
from walkout.review import tables
from walkout.review.case import REASONS, Body, Lease, Outcome
from walkout.review.cases import human_work
from walkout.review.queues import HELD, Queues
from walkout.review.storage import open_review
from walkout.store.shop import Store

PLACE = "exampleville"
FLOORS = Path(__file__).parents[3] / "src" / "walkout" / "labour" / "examples" / "floors.csv"
HOURLY = {"": Decimal("20.00"), "dispute": Decimal("21.50"), "adjudicate": Decimal("21.50")}
WHAT = {
    "settle": "Receipts that the software may not settle alone: one question each.",
    "audit": "Receipts that it settled alone, drawn by lot: you see nothing of what it thought.",
    "dispute": "A shopper says that a line is wrong.",
    "adjudicate": "Two people answered differently, and a third one decides.",
    "gold": "Questions whose answer is known, among the others: they say how often answers are right.",
    "training": "Paid learning with questions whose answers are explained.",
    "annotate": "Boxes and hands in clips of visits whose shoppers agreed to that.",
}
BEFORE_NS, AFTER_CLIP_NS = 3_000_000_000, 4_000_000_000


class Desk(Known):
    """The desk of one mock. `mock` is asked for what is on its shop's clock."""

    def __init__(self, mock: Any, *, gold_rates: tuple[float, float] = (0.0, 0.0)) -> None:
        self.mock = mock
        self.store: Store = mock.store
        folder = Path(tempfile.mkdtemp())
        # Not every mock is closed by whoever made it; the folder goes with it all the same, at whatever time.
        self._gone = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.ledger = LabourLedger(open_labour(folder / "labour.db", durable=False))
        self.books = Books(self.ledger, "simulated")
        self.books.import_floors(FLOORS.read_text("utf-8"), "the mock")
        self.books.add_card(rate_card(PLACE, 1, "EUR", mock.now_ns() - 40 * 86_400 * 10**9, HOURLY))
        self.queues = Queues(
            open_review(folder / "review.db", durable=False),
            self.books.accepted,
            mock.now_ns,
            seed=b"a mock",
            gold_rates=gold_rates,
        )
        self.ledger.register(WORKER, PLACE, "employed", "the mock's shop")
        self.queues.register(WORKER)
        self.ahead: str | None = None
        self.shown: dict[str, Lease] = {}
        """What is in the reviewer's hands and on the screen or ahead of it, by token."""
        self.flags: list[tuple[str, str]] = []
        self.asked: dict[str, dict[str, Any]] = {}
        """Question and its story, by name of the question."""
        self._films: dict[tuple[str, int], bytes] = {}
        self._numbers = count(1)
        self.feed()

    def __del__(self) -> None:
        self.ledger.engine.dispose()
        self.queues.engine.dispose()
        self._gone()

    def happen(self, kind: str, **more: Any) -> None:
        self.ledger.happen(WORKER, kind, f"{kind}/{next(self._numbers)}", **more)

    def feed(self) -> None:
        """Ask what the receipts issued so far ask; said again it does nothing."""
        now_ns = self.mock.story_ns()
        for visit, told in story.story()["visits"].items():
            receipt = told["receipt"]
            if receipt["issued_ns"] <= now_ns:
                for number, question in enumerate(receipt["questions"]):
                    self._ask(f"case/{visit}/{number}", visit, self.mock.shown(question), told)
        mine = self.mock.you.get(seventh.VISIT)
        if mine and mine["receipt"]["status"] == "asked":
            self._ask(f"case/{seventh.VISIT}/{mine['receipt']['issued_ns']}", seventh.VISIT, yours(mine), None)

    def _ask(self, name: str, visit: str, question: dict[str, Any], told: dict[str, Any] | None) -> None:
        if name in self.asked:
            return
        self.asked[name] = {"visit": visit, "question": question, "told": told}
        body = body_of(question)
        self.queues.put(name, visit, "settle", body, deadline_ns=self.mock.now_ns() + 900 * 10**9)

    def audit(self, visit: str) -> None:
        """Draw a visit for a blind audit: its question, without anything that the software thought."""
        told = story.story()["visits"][visit]
        question = self.mock.shown(told["receipt"]["questions"][0])
        name = f"audit/{visit}"
        self.asked[name] = {"visit": visit, "question": question, "told": told}
        body = body_of(question, blind=True)
        self.queues.put(name, visit, "audit", body, deadline_ns=self.mock.now_ns() + 900 * 10**9)

    # What the reviewer's pages ask.

    def state(self) -> dict[str, Any]:
        self.feed()
        desk, now_ns = self.ledger.desk(WORKER), self.mock.now_ns()
        pieces = [i for i in (*self.ledger.intervals(WORKER), *running(desk, now_ns)) if i.shift == desk.shift]
        sums = {
            name: sum(i.length_ns for i in pieces if i.kind in kinds) / 1e9
            for name, kinds in {
                "active_s": ("active", "gold", "training"),
                "waiting_s": ("waiting_paid",),
                "break_s": ("break_paid", "break_unpaid"),
            }.items()
        }
        paid_s = sum(i.length_ns for i in pieces if i.paid) / 1e9
        rate = HOURLY[""]
        earned = (rate * Decimal(paid_s) / 3600).quantize(Decimal("0.01"))
        accepted = self.books.accepted(WORKER)
        return {
            "worker": WORKER,
            "purposes": [self._purpose(name, name in accepted) for name in PURPOSES],
            "on_shift": desk.open,
            "on_break": bool(desk.rest),
            "shift": {
                "started_ns": desk.start_ns if desk.open else None,
                "paid_s": paid_s if desk.open else 0.0,
                "earned": str(earned if desk.open else Decimal("0.00")),
                "hourly": str(rate),
                "currency": "EUR",
            }
            | sums,
            "break_due_in_s": max(0.0, (AFTER_NS - screen_ns(pieces)) / 1e9),
            "waiting": self.waiting(),
            "outside_channel": "https://example.org/reviewers",
            "skip_reasons": list(REASONS),
            "warning": "Clips are of a shop. People in them are filled in; now and then somebody is hurt or upset.",
        }

    def waiting(self) -> int:
        """Questions that nobody has in hand."""
        with self.queues.reading.begin() as connection:
            found = connection.execute(tables.slots.select().where(tables.slots.c.state == "open")).all()
        return len(found)

    def _purpose(self, name: str, accepted: bool) -> dict[str, Any]:
        told = self.books.estimate(WORKER, name)
        few = f"{told.units} questions in 30 days, too few to say"
        return {
            "name": name,
            "what": WHAT[name],
            "accepted": accepted,
            "rate": str(told.hourly),
            "currency": told.currency,
            "p50_s": told.seconds_p50,
            "p90_s": told.seconds_p90,
            "estimate_from": few if told.seconds_p50 is None else f"{told.units} questions in 30 days",
        }

    def lease(self) -> dict[str, Any] | None:
        """The question on the screen: the one fetched ahead, or what the queues lend."""
        self.feed()
        if self.ahead in self.shown:
            self.shown.pop(str(self.ahead))
        self.ahead, taken = None, self.queues.take(WORKER)
        if taken is not None:
            return self.question(self._leased(taken))
        on_screen = list(self.shown.values())
        if on_screen:
            return self.question(on_screen[0])
        lease = self._lend()
        return None if lease is None else self.question(lease)

    def next(self) -> dict[str, Any] | None:
        """One more, ahead of the screen."""
        if self.ahead in self.shown:
            return self.question(self.shown[self.ahead])
        lease = self.queues.ahead(WORKER)
        self.ahead = None if lease is None else lease.token
        if lease is None:
            return None
        self.shown[lease.token] = lease
        return self.question(lease)

    def sit(self, visit: str) -> bool:
        """As live.newcomer does: agree, begin a shift, and have the question of that visit in hand."""
        self.feed()
        if "settle" not in self.books.accepted(WORKER):
            self.books.accept(WORKER, "settle")
        if not self.ledger.desk(WORKER).open:
            self.happen("shift_started")
        lease = self.queues.lease(WORKER, visit=visit)
        return lease is not None and self._leased(lease) is not None

    def _lend(self) -> Lease | None:
        lease = self.queues.lease(WORKER)
        return None if lease is None else self._leased(lease)

    def _leased(self, lease: Lease) -> Lease:
        self.shown[lease.token] = lease
        card = self.books.card(PLACE).hash
        self.happen("leased", unit=lease.token, purpose=lease.purpose, card=card)
        return lease

    def answer(self, token: str, body: dict[str, Any]) -> dict[str, Any]:
        lease = self._held(token)
        key = key_of(body)
        outcome = self.queues.submit(token, key, body.get("sure", "sure"))
        self.happen("submitted", unit=token)
        self.shown.pop(token, None)
        if outcome.resolved and lease.purpose == "settle":
            self._settle(lease, outcome, body)
        # What became of the receipt is not told: a gold question would show by its silence.
        case = {"answers": None, "open": None}
        return {"done": True, "undo_until_ns": self.mock.now_ns() + 60 * 10**9, "settled": None, "case": case}

    def undo(self, token: str) -> dict[str, Any]:
        lease = self.queues.undo(token)
        self.mock.reissued.pop(lease.visit, None)
        for more in self.queues.held(WORKER)[HELD:]:
            self.queues.put_back(more.token)
            self.shown.pop(more.token, None)
        return self.question(self._leased(lease))

    def skip(self, token: str, reason: str) -> None:
        self._held(token)
        self.queues.skip(token, reason)
        self.happen("skipped", unit=token)
        self.shown.pop(token, None)

    def _held(self, token: str) -> Lease:
        if token not in self.shown:
            raise ReviewGoneError("this question is not in your hands")
        return self.shown[token]

    # What a question shows.

    def question(self, lease: Lease, *, practice: bool = False) -> dict[str, Any]:
        asked = self.asked[lease.question if lease.purpose != "gold" else lease.body.event]
        visit, told, body = asked["visit"], asked["told"], lease.body
        event = self._event(told, body.event)
        people = letters(body, event)
        middle_ns = body.start_ns
        t0_ns, t1_ns = middle_ns - BEFORE_NS, body.end_ns + AFTER_CLIP_NS
        blind = lease.shown_as in {"audit", "adjudicate"}
        candidates = [self._candidate(body, key, "" if blind else why, people) for key, why in body.candidates]
        return {
            "token": lease.token,
            "purpose": lease.shown_as,
            "kind": body.kind,
            "sentence": sentence_of(body, visit),
            "candidates": [c for c in candidates if c["key"] != "?"],
            "other_allowed": body.kind in {"whole", "what"},
            "expires_ns": lease.until_ns,
            "visit_short": visit[-4:].lstrip("v0"),
            "blind": blind,
            "practice": practice,
            "evidence": {
                "clips": self._clips(lease.token, t0_ns, t1_ns, body.start_ns),
                "curve": curve_of(event, t0_ns, t1_ns, middle_ns),
                "place": None if event is None else {k: event[k] for k in ("fixture", "shelf", "plates")},
                "reaches": [
                    {"key": r["person"], "label": people.get(r["person"], "")}
                    | {k: r[k] for k in ("t_ns", "distance_m")}
                    for r in (event or {}).get("reaches", ())
                ],
                "tracks": self._tracks(people, t0_ns, t1_ns),
                "products": self._products(candidates),
            },
        }

    def _event(self, told: dict[str, Any] | None, id_: str) -> dict[str, Any] | None:
        if told is None:
            return None
        found = next((e for e in told["timeline"]["events"] if e["id"] == id_), None)
        moved: dict[str, Any] | None = None if found is None else self.mock.shown(found)
        return moved

    def _clips(self, token: str, t0_ns: int, t1_ns: int, at_ns: int) -> list[dict[str, Any]]:
        if not self.mock.cameras:
            return []
        return [
            {"url": f"/api/v1/desk/clips/{token}/{n}"} | about
            for n, about in enumerate(clips.about(self.store, t0_ns, t1_ns, at_ns))
        ]

    def clip(self, token: str, number: int) -> bytes:
        lease = self._held(token)
        t0_ns, t1_ns = lease.body.start_ns - BEFORE_NS, lease.body.end_ns + AFTER_CLIP_NS
        told = clips.about(self.store, t0_ns, t1_ns, lease.body.start_ns)[number]
        name = (token, number)
        if name not in self._films:
            self._films[name] = clips.film(self.store, told, self.mock.shift_ns, WORKER)
        return self._films[name]

    def _tracks(self, people: dict[str, str], t0_ns: int, t1_ns: int) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for t_ns, row in story.story()["people"][::2]:
            at_ns = t_ns + self.mock.shift_ns
            if t0_ns <= at_ns <= t1_ns:
                for id_, _, x, y, _, _ in row:
                    if id_ in people:
                        track = {"key": id_, "label": people[id_], "t_ns": [], "x_m": [], "y_m": []}
                        track = found.setdefault(id_, track)
                        for name, value in {"t_ns": at_ns, "x_m": x, "y_m": y}.items():
                            track[name].append(value)
        return list(found.values())

    def _candidate(self, body: Body, key: str, why: str, people: dict[str, str]) -> dict[str, Any]:
        gtin, quantity = None, None
        if body.kind == "whole":
            who, gtin, many = key.split(";", maxsplit=1)[0].split(",")
            quantity = abs(int(many))
            what = self.store.products[gtin].name if gtin in self.store.products else "something not in the catalogue"
            label = f"{what}, {people.get(who, 'nobody seen') if who != '-' else 'nobody seen'}"
            gtin = gtin if gtin in self.store.products else None
        elif body.kind == "who":
            label = "Nobody who is seen" if key == "-" else people.get(key, key)
        else:
            label = why
            why = ""
        return {
            "key": key,
            "label": label,
            "gtin": gtin,
            "picture": f"/api/v1/desk/pictures/{gtin}" if gtin else None,
            "quantity": quantity,
            "note": why or None,
        }

    def _products(self, candidates: list[dict[str, Any]]) -> list[dict[str, Any]]:
        gtins = dict.fromkeys(c["gtin"] for c in candidates if c["gtin"])
        return [product_json(self.store, gtin) for gtin in gtins]

    # What comes of an answer.

    def _settle(self, lease: Lease, outcome: Outcome, body: dict[str, Any]) -> None:
        """The receipt after an answer, as far as a mock can tell: the line in question, by what was said."""
        visit = lease.visit
        old = self.mock.receipt(visit)
        if old is None:
            return
        first = lease.body.candidates[0][0]
        lines = old["lines"]
        if outcome.key != first:
            lines = [one for one in lines if lease.body.event not in one.get("evidence", ()) or visit == seventh.VISIT]
            said = said_of(outcome.key, body)
            if visit == seventh.VISIT and outcome.key is not None:
                lines = counted(lines, lease.body.event.removeprefix("you/"), outcome.key)
            elif said is not None and said[0] in self.store.products:
                product = self.store.products[said[0]]
                told = {"gtin": product.gtin, "name": product.name, "unit_price": str(product.price)}
                more = {"quantity": said[1], "probability": 0.999, "why": "A person looked at it", "shown": True}
                lines = [*lines, told | more | {"evidence": [lease.body.event]}]
        if outcome.key is None:
            lines = [one for one in lines if one.get("shown", True)]
        total = sum((Decimal(one["unit_price"]) * one["quantity"] for one in lines), Decimal("0.00"))
        work = human_work(self.queues, visit)
        self.mock.reissued[visit] = {
            "lines": [one | {"shown": True} for one in lines],
            "total": str(total),
            "due": str(total),
            "status": "settled",
            "revision": old["revision"] + 1,
            "decided_by": "person",
            "p_exact": 0.999,
            "questions": [],
            "issued_ns": self.mock.now_ns(),
            "human": {
                "viewers": work.viewers,
                "clips": work.clips,
                "seconds": work.seconds,
                "purposes": list(work.purposes),
                "last_at": work.last_at,
            },
        }
        row = next(r for r in self.mock.receipt_rows() if r["visit"] == visit)
        self.mock.extra.append({"type": "receipt", "receipt": row})

    # Gold, and what it says.


class ReviewGoneError(Exception):
    """A token that is in nobody's hands."""
