"""The month certificates of a running shop: none before the seed may be known, and a file that anybody can check."""

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from tests.live.desk_shop import OAT, TEA, desk_shop, sure
from walkout.live.months import LATE_NS, Months
from walkout.review import month
from walkout.review.case import ReviewError
from walkout.web.api.month_routes import month_row

DAY = 86_400.0


def test_a_month_is_certified_once_it_is_over_and_its_audits_are(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        till = shop.till
        till.desk.watch.share = 0.999999
        shop.team()
        for visit in ("v1", "v2", "v3"):
            shop.visit(sure(visit))
        name = f"{datetime.fromtimestamp(shop.now_ns / 1e9, UTC):%Y-%m}"
        months = Months(till.queues, till.secrets, till.store)
        (now,) = months.all()
        assert (now.month, now.settled_alone, now.drawn, now.judged, now.certificate) == (name, 3, 3, 0, None)
        assert month_row(now)["sentences"][1].startswith("No certificate yet: the month is not over")
        with pytest.raises(ReviewError, match="the month is not over"):
            months.file(name)
        for key in (f"{TEA}*1", f"{OAT}*1"):  # one right, one that software had wrong; nobody judges the third
            for who in ("ada", "ben"):
                shop.answer(who, key)
        while f"{datetime.fromtimestamp(shop.now_ns / 1e9, UTC):%Y-%m}" == name:
            shop.on(DAY)
        (late,) = [one for one in months.all() if one.month == name]
        assert "1 audits of it wait" in late.why_not
        shop.on(LATE_NS / 1e9)
        (over,) = [one for one in months.all() if one.month == name]
        assert over.certificate is not None
        assert over.certificate["bounds"]["wrong"]["most"] == 2, "what was not judged counts as wrong"
        words = month_row(over)["sentences"]
        assert "at most 2 were wrong" in words[0]
        assert "1 of those drawn could not be judged; they count as wrong." in words
        data = months.file(name)
        assert month.verify(data) == ()
        forged = orjson.loads(data)
        forged["certificate"]["bounds"]["wrong"]["most"] = 0
        assert month.verify(orjson.dumps(forged))
        with pytest.raises(ReviewError, match="found no month"):
            months.file("1999-01")
