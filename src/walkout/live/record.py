"""One open shop's record of itself: vault and log, what goes into it, and what the public is told from it."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Final

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from walkout.checkout import tables as checkout
from walkout.disclosure import bundle
from walkout.disclosure.claims import WORDS, claims, gated
from walkout.disclosure.entries import look, month_of
from walkout.disclosure.proof import Proofs
from walkout.disclosure.report import report
from walkout.disclosure.scribe import Scribe
from walkout.disclosure.sign import Settings
from walkout.disclosure.source import ABOUT, DisclosureError, Source, month, read_about
from walkout.disclosure.storage import tables_in
from walkout.labour import tables as labour
from walkout.learning.dataset import annotated, sheet
from walkout.learning.label import few
from walkout.learning.register import RegisterError
from walkout.live.break_glass import BreakGlass
from walkout.live.taught import as_models
from walkout.live.training_copies import settled
from walkout.privacy.cut import Cut
from walkout.privacy.retention import DAY_NS, KEEP_NS, Policy
from walkout.privacy.vault import Vault
from walkout.privacy.witness import COPY
from walkout.review import tables as review
from walkout.store.shop import Store

log = logging.getLogger(__name__)
FRESH_S: Final = 60.0
"""A report is made again after so long at the soonest."""
VAULT: Final = "vault"
BEFORE_NS: Final = 10 * 1_000_000_000
"""So long before they come in, and after they went out, somebody may be in the picture of a camera at the door."""


@dataclass(slots=True)
class Record:
    """The record; its methods run where the till runs, but for `report` and `zipped`, which only read."""

    engine: Engine
    store: Store
    folder: Path
    vault: Vault
    scribe: Scribe
    proofs: Proofs
    now_ns: Callable[[], int]
    policy: Policy = field(default_factory=Policy)
    break_glass: BreakGlass = field(init=False)
    """The one way to video as it was taken."""
    _made: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict)
    _zip: dict[str, tuple[float, bytes]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        cameras = [camera.id for camera in self.store.cameras]
        self.break_glass = BreakGlass(self.engine, self.vault, cameras, self.now_ns)

    def looked(self, visit: str, entered_ns: int, by: str, purpose: str, what: str) -> None:
        """Somebody looks at a visit now: enter it before it is shown."""
        now_ns = self.now_ns()
        made = look(self.vault.keys, now_ns, visit=visit, by=by, purpose=purpose, what=what, month=month_of(entered_ns))
        self.vault.log.append(made)

    def work(self) -> int:
        """Enter what the ledgers hold and the log does not; gives how much that was."""
        return self.scribe.write()

    def forget_raw(self, visit: str) -> Cut:
        """Cut the time of an erased visit out of the raw video, now or as soon as nobody else's receipt needs it."""
        of = checkout.visits.c
        with self.engine.execution_options(walkout_reads=True).begin() as connection:
            row = connection.execute(select(of.entered_ns, of.left_ns).where(of.visit == visit)).one_or_none()
        if row is not None:
            self.vault.to_cut(row.entered_ns - BEFORE_NS, (row.left_ns or self.now_ns()) + BEFORE_NS)
        return self.cut_raw()

    def cut_raw(self) -> Cut:
        """Cut what waits for it. What overlaps a visit that is not settled, or is disputed, goes on waiting.

        At the latest all raw video of that time ends by its own clock.
        """
        waiting = self.vault.cuts
        if not waiting:
            return Cut()
        of, cases = checkout.visits.c, checkout.cases.c
        disputed = select(cases.visit).where(cases.state == "open")
        needed = of.stage.in_(("inside", "waiting")) | of.visit.in_(disputed)
        with self.engine.execution_options(walkout_reads=True).begin() as connection:
            rows = connection.execute(select(of.entered_ns, of.left_ns).where(needed)).all()
        held = [
            (start, end)
            for start, end in waiting
            if any(row.entered_ns <= end and (row.left_ns or end) >= start for row in rows)
        ]
        return self.vault.cut_raw(self.now_ns(), held)

    def retain(self, held: frozenset[str] = frozenset()) -> None:
        """Run retention, keep the day's checkpoint where one is due, and cut out of raw video what waits for it.

        Before clips end, what their shoppers agreed to have copied is copied; what nobody agrees to any more ends.
        """
        self.cut_raw()
        settled(self.engine, self.vault, self.policy, self.now_ns())
        self.vault.retain(self.policy, self.now_ns(), held)

    def disputed(self) -> frozenset[str]:
        """Visits with an open dispute: their clips wait for its end."""
        of = checkout.cases.c
        with self.engine.execution_options(walkout_reads=True).begin() as connection:
            return frozenset(connection.execute(select(of.visit).where(of.state == "open")).scalars())

    def source(self, name: str) -> Source:
        """What a month's report is made from. Raises DisclosureError for a month that is none."""
        copy = self.folder / COPY
        return Source(
            self.engine,
            self.folder / VAULT / "log",
            month(name),
            self.store.name,
            self.store.origin,
            self.now_ns(),
            self._about(),
            copy if copy.is_file() else None,
        )

    def report(self, name: str) -> dict[str, Any]:
        """A month's report, a minute old at most. Raises DisclosureError."""
        with self._lock:
            at, made = self._made.get(name, (0.0, {}))
            if not made or time.monotonic() - at > FRESH_S:
                made = report(self.source(name))
                self._keep(self._made, name, made)
            return made

    def shown_name(self) -> str:
        """The shop's name as the public may read it: one that makes a claim stands only while the ledger backs it.

        Else what it claims is told by its number, from this month's report.
        """
        name = self.store.name
        if not any(words.search(name) for words in WORDS.values()):
            return name
        try:
            return gated(name, claims(self.report(month_of(self.now_ns()))))
        except DisclosureError:  # nothing can be counted, so nothing is claimed
            return "This shop"

    def outside_channel(self) -> str | None:
        """Where reviewers talk with somebody whom the operator does not run, as the operator's file says."""
        told = read_about(self.folder / ABOUT).get("outside_channel")
        return told if isinstance(told, str) and told.startswith(("https://", "http://")) else None

    def forget_reports(self) -> None:
        """Make reports and bundles again when they are next asked for: something must be in them now."""
        with self._lock:
            self._made.clear()
            self._zip.clear()

    def zipped(self, name: str) -> bytes:
        """A month's bundle as one archive. Raises DisclosureError."""
        with self._lock:
            at, data = self._zip.get(name, (0.0, b""))
            if not data or time.monotonic() - at > FRESH_S:
                source = self.source(name)
                data = bundle.zipped(source, report(source))
                self._keep(self._zip, name, data)
            return data

    def settings(self, *, evidence_days: float, answer_within_ns: int, settle_at: float | None) -> Settings:
        """What the sign at the door is made from: how the shop is set up now."""
        about: Mapping[str, Any] = read_about(self.folder / ABOUT)
        return Settings(
            store=self.shown_name(),
            origin=self.store.origin,
            cameras=len(self.store.cameras),
            plates=sum(len(shelf.plates) for fixture in self.store.fixtures for shelf in fixture.shelves),
            raw_hours=self.policy.keep_ns.get("raw", KEEP_NS["raw"]) / 3.6e12,
            clip_hours=self.policy.keep_ns.get("clip", KEEP_NS["clip"]) / 3.6e12,
            evidence_days=evidence_days,
            answer_within_h=answer_within_ns / 3.6e12,
            settles_alone=settle_at is not None,
            places=self._places(),
            operator=str(about.get("operator", "")),
            contact=str(about.get("contact", "")),
            copy_days=self.policy.keep_ns.get("training", KEEP_NS["training"]) / DAY_NS,
        )

    def close(self) -> None:
        """Enter what is left, and let go of the log."""
        try:
            self.scribe.write()
        except SQLAlchemyError as error:  # the ledgers keep everything: the next start enters it
            log.warning("closed before the log was whole: %s", error)
        finally:
            self.vault.close()

    def _about(self) -> dict[str, Any]:
        """What the operator says, with what the shop itself knows: its models, and what was marked for learning."""
        told = read_about(self.folder / ABOUT)
        marked = _data_set(self.engine)
        sets = [*told.get("data_sets", ()), *([marked] if marked else [])]
        return {**told, "learnt": self._learnt(), "data_sets": sets}

    def _learnt(self) -> tuple[dict[str, Any], ...]:
        try:
            return as_models(self.folder)
        except RegisterError as error:
            raise DisclosureError(f"what the shop learnt: {error}") from error

    def _places(self) -> tuple[str, ...]:
        if labour.people.name not in tables_in(self.engine):
            return ()
        with self.engine.execution_options(walkout_reads=True).begin() as connection:
            query = select(labour.people.c.place).distinct().order_by(labour.people.c.place)
            return tuple(connection.execute(query).scalars())

    @staticmethod
    def _keep(kept: dict[str, tuple[float, Any]], name: str, made: Any) -> None:
        while len(kept) > 3:
            kept.pop(next(iter(kept)))
        kept.pop(name, None)
        kept[name] = time.monotonic(), made


def _data_set(engine: Engine) -> dict[str, Any] | None:
    """The clips that were annotated here, as the report lists data sets; None where none was."""
    if not {review.annotations.name, labour.cards.name} <= tables_in(engine):
        return None
    clips = annotated(engine)
    if not clips:
        return None
    told = sheet(engine, clips)
    visits, many = few(len(told["consents"])), not str(told["people"]).startswith("fewer")
    return {
        "name": "clips annotated in this shop",
        "visits": f"{visits} visits whose shoppers agreed; {told['clips']} redacted clips",
        "hours": f"{told['paid_hours'] if many else 'not told, so few are'} paid hours of {told['people']} people",
        "pay": "; ".join(told["pay"]) or "not known here",
        "consent": "given visit by visit on the receipt's page; taken back there, which ends copy and marks",
        "origin": ", ".join(told["origins"]),
    }


def open_record(engine: Engine, store: Store, folder: Path, now_ns: Callable[[], int]) -> Record:
    """Open a shop's record: `folder` holds `vault/` with keys, log and clips, and `secrets/` with the keys to them.

    Raises:
        KeyStoreError, LogError, StorageError: as those say.
    """
    vault = Vault(folder / VAULT, folder / "secrets", now_ns())
    try:
        return Record(engine, store, folder, vault, Scribe(engine, vault, now_ns), Proofs(engine, vault), now_ns)
    except BaseException:
        vault.close()
        raise
