"""The engine tried before the shop listens: it sees one event, and leaves no trace."""

from dataclasses import replace

from tests.live.wire import sample
from walkout.live.warm import warm


def test_a_throw_away_engine_sees_what_was_taken() -> None:
    store = sample()
    assert warm(store) == 1
    assert warm(store) == 1


def test_a_shop_without_scales_has_nothing_to_try() -> None:
    assert warm(replace(sample(), fixtures=())) == 0
