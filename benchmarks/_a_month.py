"""A month of a shop with reviewers in two countries, at the real ledgers, desk, time ledger and log. Simulated.

Time is simulated; ledgers, leases, audits, intervals, statements and log are the real ones. What a visit is like comes
from a pool of receipts: invented ones, or those that the engine decided on recordings of the twin.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from walkout.checkout.ledger import Ledger
from walkout.checkout.outbox import drain
from walkout.checkout.provider_fake import FakeProvider
from walkout.checkout.receipt import Asked, HumanWork, Line, Receipt
from walkout.checkout.storage import open_database
from walkout.checkout.terms import Terms
from walkout.disclosure.entries import look
from walkout.disclosure.scribe import Scribe
from walkout.disclosure.source import Source, month
from walkout.labour.books import Books
from walkout.labour.clock import Clock
from walkout.labour.ledger import LabourLedger
from walkout.labour.rate import OTHER, rate_card
from walkout.labour.storage import BRANCH as LABOUR
from walkout.labour.voice import prove, public, sign
from walkout.labour.voices import Voices
from walkout.privacy.retention import Policy
from walkout.privacy.vault import Vault
from walkout.review.appeals import appeal, rule
from walkout.review.audit import basket_key, commit, draw
from walkout.review.case import SECOND_NS, Body, Lease, LeaseLostError
from walkout.review.cases import case_of, go_on, human_work, lapse, open_case
from walkout.review.gold import put_gold
from walkout.review.queues import Queues
from walkout.review.reviewers import Reviewer, answers, takes_s
from walkout.review.storage import BRANCH as REVIEW

NAME = "2026-03"
HOUR_NS = 3600 * SECOND_NS
DAY_NS = 24 * HOUR_NS
PLACES = {"exampleville": ("EUR", "16.50"), "sampleabad": ("INR", "170.00")}
HANDLES = ("calm-otter", "swift-heron", "quiet-lark", "red-finch", "tall-crane", "blue-wren", "kind-hare", "old-raven")
GTIN = "04012345000016"
WORDS = "Invented for a simulation: we skip what we cannot tell, and nobody asks why. The chairs could be better."
ASKED_AT_ONCE = 0.05


@dataclass(frozen=True, slots=True)
class Setting:
    """How large the month is. Shares are of the visits."""

    days: int = 30
    visits_a_day: int = 40
    team: int = 6
    """People in each of the two places."""
    shift_h: float = 1.0
    asks: float = 0.05
    alone_wrong: float = 0.004
    audit: float = 0.05
    disputes: float = 0.004
    erased: int = 3
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Model:
    """What one visit is like: the receipt that software made of it, and what is true, as an audit says it."""

    receipt: Receipt
    truth: str
    right: str | None
    """The right answer to its question, where it asks."""


@dataclass
class Played:
    """The shop as it stands, and what is needed to ask it."""

    folder: Path
    engine: Any
    vault: Vault
    books: Books
    queues: Queues
    scribe: Scribe
    ledger: Ledger
    start_ns: int
    now_ns: int = 0
    visits: list[str] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    workers: list[str] = field(default_factory=list)
    keys: dict[str, Ed25519PrivateKey] = field(default_factory=dict)
    """The reviewers' own keys, in their hands."""

    def source(self, witness: Path | None = None, about: dict[str, Any] | None = None) -> Source:
        """What its report is made from."""
        log = self.folder / "vault" / "log"
        return Source(self.engine, log, month(NAME), "Sample store", "simulated", self.now_ns, about or {}, witness)

    def close(self) -> None:
        """Let go of the files."""
        self.vault.close()
        self.engine.dispose()


def invented(random: Random, setting: Setting) -> Model:
    """A visit of the settings' own, not of the twin."""
    asks = random.random() < setting.asks
    price = Decimal("2.00")
    line = Line(GTIN, "A product", 1, price, 0.9, "Its weight left the shelf", ("e1",), shown=not asks)
    pairs = tuple((key, f"Product {key}", p) for key, p in (("a", 0.8), ("b", 0.15), ("c", 0.05)))
    asked = (Asked("e1", 1, 2, "what", "Which product was it?", pairs, 0.3),) if asks else ()
    due = Decimal(0) if asks else price
    made = Receipt(
        "", "", (), 0, 0, (line,), price, "EUR", 0.7 if asks else 0.99, "software", HumanWork(), 0, "simulated",
        status="asks" if asks else "settled", due=due, questions=asked,
    )  # fmt: skip
    wrong = random.random() < setting.alone_wrong
    return Model(made, f"{GTIN}*2" if wrong else basket_key(made.lines), random.choice("aaab") if asks else None)


def play(folder: Path, setting: Setting, of: Callable[[Random, Setting], Model] = invented) -> Played:
    """Play the month into a folder that is empty; gives the shop, still open."""
    folder.mkdir(parents=True, exist_ok=True)
    return _Month(folder, setting, of).run()


class _Month:
    def __init__(self, folder: Path, setting: Setting, of: Callable[[Random, Setting], Model]) -> None:
        self.setting, self.of, self.random = setting, of, Random(setting.seed)  # noqa: S311 a simulation
        self.start_ns = self.now_ns = month(NAME).start_ns + 7 * HOUR_NS + 123_456_789  # as uneven as clocks are
        self.events: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self.count = 0
        engine = open_database(folder / "ledger.db", durable=False)
        REVIEW.migrate(engine)
        LABOUR.migrate(engine)
        vault = Vault(folder / "vault", folder / "secrets", self.now_ns)
        clock = Clock(wall=lambda: self.now_ns, monotonic=lambda: self.now_ns, boot="simulated")
        books = Books(LabourLedger(engine, clock), "simulated")
        self.seed = b"simulated seed %8d" % setting.seed
        queues = Queues(engine, books.accepted, lambda: self.now_ns, seed=self.seed, gold_rates=(0.1, 0.04))
        ledger = Ledger(engine, "Sample store", Terms(), "EUR")
        scribe = Scribe(engine, vault, lambda: self.now_ns)
        self.shop = Played(folder, engine, vault, books, queues, scribe, ledger, self.start_ns)
        self.provider = FakeProvider(folder / "provider.db", lambda: self.now_ns)
        self.models: dict[str, Model] = {}
        self.asking: dict[str, Receipt] = {}
        self.seats: dict[str, Reviewer] = {}
        self.put = 0
        """How often something came to the desk: nobody asks it again while nothing did."""
        self.asked_at: dict[str, int] = {}
        self._people(books, queues)
        commit(queues, NAME, self.seed)
        body = Body("gold", 1, 2, "what", "Which product was it?", tuple((key, f"Product {key}") for key in "abc"))
        for n in range(60):
            put_gold(engine, f"g{n}", body, "ab"[n % 2], software_was_wrong=bool(n % 2), author="dee", t_ns=1)

    def _people(self, books: Books, queues: Queues) -> None:
        books.import_floors(files("walkout.labour").joinpath("examples/floors.csv").read_text("utf-8"), "operator")
        for place, (currency, hourly) in PLACES.items():
            card = rate_card(place, 1, currency, 0, {OTHER: Decimal(hourly)})
            books.add_card(card)
            for n in range(self.setting.team):
                handle = f"{HANDLES[n % len(HANDLES)]}-{place[:2]}{n // len(HANDLES) or ''}"
                employer = "Example Ltd" if place == "exampleville" else "Sample Services Pvt"
                books.ledger.register(handle, place, "employed", employer)
                queues.register(handle)
                for purpose in ("settle", "audit", "dispute", "adjudicate", "gold"):
                    books.accept(handle, purpose)
                self.seats[handle] = Reviewer(handle, seconds=22.0 + 2.0 * (n % 4))
        self.shop.workers = sorted(self.seats)

    def run(self) -> Played:
        setting = self.setting
        for day in range(setting.days):
            start_ns = self.start_ns + day * DAY_NS
            for n, handle in enumerate(sorted(self.seats)):
                begin_ns = start_ns + int(n * 12 * HOUR_NS / len(self.seats))
                self._at(begin_ns, self._begin, handle, begin_ns + int(setting.shift_h * HOUR_NS))
            for n in range(setting.visits_a_day):
                self._at(start_ns + int(self.random.uniform(0.1, 11.9) * HOUR_NS), self._enter, f"v{day:02}-{n:03}")
            self._at(start_ns + int(12.8 * HOUR_NS), self._evening)
        while self.events:
            self.now_ns, _, what, given = heapq.heappop(self.events)
            what(*given)
        self._after()
        self.shop.now_ns = self.now_ns
        self.provider.close()
        return self.shop

    def _at(self, t_ns: int, what: Callable[..., None], *given: Any) -> None:
        self.count += 1
        heapq.heappush(self.events, (max(t_ns, self.now_ns), self.count, what, given))

    def _enter(self, visit: str) -> None:
        self.models[visit] = self.of(self.random, self.setting)
        self.shop.visits.append(visit)
        self.shop.ledger.enter(visit, visit, "card", self.now_ns)
        entered_ns = self.now_ns
        self._at(self.now_ns + int(self.random.uniform(60, 400) * SECOND_NS), self._leave, visit, entered_ns)

    def _leave(self, visit: str, entered_ns: int) -> None:
        model, shop = self.models[visit], self.shop
        self.put += 1
        shop.ledger.leave(visit, self.now_ns)
        named = replace(
            model.receipt, visit=visit, party=visit, shoppers=(visit,), entered_ns=entered_ns, left_ns=self.now_ns
        )
        asks = named.status == "asks"
        shop.ledger.issue(named, final=not asks, reason="decided by software", now_ns=self.now_ns)
        deadline_ns = self.now_ns + 4 * HOUR_NS
        if asks and not named.questions:  # nothing that a person could be asked would help
            self._shown_only(visit, named, "no question would help")
            return
        if asks:
            self.asking[visit] = named
            open_case(shop.queues, named, deadline_ns=deadline_ns)
            return
        draw(
            shop.queues, named, NAME, self.seed, stratum="all", probability=self.setting.audit,
            deadline_ns=self.now_ns + 3 * DAY_NS,
        )  # fmt: skip
        if self.random.random() < self.setting.disputes:
            body = Body("", 1, 2, "basket", "The shopper says that a line is wrong.", ())
            shop.queues.put(f"dispute/{visit}", visit, "dispute", body, deadline_ns=self.now_ns + DAY_NS)
            self._page(visit, "dispute")

    def _shown_only(self, visit: str, before: Receipt, reason: str) -> None:
        """Charge only what is shown."""
        lines = tuple(line for line in before.lines if line.shown)
        total = sum((line.unit_price * line.quantity for line in lines), Decimal(0))
        made = replace(
            before, lines=lines, total=total, due=total, status="settled", questions=(), revision=before.revision + 1,
            human=human_work(self.shop.queues, visit),
        )  # fmt: skip
        self.shop.ledger.issue(made, final=True, reason=reason, now_ns=self.now_ns)

    def _page(self, visit: str, purpose: str) -> None:
        """The operator opens the visit's page."""
        vault = self.shop.vault
        vault.log.append(look(vault.keys, self.now_ns, visit=visit, by="op", purpose=purpose, what="page", month=NAME))

    def _begin(self, handle: str, until_ns: int) -> None:
        self._say(handle, "shift_started")
        self.asked_at.pop(handle, None)
        self._at(self.now_ns, self._free, handle, until_ns)

    def _free(self, handle: str, until_ns: int) -> None:
        shop, reviewer = self.shop, self.seats[handle]
        if self.now_ns >= until_ns:
            self._say(handle, "shift_ended")
            return
        lease = shop.queues.lease(handle) if self.asked_at.get(handle) != self.put else None
        if lease is None:
            self.asked_at[handle] = self.put
            self._say(handle, "heartbeat")
            self._at(min(until_ns, self.now_ns + 110 * SECOND_NS), self._free, handle, until_ns)
            return
        place = next(place for place in PLACES if handle.split("-")[2].startswith(place[:2]))
        card = shop.books.card(place).hash
        self._say(handle, "leased", unit=lease.token, purpose=lease.purpose, card=card)
        seconds = min(110.0, takes_s(reviewer, self.random, 0.0))
        self._at(self.now_ns + int(seconds * SECOND_NS), self._done, handle, lease, until_ns)

    def _done(self, handle: str, lease: Lease, until_ns: int) -> None:
        shop = self.shop
        self.put += 1
        if self.random.random() < 0.01:
            shop.queues.skip(lease.token)
            self._say(handle, "skipped", unit=lease.token)
        else:
            keys = [key for key, _ in lease.body.candidates] or [f"{GTIN}*1", f"{GTIN}*2"]
            key = answers(self.seats[handle], self.random, self._truth(lease), keys, 0.0)
            try:
                outcome = shop.queues.submit(lease.token, key)
                if outcome.resolved and lease.visit in self.asking:
                    self._resolved(lease.visit, key)
            except LeaseLostError:
                pass  # the time is paid
            self._say(handle, "submitted", unit=lease.token)
        self._at(self.now_ns, self._free, handle, until_ns)

    def _truth(self, lease: Lease) -> str:
        if lease.visit.startswith("gold/"):
            return "ab"[int(lease.visit[6:]) % 2]
        model = self.models[lease.visit]
        # A question about a whole basket (an audit, a dispute, and who decides between two audits) has no other answer.
        return model.truth if lease.body.kind == "basket" or not model.right else model.right

    def _resolved(self, visit: str, key: str | None) -> None:
        shop, before = self.shop, self.asking[visit]
        last = shop.ledger.receipts(visit)[-1]
        if last.final:
            return
        questions = () if key is not None else before.questions
        case = f"case/{visit}"
        helpless = key is None and len(case_of(shop.queues, case).resolved) >= 3
        status: Any = "settled" if key is not None else "asks"
        made = replace(before, status=status, questions=() if helpless else questions)
        if go_on(shop.queues, case, made) == "settled":
            self._final(visit, before)

    def _final(self, visit: str, before: Receipt) -> None:
        lines = tuple(replace(line, shown=True) for line in before.lines)
        made = replace(
            before, decided_by="person", lines=lines, due=before.total, status="settled", questions=(),
            revision=self.shop.ledger.receipts(visit)[-1].revision + 1, human=human_work(self.shop.queues, visit),
        )  # fmt: skip
        self.shop.ledger.issue(made, final=True, reason="a person answered", now_ns=self.now_ns)
        self.asking.pop(visit)

    def _evening(self) -> None:
        shop = self.shop
        shop.queues.expire()
        lapse(shop.queues)
        for visit in sorted(self.asking):
            before = shop.ledger.receipts(visit)[-1]
            if not before.final and case_of(shop.queues, f"case/{visit}").state != "open":
                self._shown_only(visit, before.receipt, "nobody answered in time")
                self.asking.pop(visit)
        drain(shop.ledger, self.provider, self.now_ns)
        shop.scribe.write()
        shop.vault.retain(Policy(), self.now_ns)

    def _after(self) -> None:
        """The month is over: an appeal, statements, payouts, what people say of them, and erasures."""
        shop = self.shop
        self.now_ns = month(NAME).end_ns + DAY_NS
        self._appeal()
        for n, handle in enumerate(shop.workers):
            made = shop.books.issue(handle, NAME)
            name = f"{handle}/{NAME}/{made.revision}"
            if made.due and n % 6 != 5:
                shop.books.sent(name, made.due, f"ref-{n}", "operator")
                shop.books.said(handle, name, came=n % 6 != 4, words="" if n % 6 != 4 else "nothing came")
        self._speak()
        self.now_ns += 8 * DAY_NS
        shop.scribe.write()
        for visit in shop.visits[:: max(1, len(shop.visits) // max(1, self.setting.erased))][: self.setting.erased]:
            shop.vault.erase(visit, self.now_ns)
            shop.scribe.forget(visit)
            shop.erased.append(visit)
        shop.vault.retain(Policy(), self.now_ns)

    def _speak(self) -> None:
        """Three of them sign the same words, one takes them back, one says something else, and then says it better."""
        voices, words = Voices(self.shop.books.ledger, "Sample store"), WORDS
        for n, handle in enumerate(self.shop.workers[:4]):
            key = Ed25519PrivateKey.from_private_bytes(bytes([n + 1]) * 32)
            self.shop.keys[handle] = key
            voices.register(handle, public(key), prove(key, voices.store))
            said = sign(key, voices.store, NAME, "", words if n < 3 else "The breaks are paid.")
            voices.say(handle, said)
            if n in (2, 3):
                later = "" if n == 2 else "The breaks are paid.\nThe waiting is too."
                voices.say(handle, sign(key, voices.store, NAME, said.sha256, later))

    def _appeal(self) -> None:
        from sqlalchemy import select  # noqa: PLC0415

        from walkout.review import tables  # noqa: PLC0415

        query = select(tables.answers.c.answer, tables.answers.c.worker).join(tables.questions)
        with self.shop.engine.begin() as connection:
            row = connection.execute(query.where(tables.questions.c.gold.is_not(None)).limit(1)).one_or_none()
        if row is not None:
            name = appeal(self.shop.engine, row.worker, row.answer, "the picture shows the other one", self.now_ns)
            reason = "the picture is of the shelf below"
            rule(self.shop.engine, name, "ed", upheld=True, reason=reason, t_ns=self.now_ns + 2 * DAY_NS)

    def _say(self, handle: str, kind: str, **more: Any) -> None:
        self.count += 1
        self.shop.books.ledger.happen(handle, kind, f"{handle}/{self.count}", **more)


def witness_of(played: Played, folder: Path) -> Path:
    """An outside witness's copy of the checkpoints of a shop's log, as if it had seen each on its day."""
    from walkout.privacy.witness import Witness  # noqa: PLC0415

    outside, log = Witness(folder, Ed25519PrivateKey.generate()), played.vault.log
    last = 0
    for one in log.checkpoints():
        outside.see(one, log.tree.consistency(last, one.size) if last else (), one.t_ns)
        last = one.size
    return folder


def invented_by(models: Sequence[Model]) -> Callable[[Random, Setting], Model]:
    """Visits drawn from a pool."""
    return lambda random, _setting: random.choice(models)
