"""How every command speaks: results on stdout, everything else on stderr, and what the exit status means."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for programs.")]


class Exit(IntEnum):
    """The exit statuses of every command."""

    OK = 0
    FAILED = 1
    """The command ran and its answer is no: a check found errors, a bar was missed."""
    REFUSED = 2
    """The input or the call is wrong; nothing was written."""
    DEGRADED = 3
    """There is a result, but input was lost, and --strict was asked for."""


def refuse(error: object) -> NoReturn:
    """Say what is wrong on stderr and end with status 2."""
    err.print(str(error), style="red", markup=False)
    raise typer.Exit(Exit.REFUSED)


def print_json(value: object) -> None:
    """A result for programs, on stdout: sorted keys, so that equal results are equal bytes."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE
    write_bytes(orjson.dumps(value, option=options, default=str))


def write_bytes(data: bytes) -> None:
    """Bytes to stdout as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def write_file(path: Path, data: bytes) -> None:
    """Make or replace a file whole: a reader, or a power cut, sees the old one or the new one."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        refuse(f"{path} cannot be written: {error.strerror or error}")


@contextmanager
def progress(title: str, *, quiet: bool = False) -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar on stderr where that is a terminal; yields `report(done, total, what)`."""
    columns: tuple[Any, ...] = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=err, disable=quiet or not err.is_terminal) as bar:
        task = bar.add_task(title, total=None)

        def report(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total or None, description=f"{title} {what}")

        yield report


@contextmanager
def step(title: str) -> Iterator[None]:
    """One line on stderr for one step of a longer job, with its seconds."""
    start = time.monotonic()
    err.print(f"{title} ...", end=" ", markup=False)
    yield
    err.print(f"{time.monotonic() - start:.1f} s")
