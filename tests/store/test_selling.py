"""selling.yaml: read, held against the catalogue, written and read back."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from typer.testing import CliRunner

from walkout.cli.app import app
from walkout.store import marks
from walkout.store.folder import check, load, pack, save, unpack
from walkout.store.selling import FILE, NOTHING, SELLING, Offer, PriceChange, Selling, Slot, Sticker, write

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "sample-store"


def test_a_shop_without_the_file_sells_without_rules() -> None:
    store = load(SAMPLE)
    assert store.selling == NOTHING
    assert FILE not in pack(store)


def test_rules_travel_with_the_shop_and_leave_with_it(tmp_path: Path) -> None:
    store = load(SAMPLE)
    gtin = min(store.products)
    rules = Selling(taxes={"A": Decimal(19)}, offers=(Offer("two", (Slot((gtin,), 2),), Decimal("1.50")),))
    with_rules = replace(store, selling=rules)
    assert unpack(pack(with_rules)) == with_rules
    save(with_rules, tmp_path / "shop")
    assert load(tmp_path / "shop").selling == rules
    save(store, tmp_path / "shop")
    assert load(tmp_path / "shop").selling == NOTHING


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("taxes: {A: '120'}", "taxes.A"),
        ("tax_rounding: never", "line or receipt"),
        ("offer: []", "`offers`?"),
        ("barcodes: {'4006381333931': '4006381333932'}", "check digit"),
        ("stickers: [{gtin: '4006381333931', price: '1.00', count: 1}]", "a GTIN of catalog.csv"),
    ],
)
def test_what_is_wrong_is_said_with_what_would_be_right(tmp_path: Path, text: str, says: str) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(SAMPLE, folder)
    (folder / FILE).write_text(text)
    found = [str(one) for one in check(folder) if one.file == FILE]
    assert found
    assert any(says in one for one in found), found


def test_another_number_on_the_packet_is_the_same_product() -> None:
    rules = Selling(barcodes={"04006381333931": "00071142008582"})
    assert rules.product_of("4006381333931") == rules.product_of("071142008582") == "00071142008582"


def test_a_product_without_a_tax_in_a_shop_with_taxes_is_warned_of_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(SAMPLE, folder)
    before = check(folder)
    rows = (folder / "catalog.csv").read_text().splitlines(keepends=True)
    rows[1] = rows[1].replace(",standard,", ",,")
    rows[2] = rows[2].replace(",standard,", ",standrad,")
    (folder / "catalog.csv").write_text("".join(rows))
    assert check(folder) == before  # a shop without taxes asks for none
    (folder / FILE).write_text("taxes: {standard: '19', reduced: '7'}\n")
    found = [one for one in check(folder) if one.where == "tax"]
    assert [(one.file, one.line, one.level) for one in found] == [("catalog.csv", n, "warning") for n in (2, 3)]
    assert "no tax for 'Tern still water 1.5 l'; right: reduced or standard" in str(found[0])
    assert "'standrad' for 'Tern sparkling water 1.5 l'" in str(found[1])
    assert load(folder).selling.taxes
    done = CliRunner().invoke(app, ["store", "check", str(folder)])
    assert done.exit_code == 0
    assert "Tern still water" in done.output.replace("\n", " ")


gtins = st.from_regex(r"[0-9]{14}", fullmatch=True)
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
cents = st.integers(0, 10_000).map(lambda n: Decimal(n) / 100)
instants = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given beside


@given(
    st.builds(
        Selling,
        taxes=st.dictionaries(texts, cents.filter(lambda one: one <= 100), max_size=3),
        barcodes=st.dictionaries(gtins, gtins, max_size=3),
        offers=st.lists(
            st.builds(Offer, texts, st.tuples(st.builds(Slot, st.tuples(gtins), st.integers(1, 20))), cents), max_size=2
        ).map(tuple),
        price_changes=st.lists(st.builds(PriceChange, gtins, instants, cents), max_size=3).map(tuple),
        stickers=st.lists(st.builds(Sticker, gtins, cents, st.integers(1, 9)), max_size=3).map(tuple),
    )
)
@example(Selling(price_changes=(PriceChange("00440000012038", datetime(2026, 1, 1, tzinfo=UTC), Decimal(3)),)))
@example(Selling(barcodes={"08000000000000": "00000000000000"}))
def test_what_is_written_comes_back_the_same(selling: Selling) -> None:
    """A shop whose selling.yaml is packed into its journal must be able to open it again."""
    marked, problems = marks.read(write(selling), FILE)
    assert problems == []
    assert marked is not None
    assert SELLING.validate_json(orjson.dumps(marked.value or {})) == selling
