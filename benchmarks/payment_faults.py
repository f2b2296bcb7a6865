"""A table of a payment provider's faults by name, through the Stripe adapter and a stateful fake of Stripe. Simulated.

Each row plays visits (hold, growth, part of it captured, a part given back) with one fault at every first request, or
with a hold that ends or a webhook that comes twice, then reconciles. `whole`: the fake's books say that the shopper
paid what the last receipt says, and reconciliation finds no difference.
"""

import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.checkout.test_stripe import Shop

from walkout.checkout.faults import Fault
from walkout.checkout.reconcile import reconcile
from walkout.checkout.storage import open_database

VISITS = 3
BY_NAME = {
    "none": Fault.NONE,
    "timeout before the effect": Fault.TIMEOUT_BEFORE,
    "timeout after the effect, no webhook": Fault.TIMEOUT_AFTER,
    "timeout, the effect comes later": Fault.LATE,
    "request and webhook doubled": Fault.DUPLICATE,
    "webhook before the answer": Fault.WEBHOOK_FIRST,
    "hold ended early": Fault.EXPIRE,
    "no answer for a day, then the key forgotten": Fault.FORGET,
}


def run(json: bool, data: Path | None = None, visits: int = VISITS) -> dict[str, Any]:
    """Measure; print a table unless `json`. `data` is not used; `passed`: every visit's money was whole."""
    del data
    rows = [_row(name, fault, visits) for name, fault in BY_NAME.items()]
    figures = {"origin": "simulated", "rows": rows, "passed": all(row["whole"] == row["visits"] for row in rows)}
    if not json:
        print("| fault | visits | requests | whole | differences |")
        print("|---|---|---|---|---|")
        for row in rows:
            cells = (row["fault"], row["visits"], row["requests"], row["whole"], row["differences"])
            print("| " + " | ".join(map(str, cells)) + " |")
    return figures


def _row(name: str, fault: Fault, visits: int) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp())
    started = time.perf_counter()
    engine = open_database(folder / "ledger.db", durable=False)
    shop = Shop(engine)
    shop.fake.fault = lambda _kind, before: fault if before == 0 else Fault.NONE
    try:
        for number in range(visits):
            shop.visit("12.50", "11.00", basket="30.00", visit=f"v{number}")
            shop.issue(f"v{number}", 1, "12.50")
            shop.quiet()
        differences = reconcile(shop.ledger, shop.stripe)
        whole = sum(shop.fake.taken(f"v{number}") == 1250 for number in range(visits))
        return {
            "fault": name,
            "visits": visits,
            "requests": shop.fake.posts,
            "whole": whole if not differences else 0,
            "differences": len(differences),
            "seconds": round(time.perf_counter() - started, 1),
        }
    finally:
        shop.fake.close()
        engine.dispose()
        shutil.rmtree(folder)
