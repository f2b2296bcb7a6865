"""From ledgers to log: each row once, whatever crashes when."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from benchmarks._a_month import Setting, play
from sqlalchemy import select

from tests.disclosure.conftest import Month
from walkout.disclosure.entries import PERSON, VISIT
from walkout.disclosure.scribe import Scribe
from walkout.disclosure.tables import written
from walkout.privacy.log import Log

TINY = Setting(days=1, visits_a_day=6, team=1, shift_h=0.4, asks=0.5, erased=0)


def test_every_row_is_one_entry_and_the_second_time_nothing_is_new(played: Month) -> None:
    assert played.shop.scribe.write() == 0
    with played.shop.engine.connect() as connection:
        rows = connection.execute(select(written)).all()
    numbers = [row.number for row in rows if row.number is not None]
    assert len(numbers) == len(set(numbers)) > 100
    assert all(row.nonce == "" for row in rows)
    kinds = Counter(row.row.split("/")[0] for row in rows)
    assert set(kinds) == {"receipt", "look", "answer", "hours", "statement", "sent", "said", "voice", "voice-key"}
    entries = played.bundle.entries
    assert all(VISIT in entries[n].sealed or PERSON in entries[n].sealed for n in numbers)


class _CrashError(Exception):
    pass


@pytest.mark.parametrize("at", ["before the log", "after the log"])
def test_a_crash_between_database_and_log_leaves_nothing_out_and_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    shop = play(tmp_path, TINY)
    with shop.engine.begin() as connection:
        connection.execute(written.delete().where(written.c.row.like("hours/%")))  # as if they were new
    before = len(shop.vault.log)
    append = Log.append

    def crashing(self: Log, *entries: Any) -> int:
        if at == "after the log":
            append(self, *entries)
        raise _CrashError

    monkeypatch.setattr(Log, "append", crashing)
    with pytest.raises(_CrashError):
        shop.scribe.write()
    monkeypatch.undo()
    again = Scribe(shop.engine, shop.vault, lambda: shop.now_ns)
    fresh = again.write()
    made = len(shop.vault.log) - before
    with shop.engine.connect() as connection:
        hours = connection.execute(select(written.c.number).where(written.c.row.like("hours/%"))).scalars().all()
    assert len(set(hours)) == len(hours) == made
    assert fresh == (0 if at == "after the log" else made)
    assert None not in hours
    shop.close()


def test_a_shop_without_reviewers_has_a_log_too(tmp_path: Path) -> None:
    from walkout.checkout.storage import open_database
    from walkout.privacy.vault import Vault

    engine = open_database(tmp_path / "ledger.db", durable=False)
    with Vault(tmp_path / "vault", tmp_path / "secrets", 1) as vault:
        assert Scribe(engine, vault).write() == 0
    engine.dispose()
