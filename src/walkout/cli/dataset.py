"""`walkout review dataset`: annotated clips out as COCO, and in again; whose consent, hours and pay they rest on."""

import time
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from walkout.checkout.storage import StorageError, connect
from walkout.cli.console import Json, out, print_json, refuse, write_file
from walkout.learning.annotation import AnnotationError
from walkout.learning.coco import from_json, to_json
from walkout.learning.dataset import annotated, imported, sheet
from walkout.review.case import ReviewError

app = typer.Typer(help="What people marked in clips, for learning.", no_args_is_help=True, add_completion=False)

Data = Annotated[Path, typer.Argument(metavar="DATA", help="The shop's data folder.")]
Database = Annotated[str | None, typer.Option("--db", metavar="URL", help="Else ledger.db in DATA.")]


@app.command("show")
def show_command(data: Data, *, database: Database = None, json: Json = False) -> None:
    """Say whose consent the data set rests on, how many people worked on it, how long, and at what pay."""
    engine = connect(database or data / "ledger.db")
    try:
        found = sheet(engine, annotated(engine))
    except (StorageError, SQLAlchemyError) as error:
        refuse(f"{data} holds no shop whose clips could be annotated ({type(error).__name__}).")
    finally:
        engine.dispose()
    if json:
        print_json(found)
        return
    out.print(
        f"{found['clips']} clips, {found['pictures']} pictures, {found['marks']} marks, {found['placed_by_people']} of "
        f"them placed or left by people; origin {', '.join(found['origins']) or 'none'}",
        markup=False,
    )
    out.print(f"{len(found['consents'])} consents; {found['people']} people, {found['paid_hours']} paid hours")
    out.print(f"paid at {'; '.join(found['pay']) or 'nothing yet'}", markup=False)
    if found["imported_clips"]:
        out.print(f"{found['imported_clips']} clips came in from elsewhere: their hours are not known here")


@app.command("export")
def export_command(
    data: Data,
    *,
    output: Annotated[Path, typer.Option("--out", metavar="FILE", help="Write COCO JSON here.")],
    database: Database = None,
    drafts: Annotated[bool, typer.Option("--drafts", help="Also clips that nobody has looked at.")] = False,
) -> None:
    """Write the marks of all clips whose consent stands as COCO (boxes and keypoints). Pictures are not in it."""
    engine = connect(database or data / "ledger.db")
    try:
        clips = annotated(engine, drafts=drafts)
        write_file(output, to_json(clips, sheet(engine, clips)))
    except (StorageError, SQLAlchemyError) as error:
        refuse(f"{data} holds no shop whose clips could be annotated ({type(error).__name__}).")
    finally:
        engine.dispose()
    out.print(f"{len(clips)} clips in {output}", markup=False)


@app.command("import")
def import_command(
    data: Data,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="COCO JSON as it was exported, changed by a tool.")],
    *,
    database: Database = None,
    json: Json = False,
) -> None:
    """Take marks in again, each clip as a version of its own; none of a clip whose consent was taken back."""
    engine = connect(database or data / "ledger.db")
    try:
        kept, left = imported(engine, from_json(file.read_bytes()), time.time_ns())
    except (AnnotationError, ReviewError, StorageError, SQLAlchemyError, OSError) as error:
        refuse(error)
    finally:
        engine.dispose()
    if json:
        print_json({"kept": list(kept), "left_out": list(left)})
        return
    out.print(f"{len(kept)} clips taken in, {len(left)} left out: no consent, or not of this shop")
