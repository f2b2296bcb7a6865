"""The dial: for each bar from which software could settle alone, what it would have meant for a month's visits.

What would have been wrong is what the receipts' own calibrated probabilities expect, not what anybody found: the report
says beside it what audits found.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import orjson
from sqlalchemy import Engine, select

from walkout.checkout import tables
from walkout.disclosure.source import Month

BARS: Final = (0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.993, 0.995, 0.997, 0.999, 1.0)
MARKS: Final = (700, 50, 20)
"""Of 1,000: what press said of Just Walk Out in 2022 (disputed), and both ends of its target."""


def dial(engine: Engine, when: Month, made: Mapping[str, Any]) -> dict[str, Any]:
    """Points of the dial, per 1,000 visits. Empty where no visit was decided."""
    of, visit = tables.receipts.c, tables.visits.c
    query = (
        select(of.visit, of.published)
        .join(tables.visits, visit.visit == of.visit)
        .where(visit.entered_ns.between(when.start_ns, when.end_ns - 1))
        .order_by(of.visit, of.revision)
    )
    with engine.execution_options(walkout_reads=True).begin() as connection:
        first: dict[str, dict[str, Any]] = {}
        for row in connection.execute(query):
            first.setdefault(row.visit, orjson.loads(row.published))
    if not first:
        return {"points": [], "marks": list(MARKS), "visits": 0, "basis": "no visit yet"}
    p = np.array([one["p_exact"] for one in first.values()])
    total = np.array([float(one["total"]) for one in first.values()])
    shown = np.array([_shown(one) for one in first.values()])
    audits = made["accuracy"]["least_audit_probability"]["value"] or 0.0
    seconds = made["human_work"]["seconds_per_answer"]["p50"]["value"]
    points = []
    for bar in BARS:
        alone = p >= bar
        asked = 1000.0 * float(np.mean(~alone))
        looks = asked + 2.0 * audits * (1000.0 - asked)  # two people a blind audit
        points.append(
            {
                "settle_at": bar,
                "questions": round(asked, 2),
                "seen": round(asked + audits * (1000.0 - asked), 2),
                "wrong": round(1000.0 * float(np.sum((1.0 - p)[alone])) / len(p), 3),
                "given_away": round(1000.0 * float(np.sum((total - shown)[~alone])) / len(p), 2),
                "paid_hours": None if seconds is None else round(looks * seconds / 3600.0, 3),
            }
        )
    return {
        "points": points,
        "marks": list(MARKS),
        "visits": len(p),
        "basis": (
            "first receipts of the month; questions: one for each visit below the bar, at least; wrong: expected by "
            "the receipts' own probabilities; given away: if nobody answered; hours: looks at the median length"
        ),
    }


def _shown(receipt: Mapping[str, Any]) -> float:
    return float(
        sum(float(line["unit_price"]) * line["quantity"] for line in receipt["lines"] if line.get("shown", True))
    )
