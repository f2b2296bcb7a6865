"""Annotated clips in a shop's database: asked for, kept version by version, and told as a data set with its people."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, Literal

import orjson
from sqlalchemy import Connection, Engine, func, insert, select

from walkout.labour import tables as labour
from walkout.labour.rate import from_json
from walkout.learning.annotation import Annotated, AnnotationError, from_plain, plain
from walkout.learning.label import few
from walkout.review import tables
from walkout.review.case import Body
from walkout.review.consent import consent_of, needed
from walkout.review.queues import Queues

PURPOSE: Final = "annotate"
WORDS: Final = "Mark the people, their wrists, and what a hand holds."
By = Literal["model", "person", "import"]


def offer(queues: Queues, visit: str, clip: Annotated, *, shows: str, deadline_ns: int) -> None:
    """Put a clip, with its draft, before somebody who accepted that purpose; said again it does nothing.

    `shows`: the name under which the vault has the redacted clip.

    Raises ReviewError where the visit's shopper did not agree.
    """
    keep(queues.engine, visit, clip, by="model", t_ns=queues.now_ns(), only_first=True)
    start_ns, end_ns = (clip.t_ns[0], clip.t_ns[-1]) if clip.t_ns else (0, 0)
    body = Body(shows, start_ns, end_ns, PURPOSE, WORDS, ())
    queues.put(f"{PURPOSE}/{clip.clip}", visit, PURPOSE, body, deadline_ns=deadline_ns)


def keep(engine: Engine, visit: str, clip: Annotated, *, by: By, t_ns: int, only_first: bool = False) -> int:
    """Keep a version of a clip's marks; gives its number, from 1. `only_first`: nothing where there is one.

    Raises ReviewError where the visit's shopper did not agree, or took it back; AnnotationError where the clip is of
    another visit, or of another size than before.
    """
    with engine.begin() as connection:
        consent = needed(connection, visit)
        last = _last(connection, clip.clip)
        if last is not None and (last.visit != visit or not _same_clip(from_plain(orjson.loads(last.body)), clip)):
            raise AnnotationError(f"found other pictures under the name {clip.clip}, right: those of that clip")
        if last is not None and only_first:
            return int(last.revision)
        number = 1 if last is None else int(last.revision) + 1
        text = orjson.dumps(plain(replace(clip, consent=str(consent.consent)))).decode()
        row = {"clip": clip.clip, "revision": number, "visit": visit, "consent": consent.consent, "by": by}
        connection.execute(insert(tables.annotations).values(**row, body=text, t_ns=t_ns))
        return number


def imported(engine: Engine, clips: Sequence[Annotated], t_ns: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Keep what comes from another tool, each clip as a version of its own; gives the names kept, and those left out.

    Left out are clips that this shop does not know, or whose shopper took their consent back.
    """
    kept, left = [], []
    for clip in clips:
        with engine.execution_options(walkout_reads=True).begin() as connection:
            last = _last(connection, clip.clip)
        if last is None or consent_of(engine, last.visit) is None:
            left.append(clip.clip)
            continue
        keep(engine, last.visit, clip, by="import", t_ns=t_ns)
        kept.append(clip.clip)
    return tuple(kept), tuple(left)


def newest(engine: Engine, clip: str) -> Annotated | None:
    """The marks of a clip that count; None: it has none, or its shopper took their consent back."""
    with engine.execution_options(walkout_reads=True).begin() as connection:
        row = _last(connection, clip)
    return None if row is None else from_plain(orjson.loads(row.body))


def annotated(engine: Engine, *, drafts: bool = False) -> tuple[Annotated, ...]:
    """The newest marks of each clip whose consent stands, by name; without `drafts` only what people looked at."""
    of = tables.annotations.c
    latest = select(of.clip, func.max(of.revision).label("revision")).group_by(of.clip).subquery()
    query = (
        select(tables.annotations)
        .join(latest, (latest.c.clip == of.clip) & (latest.c.revision == of.revision))
        .order_by(of.clip)
    )
    with engine.execution_options(walkout_reads=True).begin() as connection:
        rows = connection.execute(query).all()
    return tuple(
        from_plain(orjson.loads(row.body))
        for row in rows
        if (drafts or row.by != "model") and consent_of(engine, row.visit) is not None
    )


def sheet(engine: Engine, clips: Sequence[Annotated]) -> dict[str, Any]:
    """What a data set says of the people in it and behind it: whose consent, how many people's hours, at what pay."""
    names = [clip.clip for clip in clips]
    of, asked, work = tables.annotations.c, tables.leases.c, labour.intervals.c
    with engine.execution_options(walkout_reads=True).begin() as connection:
        consents = connection.execute(
            select(tables.consents.c.consent, tables.consents.c.words, tables.consents.c.t_ns)
            .where(tables.consents.c.consent.in_([int(clip.consent) for clip in clips]))
            .order_by(tables.consents.c.consent)
        ).all()
        units = [f"annotate/{name}" for name in names]
        people = connection.execute(
            select(func.count(func.distinct(asked.worker))).where(asked.question.in_(units))
        ).scalar_one()
        spent = connection.execute(
            select(work.card, func.sum(work.end_ns - work.start_ns).label("ns"))
            .where((work.purpose == PURPOSE) & work.paid & work.unit.in_(units))
            .group_by(work.card)
        ).all()
        rates = [_rate(connection, row.card) for row in spent]
        imported = connection.execute(
            select(func.count(func.distinct(of.clip))).where((of.by == "import") & of.clip.in_(names))
        ).scalar_one()
    return {
        "clips": len(clips),
        "pictures": sum(len(clip.t_ns) for clip in clips),
        "marks": sum(len(clip.marks) for clip in clips),
        "placed_by_people": sum(mark.by == "person" for clip in clips for mark in clip.marks),
        "origins": sorted({clip.origin for clip in clips}),
        "consents": [{"consent": row.consent, "words": row.words, "t_ns": row.t_ns} for row in consents],
        "people": few(int(people)),
        "paid_hours": round(sum(int(row.ns) for row in spent) / 3.6e12, 4),
        "pay": sorted({rate for rate in rates if rate}),
        "imported_clips": int(imported),
        "hours_of_imported": "not known here: they were worked elsewhere" if imported else None,
    }


def _rate(connection: Connection, card: str) -> str:
    """What an hour of this work is paid by a rate card, in words; "" where it is not there any more."""
    query = select(labour.cards).where(labour.cards.c.hash == card)
    row = connection.execute(query).one_or_none()
    if row is None:
        return ""
    found = from_json(row.body)
    return f"{found.rate(PURPOSE):f} {found.currency} an hour, {found.place}"


def _last(connection: Connection, clip: str) -> Any:
    of = tables.annotations.c
    query = select(tables.annotations).where(of.clip == clip).order_by(of.revision.desc()).limit(1)
    return connection.execute(query).one_or_none()


def _same_clip(a: Annotated, b: Annotated) -> bool:
    return (a.width_px, a.height_px, a.t_ns) == (b.width_px, b.height_px, b.t_ns)
