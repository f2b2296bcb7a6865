"""A shop that was open for half a minute, with planted markers in everything that is kept of one of its visits."""

import asyncio
import io
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import orjson
from mcap.exceptions import EndOfFile, McapError
from mcap.records import Message
from mcap.stream_reader import StreamReader

from tests.live.story import feed, messages, shop_in
from tests.live.wire import sample
from walkout.live.disputes import Disputes
from walkout.live.shop import Shop
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member

STORE = sample()
STORY = (Arrival(0.5, (Member(Build(), b.take),)), Arrival(4.0, (Member(Build(1.7), b.take),)))
FRAME, NAME = b"MARKER-IN-A-FRAME-5d1e", "Marker Name-7c3a"
OTHER = b"MARKER-OF-ANOTHER-9b2f"


@dataclass
class Marked:
    """The shop, the visit with the markers, another one, and the tokens that came over the wire."""

    shop: Shop
    folder: Path
    visit: str
    other: str
    tokens: list[str]


def marked(folder: Path) -> Marked:
    """Open a shop, let two parties in and out, and plant the markers."""
    shop = shop_in(folder, STORE)
    said = list(messages(STORE, STORY, 34))
    tokens = [
        orjson.loads(one.data)["credential"]
        for one in said
        if "/gate/" in one.topic and orjson.loads(one.data).get("credential")
    ]

    async def story() -> None:
        await shop.open(listen=False)
        await feed(shop, said)
        await shop.do(shop.till.runner.finish)
        for minutes in range(4):
            await shop.do(partial(shop.till.cashier.work, minutes * 60 * 10**9))
        await shop.do(shop.till.record.work)

    asyncio.run(story())
    till = shop.till
    visit, other = sorted(till.ledger.visits("settled"))[:2]
    now_ns = till.record.now_ns()
    till.vault.clips.put(visit, "e1.c1", FRAME * 40, {"event": "e1"}, now_ns)
    till.vault.clips.put(other, "e1.c1", OTHER * 40, {"event": "e1"}, now_ns)
    till.record.looked(visit, now_ns, "op", "operator", "page")
    disputes = Disputes(till)
    case = disputes.open(visit, "wrong", f"I am {NAME}", now_ns)
    if case.state == "open":
        disputes.close(case.id, "rejected", f"told {NAME}", "op", now_ns)
    return Marked(shop, folder, visit, other, sorted(set(tokens)))


def everything(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file's bytes; what is packed inside a recording or an archive too."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        yield str(path.relative_to(folder)), data
        if path.suffix == ".mcap":
            with suppress(McapError, EndOfFile):  # the last chunk of a shop that is open is not whole yet
                for record in StreamReader(io.BytesIO(data)).records:
                    if isinstance(record, Message):
                        yield f"{path.name}/{record.channel_id}", record.data
        if path.name.endswith(".tar.gz"):
            with tarfile.open(path) as tar:
                for member in tar.getmembers():
                    inside = tar.extractfile(member)
                    if inside is not None:
                        yield f"{path.name}:{member.name}", inside.read()


def where(folder: Path, *markers: str | bytes) -> list[str]:
    """The files in which any marker is found."""
    wanted = [one.encode() if isinstance(one, str) else one for one in markers]
    return sorted({name for name, data in everything(folder) if any(one in data for one in wanted)})
