"""A fixed sample of `walkout bench kills`: real processes, ended by SIGKILL."""

from benchmarks.kills import run


def test_kill_9_loses_nothing_and_doubles_nothing() -> None:
    figures = run(json=True, kills=6, shoppers=2, minutes=0.3)
    rows = {row["label"]: row for row in figures["rows"]}
    assert rows["undisturbed"]["visits"] == 2
    assert rows["kill -9"]["kills"] == 4
    assert rows["kill -9, provider fails"]["kills"] == 2
    for row in rows.values():
        assert row["equal"], "receipts and payments are the undisturbed run's"
        assert row["replay"], "receipts are those of an offline replay of the journal, byte for byte"
        assert not row["doubled"]
        assert not row["differences"]
