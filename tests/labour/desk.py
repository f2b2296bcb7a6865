"""A clock that tests turn, and a rate card of the invented place."""

from dataclasses import dataclass
from decimal import Decimal

from walkout.labour.books import Books
from walkout.labour.clock import Clock
from walkout.labour.floor import midnight_ns, read_floors
from walkout.labour.period import month
from walkout.labour.rate import OTHER, RateCard, rate_card
from walkout.labour.shift import MINUTE_NS, SECOND_NS

D = Decimal
ZONE = "Europe/Berlin"
START_NS = month("2026-03", ZONE).start_ns + 9 * 60 * MINUTE_NS
WORKER = "swift-heron"

__all__ = ["MINUTE_NS", "SECOND_NS", "midnight_ns", "read_floors"]


@dataclass
class Turned:
    """True time, in a test's hand."""

    now_ns: int = START_NS

    def clock(self) -> Clock:
        return Clock(wall=lambda: self.now_ns, monotonic=lambda: self.now_ns, boot="test")

    def on(self, seconds: float) -> None:
        self.now_ns += int(seconds * SECOND_NS)


def card(version: int = 1, base: str = "14.00", effective_ns: int = 0, **rates: str) -> RateCard:
    hourly = {OTHER: D(base), **{purpose: D(rate) for purpose, rate in rates.items()}}
    return rate_card("exampleville", version, "EUR", effective_ns, hourly)


def an_hour(books: Books, turned: Turned, name: str = "a", questions: int = 4) -> None:
    """A shift of an hour: some questions of 150 s, 30 s between two, then a meeting."""
    say, hash_ = books.ledger.happen, books.card("exampleville").hash
    say(WORKER, "shift_started", f"{name}/start")
    for n in range(questions):
        say(WORKER, "leased", f"{name}/{n}/lease", unit=f"{name}/{n}", purpose="settle", card=hash_)
        turned.on(90)
        say(WORKER, "heartbeat", f"{name}/{n}/beat")
        turned.on(60)
        say(WORKER, "submitted", f"{name}/{n}/done", unit=f"{name}/{n}")
        turned.on(30)
    say(WORKER, "session_started", f"{name}/meet", detail="meeting")
    turned.on(3600 - 180 * questions)
    say(WORKER, "shift_ended", f"{name}/end")
