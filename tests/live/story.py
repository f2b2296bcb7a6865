"""A shop without a broker, and the twin's messages straight into it: quick, and the same code otherwise."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from walkout.live.intake import Answer
from walkout.live.performer import Performer
from walkout.live.shop import Shop
from walkout.live.source import Broker, Message
from walkout.live.till import Wishes, open_till
from walkout.live.topics import topic
from walkout.store.shop import Store
from walkout.twin.party import Arrival
from walkout.twin.perform import perform

NOWHERE = Broker("127.0.0.1", 1, "", "")
WISHES = Wishes(any_card=True, answer_within_ns=0, durable=False)


def shop_in(folder: Path, store: Store, **wishes: Any) -> Shop:
    """A shop that others feed."""
    wanted = replace(WISHES, **wishes)
    return Shop(lambda: open_till(store, folder, wishes=wanted), store.name, None)


def messages(store: Store, arrivals: Iterable[Arrival], seconds: float, seed: int = 1) -> Iterator[Message]:
    """What the twin's devices publish, births first."""
    twin = Performer(store, NOWHERE, seed=seed, arrivals=arrivals, speed=9.0)
    for name in twin._devices():
        yield Message(topic(store.name, "status", name), twin._status("up"), time.time_ns(), retained=True)
    for _, ready in islice(perform(twin._sim, twin._due), int(seconds)):
        for observation in ready:
            about, data = twin._message(observation)
            yield Message(topic(store.name, about.kind, about.name), data, time.time_ns())


async def feed(shop: Shop, came: Iterable[Message], at_once: int = 20) -> list[Answer]:
    """Let the shop take messages in; what it answered."""
    answers: list[Answer] = []
    batch: list[Message] = []
    for message in came:
        batch.append(message)
        if len(batch) == at_once:
            answers += await shop.take(batch)
            batch = []
    return [*answers, *await shop.take(batch)]
