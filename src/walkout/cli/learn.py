"""`walkout review learn`: what people's answers taught a shop, tried, promoted, shown and taken back."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.exc import SQLAlchemyError

from walkout.checkout.decide import settling_shipped
from walkout.checkout.storage import StorageError, connect
from walkout.cli.console import Json, out, print_json, progress, refuse
from walkout.inference.calibrate import Card
from walkout.inference.learnt import model_of, shop_of
from walkout.inference.model import Model
from walkout.learning.answers import kept_visits, labels_of
from walkout.learning.label import Label
from walkout.learning.learn import card as card_of
from walkout.learning.learn import learnt as learnt_of
from walkout.learning.learn import source, words
from walkout.learning.lesson import Lesson, lesson
from walkout.learning.register import FOLDER, Record, Register, RegisterError, Use, fresh_from, published
from walkout.learning.trial import LEAST, Trial, said, tried
from walkout.live.outcome import Replay
from walkout.live.replay import replay
from walkout.live.shadow import FILE as CERTIFICATE
from walkout.recording.error import RecordingError
from walkout.recording.reader import Recording, open_recording
from walkout.store.folder import load
from walkout.store.problem import StoreError
from walkout.store.shop import Store

app = typer.Typer(help="What people's answers taught a shop.", no_args_is_help=True, add_completion=False)

Data = Annotated[Path, typer.Argument(metavar="DATA", help="The shop's data folder.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides; it stands in the record.")]
SHARE = 0.4
"""Of the visits that people looked at, the newest, that the first candidate is tried on; later ones on all since."""


@dataclass(frozen=True, slots=True)
class Class:
    """What a shop has to learn from. `beliefs` by visit."""

    lessons: tuple[Lesson, ...]
    fresh: Mapping[str, Label]
    fresh_ns: int


@app.command("show")
def show_command(data: Data, *, json: Json = False) -> None:
    """List the records, the first first, and say what is in use."""
    register = Register(data / FOLDER)
    try:
        records, use = register.records(), register.use()
    except RegisterError as error:
        refuse(error)
    if json:
        in_use = {"learnt": use.learnt.id, "card": None if use.card is None else use.card.id}
        print_json({"records": [published(one) for one in records], "in_use": in_use})
        return
    for one in records:
        out.print(_line(one), markup=False)
    if not records:
        out.print("Nothing was learnt here yet: 'walkout review learn try' does it.")
        return
    out.print(f"{len(use.learnt.there)} places and {len(use.learnt.rates)} rates are in use", markup=False)


@app.command("try")
def try_command(
    data: Data,
    *,
    store: Annotated[Path, typer.Option("--store", metavar="STORE", help="The store folder.")],
    by: By = "the shop",
    database: Annotated[str | None, typer.Option("--db", metavar="URL", help="Else ledger.db in DATA.")] = None,
    json: Json = False,
) -> None:
    """Learn from what people found, try it on visits it was not learnt from, promote it only if it is better.

    Replays the shop's journal, twice or three times. Promoted, it is in use from the shop's next start, and the
    certificate by which software settled alone ends: it was learnt on other beliefs.
    """
    try:
        shop = load(store)
        records = _tried(data, shop, by, database, quiet=json)
    except (StoreError, StorageError, RegisterError, RecordingError, SQLAlchemyError) as error:
        refuse(error)
    if json:
        print_json({"records": [published(one) for one in records]})
        return
    for one in records:
        out.print(_line(one), markup=False)
    if any(one.action == "promoted" for one in records):
        out.print("It is in use from the shop's next start. Until a new certificate the shop asks about everything.")


@app.command("back")
def back_command(
    data: Data,
    *,
    to: Annotated[int, typer.Option("--to", min=0, metavar="NUMBER", help="After which record; 0: before all.")],
    by: By,
    json: Json = False,
) -> None:
    """Put back in use what was in use after an earlier record; the step back is a record too."""
    register = Register(data / FOLDER)
    try:
        origin = records[-1].origin if (records := register.records()) else ""
        made = register.roll_back(to, by=by, origin=origin, t_ns=time.time_ns())
    except RegisterError as error:
        refuse(error)
    _retire(data, made)
    print_json(published(made)) if json else out.print(_line(made), markup=False)


def _tried(data: Path, store: Store, by: str, database: str | None, *, quiet: bool) -> list[Record]:
    register, model = Register(data / FOLDER), Model()
    records, use = register.records(), register.use()
    engine = connect(database or data / "ledger.db")
    try:
        labels, kept = labels_of(engine), kept_visits(engine)
    finally:
        engine.dispose()
    recording = open_recording(data / "journal")
    now = _heard(recording, store, use, model, quiet=quiet)
    found = _class(now, labels, kept, fresh_from(records), model)
    if len(found.fresh) < LEAST:
        raise RegisterError(
            f"found {len(found.fresh)} fresh visits that people looked at, right: {LEAST} or more; nothing was tried"
        )
    card = use.card or settling_shipped(store.origin).card
    about = replace(source(found.lessons), fresh_ns=found.fresh_ns)
    made: list[Record] = []
    candidate = learnt_of(found.lessons, store, model)
    if candidate != use.learnt:
        then = _heard(recording, store, Use(candidate), model, quiet=quiet)
        trial = tried(_said(now, card, found.fresh), _said(then, card, found.fresh), found.fresh)
        proposed = replace(use, learnt=candidate)
        made.append(_written(register, data, proposed, store, words(use.learnt, candidate), by, about, trial))
    if not any(one.action == "promoted" for one in made):  # a card is of what is in use
        new = card_of(found.lessons, card, store=store.name, origin=store.origin)
        if new != card:
            trial = tried(_said(now, card, found.fresh), _said(now, new, found.fresh), found.fresh)
            proposed = replace(use, card=new)
            made.append(_written(register, data, proposed, store, f"calibration: {new.about}", by, about, trial))
    if not made:
        raise RegisterError("found nothing that answers would change, right: more of them; nothing was tried")
    return made


def _written(
    register: Register, data: Path, use: Use, store: Store, what: str, by: str, about: Any, trial: Trial
) -> Record:
    action = "promoted" if trial.promoted else "kept back"
    made = register.add(Record(0, time.time_ns(), action, use, store.origin, what, by, about, trial))  # type: ignore[arg-type]
    if trial.promoted:
        _retire(data, made)
    return made


def _retire(data: Path, record: Record) -> None:
    """A shop's own certificate was learnt on other beliefs: it is kept, under a name that nothing settles by."""
    path = data / CERTIFICATE
    if path.is_file():
        path.rename(path.with_name(f"certificate-until-{record.number:04d}.json"))


def _heard(recording: Recording, store: Store, use: Use, model: Model, *, quiet: bool) -> Replay:
    with progress("replaying the journal", quiet=quiet) as report:
        return replay(recording, store=shop_of(store, use.learnt), model=model_of(model, use.learnt), progress=report)


def _class(now: Replay, labels: Mapping[str, Label], kept: frozenset[str], after_ns: int, model: Model) -> Class:
    """Older visits to learn from, newer ones to try on: none is both, and none is tried on twice."""
    named = _by_name(now, kept)
    left = {name: belief.visit.left_ns for name, belief in named.items()}
    known = sorted((name for name in labels if name in named), key=lambda name: (left[name], name))
    cut_ns = after_ns or (left[known[int(len(known) * (1.0 - SHARE))]] - 1 if known else 0)
    fresh = {name: labels[name] for name in known if left[name] > cut_ns}
    lessons = [
        lesson(belief, _rests(now, belief), labels.get(name), model)
        for name, belief in named.items()
        if left[name] <= cut_ns
    ]
    return Class(tuple(lessons), fresh, max((left[name] for name in fresh), default=0))


def _by_name(heard: Replay, kept: frozenset[str]) -> dict[str, Any]:
    """Beliefs by the visit's name in the shop's books; those seen by the cameras alone have one with an instant."""
    found = {}
    for belief in heard.beliefs:
        names = (belief.visit.id, f"{belief.visit.id}@{belief.visit.entered_ns}")
        name = next((one for one in names if one in kept), None)
        if name is not None:
            found[name] = belief
    return found


def _rests(heard: Replay, belief: Any) -> Sequence[Any]:
    visit = belief.visit
    return [e for e in heard.explanations if visit.entered_ns <= e.event.end_ns and e.event.onset_ns <= visit.left_ns]


def _said(heard: Replay, card: Card, fresh: Mapping[str, Label]) -> dict[str, Any]:
    return {name: said(belief, card) for name, belief in _by_name(heard, frozenset(fresh)).items()}


def _line(one: Record) -> str:
    head = f"{one.number}. {published(one)['date']} {one.action} by {one.by}: {one.what} [{one.id[:12]}]"
    if one.source is None or one.trial is None:
        return head
    asked = one.source.answered + one.source.audited + one.source.disputed
    rest = f"learnt from {one.source.visits} visits, {asked} of them looked at, answers of {one.source.people} people"
    gain = (
        "" if one.trial.gain is None else f", gain {one.trial.gain:.3f} ({one.trial.low:.3f} to {one.trial.high:.3f})"
    )
    return f"{head}\n   {rest}; tried on {one.trial.visits} fresh ones{gain}: {one.trial.why} ({one.origin})"
