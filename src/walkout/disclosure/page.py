"""The report as one page: no script, nothing loaded from elsewhere; every number with what it rests on."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from html import escape
from importlib.resources import files
from typing import Any

from walkout.disclosure import plots
from walkout.disclosure.claims import claims, gated
from walkout.disclosure.report import digest, label

FIGURE = "source_query_hash"


def to_html(made: Mapping[str, Any]) -> str:
    """The page; the same report gives the same bytes."""
    mark = ' <span class="mark">simulated</span>' if made["origin"] == "simulated" else ""
    month, store = made["period"]["month"], gated(", ".join(made["stores"]), claims(made))
    parts = [
        f"<h1>The people behind {escape(store)}, {month}{mark}</h1>",
        "".join(f"<p>{escape(one)}</p>" for one in label(dict(made))),
        "" if made["is_over"] else '<p class="warn">The month is not over: these numbers still change.</p>',
        _headline(made),
        _section("How visits were settled", _settled(made), _table(made["visits"])),
        _section("Who looked, and how long", _looks(made), _table(made["human_work"])),
        _section("How soon the receipt came", "", _table(made["latency"])),
        _section("Was it right?", _accuracy(made), _table(made["accuracy"])),
        _section("What those who review say themselves", _statement(made)),
        _section("Who did the work", _hours(made), _table(made["workforce"]), _team(made)),
        _section("What they were paid", _pay(made), _floors(made)),
        _section("What say they have", _table(made["control"])),
        _section("Privacy", _glass(made), _table(made["privacy"])),
        _section("Claims, held against these numbers", _claims(made)),
        _section("Models, and the people in their data", _models(made)),
        _section("What this report does not know", _list(made["limits"]["not_measured"]), _suppressed(made)),
        _section("How to check it", _check(made)),
    ]
    style = files("walkout.disclosure").joinpath("page.css").read_text("utf-8")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(store)}, {month}: human work</title>'
        f'<meta name="viewport" content="width=device-width"><style>{style}</style>'
        f"<main>{''.join(parts)}</main></html>\n"
    )


def _headline(made: Mapping[str, Any]) -> str:
    blocks = []
    for one in made["headline"].values():
        value = "nothing yet" if one["value"] is None else f"{one['value']:.1f} <small>of 1,000 visits</small>"
        blocks.append(
            f'<div><div class="big">{value}</div><p>{escape(one["words"])}</p><p class="note">{_basis(one)}</p></div>'
        )
    return f'<div class="two">{"".join(blocks)}</div><div class="wide">{plots.thousand(made)}</div>'


def _settled(made: Mapping[str, Any]) -> str:
    visits = made["visits"]
    cells = [
        ("software alone", visits["settled_by_software"]["n"], "software"),
        ("a person's answer", visits["settled_by_person"]["n"], "person"),
        ("nobody answered in time: only what was shown was paid", visits["unanswered"]["n"], "unsure"),
    ]
    return _wide(plots.stack("How visits were settled", cells))


def _looks(made: Mapping[str, Any]) -> str:
    work = made["human_work"]
    cells = [
        (name, one["value"], f"{one['value']:.1f}")
        for name, one in work["visits_seen_per_1000_by_reason"].items()
        if one["value"] is not None
    ]
    return "<h3>Visits seen, per 1,000, by reason</h3>" + _wide(plots.bars("By reason", cells, "person"))


def _accuracy(made: Mapping[str, Any]) -> str:
    one = made["accuracy"]["wrong_upper95"]
    if one["value"] is None:
        return "<p>No receipt was audited blind in this month: nothing can be said about how many were wrong.</p>"
    return (
        f"<p>At most <b>{100 * one['value']:.2f} %</b> of what software settled alone was wrong (95 %), as far as two "
        f"people who looked apart at {made['accuracy']['audited']['n']:,} of them can tell.</p>"
    )


def _hours(made: Mapping[str, Any]) -> str:
    cells = [
        (kind.replace("_", " "), one["value"], f"{one['value']:,.2f} h")
        for kind, one in made["workforce"]["hours_by_kind"].items()
        if one["value"]
    ]
    return _wide(plots.bars("Hours by kind", cells))


def _team(made: Mapping[str, Any]) -> str:
    force = made["workforce"]
    left = "".join(
        f'<p class="note">By {escape(name)}: {n} cells of fewer than five people are left out.</p>'
        for name, n in force["left_out"].items()
    )
    employers, places = ", ".join(force["employers"]), ", ".join(force["places"])
    return left + f"<p>Employers: {escape(employers) or 'none'}. Places: {escape(places) or 'none'}.</p>"


def _pay(made: Mapping[str, Any]) -> str:
    parts = [f"<p>The floor: {escape(made['pay']['rule'])}.</p>"]
    for currency, one in made["pay"]["currencies"].items():
        if one["owed"]["suppressed"]:
            parts.append(f"<h3>{escape(currency)}</h3><p>Not published: fewer than five people.</p>")
            continue
        cells = [
            (words, float(one[name]["value"]), f"{one[name]['value']} {currency}")
            for name, words in (
                ("owed", "owed"),
                ("confirmed", "confirmed by the person"),
                ("late", "late: not confirmed in 7 days"),
                ("disputed", "disputed by the person"),
                ("waiting", "not late yet"),
            )
        ]
        parts.append(f"<h3>{escape(currency)}</h3>" + _wide(plots.bars(f"Pay in {currency}", cells)) + _table(one))
    shown = {name: made["pay"][name] for name in ("periods_below_floor", "topped_up", "unpaid_hours")}
    return "".join(parts) + _table(shown)


def _floors(made: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{escape(kind.replace('_', ' '))}</td><td class=n>{escape(hourly)} {escape(currency)}</td>"
        f"<td>{escape(source)} ({escape(url)}, read {escape(read)})</td></tr>"
        for kind, hourly, currency, source, url, read in made["pay"]["floors"]
    )
    return (
        f"<h3>Bounds in force, and where they are from</h3><div class=wide><table>{rows}</table></div>" if rows else ""
    )


def _statement(made: Mapping[str, Any]) -> str:
    """What the people say themselves, before any number about them."""
    told = made["control"]["workers_statement"]
    said = "".join(
        f"<blockquote><p>{escape(one['text']).replace(chr(10), '<br>')}</p></blockquote>"
        + "".join(
            f"<p class=note>Signed with key <code>{escape(by['key'])}</code>: "
            f"<code>{escape(by['signature'])}</code></p>"
            for by in one["signatures"]
        )
        for one in told["statements"]
    )
    return f"{said}<p>{escape(told['words'])}</p>"


def _glass(made: Mapping[str, Any]) -> str:
    """How often two people broke the glass, and why."""
    opened = made["privacy"]["raw_views"]["n"]
    if not opened:
        return "<p>Nobody saw video as it was taken.</p>"
    visits = made["privacy"]["raw_visits"]["n"]
    times = f"{opened:,} time{'s' * (opened != 1)}, {visits:,} visit{'s' * (visits != 1)}"
    return f"<p>Two people opened video as it was taken: {times}. Why:</p>{_list(made['privacy']['raw_reasons'])}"


def _claims(made: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{escape(one['name'])}</td><td class={'yes' if one['backed'] else 'no'}>"
        f"{'may be said' if one['backed'] else 'may not be said'}</td><td>{escape(one['number'])}</td>"
        f"<td>{escape(one['bar'])}</td></tr>"
        for one in made["claims"]
    )
    head = "<tr><th>Claim</th><th></th><th>The number</th><th>The bar</th></tr>"
    return f"<div class=wide><table>{head}{rows}</table></div>"


def _models(made: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{escape(one['name'])}<br><code>{one['sha256'][:16]}</code></td><td>{escape(one['what'])}</td>"
        f"<td>{escape(one['origin'])}; visits: {escape(one['visits'])}; hours: {escape(one['hours'])}; "
        f"pay: {escape(str(one['pay'] or 'none'))}</td></tr>"
        for one in made["training"]["models"]
    )
    sets = _list(
        f"{one['name']}: {one['visits']}; {one['hours']}; {one['pay']}" for one in made["training"]["data_sets"]
    )
    return f"<div class=wide><table>{rows}</table></div>" + (
        sets or "<p>No data set of this shop taught any model.</p>"
    )


def _suppressed(made: Mapping[str, Any]) -> str:
    hidden = made["limits"]["suppressed"]
    return (
        f"<details><summary>{len(hidden)} numbers are not published</summary>{_list(hidden)}</details>"
        if hidden
        else ""
    )


def _check(made: Mapping[str, Any]) -> str:
    point = made["checkpoint"]
    queries = "".join(
        f"<tr><td><code>{name[:16]}</code></td><td>{escape(text)}</td></tr>"
        for name, text in sorted(made["queries"].items())
    )
    warn = "" if point["witnesses"] else f'<p class="warn">{escape(point["words"].capitalize())}.</p>'
    return (
        f"{warn}<p>The log of looks, decisions, hours and payments had {point['size']:,} entries on "
        f"{_when(point['t_ns'])}. Its root: <code>{point['root']}</code>, signed with key "
        f"<code>{point['key'][:16]}</code>.{_seen(point)}</p>"
        "<p>The exported bundle holds the whole log and a page that checks it in a browser without a network: every "
        "shopper whether each look at their visit was counted, everybody who works here whether each of their hours "
        "was.</p><details><summary>What each number was counted by</summary><div class=wide><table>"
        f"{queries}</table></div></details>"
        f"<p class=note>SHA-256 of the report: <code>{digest(dict(made))}</code></p>"
    )


def _seen(point: Mapping[str, Any]) -> str:
    return f" {escape(point['words'].capitalize())}." if point["witnesses"] else ""


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def _table(group: Mapping[str, Any]) -> str:
    rows = "".join(_row(one) for one in _figures(group))
    head = '<tr><th>What</th><th class="n">Number</th><th>What it rests on</th></tr>'
    return (
        f"<details><summary>All numbers, and what they rest on</summary><div class=wide><table>{head}{rows}"
        "</table></div></details>"
        if rows
        else ""
    )


def _row(one: Mapping[str, Any]) -> str:
    value = "not published" if one["suppressed"] else _value(one)
    return f'<tr><td>{escape(one["words"])}</td><td class="n">{value}</td><td class="note">{_basis(one)}</td></tr>'


def _value(one: Mapping[str, Any]) -> str:
    value, unit = one["value"], one["unit"]
    if value is None:
        return "none"
    if unit == "share":
        return f"{100 * value:.2f} %"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}" if isinstance(value, float) else escape(value)


def _basis(one: Mapping[str, Any]) -> str:
    said = []
    if one["n"] is not None and one["denominator"] is not None:
        said.append(f"{one['n']:,} of {one['denominator']:,}")
    if one["ci95_low"] is not None:
        scale, sign = (100.0, " %") if one["unit"] == "share" else (1.0, "")
        said.append(f"95 %: {scale * one['ci95_low']:.2f} to {scale * one['ci95_high']:.2f}{sign}")
    said += [escape(one["method"]), f"<code>{one[FIGURE][:8]}</code>"]
    return "; ".join(said)


def _figures(group: Any) -> Iterable[Mapping[str, Any]]:
    if isinstance(group, Mapping):
        if FIGURE in group:
            yield group
        else:
            for one in group.values():
                yield from _figures(one)


def _list(items: Iterable[str]) -> str:
    rows = "".join(f"<li>{escape(one)}</li>" for one in items)
    return f"<ul>{rows}</ul>" if rows else ""


def _wide(drawing: str) -> str:
    return f"<div class=wide>{drawing}</div>" if drawing else ""


def _when(t_ns: int) -> str:
    return datetime.fromtimestamp(t_ns // 1_000_000_000, UTC).strftime("%Y-%m-%d %H:%M UTC")
