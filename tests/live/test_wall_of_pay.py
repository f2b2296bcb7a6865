"""Pay does not know whether answers were right: two people, one always right and one always wrong, to the byte."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.live.desk_shop import Shop, desk_shop
from walkout.labour.statement import to_plain
from walkout.live.reviewing import Reviewing
from walkout.review.appeals import appeal, rule
from walkout.review.case import Body
from walkout.review.figures import figures
from walkout.review.gold import put_gold

BODY = Body("e1", 1, 2, "what", "Which product was it?", (("a", "tea"), ("b", "an oat bar")))
MONTH = "2026-09"


@dataclass
class Worked:
    """What somebody's month came to, and what was found of their answers."""

    pay: bytes
    right: int
    of: int


def worked(folder: Path, key: str | None, seconds: list[int], *, appeals: bool) -> Worked:
    """A shift of gold questions, all answered the same way; the same clock whatever is answered."""
    with desk_shop(folder) as shop:
        till = shop.till
        shop.team("settle", "gold")
        till.queues.gold_rates = (1.0, 1.0)
        for n in range(len(seconds)):
            put_gold(till.database, f"g{n}", BODY, "a", software_was_wrong=True, author="dee", t_ns=1)
        last = ""
        for length in seconds:
            lease = till.reviewing.lease("ada")
            assert lease is not None
            assert lease.purpose == "gold"
            shop.on(length)
            last = till.reviewing.submit("ada", lease.token, key, "sure").answer
        if appeals and key == "b":
            name = appeal(till.database, "ada", last, "It is an oat bar.", shop.now_ns)
            rule(till.database, name, "eve", upheld=False, reason="It is tea.", t_ns=shop.now_ns)
        shop.on(30)
        till.reviewing.shift("ada", "shift_ended")
        found = figures(till.database, "ada")
        return Worked(_pay(shop), found.right, found.of)


def _pay(shop: Shop) -> bytes:
    """The statement without what names one run: the chain's hash and the units' own names."""
    plain: dict[str, Any] = to_plain(shop.till.books.statement("ada", MONTH))
    del plain["log"]
    for one in plain["intervals"]:
        del one["unit"]
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)


def told_apart(place: Callable[[], Path], seconds: list[int], *, appeals: bool = False) -> bool:
    """Whether pay tells who was right: it must not."""
    right, wrong, nothing = (worked(place(), key, seconds, appeals=appeals) for key in ("a", "b", None))
    assert (right.right, right.of) == (len(seconds), len(seconds))
    assert (wrong.right, wrong.of, nothing.of) == (0, len(seconds), 0)
    return len({right.pay, wrong.pay, nothing.pay}) > 1


@pytest.fixture
def place(tmp_path: Path) -> Callable[[], Path]:
    count = iter(range(10_000))

    def fresh() -> Path:
        made = tmp_path / str(next(count))
        made.mkdir()
        return made

    return fresh


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 100), min_size=1, max_size=3), st.booleans())
def test_right_wrong_and_cannot_tell_are_paid_the_same_to_the_byte(
    place: Callable[[], Path], seconds: list[int], appeals: bool
) -> None:
    assert not told_apart(place, seconds, appeals=appeals)


def test_a_planted_bonus_for_being_right_is_found(place: Callable[[], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """A way past every import and column: where both rooms meet, somebody adds time to who was right."""
    before = Reviewing.submit

    def submit(self: Reviewing, worker: str, token: str, key: str | None, sure: Any) -> Any:
        if key == "a":
            grant = f"grant/{token}"
            self.books.ledger.happen(worker, "granted", grant, of=60 * 10**9, detail="well done", by="dee")
        return before(self, worker, token, key, sure)

    monkeypatch.setattr(Reviewing, "submit", submit)
    assert told_apart(place, [20, 30])
