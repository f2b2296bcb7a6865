"""Backup and restore: the restored shop has the same receipts and money and goes on; nothing is overwritten."""

import asyncio
import tarfile
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from tests.live.story import WISHES, feed, messages, shop_in
from tests.live.wire import sample
from walkout.checkout.ledger import Issued
from walkout.cli.app import app
from walkout.live.backup import DATABASES, BackupError, backup, expire, restore
from walkout.live.till import open_till
from walkout.privacy.retention import BACKUP_NS, DAY_NS, ERASED_WITHIN_NS, KEEP_NS
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member

STORE = sample()
STORY = (Arrival(0.5, (Member(Build(), b.take),)), Arrival(8.0, (Member(Build(), b.take),)))


def told(issued: Issued) -> dict[str, Any]:
    """A receipt less the instant of leaving: a new process takes its own measure of a device's clock."""
    found: dict[str, Any] = orjson.loads(issued.published)
    return {name: value for name, value in found.items() if name != "left_ns"}


def test_a_shop_that_is_open_is_backed_up_and_goes_on_elsewhere(tmp_path: Path) -> None:
    async def story() -> None:
        here = shop_in(tmp_path / "here", STORE)
        await here.open(listen=False)
        all_of_it = list(messages(STORE, STORY, 40))
        half = len(all_of_it) // 2
        await feed(here, all_of_it[:half])
        await here.do(here.till.runner.snapshot)
        backup(tmp_path / "here", tmp_path / "shop.tar.gz")
        restore(tmp_path / "shop.tar.gz", tmp_path / "there")
        there = shop_in(tmp_path / "there", STORE)
        await there.open(listen=False)
        assert there.till.ledger.visits() == here.till.ledger.visits()
        for shop in (here, there):
            await feed(shop, all_of_it[half:])
            await shop.do(shop.till.runner.finish)
            for minutes in range(3):  # the provider's answers, and what waits for a second try
                await shop.do(partial(shop.till.cashier.work, minutes * 60 * 10**9))
        visits = here.till.ledger.visits()
        assert len(visits) == 2
        assert there.till.ledger.visits() == visits
        for visit in visits:
            ours, theirs = here.till.ledger.receipts(visit), there.till.ledger.receipts(visit)
            assert [told(one) for one in ours] == [told(one) for one in theirs]
            assert here.till.ledger.payment(visit).net == there.till.ledger.payment(visit).net
        for shop in (here, there):
            await shop.close()

    asyncio.run(story())
    assert (tmp_path / "shop.tar.gz").stat().st_mode & 0o077 == 0
    assert all(p.stat().st_mode & 0o077 == 0 for p in (tmp_path / "there" / "secrets").iterdir())


def test_nothing_is_overwritten_and_nothing_else_is_taken_for_a_backup(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="found no journal"):
        backup(tmp_path, tmp_path / "x.tar.gz")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").touch()
    with pytest.raises(BackupError, match="found files in"):
        restore(tmp_path / "x.tar.gz", tmp_path / "full")
    (tmp_path / "odd.tar.gz").write_bytes(b"no archive")
    with pytest.raises(BackupError, match="is no backup of a shop"):
        restore(tmp_path / "odd.tar.gz", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_every_book_of_a_shop_is_in_its_backup(tmp_path: Path) -> None:
    till = open_till(STORE, tmp_path / "shop", wishes=WISHES)
    till.close()
    assert {path.name for path in (tmp_path / "shop").glob("*.db")} == set(DATABASES)


NOW = 1_790_000_000 * 10**9


def test_backups_end_sooner_than_erasing_is_promised_within_and_hold_no_key(tmp_path: Path) -> None:
    assert BACKUP_NS < ERASED_WITHIN_NS
    till = open_till(STORE, tmp_path / "shop", wishes=WISHES)
    till.vault.clips.put("v1", "e1.c1", b"video", {}, 1)
    till.vault.keep_training("v1", 1)
    till.close()
    kept = tmp_path / "kept"
    kept.mkdir()
    for days in (0, 13, 14, 40):
        backup(tmp_path / "shop", kept / f"{days:02}.tar.gz", NOW - days * DAY_NS)
    (kept / "somebody-elses.tar.gz").write_bytes(b"old, and no backup of a shop")
    with tarfile.open(kept / "00.tar.gz") as tar:
        names = tar.getnames()
    assert not [name for name in names if name.startswith(("vault/keys", "vault/clips", "vault/training", "vault/raw"))]
    with pytest.raises(BackupError, match="found backups to be kept for 30 days, right: less than 30"):
        expire(kept, ERASED_WITHIN_NS, NOW)
    assert len(list(kept.iterdir())) == 5, "a folder that would break the promise is not touched"
    assert [path.name for path in expire(kept, BACKUP_NS, NOW)] == ["14.tar.gz", "40.tar.gz"]
    assert sorted(path.name for path in kept.iterdir()) == ["00.tar.gz", "13.tar.gz", "somebody-elses.tar.gz"]


def test_one_that_should_have_expired_comes_back_only_where_that_is_asked_for(tmp_path: Path) -> None:
    open_till(STORE, tmp_path / "shop", wishes=WISHES).close()
    backup(tmp_path / "shop", tmp_path / "old.tar.gz", NOW - ERASED_WITHIN_NS)
    with pytest.raises(BackupError, match="found a backup that is 30 days old"):
        restore(tmp_path / "old.tar.gz", tmp_path / "there", NOW)
    assert not (tmp_path / "there").exists()
    restore(tmp_path / "old.tar.gz", tmp_path / "there", NOW, old=True)
    assert (tmp_path / "there" / "ledger.db").is_file()


def test_the_command_deletes_what_is_too_old_beside_the_new_one(tmp_path: Path) -> None:
    open_till(STORE, tmp_path / "shop", wishes=WISHES).close()
    backup(tmp_path / "shop", tmp_path / "old.tar.gz", 1)
    call = ["store", "backup", str(tmp_path / "shop"), str(tmp_path / "new.tar.gz")]
    refused = CliRunner().invoke(app, [*call, "--keep", "30"])
    assert refused.exit_code == 2
    assert (tmp_path / "old.tar.gz").exists()
    assert not (tmp_path / "new.tar.gz").exists()
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    assert not (tmp_path / "old.tar.gz").exists()
    assert (tmp_path / "new.tar.gz").exists()
    assert KEEP_NS["clip"] < BACKUP_NS < ERASED_WITHIN_NS
