"""After an erasure the planted markers are found nowhere: disk, database, log, backups that have expired."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update
from typer.testing import CliRunner

from tests.disclosure.shop import FRAME, NAME, OTHER, STORE, Marked, marked, where
from tests.disclosure.test_templates import KEPT
from walkout.checkout import tables as checkout
from walkout.cli.app import app
from walkout.live.backup import backup, expire
from walkout.live.erasure import ErasureError, erase_visit
from walkout.live.record import BEFORE_NS
from walkout.privacy.audit import audit
from walkout.privacy.keys import KeyGoneError
from walkout.privacy.segments import SLICE_NS, RawPacket
from walkout.review import tables as review
from walkout.review.consent import agree, consent_of

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "sample-store"
SECOND_NS = 10**9
DAY_NS = 86_400 * SECOND_NS


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Marked]:
    found = marked(tmp_path / "shop")
    yield found
    asyncio.run(found.shop.close())


def test_what_was_planted_is_found_nowhere_and_accounts_and_log_stay_whole(here: Marked, tmp_path: Path) -> None:
    till, folder = here.shop.till, here.folder
    archives = tmp_path / "backups"
    archives.mkdir()
    backup(folder, archives / "before.tar.gz")
    assert where(folder, NAME) != []  # the search does find it
    assert where(archives, NAME) != []
    assert where(folder, FRAME) == []  # clips are sealed from the start
    video, _ = till.vault.clips.get(here.visit, "e1.c1")
    assert FRAME in video
    assert OTHER not in video
    (folder / "journal" / "debug.log").write_bytes(b"x" * 1000 + FRAME)  # and a planted copy
    assert where(folder, FRAME) == ["journal/debug.log"]
    (folder / "journal" / "debug.log").unlink()
    with till.database.begin() as connection:
        case = update(checkout.cases).where(checkout.cases.c.visit == here.visit)
        connection.execute(case.values(state="open", closed_ns=None))
    with pytest.raises(ErasureError, match="open dispute"):
        erase_visit(till.database, till.record, here.visit)
    with till.database.begin() as connection:
        connection.execute(case.values(state="closed", closed_ns=1))
        of_other = update(checkout.visits).where(checkout.visits.c.visit == here.other)
        connection.execute(of_other.values(stage="inside"))
    with pytest.raises(ErasureError, match="not settled"):
        erase_visit(till.database, till.record, here.other)
    agreed = agree(till.database, here.visit, 1)
    with till.database.begin() as connection:  # and somebody marked their clips, with consent
        mark = {
            "clip": "e1.c1",
            "revision": 0,
            "visit": here.visit,
            "consent": agreed.consent,
            "by": "person",
            "t_ns": 1,
        }
        connection.execute(insert(review.annotations).values(**mark, body=f'"{NAME}"'))
    before = [(one.total, one.sha256) for one in till.ledger.receipts(here.visit)]
    net, entries = till.ledger.payment(here.visit).net, len(till.vault.log)

    done = erase_visit(till.database, till.record, here.visit)
    assert done.keys >= 2  # clips, and whose the entries were
    assert done.files == 1
    assert done.rows >= 2
    assert where(folder, NAME, FRAME, *here.tokens) == []
    with pytest.raises(KeyGoneError):
        till.vault.clips.get(here.visit, "e1.c1")
    assert till.evidence.of(here.visit) is None
    assert consent_of(till.database, here.visit) is None
    assert till.record.proofs.of_visit(here.visit) is None
    assert [(one.total, one.sha256) for one in till.ledger.receipts(here.visit)] == before
    assert till.ledger.payment(here.visit).net == net
    assert len(till.vault.log) > entries
    assert audit(till.vault.log.folder).whole
    assert till.vault.clips.get(here.other, "e1.c1")[0].startswith(OTHER)
    assert till.record.proofs.of_visit(here.other) is not None

    assert where(archives, FRAME, *here.tokens) == []  # a backup holds no keys and no clips
    os.utime(archives / "before.tar.gz", ns=(0, 0))
    backup(folder, archives / "after.tar.gz")
    assert [path.name for path in expire(archives, DAY_NS, till.record.now_ns())] == ["before.tar.gz"]
    assert where(archives, NAME, FRAME) == []


SEEN = b"MARKER-IN-RAW-VIDEO"


def filmed(here: Marked, from_ns: int, to_ns: int) -> None:
    """A picture a second, each of which decodes alone and says when it was taken."""
    writer = here.shop.till.vault.raw_writer(STORE.cameras[0].id)
    for t_ns in range(from_ns, to_ns, SECOND_NS):
        writer.write(RawPacket(t_ns, True, b"%s %d" % (SEEN, t_ns)), t_ns)
    writer.close()


def still_there(here: Marked, from_ns: int, to_ns: int) -> list[int]:
    return [int(one.data.split()[1]) for one in here.shop.till.vault.raw(STORE.cameras[0].id, from_ns, to_ns)]


def span_of(here: Marked, visit: str) -> tuple[int, int]:
    of = checkout.visits.c
    with here.shop.till.database.begin() as connection:
        row = connection.execute(select(of.entered_ns, of.left_ns).where(of.visit == visit)).one()
    return row.entered_ns, row.left_ns


def test_the_raw_video_of_an_erased_visits_time_is_written_anew_without_it(here: Marked) -> None:
    """Inside of the raw window; while somebody else's receipt may need that time, it waits, and is done by itself."""
    till = here.shop.till
    record = till.record
    entered_ns, left_ns = span_of(here, here.visit)
    from_ns, to_ns = entered_ns - 120 * SECOND_NS, left_ns + 120 * SECOND_NS
    filmed(here, from_ns, to_ns)
    whole = still_there(here, from_ns, to_ns)
    assert len(whole) > 240
    record.now_ns = lambda: to_ns + 2 * SLICE_NS + 60 * SECOND_NS  # both slices are closed, none has ended
    stage = update(checkout.visits).where(checkout.visits.c.visit == here.other)
    with till.database.begin() as connection:
        connection.execute(stage.values(stage="waiting"))
    first = erase_visit(till.database, record, here.visit)
    assert (first.raw_packets, first.raw_waits) == (0, True)
    assert still_there(here, from_ns, to_ns) == whole
    with till.database.begin() as connection:
        connection.execute(stage.values(stage="settled"))
    record.retain()  # the hourly job
    gone = {t for t in whole if entered_ns - BEFORE_NS <= t <= left_ns + BEFORE_NS}
    assert still_there(here, from_ns, to_ns) == [t for t in whole if t not in gone]
    assert len(gone) >= 20
    assert not till.vault.cuts
    assert record.vault.unproven(record.policy, record.now_ns()) == ()
    assert audit(till.vault.log.folder).whole
    names = [str(path.relative_to(here.folder)) for path in here.folder.rglob("*") if path.is_file()]
    assert [name for name in names if not KEPT.fullmatch(name)] == []
    assert where(here.folder, SEEN) == []


def test_from_the_command_line_once_the_shop_is_closed(tmp_path: Path) -> None:
    found = marked(tmp_path / "shop")
    call = ["erase", found.visit, "--data", str(found.folder), "--store", str(SAMPLE)]
    refused = CliRunner().invoke(app, call)
    assert refused.exit_code == 2  # the open shop holds the log
    assert "another program" in refused.output.replace("\n", " ")
    asyncio.run(found.shop.close())
    names = [str(path.relative_to(found.folder)) for path in found.folder.rglob("*") if path.is_file()]
    assert [name for name in names if not KEPT.fullmatch(name)] == []
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    assert where(found.folder, NAME, FRAME) == []
    assert CliRunner().invoke(app, ["audit", "verify", str(found.folder / "vault")]).exit_code == 0
