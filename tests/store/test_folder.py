import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from walkout.store import catalog, problem
from walkout.store.folder import FILES, MAX_BYTES, check, examine, load, pack, save, unpack
from walkout.store.problem import StoreError
from walkout.store.product import Mass
from walkout.store.shop import Store

from .fuzz import fuzz_store
from .strategies import product, small_store, stores

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "sample-store"


@given(stores())
@settings(max_examples=60, deadline=None)
def test_a_shop_is_read_back_as_it_was_written(store: Store) -> None:
    files = pack(store)
    assert unpack(files) == store
    assert pack(unpack(files)) == files


def test_the_order_of_products_does_not_change_the_bytes() -> None:
    store = small_store()
    turned = replace(store, products=dict(sorted(store.products.items(), reverse=True)))
    assert pack(turned) == pack(store)


def test_save_then_load(tmp_path: Path) -> None:
    store, folder = small_store(), tmp_path / "a" / "shop"
    save(store, folder)
    assert load(folder) == store
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    (folder / "README.md").write_text("mine")
    renamed = replace(store, name="Corner 2")
    save(renamed, folder)
    assert load(folder) == renamed
    assert (folder / "README.md").read_text() == "mine"
    assert [path.name for path in folder.parent.iterdir()] == ["shop"]
    assert check(folder) == []
    assert pack(folder) == pack(renamed)


def test_a_shop_that_cannot_be_kept_is_not_written(tmp_path: Path) -> None:
    store = small_store()
    gtin = store.planogram[0].gtin
    heavy = {**store.products, gtin: product(gtin, -1.0)}
    with pytest.raises(StoreError, match=r"mass_g: found '-1\.0'"):
        save(replace(store, products=heavy), tmp_path / "shop")
    twice = {**store.products, gtin: replace(product(gtin), masses=(Mass(1.0, 1.0), Mass(1.0, 1.0)))}
    with pytest.raises(StoreError, match="would be read back as"):
        save(replace(store, products=twice), tmp_path / "shop")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fails_leaves_the_old_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, folder = small_store(), tmp_path / "shop"
    save(store, folder)

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        save(replace(store, name="other"), folder)
    assert load(folder) == store
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]


def test_every_error_of_all_files_at_once() -> None:
    files = pack(small_store())
    files[FILES[0]] = files[FILES[0]].replace(b"EUR", b"Euro").replace(b"yaw_deg: 90.0", b"yaw_deg: 900")
    files[FILES[1]] = files[FILES[1]].replace(b"330.0", b"-3").replace(b"0.99", b"cheap")
    files[FILES[2]] = files[FILES[2]].replace(b"\n1,1,", b"\n9,1,").replace(b"\n1,2,3,", b"\n1,2,8,")
    store, problems = examine(files)
    assert store is None
    assert [(found.file, found.line, found.where) for found in problems] == [
        ("store.yaml", 4, "currency"),
        ("store.yaml", 12, "fixtures[0].yaw_deg"),
        ("catalog.csv", 2, "mass_g"),
        ("catalog.csv", 3, "price"),
        ("planogram.csv", 2, "fixture"),
        ("planogram.csv", 3, "plates"),
    ]
    with pytest.raises(StoreError) as caught:
        unpack(files)
    assert str(caught.value).count("\n") == 5


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("planogram.csv", None, "planogram.csv: error: found no such file; right: a file planogram.csv in the folder"),
        ("store.yaml", None, "store.yaml: error: found no such file; right: a file store.yaml in the folder"),
        ("catalog.csv", b"", "catalog.csv:1:1: error: found no header"),
        ("catalog.csv", b"gtin,name\n1,M\xfcsli\n", "catalog.csv:2:4: error: found the byte 0xfc, which is no UTF-8"),
        ("store.yaml", b"\xff\xfea\x00", "store.yaml:1:1: error: found the byte 0xff"),
        (
            "store.yaml",
            b"#" * (MAX_BYTES + 1),
            "store.yaml: error: found more than 16777216 bytes; right: at most 16 MiB",
        ),
    ],
    ids=["no planogram", "no layout", "empty", "not UTF-8", "UTF-16", "too large"],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, name: str, data: bytes | None, says: str) -> None:
    save(small_store(), tmp_path)
    if data is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(data)
    problems = check(tmp_path)
    assert len(problems) == 1
    assert str(problems[0]).startswith(says)
    with pytest.raises(StoreError):
        load(tmp_path)


def test_no_folder(tmp_path: Path) -> None:
    right = "right: a folder with store.yaml, catalog.csv, planogram.csv"
    assert [str(found) for found in check(tmp_path / "x")] == [f"{tmp_path}/x: error: found no such folder; {right}"]
    (tmp_path / "f").write_text("")
    assert [str(found) for found in check(tmp_path / "f")] == [f"{tmp_path}/f: error: found a file; {right}"]
    (tmp_path / FILES[0]).mkdir()
    assert "something that is not a file" in str(check(tmp_path)[0])


def test_what_a_spreadsheet_saves_is_read() -> None:
    files = pack(small_store())
    plain = unpack(files)
    for name in FILES:
        files[name] = b"\xef\xbb\xbf" + files[name].replace(b"\n", b"\r\n")
    assert unpack(files) == plain
    files[FILES[2]] = files[FILES[2]].replace(b",", b";")
    assert unpack(files) == plain


def test_a_file_of_endless_faults_is_cut_off_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problem, "MAX_PROBLEMS", 5)
    monkeypatch.setattr(catalog, "MAX_PROBLEMS", 5)
    files = {**pack(small_store()), FILES[1]: b"gtin,name,mass_g,price\n" + b"x,,y,z\n" * 100}
    store, problems = examine(files)
    assert store is None
    assert [str(found) for found in problems if "and more" in found.found] == [
        "catalog.csv: error: found 5 problems and more; right: the first ones mended, then checked again"
    ]
    assert len(problems) < 12


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_no_bytes_break_the_parsers(data: bytes) -> None:
    fuzz_store(data)


@pytest.mark.slow
@given(st.binary(max_size=400))
@settings(max_examples=20_000, deadline=None)
def test_no_bytes_break_the_parsers_at_length(data: bytes) -> None:
    fuzz_store(data)


def test_the_sample_shop_is_right_but_for_its_shared_plate() -> None:
    problems = check(SAMPLE)
    assert [found.level for found in problems] == ["warning"]
    assert "shared" in problems[0].found
    store = load(SAMPLE)
    assert store.origin == "simulated"
    assert 55 <= len(store.products) <= 75
    assert {facing.gtin for facing in store.planogram} == set(store.products)
    assert (len(store.fixtures), len(store.cameras), len(store.gates)) == (3, 6, 1)
    assert all(20 <= item.masses[0].mass_g <= 2000 for item in store.products.values())
    for facing in store.planogram:
        box, shelf = store.box(facing), store.shelf(facing.fixture, facing.shelf)
        assert box.high_m[2] <= shelf.z_m + shelf.height_m + 1e-9
