"""Tags at the exit over a real broker, to a receipt that is paid; and no serial number is left on the disk."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import orjson

from tests.live.wire import running, sample, shop_at, twin_at, until
from walkout.live.performer import Performer
from walkout.live.replay import replay, replay_json
from walkout.recording.reader import open_recording
from walkout.recording.tags import TagFrame
from walkout.store import sgtin
from walkout.store.folder import pack, unpack
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member
from walkout.twin.settings import DEFAULT
from walkout.twin.tags import with_tags

STORE = unpack(pack(with_tags(sample(), 1.0)))
LONG_S = 240
HEARD = replace(DEFAULT, tag_read=1.0, tag_stray=0.0)


class Hearing(Performer):
    """The twin, which remembers the serial numbers that it spoke of."""

    serials: set[tuple[str, int]]

    def _message(self, observation):  # type: ignore[no-untyped-def]
        if isinstance(observation, TagFrame):
            self.serials |= {(tag.gtin, int(tag.item)) for tag in observation.tags}
        return super()._message(observation)


def test_a_visit_with_tags_is_paid_and_leaves_no_serial_number(tmp_path: Path) -> None:
    async def story() -> None:
        with running("amqtt", STORE, tmp_path) as (port, who):
            assert "tags-door" in who
            folder = tmp_path / "shop"
            shop = shop_at(folder, STORE, port, who, settle_at=0.0)
            await shop.open()
            shoppers = (Arrival(0.5, (Member(Build(), b.sequence(b.take, b.take)),)),)
            twin = Hearing(STORE, twin_at(port, who), seed=3, arrivals=shoppers, speed=6.0, settings=HEARD)
            twin.serials = set()
            await until(lambda: shop.source is not None and shop.source.connected)
            playing = asyncio.create_task(twin.run())
            ledger = shop.till.ledger
            await until(lambda: ledger.visits("settled"), LONG_S)
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)
            reader = shop.intake.devices["tags-door"]
            assert reader.state(time.time_ns()) == "ok"
            assert (reader.malformed, reader.missing) == (0, 0)
            (visit,) = ledger.visits()
            last = ledger.receipts(visit)[-1].receipt
            (truth,) = twin.truth
            assert {line.gtin: line.quantity for line in last.lines} == dict(truth.basket)
            assert all("read at the exit" in line.why for line in last.lines)
            assert ledger.payment(visit).net == last.total > 0
            rests = shop.till.evidence.of(visit)
            assert rests is not None
            assert {one["gtin"]: one["heard"] for one in rests["tags"]} == dict(truth.basket)
            issued = [one for revision in [visit] for one in ledger.receipts(revision)]
            await shop.close()

            journal = open_recording(folder / "journal")
            kept = [tag for one in journal.observations() if isinstance(one, TagFrame) for tag in one.tags]
            assert {tag.gtin for tag in kept} == set(truth.basket)
            assert len({(tag.gtin, tag.item) for tag in kept}) == len(twin.serials) == sum(truth.basket.values())
            replayed = orjson.loads(replay_json(replay(journal)))["receipts"][0]
            lines = [orjson.loads(one.published)["lines"] for one in issued]
            assert replayed["lines"] in lines, "the journal decides what the shop decided"
            nowhere(folder, twin.serials, [repr(kept)])

    asyncio.run(story())


def nowhere(folder: Path, serials: set[tuple[str, int]], more: list[str]) -> None:
    """No file of a shop holds a serial number: as digits, as a tag's memory, or as a URI."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 5
    held = [path.read_bytes().lower() for path in files] + [text.encode().lower() for text in more]
    for gtin, serial in serials:
        tag = sgtin.Sgtin(gtin, serial)
        for told in (str(serial), sgtin.hexadecimal(tag), f"{serial:x}"):
            assert not any(told.lower().encode() in data for data in held), told
