"""`walkout twin record|show|suite`: a simulated shop."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from walkout.cli.console import err, out, progress, refuse, step, write_file
from walkout.cli.suite import suite_command
from walkout.cli.twin_options import Labels, Settings, refusing, settings_named
from walkout.store.folder import load
from walkout.twin import settings as twin_settings
from walkout.twin.film import Film
from walkout.twin.labels import load_labels, play_case
from walkout.twin.record import record, write
from walkout.twin.show import show
from walkout.twin.tags import with_tags

app = typer.Typer(
    help="A simulated shop, with truth; everything it makes is marked simulated.",
    no_args_is_help=True,
    add_completion=False,
)


@app.command("record")
def record_command(
    *,
    store: Annotated[Path, typer.Option(help="The store folder.")],
    to: Annotated[Path, typer.Option("--out", help="The recording to make.")],
    shoppers: Annotated[int, typer.Option(min=1, max=500, help="How many people come.")] = 4,
    minutes: Annotated[float, typer.Option(min=0.1, max=1440, help="How long the door is open.")] = 5,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    settings: Settings = "default",
    labels: Labels = None,
    case: Annotated[str | None, typer.Option(help="Which case of --labels to play, rather than free play.")] = None,
    cameras: Annotated[bool, typer.Option("--cameras", help="Film it too, with the store's cameras (H.264).")] = False,
    looks: Annotated[
        float | None,
        typer.Option(min=0.0, metavar="CONFUSION", help="Add looks at hands, with so much noise (0: certain)."),
    ] = None,
    tagged: Annotated[
        float, typer.Option(min=0.0, max=1.0, metavar="SHARE", help="RFID tags on so many of the products.")
    ] = 0.0,
    tag_read: Annotated[float, typer.Option(min=0.0, max=1.0, help="A tag is heard at the exit so often.")] = 0.95,
    tag_stray: Annotated[float, typer.Option(min=0.0, max=100.0, help="Stray tags heard at an exit.")] = 0.1,
) -> None:
    """Record free play in a simulated shop, or one labelled case."""
    chosen = replace(settings_named(settings), looks_confusion=looks, tag_read=tag_read, tag_stray=tag_stray)
    if tagged and case is not None:
        refuse("--tagged puts tags into free play: a labelled case's shop has no gate.")
    if cameras and case is not None:
        refuse("--cameras films free play: a labelled case's shop has no cameras whose places are known.")
    with refusing(), filming(store, seed, chosen, cameras) as film, progress("simulating") as report_progress:
        if (labels is None) != (case is None):
            refuse("--labels FILE and --case NAME go together: found one of them.")
        if labels is None or case is None:
            told = since_start(report_progress, int(minutes * 60))
            shop = with_tags(load(store), tagged) if tagged else store
            record(shop, to, shoppers=shoppers, minutes=minutes, seed=seed, settings=chosen, progress=told, film=film)
        else:
            cases = load_labels(labels)
            if case not in cases:
                refuse(f"{labels} has no case '{case}'; it has {', '.join(cases)}")
            of, observations, played = play_case(load(store), cases[case], seed=seed, settings=chosen)
            write(observations, to, of, progress=since_start(report_progress, 60))
            for shopper, labelled_s, late_s in played.slips:
                err.print(f"slip: {shopper} at {labelled_s:g} s comes {late_s:.1f} s late", markup=False)
            for left_out in played.left_out:
                err.print(f"left out: {left_out}", markup=False)
    out.print(f"recorded {to} ({to.stat().st_size / 1e6:.1f} MB, simulated)", markup=False)


@app.command("show")
def show_command(
    *,
    store: Annotated[Path, typer.Option(help="The store folder.")],
    to: Annotated[Path, typer.Option("--out", help="The picture to make (PNG).")] = Path("shop.png"),
    seed: Annotated[int, typer.Option(help="The same seed shows the same people.")] = 1,
    settings: Settings = "default",
) -> None:
    """Draw a contact sheet: the plan of a shop, and what its cameras see of a few shoppers."""
    chosen = settings_named(settings)
    with refusing():
        shop = load(store)
        if not shop.cameras:
            err.print(f"{shop.name} has no cameras: the plan alone", markup=False)
        with step(f"Drawing the shop for {len(shop.cameras)} cameras"):
            sheet = show(shop, seed, chosen)
    write_file(to, sheet)
    out.print(f"wrote {to} ({to.stat().st_size / 1000:.0f} kB, simulated)", markup=False)


app.command("suite")(suite_command)


@contextmanager
def filming(store: Path, seed: int, settings: twin_settings.Settings, wanted: bool) -> Iterator[Film | None]:
    """The store's cameras, if they are wanted: what stands still is drawn first."""
    if not wanted:
        yield None
        return
    shop = load(store)
    with step(f"Drawing the shop for {len(shop.cameras)} cameras"):
        film = Film(shop, seed, settings)
    with closing(film):
        yield film


def since_start(report: Callable[[int, int, str], None], total_s: int) -> Callable[[int], None]:
    """Progress in seconds of the shop's own time."""
    start: list[int] = []

    def told(t_ns: int) -> None:
        start.append(t_ns)
        del start[1:]
        report((t_ns - start[0]) // 10**9, total_s, "")

    return told
