"""Reliability diagrams: what was said against what came, as drawings and tables on one page."""

from math import log10
from typing import Final

from walkout.evaluation.certificate import Certificate
from walkout.evaluation.reliability import Bin, Reliability
from walkout.web.markup import Markup, el, raw
from walkout.web.svg import drawing
from walkout.web.tokens import style_sheet

_SIZE: Final = 320.0
_EDGE: Final = 56.0
_LEAST: Final = 1e-4
"""The axes show the chance of being wrong, from 1 down to this, by powers of ten: what matters is near 0."""


def diagram(found: Reliability, title: str) -> Markup:
    """Each bin as a mark with its 95 % interval: across what was said, up what came; on the line both are the same."""
    ticks = (1.0, 0.1, 0.01, 0.001, 0.0001)
    axes = []
    for wrong in ticks:
        at = _at(wrong)
        label = f"{wrong * 100:g} %"
        axes.append(el("line", x1=_EDGE + at, y1=_SIZE, x2=_EDGE + at, y2=_SIZE + 4, class_="tick"))
        axes.append(el("text", label, x=_EDGE + at, y=_SIZE + 18, class_="small middle"))
        axes.append(el("line", x1=_EDGE - 4, y1=_SIZE - at, x2=_EDGE, y2=_SIZE - at, class_="tick"))
        axes.append(el("text", label, x=_EDGE - 8, y=_SIZE - at + 4, class_="small end"))
    return drawing(
        _EDGE + _SIZE + 16,
        _SIZE + 44,
        axes,
        el("line", x1=_EDGE, y1=_SIZE, x2=_EDGE + _SIZE, y2=0, class_="tick", stroke_dasharray="4 4"),
        el("rect", x=_EDGE, y=0, width=_SIZE, height=_SIZE, fill="none", class_="tick"),
        [_mark(one) for one in found.bins],
        el("text", "said to be wrong", x=_EDGE + _SIZE / 2, y=_SIZE + 38, class_="small middle"),
        title=title,
        class_="chart",
    )


def table(found: Reliability) -> Markup:
    """The same in numbers."""
    heads = ("from", "to", "how many", "said", "came right", "95 % from", "to")
    return el(
        "table",
        el("thead", el("tr", [el("th", head, scope="col", class_="right") for head in heads])),
        el("tbody", [_row(one) for one in found.bins]),
    )


def reliability_page(exact: Reliability, lines: Reliability | None, certificate: Certificate) -> str:
    """One page, complete in itself."""
    shown = [("Whole receipts: exactly right", exact)]
    if lines is not None:
        shown.append(("Lines: the party has at least so many", lines))
    sections = [
        el(
            "section",
            el("h2", title),
            el(
                "p",
                f"{found.count} probabilities, {found.wrong} wrong. Error {found.error:.4f}, "
                f"95 % from {found.error_low:.4f} to {found.error_high:.4f}, in {len(found.bins)} bins of equal mass.",
            ),
            diagram(found, title),
            table(found),
            class_="visit",
        )
        for title, found in shown
    ]
    origin = {"real": "Real visits", "simulated": "Simulated: nobody was there"}.get(certificate.origin, "Mixed")
    body = el(
        "body",
        el("div", el("b", origin), el("span", certificate.about), class_="origin"),
        el("main", el("h1", "How true the probabilities are"), sections, class_="page"),
    )
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("title", "Reliability"),
        el("style", raw(style_sheet("drawing.css", "report.css"))),
    )
    return f"<!doctype html>\n{el('html', head, body, lang='en')}\n"


def _at(wrong: float) -> float:
    """Pixels from the corner where everything is wrong towards where almost nothing is."""
    return _SIZE * log10(max(wrong, _LEAST)) / log10(_LEAST)


def _mark(one: Bin) -> Markup:
    x, y = _EDGE + _at(1.0 - one.said), _SIZE - _at(1.0 - one.came)
    low, high = _SIZE - _at(1.0 - one.came_low), _SIZE - _at(1.0 - one.came_high)
    return el(
        "g",
        el("line", x1=x, y1=low, x2=x, y2=high, class_="tick"),
        el("circle", cx=x, cy=y, r=3, fill="currentColor"),
    )


def _row(one: Bin) -> Markup:
    numbers = (one.low, one.high, one.said, one.came, one.came_low, one.came_high)
    low, high, said, came, came_low, came_high = (f"{value:.4f}" for value in numbers)
    cells = (low, high, str(one.count), said, came, came_low, came_high)
    return el("tr", [el("td", cell, class_="right") for cell in cells])
