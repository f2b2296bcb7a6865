"""What the commands of `walkout twin` have in common: how hard, which labels, and how they refuse."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from walkout.cli.console import refuse
from walkout.recording.error import RecordingError
from walkout.store.problem import StoreError
from walkout.twin import settings as twin_settings
from walkout.twin.film import FilmError
from walkout.twin.labels import LabelError
from walkout.twin.suites import SuiteError

Settings = Annotated[str, typer.Option(help="How hard the shop is: milder, default or harder.")]
Labels = Annotated[Path | None, typer.Option(help="A file of labelled real cases, to play them.")]


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what the twin may object to into a refusal."""
    try:
        yield
    except (RecordingError, StoreError, LabelError, SuiteError, FilmError) as error:
        refuse(error)


def settings_named(name: str) -> twin_settings.Settings:
    """How hard, by name."""
    if name not in twin_settings.SETTINGS:
        refuse(f"--settings: found '{name}'; right: {', '.join(twin_settings.SETTINGS)}")
    return twin_settings.SETTINGS[name]
