"""Rate cards: what an hour is paid, by purpose, from an instant on; never changed, only followed by the next one.

Time is paid, never pieces: a price on a question is a price on haste. A card's hash stands in every unit of work, so a
statement says by which card each hour was paid, and the card of that hash cannot be another one later.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

import orjson

from walkout.labour.money import amount, coin

NOTICE_NS = 14 * 24 * 3_600_000_000_000
"""A card that lowers any rate takes effect no sooner than this after it was made known."""
OTHER = ""
"""The purpose of time that is on no question: waiting, breaks, faults, meetings."""


class RateError(ValueError):
    """A rate card that may not be; its words say what was found and what would be right."""


@dataclass(frozen=True, slots=True)
class RateCard:
    """Hourly rates at one place. `hourly` holds a rate for each purpose and one for all other time (`OTHER`)."""

    place: str
    version: int
    currency: str
    effective_ns: int
    hourly: tuple[tuple[str, Decimal], ...]
    """Sorted by purpose."""

    @property
    def hash(self) -> str:
        """SHA-256 of all that it says."""
        return sha256(to_json(self)).hexdigest()

    def rate(self, purpose: str) -> Decimal:
        """The rate of a purpose, or of all other time where it has none of its own."""
        rates = dict(self.hourly)
        return rates.get(purpose, rates[OTHER])


def rate_card(place: str, version: int, currency: str, effective_ns: int, hourly: Mapping[str, Decimal]) -> RateCard:
    """A card, checked. Raises RateError."""
    if OTHER not in hourly:
        raise RateError("found a card without a rate for waiting and breaks (''), right: one with it")
    if version < 1:
        raise RateError(f"found version {version}, right: 1 or more")
    for purpose, rate in hourly.items():
        if not rate.is_finite() or rate <= 0:
            raise RateError(f"found {rate!r} an hour for {purpose or 'other time'}, right: a Decimal above 0")
        if rate < hourly[OTHER]:
            raise RateError(f"found {purpose} paid less than waiting ({rate} < {hourly[OTHER]}), right: at least that")
    try:
        coin(currency)
    except ValueError as error:
        raise RateError(str(error)) from error
    return RateCard(place, version, currency, effective_ns, tuple(sorted(hourly.items())))


def admit(cards: Iterable[RateCard], new: RateCard, now_ns: int) -> None:
    """Whether a new card may follow those of its place.

    Raises RateError where it is not the next version, is in another currency, begins before the last one, or lowers a
    rate without notice or for time that was already worked.
    """
    before = sorted((card for card in cards if card.place == new.place), key=lambda card: card.version)
    last = before[-1] if before else None
    if new.version != (last.version + 1 if last else 1):
        raise RateError(f"found version {new.version}, right: {last.version + 1 if last else 1}, the next one")
    if last is None:
        return
    if new.currency != last.currency:
        raise RateError(f"found a card in {new.currency}, right: {last.currency}, as the one before")
    if new.effective_ns < last.effective_ns:
        raise RateError("found a card that begins before the last one, right: one that begins after it")
    purposes = {purpose for purpose, _ in (*new.hourly, *last.hourly)}
    lowered = sorted(purpose for purpose in purposes if new.rate(purpose) < last.rate(purpose))
    if lowered and new.effective_ns < now_ns + NOTICE_NS:
        raise RateError(
            f"found lower rates ({', '.join(p or 'other time' for p in lowered)}) with less than 14 days' notice, "
            "right: a card that takes effect 14 days from now or later; a rate never falls for time already worked"
        )


def in_force(cards: Iterable[RateCard], place: str, t_ns: int) -> RateCard:
    """The card of a place at an instant. Raises RateError where there is none."""
    found = [card for card in cards if card.place == place and card.effective_ns <= t_ns]
    if not found:
        raise RateError(f"found no rate card for {place} at {t_ns}, right: one before anybody works there")
    return max(found, key=lambda card: card.version)


def to_json(card: RateCard) -> bytes:
    """A card as canonical JSON."""
    plain = {
        "kind": "rate-card",
        "version": card.version,
        "place": card.place,
        "currency": card.currency,
        "effective_ns": card.effective_ns,
        "hourly": {purpose: format(rate, "f") for purpose, rate in card.hourly},
    }
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)


def from_json(data: bytes | str) -> RateCard:
    """A card from its JSON. Raises RateError where it is none."""
    try:
        read = orjson.loads(data)
        rates = {purpose: amount(rate) for purpose, rate in read["hourly"].items()}
        return rate_card(read["place"], read["version"], read["currency"], read["effective_ns"], rates)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise RateError(f"found no rate card ({error}), right: the JSON of one") from error
