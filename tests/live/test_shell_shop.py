"""The example that needs nothing but a shell and mosquitto_pub: a whole visit, to a receipt that is paid."""

import asyncio
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from tests.live.wire import running, shop_at, until
from walkout.store.folder import load

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "shell-shop"


def test_a_shell_script_drives_a_visit_to_a_paid_receipt(tmp_path: Path) -> None:
    if shutil.which("mosquitto_pub") is None:
        pytest.skip("no mosquitto_pub here: apt install mosquitto-clients")
    store = load(FOLDER)

    async def story() -> None:
        with running("mosquitto", store, tmp_path) as (port, who):
            shop = shop_at(tmp_path / "shop", store, port, who)
            await shop.open()
            await until(lambda: shop.source is not None and shop.source.connected)
            script = await asyncio.create_subprocess_exec(FOLDER / "visit.sh", str(port), who["twin"].password)
            assert await asyncio.wait_for(script.wait(), 90) == 0
            await until(lambda: shop.till.ledger.visits("settled"), 30)
            (visit,) = shop.till.ledger.visits()
            issued = shop.till.ledger.receipts(visit)
            receipt = issued[-1].receipt
            assert [(line.name, line.quantity) for line in receipt.lines] == [("Still water 0.4 l", 1)]
            assert shop.till.ledger.payment(visit).net == receipt.total == Decimal("0.89")
            assert issued[0].reason.startswith("provisional")
            devices = shop.intake.devices.values()
            assert sum(d.malformed + d.missing + d.duplicates for d in devices) == 0
            await shop.close()

    asyncio.run(story())
