"""A statement as one page to print: no script, nothing loaded from elsewhere."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from walkout.labour.money import ROUNDING
from walkout.labour.pay import Line
from walkout.labour.statement import Statement, digest

WORDS = {
    "active": "Working on questions",
    "waiting_paid": "On shift, nothing to do",
    "break_paid": "Breaks, paid",
    "break_unpaid": "Meals, unpaid",
    "training": "Training",
    "gold": "Questions whose answer was known",
    "fault_paid": "Our faults",
    "meeting": "Meetings",
    "appeal": "Appeals",
    "idle_query": "Asked about",
    "granted": "Added by a person, for reasons in the log",
}
NOT_LOGGED = "It is not in the shop's public log yet"
STYLE = """
:root{color-scheme:light dark}body{font:15px/1.45 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}th,td{text-align:left;padding:.3rem .6rem .3rem 0;
border-bottom:1px solid #8886}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}tr.sum td{font-weight:600}
h1{font-size:1.4rem;margin:0}h2{font-size:1.05rem;margin:1.5rem 0 .25rem}p{margin:.3rem 0}code{font-size:.8em;
overflow-wrap:anywhere}.due{font-size:1.25rem;font-weight:600}.mark{border:1px solid;padding:.1rem .5rem}
@media print{body{margin:0;max-width:none}@page{margin:18mm}}
"""


def to_html(statement: Statement, paper: Mapping[str, Any] | None = None) -> str:
    """The page; the same statement and the same paper give the same bytes.

    `paper`: the holder's, as published, with the checkpoint under which the public log has the statement.
    """
    pay, currency = statement.pay, statement.pay.currency
    rows = "".join(_row(line, currency) for line in pay.lines)
    floors = "".join(
        f"<tr><td>{escape(part.row.kind.replace('_', ' '))} from {part.row.valid_from}</td>"
        f'<td class="n">{part.row.hourly:f}</td><td class="n">{_hours(part.length_ns)}</td>'
        f"<td>{escape(part.row.source)} ({escape(part.row.source_url)}, read {part.row.retrieved})</td></tr>"
        for part in pay.floor
    )
    asked = "".join(
        f"<li>{_when(i.start_ns, statement.place.zone)}, {_hours(i.length_ns)}: "
        f"{'paid as it stands' if i.paid else 'paid as soon as you say that you worked'}</li>"
        for i in statement.asked
    )
    marked = ' <span class="mark">simulated</span>' if statement.origin == "simulated" else ""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Statement {escape(statement.id)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
        f"<h1>Statement for {escape(statement.period.name)}{marked}</h1>"
        f"<p>{escape(statement.worker)}, {escape(statement.place.name)}, revision {statement.revision}</p>"
        f'<p class="due">Owed to you now: {_money(statement.due, currency)}</p>'
        f'<h2>Time and pay</h2><table><tr><th>What</th><th class="n">Hours</th><th class="n">An hour</th>'
        f'<th class="n">Pay</th></tr>{rows}'
        f"{_sum('Earned', pay.earned, currency)}{_sum('On top, to reach the floor', pay.top_up, currency)}"
        f"{_sum('Deductions', pay.total * 0, currency)}{_sum('Total', pay.total, currency)}"
        f"{_sum('Stated before', statement.before, currency)}</table>"
        f"<h2>The floor</h2><p>{_money(pay.floor_due, currency)} is the least that this time may pay.</p>"
        f'<table><tr><th>Bound</th><th class="n">An hour</th><th class="n">Hours</th><th>Where it is from</th></tr>'
        f"{floors}</table>"
        + (f"<h2>We asked, and do not know yet</h2><ul>{asked}</ul>" if asked else "")
        + f"<h2>To check it</h2><p>Computed from entry {statement.as_of} of your log, <code>{statement.head}</code>. "
        f"{escape(ROUNDING.capitalize())}. What your answers were found to be is in no line of this page, and cannot "
        f"be.</p><p><code>{digest(statement)}</code></p>{'' if paper is None else _logged(statement, paper)}</html>\n"
    )


def _logged(statement: Statement, paper: Mapping[str, Any]) -> str:
    """Under which checkpoint the public log has it. Paper checks nothing: who does is said beside it."""
    sha = digest(statement)
    found = [one["number"] for one in paper["entries"] if sha in one["line"]]
    where = f"It is entry {found[0]} of {paper['head']['size']} of the shop's public log" if found else NOT_LOGGED
    kept = f"<p>Latest checkpoint: <code>{escape(str(paper['checkpoint'] or 'none yet'))}</code></p>"
    return (
        f"<p>{where}, whose root is <code>{escape(str(paper['head']['root']))}</code>.</p>{kept}"
        "<p>A printed page checks nothing. Your own page of this statement does, in your browser; so does the page in "
        "the public bundle, without a network, with the statement's JSON.</p>"
    )


def _row(line: Line, currency: str) -> str:
    words = WORDS[line.kind] + (f": {line.purpose}" if line.purpose else "")
    if line.kind == "idle_query":
        words += ", paid" if line.paid else ", not paid so far"
    return (
        f'<tr><td>{escape(words)}</td><td class="n">{_hours(line.length_ns)}</td><td class="n">{line.hourly:f}</td>'
        f'<td class="n">{_money(line.amount, currency)}</td></tr>'
    )


def _sum(words: str, amount: Decimal, currency: str) -> str:
    return f'<tr class="sum"><td colspan="3">{words}</td><td class="n">{_money(amount, currency)}</td></tr>'


def _money(amount: Decimal, currency: str) -> str:
    return f"{amount:f} {escape(currency)}"


def _hours(length_ns: int) -> str:
    seconds = length_ns // 1_000_000_000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _when(t_ns: int, zone: str) -> str:
    return f"{datetime.fromtimestamp(t_ns // 1_000_000_000, UTC).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
