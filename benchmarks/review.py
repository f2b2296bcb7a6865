"""A rush hour of the twin before simulated reviewers, end to end over HTTP: how much people see, and what it mends.

Everything here is simulated: shop, shoppers, sensors and reviewers (wrong in 2 % of answers, 25 s a question at the
median, tiring; a person who saw the shelf at that time answers, and cannot tell what no shelf shows). The shop settles
alone from a threshold that was chosen, not certified. Times are of a simulated clock. Two numbers stand together:
questions needed to settle, and visits that any person saw for any reason (audits are in it), per 1,000 visits. A rush
hour is 30 visits of the sample store, as in `latency`; what is wrong after review is told apart: charged too much, or
too little, which is how a case ends that nobody could settle. About two minutes of one core a seed.
"""

import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks._desk_rush import ORDERS, Rush, needed, rush
from walkout.checkout.decide import settling_shipped
from walkout.checkout.receipt import Receipt
from walkout.evaluation.intervals import exact_share
from walkout.inference.belief import Belief
from walkout.live.till import Wishes
from walkout.review.reviewers import a_team
from walkout.store.folder import load
from walkout.store.shop import Store
from walkout.twin.record import record

ROOT = Path(__file__).resolve().parent.parent
SHOPPERS, MINUTES, SEED = 30, 60.0, 51
REVIEWERS, SETTLE_AT, AUDIT = 2, 0.98, 0.05
BARS = {"questions": 50.0, "wrong": 5.0, "p95_minutes": 2.0}


def run(
    json: bool,
    data: Path | None = None,
    shoppers: int = SHOPPERS,
    minutes: float = MINUTES,
    seeds: range | None = None,
    reviewers: int = REVIEWERS,
    settle_at: float = SETTLE_AT,
) -> dict[str, Any]:
    """Play a rush for each seed; print the figures unless `json`. `data` is not used."""
    del data
    store = load(ROOT / "examples" / "sample-store")
    wishes = Wishes(any_card=True, settle_at=settle_at, audit_share=AUDIT, answer_within_ns=900 * 10**9, durable=False)
    team = a_team(reviewers, error=0.02, seconds=25.0)
    done, started = [], time.perf_counter()
    for seed in seeds if seeds is not None else range(SEED, SEED + 1):
        with tempfile.TemporaryDirectory() as name:
            recording = record(store, Path(name) / "rush.mcap", shoppers=shoppers, minutes=minutes, seed=seed)
            done.append(rush(recording, store, Path(name) / "shop", wishes, team, seed))
        print(f"{seed}: {len(done[-1].truth)} visits, {time.perf_counter() - started:.0f} s", file=sys.stderr)
    figures = {
        "origin": "simulated",
        "threshold": f"{settle_at}, chosen, not certified",
        "reviewers": reviewers,
        "audited_share": AUDIT,
        "took_s": round(time.perf_counter() - started, 1),
        "load": os.getloadavg()[0],
        **_figures(done, store),
        "orders": _orders(done, settle_at),
    }
    figures["passed"] = bool(
        figures["questions_to_settle_per_1000"] <= BARS["questions"]
        and figures["wrong_after_per_1000"] <= BARS["wrong"]
        and (figures["minutes_to_final_if_asked"] or {}).get("p95", 0.0) <= BARS["p95_minutes"]
    )
    if not json:
        _show(figures)
    return figures


def _figures(done: Sequence[Rush], store: Store) -> dict[str, Any]:
    visits = [(one, visit) for one in done for visit in one.truth if visit in one.last]
    count = max(len(visits), 1)
    wrong_before = sum(_counts(one.first[v]) != _true(one, v) for one, v in visits)
    wrong_after = sum(_counts(one.last[v]) != _true(one, v) for one, v in visits)
    too_much = sum(bool(_less(_counts(one.last[v]), _true(one, v))) for one, v in visits)
    alone = [(one, v) for one, v in visits if v not in one.beliefs]
    wrong_alone = sum(_counts(one.last[v]) != _true(one, v) for one, v in alone)
    prices = {gtin: product.price for gtin, product in store.products.items()}
    given = sum((_worth(_less(_true(one, v), _counts(one.last[v])), prices) for one, v in visits), Decimal(0))
    over = sum((_worth(_less(_counts(one.last[v]), _true(one, v)), prices) for one, v in visits), Decimal(0))
    sold = sum((_worth(_true(one, v), prices) for one, v in visits), Decimal(0))
    asked = [(one, v) for one, v in visits if v in one.beliefs]
    took = [s for one in done for s in one.took_s]
    leases = max(sum(one.leases for one in done), 1)
    low, high = exact_share(wrong_after, len(visits)) if visits else (0.0, 1.0)
    return {
        "visits": len(visits),
        "cases": len(asked),
        "questions_to_settle_per_1000": round(sum(one.questions for one in done) * 1000 / count, 1),
        "seen_by_any_person_per_1000": round(sum(one.seen for one in done) * 1000 / count, 1),
        "seconds_a_question": _quantiles(took),
        "minutes_to_final": _quantiles([_minutes(one, v) for one, v in visits if v in one.final_ns]),
        "minutes_to_final_if_asked": _quantiles([_minutes(one, v) for one, v in asked if v in one.final_ns]),
        "wrong_before_per_1000": round(wrong_before * 1000 / count, 1),
        "wrong_after_per_1000": round(wrong_after * 1000 / count, 1),
        "wrong_after_95": [round(low * 1000, 1), round(high * 1000, 1)],
        "charged_too_much_after_per_1000": round(too_much * 1000 / count, 1),
        "settled_alone": len(alone),
        "wrong_alone": wrong_alone,
        "given_away": format(given, "f"),
        "overcharged": format(over, "f"),
        "taken_worth": format(sold, "f"),
        "clips_a_question": sum(n for one in done for n in one.clips) / leases,
        "with_curve_share": round(sum(one.curves for one in done) / leases, 3),
        "paid_hours_per_1000": round(sum(one.paid_s for one in done) / 3.6 / count, 1),
        "unfinished": sum(v not in one.final_ns for one, v in visits),
    }


def _orders(done: Sequence[Rush], settle_at: float) -> dict[str, Any]:
    """Answers until a case may settle, the questions asked in several orders, all answers right."""
    card = settling_shipped("simulated").card

    def settles(belief: Belief) -> bool:
        return card.exact(belief.p_right, empty=not belief.lines) >= settle_at

    found = {}
    for name, order in ORDERS.items():
        random = Random(name)  # noqa: S311 - a simulation
        counts = [needed(one, belief, settles, order, random) for one in done for belief in one.beliefs.values()]
        settled = [n for n in counts if n is not None]
        found[name] = {
            "cases": len(counts),
            "settled": len(settled),
            "answers_a_settled_case": round(float(np.mean(settled)), 2) if settled else None,
        }
    return found


def _minutes(one: Rush, visit: str) -> float:
    return max(0.0, (one.final_ns[visit] - one.last[visit].left_ns) / 60e9)


def _true(one: Rush, visit: str) -> dict[str, int]:
    return {gtin.zfill(14): n for gtin, n in one.truth[visit].basket.items() if n}


def _counts(receipt: Receipt) -> dict[str, int]:
    return {line.gtin: line.quantity for line in receipt.lines if line.quantity}


def _less(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {gtin: n - other.get(gtin, 0) for gtin, n in one.items() if n > other.get(gtin, 0)}


def _worth(items: Mapping[str, int], prices: Mapping[str, Decimal]) -> Decimal:
    return sum((prices[gtin] * n for gtin, n in items.items() if gtin in prices), Decimal(0))


def _quantiles(values: Sequence[float]) -> dict[str, float] | None:
    if not values:
        return None
    p50, p95 = np.quantile(np.asarray(values), [0.5, 0.95])
    return {"p50": round(float(p50), 2), "p95": round(float(p95), 2)}


def _show(figures: Mapping[str, Any]) -> None:
    console = Console(width=120, highlight=False)
    table = Table("simulated", "")
    for name, value in figures.items():
        if name != "orders":
            table.add_row(name.replace("_", " "), str(value))
    console.print(table)
    orders = Table("order of questions", "cases", "may settle", "answers a case that does")
    for name, row in figures["orders"].items():
        orders.add_row(name, str(row["cases"]), str(row["settled"]), str(row["answers_a_settled_case"]))
    console.print(orders)
