"""`walkout commission`: measure a shop's scales with a known weight, try some takes, and its RFID readers."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from walkout.cli.console import Exit, Json, err, out, print_json, refuse, write_file
from walkout.live.accounts import SHOP, accounts
from walkout.live.camera_health import CameraHealth
from walkout.live.camera_watch import links as camera_links
from walkout.live.commission import (
    Bench,
    CameraFound,
    ShelfFound,
    calibrated,
    camera_found,
    commission_shelf,
)
from walkout.live.commission_bench import BenchError, TwinBench, WireBench
from walkout.live.commission_tags import PASSES, ReaderFound, commission_readers, shares
from walkout.live.commission_tags_bench import TwinTagBench, WireTagBench
from walkout.live.secrets import Secrets
from walkout.live.source import Broker, broker_at
from walkout.live.sources import Cameras
from walkout.store import document
from walkout.store.folder import load, pack
from walkout.store.layout import Fixture, Shelf
from walkout.store.problem import StoreError
from walkout.store.shop import Store
from walkout.web.serve import data_folder

LOOK_S = 6.0
"""How long cameras are watched."""


def commission_command(
    folder: Annotated[Path, typer.Argument(metavar="STORE", help="The store folder; what is measured goes into it.")],
    *,
    weight: Annotated[float, typer.Option(min=50, max=20_000, metavar="GRAMS", help="The known weight.")] = 1000.0,
    takes: Annotated[int, typer.Option(min=0, max=20, help="Guided takes a shelf.")] = 1,
    shelf: Annotated[
        list[str] | None, typer.Option(metavar="FIXTURE/SHELF", help="Only this shelf; may be given again.")
    ] = None,
    passes: Annotated[int, typer.Option(min=1, max=50, help="How often a tag is carried out at each reader.")] = PASSES,
    readers_only: Annotated[bool, typer.Option("--readers", help="Only the RFID readers, no shelf.")] = False,
    broker: Annotated[str, typer.Option(metavar="URL", help="Where the scales speak.")] = "mqtt://127.0.0.1:1883",
    broker_ca: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Whose certificate an mqtts:// broker may show (PEM)."),
    ] = None,
    data: Annotated[Path | None, typer.Option(help="The shop's data folder, for its password at the broker.")] = None,
    camera: Annotated[
        list[str] | None, typer.Option(metavar="NAME=URL", help="Watch this camera's stream; may be given again.")
    ] = None,
    twin: Annotated[bool, typer.Option("--twin", help="Let the twin be the scales, and the person.")] = False,
    seed: Annotated[int, typer.Option(help="Of the twin.")] = 1,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Measure only; write nothing.")] = False,
    json: Json = False,
) -> None:
    """Measure each plate's tare and gain, try takes and RFID readers, say pass or fail; status 1 for any fail."""
    try:
        store = load(folder)
        links = camera_links(store, camera or (), (data or data_folder(store)) / "secrets")
    except (StoreError, ValueError) as error:
        refuse(error)
    if readers_only and (shelf or not any(gate.tag_reader for gate in store.gates)):
        refuse("--readers: found --shelf as well, or no gate with 'tag_reader: true', right: one of the two")
    chosen = [] if readers_only else _chosen(store, shelf)
    if twin and store.origin != "simulated":
        refuse(f"{store.name} is a real shop: the twin stands in only where 'origin: simulated' stands in store.yaml.")
    found: list[ShelfFound] = []
    try:
        at = data if data is not None else data_folder(store)
        where = None if twin else _broker(store, (broker, broker_ca), at)
        for one in _shelves(store, chosen, where, seed, weight, takes):
            found.append(one)
            if not json:
                _say(one)
        readers = () if shelf else _readers(store, where, seed, passes)
        tried = [take for each in found for take in each.takes]
        seen = _cameras(store, links)
        cameras = [
            camera_found(store, c.id, tried, *_stream(seen.get(c.id), c.id in links), judged=not shelf)
            for c in store.cameras
        ]
    except (BenchError, OSError, ValueError) as error:
        refuse(error)
    passed = all(one.passed for one in found) and not any((*(c.why for c in cameras), *(r.why for r in readers)))
    after = calibrated(store, found)
    if not dry_run and after != store:
        _write(folder, after)
    if json:
        more = {"readers": [{**asdict(one), "passed": not one.why} for one in readers]}
        print_json(_plain(store, found, cameras, passed=passed, written=not dry_run) | more)
    else:
        _say_cameras(cameras)
        _say_readers(readers)
        mark = " (simulated)" if store.origin == "simulated" else ""
        out.print(f"{store.name}{mark}: {'pass' if passed else 'FAIL'}", markup=False)
        if not dry_run:
            out.print(f"Written: {folder / document.FILE}; as it was: {folder / document.FILE}.before", markup=False)
    if not passed:
        raise typer.Exit(Exit.FAILED)


def _broker(store: Store, broker: tuple[str, Path | None], data: Path) -> Broker:
    password = next(one.password for one in accounts(store, Secrets(data / "secrets")) if one.name == SHOP)
    return broker_at(broker[0], SHOP, password, broker[1])


def _ask(words: str) -> None:
    err.print(words, markup=False)
    typer.prompt("  Press Enter when it is done", default="", show_default=False, err=True)


@contextmanager
def _bench(store: Store, broker: Broker | None, seed: int) -> Iterator[Bench]:
    """Of real scales, or, without a broker, the twin's."""
    if broker is None:
        yield TwinBench(store, seed)
        return
    bench = WireBench(store, broker, _ask)
    try:
        yield bench
    finally:
        bench.close()


def _shelves(
    store: Store, chosen: list[tuple[Fixture, Shelf]], broker: Broker | None, seed: int, weight: float, takes: int
) -> Iterator[ShelfFound]:
    if chosen:
        with _bench(store, broker, seed) as bench:
            for fixture, shelf in chosen:
                yield commission_shelf(store, fixture, shelf, bench, weight, takes)


def _readers(store: Store, broker: Broker | None, seed: int, passes: int) -> tuple[ReaderFound, ...]:
    if not any(gate.tag_reader for gate in store.gates):
        return ()
    if broker is None:
        return commission_readers(store, TwinTagBench(store, seed), passes)
    bench = WireTagBench(store, broker, _ask)
    try:
        _ask("Take all goods with tags away from the gates, and let nobody pass until you are told to.")
        return commission_readers(store, bench, passes)
    finally:
        bench.close()


def _chosen(store: Store, wanted: list[str] | None) -> list[tuple[Fixture, Shelf]]:
    every = {f"{f.id}/{s.id}": (f, s) for f in store.fixtures for s in f.shelves if any(p.cell for p in s.plates)}
    for name in wanted or ():
        if name not in every:
            refuse(
                f"found the shelf {name!r}, right: one of {', '.join(every) or 'none: no plate here has a load cell'}"
            )
    return [every[name] for name in wanted] if wanted else list(every.values())


def _cameras(store: Store, links: dict[str, str]) -> dict[str, CameraHealth]:
    del store
    if not links:
        return {}
    with Cameras(links, lambda _frame: None) as cameras:
        time.sleep(LOOK_S)
        return {one.camera: one for one in cameras.health()}


def _stream(health: CameraHealth | None, tried: bool) -> tuple[str, float | None]:
    if health is None:
        return ("no answer", None) if tried else ("", None)
    return ("ok", health.rate_hz) if health.state == "ok" else (health.detail or health.state, None)


def _write(folder: Path, store: Store) -> None:
    path = folder / document.FILE
    write_file(path.with_name(f"{document.FILE}.before"), path.read_bytes())
    write_file(path, pack(store)[document.FILE])


def _say(found: ShelfFound) -> None:
    table = Table("plate", "tare g", "gain", "noise g", "", title=f"{found.fixture}, shelf {found.shelf}")
    for plate in found.plates:
        words = plate.why or "pass"
        table.add_row(
            str(plate.plate), f"{plate.tare_g:.0f}", f"{plate.gain:.3f}", f"{plate.noise_g:.1f}", words
        )  # fmt: skip
    out.print(table)
    for take in found.takes:
        words = take.why or f"pass, {take.seen_g:.0f} g of {take.mass_g:.0f} g"
        out.print(f"  one {take.name}: {words}; seen by {', '.join(take.cameras) or 'no camera'}", markup=False)


def _say_cameras(cameras: list[CameraFound]) -> None:
    for one in cameras:
        state = one.why or f"sees {one.sees} of {one.takes} takes"
        state += ", pictures come" if one.stream == "ok" else ""
        out.print(f"camera {one.camera}: {'FAIL' if one.why else 'pass'}, {state}", markup=False)


def _say_readers(readers: tuple[ReaderFound, ...]) -> None:
    for one in readers:
        words = one.why or f"pass, one {one.name} was heard {one.heard} of {one.passes} times"
        out.print(f"reader at {one.gate}: {words}", markup=False)
    heard, passes = shares(readers)
    if passes:
        out.print(f"tags heard: {heard} of {passes}; the software assumes 0.95", markup=False)


def _plain(
    store: Store, found: list[ShelfFound], cameras: list[CameraFound], *, passed: bool, written: bool
) -> dict[str, Any]:
    return {
        "store": store.name,
        "origin": store.origin,
        "passed": passed,
        "written": written,
        "shelves": [{**asdict(one), "passed": one.passed} for one in found],
        "cameras": [{**asdict(one), "passed": not one.why} for one in cameras],
    }
