"""The files of one running shop, opened together: journal, snapshots, ledger, provider, and the runner over them."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine as Database

from walkout.checkout.decide import Settling, settling_shipped, shipped_bounds
from walkout.checkout.evidence import Evidence
from walkout.checkout.faults import Faults, no_faults
from walkout.checkout.feed import Feed
from walkout.checkout.ledger import Ledger
from walkout.checkout.misplaced import MisplacedGoods
from walkout.checkout.provider import CardProvider
from walkout.checkout.provider_fake import FakeProvider
from walkout.checkout.provider_route import OwnBooks, Route, stripe_cards
from walkout.checkout.storage import StorageError, connect, migrate
from walkout.checkout.terms import Terms
from walkout.inference.belief import Belief
from walkout.inference.explanation import Explanation
from walkout.labour.books import Books
from walkout.labour.clock import Clock
from walkout.labour.ledger import LabourLedger, is_resting, last_stamp
from walkout.labour.storage import BRANCH as LABOUR
from walkout.live.addresses import Addresses
from walkout.live.astray import left_astray
from walkout.live.cashier import SECOND_NS, Cashier, Made
from walkout.live.credentials import Credentials
from walkout.live.desk import Desk
from walkout.live.dispute_desk import DisputeDesk
from walkout.live.journal import Journal, JournalError
from walkout.live.manner import PATIENCE_NS, manner, note
from walkout.live.outcome import Curve
from walkout.live.own_auth import asker
from walkout.live.record import Record, open_record
from walkout.live.reviewing import Reviewing
from walkout.live.runner import SNAPSHOT_EVERY, Runner
from walkout.live.secrets import Secrets
from walkout.live.shadow import Shadow, own_certificate
from walkout.live.snapshots import Snapshots
from walkout.live.taught import taught
from walkout.live.view import evidence_of
from walkout.live.watch import SHARE, Watch
from walkout.privacy.vault import Vault
from walkout.review.case import UNDO_NS
from walkout.review.queues import Queues
from walkout.review.storage import BRANCH as REVIEW
from walkout.store.folder import pack
from walkout.store.shop import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the operator chose for a running shop."""

    patience_ns: int | None = PATIENCE_NS
    answer_within_ns: int = 4 * 3600 * SECOND_NS
    """How long a person may take to answer before only what is shown is charged."""
    hold: Decimal = Decimal("20.00")
    cap: Decimal = Decimal("200.00")
    snapshot_every: int = SNAPSHOT_EVERY
    evidence_days: float = 30.0
    dispute_cap: Decimal = Decimal("15.00")
    """What is given back unseen where the evidence is gone."""
    any_card: bool = False
    """Cards that nobody registered may come in; the provider says whether they pay."""
    audit_share: float = SHARE
    """So many of the visits that software settles alone are audited blindly."""
    shadow: bool = False
    """Begin in shadow although a certificate would let software settle alone."""
    settle_at: float | None = None
    """A simulated shop only: settle alone from here up, by nobody's certificate; for trying out and for benches."""
    outside_channel: str | None = None
    """A link for reviewers to somebody whom the operator does not run."""
    undo_ns: int = UNDO_NS
    """So long an answer can be taken back; a receipt that rests on it is issued after that."""
    stripe_key: str = ""
    """Stripe's secret key; "": the fake provider, which moves no money. A simulated shop takes test keys only."""
    stripe_webhook: str = ""
    """The secret that Stripe signs its webhooks with."""
    stripe_base: str = ""
    """Another address than Stripe's own, for tests."""
    pay_at_exit: bool = False
    """Who shows nothing at the gate comes in, and pays by a tap at the exit."""
    own_auth: str = ""
    """Whom to ask about tokens that nobody registered; "": nobody."""
    sandbox: bool = False
    """Named trips may be made over the API, see `sandbox.py`."""
    durable: bool = True
    """Flush the database to the disk at each commit; tests may do without."""


@dataclass(frozen=True, slots=True)
class Till:
    """All of one shop that is on disk; `close` it in the end."""

    store: Store
    folder: Path
    wishes: Wishes
    database: Database
    ledger: Ledger
    feed: Feed
    evidence: Evidence
    misplaced: MisplacedGoods
    credentials: Credentials
    addresses: Addresses
    secrets: Secrets
    provider: Route
    cashier: Cashier
    journal: Journal
    runner: Runner
    record: Record
    desk: Desk
    reviewing: Reviewing
    dispute_desk: DisputeDesk
    shadow: Shadow

    @property
    def vault(self) -> Vault:
        """Keys, raw video, clips and the log; the one of this process."""
        return self.record.vault

    @property
    def queues(self) -> Queues:
        """Who is given which question."""
        return self.desk.queues

    @property
    def books(self) -> Books:
        """What people are paid by."""
        return self.reviewing.books

    def work(self) -> tuple[Made, ...]:
        """What comes without the engine: people's answers, the provider's, and time that is up."""
        made = self.due()
        self.cashier.ask(self.cashier.now_ns)
        return made

    def due(self) -> tuple[Made, ...]:
        """The same without the provider, which may take as long as it takes."""
        made = (*self.desk.work(), *self.dispute_desk.work())
        self.shadow.work()
        self.reviewing.work()
        return (*made, *self.cashier.due(self.cashier.now_ns))

    def close(self, *, snapshot: bool = True) -> None:
        """Save what is known and close the files; the next start goes on here."""
        try:
            if snapshot:
                self.runner.snapshot()
            self.journal.close()
        except (OSError, JournalError) as error:  # the next start mends the journal and reads it
            log.warning("closed without a snapshot: %s", error)
        self.provider.close()
        self.record.close()
        self.database.dispose()


def open_desk(
    database: Database,
    cashier: Cashier,
    store: Store,
    secrets: Secrets,
    wishes: Wishes,
    evidence: Evidence,
    now_ns: Callable[[], int],
) -> tuple[Desk, Reviewing]:
    """The review desk and the time ledger over the till's own database, their tables up to date.

    Raises:
        StorageError: a newer release wrote the tables.
    """
    for branch in (REVIEW, LABOUR):
        branch.migrate(database)
    base, bounds = cashier.settling, None
    if wishes.settle_at is not None and store.origin == "simulated":
        base = Settling(base.card, wishes.settle_at, f"none: {wishes.settle_at} was chosen for a simulation")
    elif base.settle_at is not None:
        bounds = shipped_bounds(store.origin)
    own = own_certificate(secrets.folder.parent, base, store.origin)
    if own is not None:
        base, bounds = own
    clock = None  # the ledger's own: the machine's monotonic clock, whatever the wall clock says
    if now_ns is not time.time_ns:  # simulated time
        clock = Clock(last_stamp(database), resting=is_resting(database), wall=now_ns, monotonic=now_ns, boot="")
    books = Books(LabourLedger(database, clock), store.origin)
    seed = secrets.key("gold")
    queues = Queues(database, books.accepted, now_ns, seed=seed, undo_ns=wishes.undo_ns)
    shadow, blind = wishes.shadow and own is None, wishes.shadow or store.origin == "real"
    watch = Watch(queues, secrets, base, share=wishes.audit_share, shadow=shadow, blind=blind, bounds=bounds)
    desk = Desk(queues, cashier, store, watch, evidence.of, now_ns=now_ns)
    reviewing = Reviewing(queues, books, desk, now_ns=now_ns, origin=store.origin)
    reviewing.open()
    return desk, reviewing


def open_till(
    store: Store,
    folder: Path,
    *,
    wishes: Wishes | None = None,
    database: str | None = None,
    faults: Faults = no_faults,
    now_ns: Callable[[], int] = time.time_ns,
) -> Till:
    """Open one shop's files in a folder, made where there is none.

    Args:
        store: The shop.
        folder: Where journal, snapshots, secrets and, without `database`, the ledger go; not the store folder.
        wishes: What the operator chose.
        database: A URL, for a ledger elsewhere.
        faults: What the fake provider does wrong.
        now_ns: The wall clock.

    Raises:
        RecordingError, StorageError, OSError: the folder or the database cannot be used.
        ValueError: Stripe is chosen, and its library is not here or the key is none of its secret keys.
    """
    wishes = wishes or Wishes()
    folder.mkdir(parents=True, exist_ok=True)
    secrets = Secrets(folder / "secrets")
    opened = connect(database or folder / "ledger.db", durable=wishes.durable)
    with opened.begin() as connection:  # nothing is brought up to date where one part is of a newer release
        for branch in (REVIEW, LABOUR):
            branch.check(connection)
    migrate(opened)
    terms = Terms(wishes.hold, max(wishes.cap, wishes.hold))
    ledger = Ledger(opened, store.name, terms, store.currency)
    kept_ns = round(wishes.evidence_days * 86_400) * SECOND_NS
    feed, evidence, misplaced = Feed(opened), Evidence(opened, kept_ns), MisplacedGoods(opened, kept_ns)
    ask = asker(wishes.own_auth, secrets.key("own-auth").hex(), store.name) if wishes.own_auth else None
    credentials = Credentials(
        opened, secrets.key("credentials"), any_card=wishes.any_card, simulated=store.origin == "simulated", ask=ask
    )
    addresses = Addresses(opened, secrets.key("addresses"), kept_ns)
    cards: CardProvider
    if wishes.stripe_key:
        if store.origin == "simulated" and "_test_" not in wishes.stripe_key:
            raise StorageError("found a live key of Stripe's for a simulated shop, right: a test key (sk_test_...)")
        cards = stripe_cards(wishes.stripe_key, base=wishes.stripe_base)
    else:
        cards = FakeProvider(folder / "provider.db", now_ns, faults=faults)
    base = taught(folder, store, settling_shipped(store.origin))
    provider = Route(cards, OwnBooks(folder / "own-books.db", now_ns))
    cashier = Cashier(
        ledger,
        provider,
        store,
        feed,
        now_ns=now_ns,
        payer_of=credentials.payer,
        answer_within_ns=wishes.answer_within_ns,
        settling=base.settling,
        entering=addresses.entered,
    )
    record = open_record(opened, store, folder, now_ns)
    desk, reviewing = open_desk(opened, cashier, store, secrets, wishes, evidence, now_ns)
    since_ns = 0
    if base.record:
        since_ns = desk.watch.changed("what was learnt", base.record)
        cashier.settling = desk.watch.settling()
    how = manner(store, wishes.patience_ns)
    journal = Journal(
        folder / "journal", store_files=pack(store), origin=store.origin, store=store.name, notes=note(how)
    )
    snapshots = Snapshots(folder / "snapshots")

    def deciding(belief: Belief, rests: Sequence[Explanation], curves: Sequence[Curve]) -> None:
        evidence.keep(belief.visit.id, evidence_of(belief, rests, curves, store), now_ns())
        misplaced.keep(*left_astray(belief, rests), now_ns())
        desk.decided(belief)

    every = wishes.snapshot_every
    runner = Runner(
        base.store, journal, snapshots, cashier, how, snapshot_every=every, deciding=deciding, model=base.model
    )
    return Till(
        store, folder, wishes, opened, ledger, feed, evidence, misplaced, credentials, addresses, secrets, provider,
        cashier, journal, runner, record, desk, reviewing, DisputeDesk(opened, desk, cashier, now_ns=now_ns),
        Shadow(desk, folder, since_ns),
    )  # fmt: skip
