"""The files of one running shop, opened together: journal, snapshots, ledger, provider, and the runner over them."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine as Database

from walkout.checkout.evidence import Evidence
from walkout.checkout.faults import Faults, no_faults
from walkout.checkout.feed import Feed
from walkout.checkout.ledger import Ledger
from walkout.checkout.provider_fake import FakeProvider
from walkout.checkout.storage import open_database
from walkout.checkout.terms import Terms
from walkout.inference.belief import Belief
from walkout.inference.explanation import Explanation
from walkout.live.addresses import Addresses
from walkout.live.cashier import SECOND_NS, Cashier
from walkout.live.credentials import Credentials
from walkout.live.journal import Journal, JournalError
from walkout.live.manner import PATIENCE_NS, manner, note
from walkout.live.outcome import Curve
from walkout.live.runner import SNAPSHOT_EVERY, Runner
from walkout.live.secrets import Secrets
from walkout.live.snapshots import Snapshots
from walkout.live.view import evidence_of
from walkout.privacy.vault import Vault
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
    credentials: Credentials
    addresses: Addresses
    secrets: Secrets
    provider: FakeProvider
    cashier: Cashier
    journal: Journal
    runner: Runner
    vault: Vault
    """Keys, raw video, clips and the log; there is one a process."""

    def close(self, *, snapshot: bool = True) -> None:
        """Save what is known and close the files; the next start goes on here."""
        try:
            if snapshot:
                self.runner.snapshot()
            self.journal.close()
        except (OSError, JournalError) as error:  # the next start mends the journal and reads it
            log.warning("closed without a snapshot: %s", error)
        self.vault.close()
        self.provider.close()
        self.database.dispose()


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
    """
    wishes = wishes or Wishes()
    folder.mkdir(parents=True, exist_ok=True)
    secrets = Secrets(folder / "secrets")
    opened = open_database(database or folder / "ledger.db", durable=wishes.durable)
    terms = Terms(wishes.hold, max(wishes.cap, wishes.hold))
    ledger = Ledger(opened, store.name, terms, store.currency)
    feed, evidence = Feed(opened), Evidence(opened, round(wishes.evidence_days * 86_400) * SECOND_NS)
    credentials = Credentials(
        opened, secrets.key("credentials"), any_card=wishes.any_card, simulated=store.origin == "simulated"
    )
    addresses = Addresses(opened, secrets.key("addresses"), round(wishes.evidence_days * 86_400) * SECOND_NS)
    provider = FakeProvider(folder / "provider.db", now_ns, faults=faults)
    cashier = Cashier(
        ledger,
        provider,
        store,
        feed,
        now_ns=now_ns,
        payer_of=credentials.payer,
        answer_within_ns=wishes.answer_within_ns,
        entering=addresses.entered,
    )
    vault = Vault(folder / "vault", folder / "secrets", now_ns())
    how = manner(store, wishes.patience_ns)
    journal = Journal(
        folder / "journal", store_files=pack(store), origin=store.origin, store=store.name, notes=note(how)
    )
    snapshots = Snapshots(folder / "snapshots")

    def deciding(belief: Belief, rests: Sequence[Explanation], curves: Sequence[Curve]) -> None:
        evidence.keep(belief.visit.id, evidence_of(belief, rests, curves, store), now_ns())

    every = wishes.snapshot_every
    runner = Runner(store, journal, snapshots, cashier, how, snapshot_every=every, deciding=deciding)
    return Till(
        store, folder, wishes, opened, ledger, feed, evidence, credentials, addresses, secrets, provider, cashier,
        journal, runner, vault,
    )  # fmt: skip
