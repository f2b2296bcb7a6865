"""A recording as one page that a person can look at: what was decided, and what each decision rests on."""

from base64 import b64encode
from collections.abc import Collection, Sequence
from hashlib import sha256

from walkout import __version__
from walkout.live.outcome import Replay
from walkout.recording.loss import Loss
from walkout.store.shop import Store
from walkout.web import words
from walkout.web.chart import Wrist
from walkout.web.labels import Labels, label
from walkout.web.markup import Markup, el, join, name, raw
from walkout.web.overview import facts, headline, key, origin_words, visits_table
from walkout.web.plan import plan
from walkout.web.strips import Strip, Strips
from walkout.web.tokens import packaged, style_sheet
from walkout.web.visit import UNSURE_BELOW, event_article, visit_section


def report_html(
    replay: Replay,
    store: Store,
    *,
    wrists: Sequence[Wrist] = (),
    visits: Collection[str] = (),
    strips: Strips | None = None,
) -> str:
    """The page of a replay: self-contained, nothing from the network, equal replays give equal bytes.

    `wrists` adds how near hands came to the goods (`walkout.web.reaches`); `visits` names the visits to show in full,
    else they are the MAX_VISITS least sure ones; all others are listed. `strips` adds what cameras saw
    (`walkout.web.strips`). KeyError for a visit that is not there.
    """
    labels = label(replay, store, visits)
    style, script = style_sheet("drawing.css", "report.css"), packaged("report.js")
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
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
    body = el("body", _page(replay, wrists, strips, labels), el("script", raw(script)))
    return f"<!doctype html>\n{el('html', head, body, lang='en')}\n"


def _page(replay: Replay, wrists: Sequence[Wrist], strips: Strips | None, labels: Labels) -> Markup:
    seen: dict[str, list[Strip]] = {}
    for strip in strips.strips if strips is not None else ():
        seen.setdefault(strip.event, []).append(strip)
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
            seen,
        )
        for receipt in replay.receipts
        if receipt.visit in labels.shown_visits
    ]
    loose = [
        event_article(e, curves.get(e.event.id), by_event.get(e.event.id, ()), labels, strips=seen.get(e.event.id, ()))
        for e in told
        if e.event.id not in labels.owner
    ]
    nobody = el("section", el("h2", "Events that belong to no visit"), loose, class_="visit") if loose else None
    return join(
        _strip(replay, labels),
        el(
            "main",
            el("h1", name(headline(replay, labels))),
            facts(replay, labels),
            el(
                "div",
                el("section", el("h2", "The shop from above"), plan(replay, labels), key(replay, labels), class_="map"),
                el(
                    "div",
                    visits_table(replay, labels),
                    sections,
                    nobody,
                    _left_out(replay, labels),
                    el("p", strips.said, class_="quiet", id="pictures") if strips is not None else None,
                    _lost(replay, labels),
                ),
                class_="columns",
            ),
            _foot(replay, labels),
            class_="page",
        ),
    )


def _strip(replay: Replay, labels: Labels) -> Markup:
    return el(
        "header",
        el("b", origin_words(replay)),
        el("span", "Report of ", words.count(len(replay.receipts), "visit"), ", ", name(labels.store.name)),
        class_="origin",
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
