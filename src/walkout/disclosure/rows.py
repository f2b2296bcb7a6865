"""What the other rooms' ledgers hold that belongs into the log, row by row: looks, answers, receipts, hours, pay."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Text, cast, exists, literal, select, true

from walkout.checkout import tables as checkout
from walkout.disclosure.entries import Said, month_of
from walkout.disclosure.tables import written
from walkout.labour import tables as labour
from walkout.labour.interval import INTERVAL_KINDS
from walkout.privacy.entry import Fact
from walkout.review import tables as review

MS_NS = 1_000_000
NOT_AT_A_VISIT = ("gold", "training")
"""Questions that are about no visit. Who reads the log must not learn from it which of theirs was gold: their time is
in the log as work, and how many there were is in the report."""
SHOWN = {kind: "active" if kind == "gold" else kind for kind in INTERVAL_KINDS}


Wanted = Callable[[ColumnElement[str]], ColumnElement[bool]]
"""Which rows, by their names."""


def unwritten(connection: Connection, tables_there: Iterable[str]) -> Iterator[Said]:
    """All that is not in the log yet, the oldest of each kind first."""
    return _rows(connection, set(tables_there), lambda row: ~exists().where(written.c.row == row))


def everything(connection: Connection, tables_there: Iterable[str]) -> Iterator[Said]:
    """All that the ledgers hold which belongs into the log, whether it is there or not."""
    return _rows(connection, set(tables_there), lambda _: true())


def _rows(connection: Connection, there: set[str], wanted: Wanted) -> Iterator[Said]:
    if checkout.receipts.name in there:
        yield from _receipts(connection, wanted)
    if review.leases.name in there:
        yield from _looks(connection, wanted)
        yield from _answers(connection, wanted)
    if labour.intervals.name in there:
        yield from _hours(connection, wanted)
        yield from _corrections(connection, wanted)
        yield from _statements(connection, wanted)
        yield from _money(connection, wanted)
    if labour.voices.name in there:
        yield from _voices(connection, wanted)
    if checkout.password_links.name in there:
        yield from _links(connection, wanted)


def _receipts(connection: Connection, wanted: Wanted) -> Iterator[Said]:
    """Final receipts; the first one says who decided: software alone, a person, or that nobody answered in time."""
    of, visit = checkout.receipts.c, checkout.visits.c
    row = literal("receipt/") + of.visit + "/" + cast(of.revision, Text)
    query = (
        select(row.label("row"), of.visit, of.revision, of.published, of.issued_ns, of.sha256, visit.entered_ns)
        .join(checkout.visits, visit.visit == of.visit)
        .where(of.final & wanted(row))
        .order_by(of.issued_ns, of.visit, of.revision)
    )
    for found in connection.execute(query).all():
        published = orjson.loads(found.published)
        earlier = select(of.published, of.final).where((of.visit == found.visit) & (of.revision < found.revision))
        before = connection.execute(earlier).all()
        facts: dict[str, Fact] = {
            "what": "receipt",
            "revision": found.revision,
            "first": not any(one.final for one in before),
            "by": decided(published, [orjson.loads(one.published) for one in before]),
            "origin": published["origin"],
            "sha256": found.sha256,
        }
        yield Said(found.row, "decision", found.issued_ns, month_of(found.entered_ns), facts, found.visit)


def decided(published: dict[str, Any], before: Iterable[dict[str, Any]]) -> str:
    """Who decided a final receipt: `software`, a `person`, or `time` where a person was asked and none answered."""
    if published["decided_by"] == "person":
        return "person"
    return "time" if any(one.get("status") == "asks" for one in before) else "software"


def _looks(connection: Connection, wanted: Wanted) -> Iterator[Said]:
    """A question in somebody's hands is a look at the visit, whatever came of it."""
    of, visit = review.leases.c, checkout.visits.c
    row = literal("look/") + of.token
    query = (
        select(row.label("row"), of.visit, of.question, of.worker, of.purpose, of.leased_ns, visit.entered_ns)
        .outerjoin(checkout.visits, visit.visit == of.visit)
        .where(of.purpose.not_in(NOT_AT_A_VISIT) & wanted(row))
        .order_by(of.leased_ns, of.token)
    )
    for found in connection.execute(query):
        month = month_of(found.leased_ns if found.entered_ns is None else found.entered_ns)
        facts: dict[str, Fact] = {"what": "question", "purpose": found.purpose}
        yield Said(found.row, "view", found.leased_ns, month, facts, found.visit, found.question, found.worker)


def _answers(connection: Connection, wanted: Wanted) -> Iterator[Said]:
    of, lease, visit = review.answers.c, review.leases.c, checkout.visits.c
    row = literal("answer/") + of.answer
    query = (
        select(row.label("row"), of.question, of.worker, of.key, of.sure, of.t_ns)
        .add_columns(lease.visit, lease.purpose, lease.leased_ns, visit.entered_ns)
        .join(review.leases, lease.token == of.token)
        .outerjoin(checkout.visits, visit.visit == lease.visit)
        .where(lease.purpose.not_in(NOT_AT_A_VISIT) & wanted(row))
        .order_by(of.t_ns, of.answer)
    )
    for found in connection.execute(query):
        month = month_of(found.leased_ns if found.entered_ns is None else found.entered_ns)
        facts: dict[str, Fact] = {
            "what": "answer",
            "purpose": found.purpose,
            "ms": max(0, found.t_ns - found.leased_ns) // MS_NS,
            "cannot_tell": found.key is None,
        }
        yield Said(found.row, "decision", found.t_ns, month, facts, found.visit, found.question, found.worker)


def _hours(connection: Connection, wanted: Wanted) -> Iterator[Said]:
    of = labour.intervals.c
    row = literal("hours/") + of.worker + "/" + cast(of.number, Text)
    query = select(row.label("row"), labour.intervals).where(wanted(row)).order_by(of.end_ns, of.worker, of.number)
    for found in connection.execute(query):
        ms = found.end_ns // MS_NS - found.start_ns // MS_NS  # of one shift they sum up without a rest
        facts: dict[str, Fact] = {"what": SHOWN[found.kind], "paid": bool(found.paid), "ms": ms}
        yield Said(found.row, "hours", found.end_ns, month_of(found.start_ns), facts, by=found.worker)


def _corrections(connection: Connection, wanted: Wanted) -> Iterator[Said]:
    """Time that became paid, or did not, after it was written down: answers to idle queries, and what was granted."""
    of, interval = labour.log.c, labour.intervals.c
    row = literal("hours/") + of.event
    query = select(row.label("row"), of.worker, of.kind, of.t_ns, of.body)
    query = query.where(of.kind.in_(("idle_answered", "granted")) & wanted(row)).order_by(of.t_ns, of.worker, of.number)
    for found in connection.execute(query).all():
        event = orjson.loads(found.body)
        month, ms = month_of(found.t_ns), event["of"] // MS_NS
        if found.kind == "idle_answered":
            about = (interval.worker == found.worker) & (interval.number == event["of"])
            asked = connection.execute(select(labour.intervals).where(about)).one_or_none()
            if asked is None:
                continue
            others = select(of.body).where(
                (of.worker == found.worker) & (of.kind == "idle_answered") & (of.t_ns < found.t_ns)
            )
            earlier = [
                one for body in connection.execute(others).scalars() if (one := orjson.loads(body))["of"] == event["of"]
            ]
            was = earlier[-1]["detail"] == "worked" if earlier else bool(asked.paid)
            now = event["detail"] == "worked"
            length = asked.end_ns // MS_NS - asked.start_ns // MS_NS
            month, ms = month_of(asked.start_ns), length * (now - was)
        facts: dict[str, Fact] = {"what": found.kind, "paid": True, "ms": ms}
        yield Said(found.row, "hours", found.t_ns, month, facts, by=found.worker)


def _statements(connection: Connection, wanted: Wanted) -> Iterator[Said]:
    of = labour.statements.c
    row = literal("statement/") + of.worker + "/" + of.period + "/" + cast(of.revision, Text)
    query = select(row.label("row"), of.worker, of.period, of.revision, of.sha256, of.issued_ns)
    for found in connection.execute(query.where(wanted(row)).order_by(of.issued_ns, of.worker)):
        facts: dict[str, Fact] = {"what": "statement", "revision": found.revision, "sha256": found.sha256}
        yield Said(found.row, "payment", found.issued_ns, found.period, facts, by=found.worker)


def _money(connection: Connection, wanted: Wanted) -> Iterator[Said]:
    """What the operator says they sent, and what the person says came; the amounts stand in the statements."""
    sent, said = labour.payouts.c, labour.confirmations.c
    row = literal("sent/") + sent.reference
    query = select(row.label("row"), sent.statement, sent.sent_ns).where(wanted(row)).order_by(sent.sent_ns)
    for found in connection.execute(query):
        worker, period, _ = found.statement.rsplit("/", 2)
        yield Said(found.row, "payment", found.sent_ns, period, {"what": "sent"}, by=worker)
    row = literal("said/") + said.worker + "/" + cast(said.number, Text)
    words = select(row.label("row"), said.worker, said.statement, said.came, said.said_ns).where(wanted(row))
    for found in connection.execute(words.order_by(said.said_ns, said.worker)):
        what = "confirmed" if found.came else "disputed"
        _, period, _ = found.statement.rsplit("/", 2)
        yield Said(found.row, "payment", found.said_ns, period, {"what": what}, by=found.worker)


def _voices(connection: Connection, wanted: Wanted) -> Iterator[Said]:
    """Keys that reviewers made, then what they say under them; the texts stand in the report, here are their hashes."""
    key, said = labour.voice_keys.c, labour.voices.c
    row = literal("voice-key/") + key.key
    made = select(row.label("row"), key.key, key.worker, key.registered_ns).where(wanted(row))
    for found in connection.execute(made.order_by(key.registered_ns, key.key)):
        facts: dict[str, Fact] = {"what": "key", "key": found.key}
        yield Said(found.row, "voice", found.registered_ns, month_of(found.registered_ns), facts, by=found.worker)
    row = literal("voice/") + said.sha256
    query = select(row.label("row"), labour.voices).where(wanted(row)).order_by(said.said_ns, said.key, said.number)
    for found in connection.execute(query):
        facts = {"what": "statement", "key": found.key, "sha256": found.sha256, "replaces": found.replaces}
        facts["store"] = found.store
        yield Said(found.row, "voice", found.said_ns, found.month, facts, by=found.worker)


def _links(connection: Connection, wanted: Wanted) -> Iterator[Said]:
    """A link for a new password was made, or used: for whom stands under their seal, by whom as what they are."""
    of = checkout.password_links.c
    for what, t_ns in (("made", of.made_ns), ("used", of.used_ns)):
        row = literal("password-link/") + of.id + f"/{what}"
        query = select(row.label("row"), of.name, of.made_by, t_ns.label("t_ns"))
        for found in connection.execute(query.where(t_ns.is_not(None) & wanted(row)).order_by(t_ns, of.id)):
            by = "an administrator" if found.made_by else "somebody with the data folder"
            facts: dict[str, Fact] = {"what": f"password link {what}", "by": by}
            yield Said(found.row, "policy_change", found.t_ns, month_of(found.t_ns), facts, by=found.name)
