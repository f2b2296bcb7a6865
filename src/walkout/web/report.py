"""A recording as one page that a person can look at: what was decided, and what each decision rests on."""

from base64 import b64encode
from collections.abc import Collection, Sequence
from decimal import Decimal
from hashlib import sha256

from walkout import __version__
from walkout.checkout.receipt import Receipt
from walkout.live.outcome import Replay
from walkout.recording.loss import Loss
from walkout.store.shop import Store
from walkout.web import words
from walkout.web.chart import Wrist
from walkout.web.labels import Labels, label
from walkout.web.markup import Markup, el, join, name, raw
from walkout.web.plan import plan
from walkout.web.tokens import packaged, style_sheet
from walkout.web.visit import UNSURE_BELOW, decided, event_article, sure, visit_section


def report_html(replay: Replay, store: Store, *, wrists: Sequence[Wrist] = (), visits: Collection[str] = ()) -> str:
    """The page of a replay: self-contained, nothing from the network, equal replays give equal bytes.

    `wrists` adds how near hands came to the goods (`walkout.web.reaches`); `visits` names the visits to show in full,
    else they are the MAX_VISITS least sure ones; all others are listed. KeyError for a visit that is not there.
    """
    labels = label(replay, store, visits)
    style, script = style_sheet("drawing.css", "report.css"), packaged("report.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    title = f"{headline(replay, labels)} – {origin_words(replay)}"
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", title),
        el("style", raw(style)),
    )
    body = el("body", _page(replay, wrists, labels), el("script", raw(script)))
    return f"<!doctype html>\n{el('html', head, body, lang='en')}\n"


def _page(replay: Replay, wrists: Sequence[Wrist], labels: Labels) -> Markup:
    by_event: dict[str, list[Wrist]] = {}
    for wrist in wrists:
        by_event.setdefault(wrist.event, []).append(wrist)
    curves = {curve.event: curve for curve in replay.curves}
    shown = frozenset(labels.shown_events)
    told = [explanation for explanation in replay.explanations if explanation.event.id in shown]
    beliefs = {belief.visit.id: belief for belief in replay.beliefs}
    sections = [
        visit_section(
            receipt,
            beliefs.get(receipt.visit),
            [e for e in told if labels.owner.get(e.event.id) == receipt.visit],
            curves,
            by_event,
            labels,
        )
        for receipt in replay.receipts
        if receipt.visit in labels.shown_visits
    ]
    loose = [
        event_article(e, curves.get(e.event.id), by_event.get(e.event.id, ()), labels)
        for e in told
        if e.event.id not in labels.owner
    ]
    nobody = el("section", el("h2", "Events that belong to no visit"), loose, class_="visit") if loose else None
    return join(
        _strip(replay, labels),
        el(
            "main",
            el("h1", name(headline(replay, labels))),
            _facts(replay, labels),
            el(
                "div",
                el(
                    "section", el("h2", "The shop from above"), plan(replay, labels), _key(replay, labels), class_="map"
                ),
                el("div", _visits(replay, labels), sections, nobody, _left_out(replay, labels), _lost(replay, labels)),
                class_="columns",
            ),
            _foot(replay, labels),
            class_="page",
        ),
    )


def headline(replay: Replay, labels: Labels) -> str:
    """What happened, in one line."""
    receipts = replay.receipts
    if not receipts:
        return "No visit was seen"
    items = sum(line.quantity for receipt in receipts for line in receipt.lines)
    if len(receipts) > 1:
        return f"{words.count(len(receipts), 'visit')}, {words.count(items, 'item')}, {_sum(receipts)}"
    only = receipts[0]
    shoppers = [labels.person(shopper) for shopper in only.shoppers]
    who = f"{'Shopper' if len(shoppers) < 2 else 'Shoppers'} {words.listed(shoppers)}" if shoppers else "Somebody"
    unsure = "" if only.p_exact >= UNSURE_BELOW else ", but that is unsure"
    if not only.lines:
        return f"{who} left without goods{unsure}"
    lines = [f"{line.quantity} × {line.name or line.gtin}" for line in only.lines]
    return f"{who} took {words.listed(lines) if len(lines) <= 2 else words.count(items, 'item')}{unsure}"


def _sum(receipts: Sequence[Receipt]) -> str:
    totals: dict[str, Decimal] = {}
    for receipt in receipts:
        totals[receipt.currency] = totals.get(receipt.currency, Decimal(0)) + receipt.total
    return words.listed([words.money(totals[currency], currency) for currency in sorted(totals)])


def _facts(replay: Replay, labels: Labels) -> Markup | None:
    """The few numbers that a glance is for."""
    receipts = replay.receipts
    if not receipts:
        what = "The recording holds no people and no gate messages" if not replay.paths else "Nobody crossed the shop"
        return el("p", f"{what}, so there is no receipt. What was read stands at the end of this page.")
    facts: list[tuple[str, Markup | str]] = []
    least = min(receipts, key=lambda receipt: receipt.p_exact)
    if len(receipts) == 1:
        only = receipts[0]
        stay = words.duration((only.left_ns - only.entered_ns) / 1e9)
        facts.append(("Total", _sum(receipts)))
        facts.append(("Exactly right", sure(only.p_exact)))
        facts.append(("In the shop", join(_when(labels, only.entered_ns, only.left_ns, f", {stay}"))))
        facts.append(("Who decided", decided(only)))
    else:
        unsure = sum(not receipt.p_exact >= UNSURE_BELOW for receipt in receipts)
        said = f"{unsure} of {len(receipts)}"
        facts.append(("Unsure receipts", el("span", said, class_="unsure-word") if unsure else said))
        facts.append((f"Least sure: visit {labels.visits[least.visit]}", sure(least.p_exact)))
        facts.append(("Recorded", _when(labels, replay.start_ns, replay.end_ns, "")))
        people = sum(bool(receipt.human.viewers or receipt.decided_by == "person") for receipt in receipts)
        facts.append(("Visits that a person looked at", el("span", str(people), class_="person" if people else None)))
    return el("dl", [el("div", el("dt", term), el("dd", said)) for term, said in facts], class_="facts")


def _when(labels: Labels, start_ns: int, end_ns: int, more: str) -> Markup:
    clock = labels.clock
    same = clock.day(start_ns) == clock.day(end_ns)
    span = f"{clock.time(start_ns)} to {clock.time(end_ns)}" if same else clock.span(start_ns, end_ns)
    day = f"{clock.day(start_ns)}, " if same else ""
    return join(span, more, el("small", f"{day}{clock.zone_at(start_ns)}"))


def _strip(replay: Replay, labels: Labels) -> Markup:
    return el(
        "header",
        el("b", origin_words(replay)),
        el("span", "Report of ", words.count(len(replay.receipts), "visit"), ", ", name(labels.store.name)),
        class_="origin",
    )


def origin_words(replay: Replay) -> str:
    """Whether what is shown was real, in words."""
    return {"real": "Real recording", "simulated": "Simulated: nobody was there"}.get(replay.origin, replay.origin)


def _key(replay: Replay, labels: Labels) -> Markup:
    """What the marks of the plan mean, and who each letter is."""

    def row(mark: Sequence[Markup], said: Markup | str, class_: str | None = None) -> Markup:
        drawn = el(
            "svg",
            mark,
            xmlns="http://www.w3.org/2000/svg",
            viewBox="0 0 40 16",
            width=40,
            height=16,
            aria_hidden="true",
        )
        return el("li", el("span", drawn, class_=class_), el("span", said))

    rows = []
    for path in replay.paths:
        if path.visit in labels.visits and path.visit not in labels.shown_visits:
            continue
        visit = f", visit {labels.visits[path.visit]}" if path.visit in labels.visits else ", in no visit"
        line = el("path", d="M0 8H40", class_="walk", stroke_dasharray=labels.dash(path.person, path.visit))
        rows.append(
            row(
                [line],
                join(
                    el("b", labels.person(path.person)),
                    visit if len(labels.visits) != 1 or path.visit == "" else "",
                    ", tracked as ",
                    name(path.person),
                ),
                labels.colour(path.visit),
            )
        )
    rows.append(row([el("circle", cx=20, cy=8, r=4, class_="first")], "first seen", "none"))
    rows.append(row([el("rect", x=16, y=4, width=8, height=8, class_="last")], "last seen", "none"))
    if labels.shown_events:
        rows.append(row([el("circle", cx=20, cy=8, r=7, class_="badge")], "an event, by its number"))
    if labels.store.fixtures:
        rows.append(row([el("path", d="M4 8H36", class_="front")], "front of a fixture"))
    return el("ul", rows, class_="key")


def _visits(replay: Replay, labels: Labels) -> Markup | None:
    """All visits, with links to those in full."""
    if len(replay.receipts) < 2:
        return None
    rows = []
    for receipt in replay.receipts:
        number = str(labels.visits[receipt.visit])
        who = words.listed([labels.person(shopper) for shopper in receipt.shoppers])
        items = sum(line.quantity for line in receipt.lines)
        full = receipt.visit in labels.shown_visits
        rows.append(
            el(
                "tr",
                el(
                    "td",
                    el("a", f"Visit {number}", href=f"#visit-{number}") if full else f"Visit {number}",
                    class_="number",
                ),
                el("td", who),
                el("td", labels.clock.time(receipt.entered_ns), class_="wide-only"),
                el("td", labels.clock.time(receipt.left_ns), class_="wide-only"),
                el("td", str(items), class_="right"),
                el("td", words.money(receipt.total, receipt.currency), class_="right"),
                el("td", sure(receipt.p_exact)),
            )
        )
    heads = (
        ("Visit", ""),
        ("Shopper", ""),
        ("In", "wide-only"),
        ("Out", "wide-only"),
        ("Items", "right"),
        ("Total", "right"),
    )
    some = len(labels.shown_visits) < len(replay.receipts)
    return el(
        "section",
        el("h2", "Visits"),
        el(
            "table",
            el(
                "thead",
                el(
                    "tr",
                    [el("th", h, scope="col", class_=c or None) for h, c in heads],
                    el("th", "Exactly right", scope="col"),
                ),
            ),
            el("tbody", rows),
            class_="visits",
        ),
        el(
            "p",
            f"This page shows {len(labels.shown_visits)} of {len(replay.receipts)} visits in full: those with a link. "
            "Where none are asked for by name, these are the least sure ones.",
            class_="quiet",
        )
        if some
        else None,
        class_="visit",
    )


def _left_out(replay: Replay, labels: Labels) -> Markup | None:
    """Says what the page leaves out, if anything."""
    shown = frozenset(labels.shown_events)
    cut = [e for e in replay.events if e.id not in shown and labels.owner.get(e.id, "") in ("", *labels.shown_visits)]
    if not cut:
        return None
    numbers = ", ".join(str(labels.events[event.id]) for event in cut[:50]) + (" and more" if len(cut) > 50 else "")
    return el(
        "p",
        f"{words.count(len(cut), 'event')} of these visits are left out here to keep the page small: {numbers}.",
        class_="quiet",
    )


def _lost(replay: Replay, labels: Labels) -> Markup:
    lost = [_loss(loss, labels) for loss in replay.degraded]
    return el(
        "section",
        el("h2", "What the recording lost"),
        el("ul", lost, class_="lost") if lost else el("p", "Nothing was lost."),
        id="lost",
    )


def _loss(loss: Loss, labels: Labels) -> Markup:
    what = words.LOSSES.get(loss.kind, loss.kind)
    where = "the whole file" if not loss.channel else loss.channel
    when = ""
    if loss.start_ns is not None:
        until = "" if loss.end_ns in (None, loss.start_ns) else f" to {labels.clock.time(loss.end_ns or 0, 1)}"
        when = f", {labels.clock.time(loss.start_ns, 1)}{until}"
    return el(
        "li",
        el("b", what),
        f": {words.count(loss.count, 'time')} on ",
        name(where),
        when,
        el("span", name(words.sentence(loss.detail)), class_="why") if loss.detail.strip() else None,
    )


def _foot(replay: Replay, labels: Labels) -> Markup:
    said = {"plate_samples": "plate samples", "people_frames": "frames of people", "gate_events": "gate messages"}
    read = [
        f"{replay.counts[key]:,} {said.get(key, key)}"
        for key in sorted(replay.counts, key=lambda k: (k not in said, list(said).index(k) if k in said else 0, k))
    ]
    seconds = words.duration((replay.end_ns - replay.start_ns) / 1e9)
    times = f"Times are those of {labels.clock.zone_at(replay.start_ns)}." if replay.end_ns else ""
    return el(
        "footer",
        f"Read: {', '.join(read) or 'nothing'}, over {seconds}. {times} "
        f"A probability below {UNSURE_BELOW * 100:.0f} % is marked unsure. Made by Walkout {__version__}. "
        "This page asks nothing of the network.",
        class_="small-print",
    )


def _hash(source: str) -> str:
    return f"sha256-{b64encode(sha256(source.encode()).digest()).decode()}"
