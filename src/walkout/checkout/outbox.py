"""The worker between ledger and provider: asks for what the outbox holds, again and again under the same key.

Several workers, or a worker and one that was thought dead, may ask for the same operation: the key makes it one.
"""

from dataclasses import dataclass

from sqlalchemy import select, update

from walkout.checkout import tables
from walkout.checkout.ledger import Ledger
from walkout.checkout.provider import Answer, NoAnswerError, PaymentProvider, Request, RequestRefusedError

SECOND_NS = 1_000_000_000
LEASE_NS = 60 * SECOND_NS
"""How long one worker may take over one request before another may ask too."""
FIRST_WAIT_NS, LONGEST_WAIT_NS = SECOND_NS, 600 * SECOND_NS
"""The wait after the first failure; it doubles up to the longest. Nothing is ever dropped."""
KEY_LIFE_NS = 12 * 3600 * SECOND_NS
"""After this long a provider may have forgotten a key (24 h is usual): its books are asked before it is used again."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What one round did: requests made, answers got, requests put off."""

    asked: int = 0
    answered: int = 0
    put_off: int = 0


def drain(ledger: Ledger, provider: PaymentProvider, now_ns: int, most: int = 1000) -> Sent:
    """Ask for all that is due, one request after another, until nothing is due or `most` were made."""
    asked = answered = put_off = 0
    due_ns = next_due_ns(ledger)
    if due_ns is None or due_ns > now_ns:  # to claim is to write, and whoever writes makes the shop wait
        return Sent()
    while asked < most and (claimed := _claim(ledger, now_ns)) is not None:
        request, first_sent_ns, attempts = claimed
        asked += 1
        try:
            answer, by = _ask(provider, request, old=attempts > 1 and now_ns - first_sent_ns >= KEY_LIFE_NS)
        except (NoAnswerError, RequestRefusedError) as error:
            _put_off(ledger, request.key, attempts, str(error), now_ns)
            put_off += 1
        else:
            ledger.answer(request.key, answer, by, now_ns)
            answered += 1
    return Sent(asked, answered, put_off)


def next_due_ns(ledger: Ledger) -> int | None:
    """When the outbox next has something to do; None when it is empty."""
    query = select(tables.outbox.c.next_ns).order_by(tables.outbox.c.next_ns).limit(1)
    with ledger.reading.begin() as connection:
        return connection.execute(query).scalar_one_or_none()


def _ask(provider: PaymentProvider, request: Request, *, old: bool) -> tuple[Answer, str]:
    """The answer and how we came by it; the books first where the key is old, last where the request is refused."""
    if old and (found := provider.look_up(request.key)) is not None:
        return found, "look_up"
    try:
        return provider.perform(request), "answer"
    except RequestRefusedError:
        # What was done before makes a second request senseless: a hold cannot be captured twice.
        if (found := provider.look_up(request.key)) is not None:
            return found, "look_up"
        raise


def _claim(ledger: Ledger, now_ns: int) -> tuple[Request, int, int] | None:
    """The oldest request that is due, ours for the length of a lease; with when it was first sent and how often."""
    made = tables.operations.alias("made")
    query = (
        select(
            tables.outbox,
            tables.operations.c.kind,
            tables.operations.c.amount,
            tables.operations.c.visit,
            tables.operations.c.currency,
            tables.visits.c.payer,
            made.c.provider_id.label("made_id"),
        )
        .join_from(tables.outbox, tables.operations, tables.outbox.c.key == tables.operations.c.key)
        .join(tables.visits, tables.visits.c.visit == tables.operations.c.visit)
        .join(made, made.c.key == tables.operations.c.of_key, isouter=True)
        .where(tables.outbox.c.next_ns <= now_ns)
        .order_by(tables.outbox.c.next_ns, tables.outbox.c.id)
        .limit(1)
        .with_for_update(of=tables.outbox, skip_locked=True)
    )
    with ledger.engine.begin() as connection:
        row = connection.execute(query).one_or_none()
        if row is None:
            return None
        first_sent_ns = now_ns if row.first_sent_ns is None else row.first_sent_ns
        connection.execute(
            update(tables.outbox)
            .where(tables.outbox.c.id == row.id)
            .values(attempts=row.attempts + 1, first_sent_ns=first_sent_ns, next_ns=now_ns + LEASE_NS)
        )
    request = Request(row.key, row.kind, row.visit, row.amount, row.currency, row.payer, row.made_id)
    return request, first_sent_ns, row.attempts + 1


def _put_off(ledger: Ledger, key: str, attempts: int, why: str, now_ns: int) -> None:
    wait_ns = min(LONGEST_WAIT_NS, FIRST_WAIT_NS * 2 ** min(attempts - 1, 20))
    with ledger.engine.begin() as connection:
        connection.execute(
            update(tables.outbox).where(tables.outbox.c.key == key).values(next_ns=now_ns + wait_ns, last_error=why)
        )
