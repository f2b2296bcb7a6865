"""`walkout eyes`: a shop's cameras to people, told to its broker, from this machine or any other."""

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from walkout.cli.console import Exit, Json, err, out, print_json, refuse
from walkout.live.camera_link import host_of
from walkout.live.camera_watch import links
from walkout.live.eye_keeper import looking_at
from walkout.live.inbox import FPS
from walkout.live.source import broker_at
from walkout.live.voice import DEVICE
from walkout.recording.video import VideoMissingError
from walkout.store.folder import load
from walkout.store.problem import StoreError

PASSWORD = "WALKOUT_EYES_PASSWORD"  # noqa: S105 - where it stands, not what it is
"""The variable with the eyes' password at the broker: a command line can be read by everybody on the machine."""


def eyes_command(
    folder: Annotated[Path, typer.Argument(metavar="STORE", help="The store folder, with its cameras calibrated.")],
    *,
    broker: Annotated[str, typer.Option(metavar="URL", help="The shop's MQTT broker, mqtt://host:port or mqtts://.")],
    camera: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=URL", help="A camera's RTSP stream, or lines in DATA/secrets/cameras."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help=f"The shop's data folder, for secrets/cameras and secrets/mqtt-people; or set {PASSWORD}."),
    ] = None,
    broker_ca: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Whose certificates an mqtts:// broker may show.")
    ] = None,
    fps: Annotated[float, typer.Option(min=1, max=30, help="Pictures a second of each camera, at most.")] = FPS,
    model: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Other networks than the package's two: own-pose-once, a fetched one, or a file."
        ),
    ] = "",
    lookers: Annotated[int, typer.Option(min=1, max=64, help="Pictures looked at at once; about one a core.")] = 1,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="Stop after so long; else at Ctrl-C.")] = None,
    json: Json = False,
) -> None:
    """See people through a shop's cameras and tell its broker, as any camera system would; no picture is kept."""
    secrets = (data or Path()) / "secrets"
    try:
        urls = links(load(folder), camera or (), secrets if data is not None else Path(os.devnull))
        how = looking_at(folder, urls, fps=fps, model=model, lookers=lookers)
        at = broker_at(broker, DEVICE, _password(secrets if data is not None else None), broker_ca)
    except (StoreError, ValueError, OSError, VideoMissingError) as error:
        refuse(error)
    if not at.password:
        refuse(f"No password for '{at.name}' at the broker: set {PASSWORD}, or name the shop's folder with --data.")
    how = replace(how, broker=at)
    from walkout.live.eye_process import look  # noqa: PLC0415 - only now is known that what it needs is here

    def opened() -> None:
        if not json:
            told = ", ".join(f"{name} at {host_of(url)}" for name, url in sorted(urls.items()))
            out.print(f"looking through {told}; telling {at.host}:{at.port}. Ctrl-C ends it.", markup=False)

    async def work() -> dict[str, object]:
        ends, loop = asyncio.Event(), asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, ends.set)
        if seconds is not None:
            loop.call_later(seconds, ends.set)
        return await look(how, ends, opened)

    try:
        figures = asyncio.run(work())
    except RuntimeError as error:
        err.print(str(error), style="red", markup=False)
        raise typer.Exit(Exit.FAILED) from error
    except (ValueError, OSError) as error:  # a model file that is refused is a ValueError
        refuse(error)
    if json:
        print_json(figures)
    else:
        err.print(
            f"looked at {figures['looked']} pictures, dropped {figures['dropped']}; told {figures['said']} times",
            markup=False,
        )


def _password(secrets: Path | None) -> str:
    if given := os.environ.get(PASSWORD, ""):
        return given
    kept = None if secrets is None else secrets / f"mqtt-{DEVICE}"
    return kept.read_text("ascii").strip() if kept is not None and kept.is_file() else ""
