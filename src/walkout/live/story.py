"""The demo's story over the real wire: an embedded broker, the twin's devices, a shop; and what came of it."""

import asyncio
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from walkout.checkout.decide import rung_shipped
from walkout.checkout.receipt import Receipt
from walkout.live import broker as embedded
from walkout.live.accounts import SHOP, TWIN, accounts
from walkout.live.desk import TRIMMED
from walkout.live.performer import Performer
from walkout.live.secrets import Secrets
from walkout.live.shop import Shop
from walkout.live.source import Broker
from walkout.live.till import Till, Wishes, open_till
from walkout.store.shop import Store
from walkout.twin.party import Arrival
from walkout.twin.simulation import START_NS

SPEED = 8.0
PATIENCE_S = 300.0
"""A story that takes longer has gone wrong."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a story came to."""

    receipts: tuple[Receipt, ...]
    """The last revision of each visit's receipt, in order of entry."""
    paid: Mapping[str, str]
    """Visit to what was taken for it, by a provider that moves no money."""
    baskets: Mapping[str, Mapping[str, int]]
    """What each visit really left with: the twin's truth."""
    messages: int
    provisional_s: tuple[float, ...]
    """From exit message to provisional receipt."""
    journal: Path

    @property
    def exact(self) -> float:
        """The share of visits of which the software's decision, with all lines, is the truth."""
        right = sum(_counts(receipt) == dict(self.baskets.get(receipt.visit, {})) for receipt in self.receipts)
        return right / max(len(self.receipts), 1)


async def tell(store: Store, folder: Path, arrivals: Iterable[Arrival], *, seed: int, speed: float = SPEED) -> Told:
    """Play a story in a folder that holds no shop yet.

    Raises:
        OSError: the broker did not come up.
        TimeoutError: it took too long.
    """
    coming = tuple(arrivals)
    visits = sum(arrival.role == "shopper" for arrival in coming)
    who = {one.name: one for one in accounts(store, Secrets(folder / "secrets"))}
    port = _free_port()
    child = await asyncio.to_thread(embedded.start, tuple(who.values()), port)
    try:

        def make() -> Till:
            return open_till(store, folder, wishes=Wishes(any_card=True, answer_within_ns=0, settle_at=rung_shipped()))

        shop = Shop(make, store.name, Broker("127.0.0.1", port, SHOP, who[SHOP].password))
        await shop.open()
        twin = Performer(
            store, Broker("127.0.0.1", port, TWIN, who[TWIN].password), seed=seed, arrivals=coming, speed=speed,
            start_ns=START_NS,
        )  # fmt: skip
        playing = asyncio.create_task(twin.run())
        try:
            await _until_settled(shop, visits, playing)
        finally:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)
            told = _told(shop, twin)
            await shop.close()
        return told
    finally:
        embedded.stop(child)


async def _until_settled(shop: Shop, visits: int, playing: asyncio.Task[None]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while len(shop.till.ledger.visits("settled")) < visits:
        if playing.done():
            await playing
        if time.monotonic() > deadline:
            raise TimeoutError(f"the story took more than {PATIENCE_S:.0f} s; {'; '.join(shop.degraded())}")
        await asyncio.sleep(0.1)


def _told(shop: Shop, twin: Performer) -> Told:
    ledger = shop.till.ledger
    decided: list[Receipt] = []
    for visit in ledger.visits():
        issued = ledger.receipts(visit)
        # The software's decision is the last revision that has all lines; what nobody answered may have fewer.
        full = [one for one in issued if one.reason not in TRIMMED] or list(issued)
        decided.append(full[-1].receipt)
    truth = {twin.visits[one.party]: dict(one.basket) for one in twin.truth if one.party in twin.visits}
    return Told(
        tuple(sorted(decided, key=lambda receipt: receipt.entered_ns)),
        {visit: format(ledger.payment(visit).net, "f") for visit in ledger.visits()},
        truth,
        shop.taken,
        tuple(shop.latency_s),
        shop.till.folder / "journal",
    )


def _counts(receipt: Receipt) -> dict[str, int]:
    return {line.gtin: line.quantity for line in receipt.lines}


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
