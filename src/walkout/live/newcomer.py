"""The demonstration's desk: whoever opened it may be the reviewer of their own receipt, else a simulated one answers.

Only where the twin plays in a simulated shop. A real shop has neither: nobody there picks the visit that they look at,
and nobody is played.
"""

import asyncio
from typing import Final

from sqlalchemy import select

from walkout.live.reviewing import INVENTED
from walkout.live.shop import Shop
from walkout.live.till import Till
from walkout.review import tables
from walkout.review.case import SECOND_NS, Lease

SIMULATED: Final = "simulated-reviewer"
EMPLOYER: Final = "the demonstration (invented)"
AFTER_NS: Final = 30 * SECOND_NS
"""So long a question waits for a person before the simulated reviewer takes it."""
PURPOSE: Final = "settle"
WAITS_S: Final = 20.0
"""A receipt is weighed for some seconds after the exit."""


def join(till: Till, name: str) -> None:
    """Somebody is on the demonstration's team from now on; said again it does nothing. Raises LabourError."""
    till.reviewing.add(name, INVENTED, "employed", EMPLOYER)


def sit(till: Till, name: str, visit: str) -> Lease | None:
    """Sit down before the question of one's own visit: agree to the purpose, begin a shift, and take it.

    What else is in hand goes back. None: nothing is asked of that visit, or somebody has it.
    """
    reviewing = till.reviewing
    join(till, name)
    if PURPOSE not in till.books.accepted(name):
        reviewing.accept(name, PURPOSE)
    reviewing.shift(name, "shift_started")
    reviewing.shift(name, "break_ended")
    for lease in till.queues.held(name):
        if lease.visit == visit and not lease.ahead:
            return lease
        reviewing.put_back(name, lease.token)
    return reviewing.lease(name, visit=visit)


async def seat(shop: Shop, name: str, visit: str, *, within_s: float = WAITS_S) -> Lease | None:
    """As `sit`, but a receipt that is still being weighed is waited for: its question is taken as its case opens.

    Each receipt of that visit that the shop tells of is a reason to look; nothing is asked again and again. None: it
    settled without a question, or none came in `within_s`.
    """
    heard = shop.view.listen()
    try:
        async with asyncio.timeout(within_s):
            while True:
                lease, final = await shop.do(lambda: (sit(shop.till, name, visit), _is_final(shop.till, visit)))
                if lease is not None or final:
                    return lease
                while (said := await heard.get()) is not None:
                    if said["type"] == "receipt" and said["receipt"]["visit"] == visit:
                        break
                else:  # more was said than this heard: it may have been among that
                    shop.view.unlisten(heard)
                    heard = shop.view.listen()
    except TimeoutError:
        return None
    finally:
        shop.view.unlisten(heard)


def _is_final(till: Till, visit: str) -> bool:
    last = till.cashier.last(visit)
    return last is not None and last.final


def stand_in(till: Till) -> int:
    """Answer what nobody took in time, by the likeliest candidate; gives how many answers.

    That says nothing of how good people are: it is there so that a receipt does not wait for nobody.
    """
    join(till, SIMULATED)
    reviewing, done = till.reviewing, 0
    if PURPOSE not in till.books.accepted(SIMULATED):
        reviewing.accept(SIMULATED, PURPOSE)
    before_ns = till.queues.now_ns() - AFTER_NS
    while (lease := reviewing.lease(SIMULATED, opened_before_ns=before_ns)) is not None:
        pairs = lease.body.candidates
        reviewing.submit(SIMULATED, lease.token, pairs[0][0] if pairs else None, "likely")
        done += 1
    if done:
        reviewing.shift(SIMULATED, "shift_ended")
    return done


def answered_by(till: Till, visit: str) -> str | None:
    """Whose answer on a visit was the last one; None: nobody's."""
    of, asked = tables.answers.c, tables.questions.c
    query = select(of.worker).join(tables.questions, of.question == asked.question).where(asked.visit == visit)
    with till.queues.reading.begin() as connection:
        return connection.execute(query.order_by(of.t_ns.desc()).limit(1)).scalar()
