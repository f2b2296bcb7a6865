"""The table of payment faults: each named fault comes about with both providers, and money stays whole."""

import pytest

pytest.importorskip("stripe", reason="Stripe's own library (MIT) is optional: ./run extras")
from benchmarks.payment_faults import BY_NAME, Fake, Stripe, _row

NAMED = (
    "timeout before capture",
    "timeout after capture",
    "duplicate webhook",
    "webhook before answer",
    "partial capture",
    "expired hold",
)


@pytest.mark.parametrize("kind", [Fake, Stripe])
@pytest.mark.parametrize("name", NAMED)
def test_money_is_whole_under_each_named_fault(kind: type[Fake | Stripe], name: str) -> None:
    row = _row(kind, name, BY_NAME[name], 2)
    assert row["met"] >= row["visits"] == row["whole"] == 2
    assert row["differences"] == 0


def test_a_provider_whose_books_differ_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fake, "taken", lambda _self, _visit: 0)
    assert _row(Fake, "none", BY_NAME["none"], 1)["whole"] == 0
