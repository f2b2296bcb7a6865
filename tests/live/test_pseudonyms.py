"""Names of tagged items: the same while somebody leaves and through a restart, another one ten minutes later."""

from pathlib import Path

from walkout.live.pseudonyms import KEEP_NS, KEY, SLOT_NS, Pseudonyms

GTIN, SERIAL = "00000000000017", 6789
START_NS = 3_000_000 * SLOT_NS
SECOND_NS = 1_000_000_000


def test_names_tell_items_and_products_apart() -> None:
    names = Pseudonyms()
    found = {names.name(gtin, serial, START_NS) for gtin in (GTIN, "00000000000024") for serial in (1, 2)}
    assert len(found) == 4
    assert names.name(GTIN, 1, START_NS + SECOND_NS) in found


def test_a_restart_goes_on_with_the_key_and_two_shops_have_two(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    first = Pseudonyms(tmp_path).name(GTIN, SERIAL, START_NS)
    assert Pseudonyms(tmp_path).name(GTIN, SERIAL, START_NS + 60 * SECOND_NS) == first
    assert Pseudonyms(tmp_path / "b").name(GTIN, SERIAL, START_NS) != first
    assert (tmp_path / KEY).stat().st_mode & 0o777 == 0o600


def test_ten_minutes_later_nobody_knows_the_item_again(tmp_path: Path) -> None:
    names = Pseudonyms(tmp_path)
    first = names.name(GTIN, SERIAL, START_NS)
    key = (tmp_path / KEY).read_bytes()
    later = names.name(GTIN, SERIAL, START_NS + 2 * SLOT_NS)
    assert names.name(GTIN, SERIAL, START_NS + 2 * SLOT_NS + KEEP_NS + 1) != first
    assert later in (first, names.name(GTIN, SERIAL, START_NS + 2 * SLOT_NS))
    assert (tmp_path / KEY).read_bytes() != key, "the old key is gone"
    assert len(list(tmp_path.iterdir())) == 1
    assert Pseudonyms(tmp_path).name(GTIN, SERIAL, START_NS + 5 * SLOT_NS) != first


def test_who_is_at_the_gate_when_the_key_changes_keeps_one_name() -> None:
    names = Pseudonyms()
    before = names.name(GTIN, SERIAL, START_NS + SLOT_NS - SECOND_NS)
    assert names.name(GTIN, SERIAL, START_NS + SLOT_NS + SECOND_NS) == before
    assert names.name(GTIN, SERIAL + 1, START_NS + SLOT_NS + SECOND_NS) != before
    assert names.name(GTIN, SERIAL, START_NS + SLOT_NS + 2 * KEEP_NS) != before


def test_a_damaged_key_is_another_key(tmp_path: Path) -> None:
    (tmp_path / KEY).write_text("not a key")
    assert len(Pseudonyms(tmp_path).name(GTIN, SERIAL, START_NS)) == 12
