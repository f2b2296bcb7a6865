"""A shopper's copy of all that is stored about their visit: receipts, evidence, words, looks, proof, clips."""

import time
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import orjson
from sqlalchemy import select

from walkout.checkout import tables as checkout
from walkout.disclosure.entries import Said, month_of, nonce, sealed
from walkout.live.till import Till

LOOKS = ("view", "widening", "raw_access")


def looks_of(paper: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The looks that a shopper's paper proves: when, at what, why."""
    entries = [orjson.loads(one["line"]) for one in paper["entries"]]
    return [
        {"t_ns": one["t_ns"], "kind": one["kind"], "what": one["facts"].get("what"), "why": _why(one["facts"])}
        for one in entries
        if one["kind"] in LOOKS
    ]


def _why(facts: Mapping[str, Any]) -> Any:
    """The purpose; of video as it was taken the reason, and the roles of the two who broke the glass."""
    if "reason" in facts:
        return f"{facts['reason']} ({facts.get('roles', '')})"
    return facts.get("purpose")


def own_archive(till: Till, visit: str, stored: Sequence[Mapping[str, Any]]) -> bytes:
    """The archive; that it was made is entered into the log first. Clips are the redacted ones, the only ones kept."""
    record = till.record
    record.work()
    now_ns = time.time_ns()
    of = checkout.visits.c
    with till.database.execution_options(walkout_reads=True).begin() as connection:
        entered_ns = connection.execute(select(of.entered_ns).where(of.visit == visit)).scalar_one_or_none()
        cases = connection.execute(select(checkout.cases).where(checkout.cases.c.visit == visit)).all()
    said = Said("", "export", now_ns, month_of(entered_ns or now_ns), {"what": "own copy"}, visit)
    record.vault.log.append(sealed(record.vault.keys, said, nonce(), now_ns))
    paper = record.proofs.of_visit(visit)
    written = {
        "kind": "own-visit",
        "version": 1,
        "visit": visit,
        "origin": till.store.origin,
        "stored": list(stored),
        "receipts": [orjson.loads(one.published) for one in till.ledger.receipts(visit)],
        "evidence": till.evidence.of(visit),
        "disputes": [{name: _plain(value) for name, value in row._mapping.items()} for row in cases],  # noqa: SLF001
        "looks": [] if paper is None else looks_of(paper),
        "proof": paper,
    }
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE
        archive.writestr("my-visit.json", orjson.dumps(written, option=options))
        for name in till.vault.clips.names(visit):
            archive.writestr(f"clips/{name}.mp4", till.vault.clips.get(visit, name)[0])
        for name in till.vault.training.names(visit):
            archive.writestr(f"clips-for-learning/{name}.mp4", till.vault.training.get(visit, name)[0])
    return data.getvalue()


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | bool | None) else str(value)
