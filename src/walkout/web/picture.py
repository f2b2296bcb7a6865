"""One visit as a single drawing, for a page about Walkout: the plan, one event, its candidates, the receipt."""

from collections.abc import Iterator, Sequence

from walkout.checkout.receipt import Receipt
from walkout.inference.explanation import Explanation
from walkout.live.outcome import Replay
from walkout.store.shop import Store
from walkout.web import words
from walkout.web.chart import Wrist, chart
from walkout.web.labels import Labels, label
from walkout.web.markup import Markup, el, raw
from walkout.web.overview import origin_words
from walkout.web.plan import fit, plan
from walkout.web.svg import drawing
from walkout.web.tokens import style_sheet

MOST_ROWS = 4
"""Candidates and lines drawn at most."""

MOST_CHARACTERS = 60
"""Of the headline, where the goods are named; else they are counted."""

_WIDTH, _LEFT, _RIGHT_COLUMN, _TOP, _ROW = 1024.0, 24.0, 424.0, 128.0, 24.0
_PLAN_WIDTH, _PLAN_HEIGHT = 376.0, 336.0
_CHARACTER_PX = 7.6


def visit_svg(replay: Replay, store: Store, visit: str, event: str, wrists: Sequence[Wrist] = ()) -> str:
    """The drawing of one visit with the curves of one of its events; equal replays give equal bytes.

    It says in its first line whether the visit is real or simulated, and is light or dark as its reader's system is.
    KeyError for a visit or an event that is not there.
    """
    labels = label(replay, store, (visit,))
    receipt = next(receipt for receipt in replay.receipts if receipt.visit == visit)
    found = {e.event.id: (e, curve) for e, curve in zip(replay.explanations, replay.curves, strict=True)}
    if event not in found:
        raise KeyError(f"no event {event!r}; there are {', '.join(sorted(found)) or 'none'}")
    explanation, curve = found[event]
    paths = [path for path in replay.paths if path.visit == visit]
    below_plan = _TOP + fit(store, paths, _PLAN_WIDTH, _PLAN_HEIGHT).height + 2 * _ROW
    left = list(_receipt(receipt, below_plan))
    right = list(_candidates(explanation, labels, _TOP + 324))
    drawn = chart(curve, explanation.event, [wrist for wrist in wrists if wrist.event == event], labels)
    height = max(below_plan + _ROW * (len(left) + 1), _TOP + 324 + _ROW * (len(right) + 1))
    return (
        drawing(
            _WIDTH,
            height,
            el("style", raw(style_sheet("drawing.css") + _SIZES)),
            el("rect", x=0, y=0, width=_WIDTH, height=height, class_="paper"),
            _head(replay, receipt, labels),
            el("g", plan(replay, labels, _PLAN_WIDTH, _PLAN_HEIGHT), transform=f"translate({_LEFT:g} {_TOP - 16:g})"),
            left,
            _title(explanation, labels),
            el("g", drawn, transform=f"translate({_RIGHT_COLUMN - 24:g} {_TOP + 8:g})"),
            right,
            title=f"{origin_words(replay)}. One visit: the plan of the shop, the weight on the plates, the receipt",
        )
        + "\n"
    )


_SIZES = (
    ".paper{fill:var(--paper)}.h1{font-size:24px;font-weight:600}.body-text{font-size:14px}.strong{font-weight:600}"
    ".track{fill:var(--goods)}.part{fill:var(--ink)}"
)


def _head(replay: Replay, receipt: Receipt, labels: Labels) -> Markup:
    who = words.listed([labels.person(shopper) for shopper in receipt.shoppers]) or "Somebody"
    items = [f"{line.quantity} × {line.name}" for line in receipt.lines] or ["nothing"]
    took = f"{who} took {words.listed(items)}"
    if len(took) > MOST_CHARACTERS:
        took = f"{who} took {words.count(sum(line.quantity for line in receipt.lines), 'item')}"
    clock = labels.clock
    facts = (
        f"{words.percent(receipt.p_exact)} exactly right",
        f"{clock.time(receipt.entered_ns)} to {clock.time(receipt.left_ns)}, {clock.zone_name}",
        "not settled, a person is asked" if receipt.status == "asks" else f"decided by {receipt.decided_by}",
    )
    return el(
        "g",
        el("text", origin_words(replay), x=_LEFT, y=32, class_="body-text strong"),
        el("text", took, x=_LEFT, y=68, class_="h1"),
        el("text", " · ".join(facts), x=_LEFT, y=96, class_="body-text small"),
    )


def _title(explanation: Explanation, labels: Labels) -> Markup:
    number = str(labels.events[explanation.event.id])
    said = labels.deed(explanation.candidates[0]) if explanation.candidates else "nothing explains this"
    return el(
        "g",
        el("circle", cx=_RIGHT_COLUMN + 9, cy=_TOP - 5, r=9, class_="badge"),
        el("text", number, x=_RIGHT_COLUMN + 9, y=_TOP - 1, class_="badge-number middle"),
        el("text", _cut(said, 70), x=_RIGHT_COLUMN + 28, y=_TOP, class_="body-text strong"),
    )


def _candidates(explanation: Explanation, labels: Labels, y: float) -> Iterator[Markup]:
    for candidate in explanation.candidates[:MOST_ROWS]:
        yield el(
            "g",
            el("text", words.percent(candidate.probability), x=_RIGHT_COLUMN + 56, y=y, class_="body-text end"),
            el("rect", x=_RIGHT_COLUMN + 68, y=y - 9, width=80, height=8, class_="track"),
            el("rect", x=_RIGHT_COLUMN + 68, y=y - 9, width=80 * candidate.probability, height=8, class_="part"),
            el("text", _cut(labels.deed(candidate), 54), x=_RIGHT_COLUMN + 160, y=y, class_="body-text"),
        )
        y += _ROW


def _receipt(receipt: Receipt, y: float) -> Iterator[Markup]:
    end = _LEFT + _PLAN_WIDTH - 24
    for line in receipt.lines[:MOST_ROWS]:
        price = words.money(line.cost, receipt.currency)
        said = _cut(f"{line.quantity} × {line.name}", int((end - _LEFT - 96) / _CHARACTER_PX))
        yield el(
            "g",
            el("text", said, x=_LEFT, y=y, class_="body-text"),
            el("text", price, x=end, y=y, class_="body-text end"),
        )
        y += _ROW
    more = len(receipt.lines) - MOST_ROWS
    said = f"Total, with {words.count(more, 'line')} more" if more > 0 else "Total"
    yield el(
        "g",
        el("line", x1=_LEFT, y1=y - 17, x2=end, y2=y - 17, class_="grid"),
        el("text", said, x=_LEFT, y=y, class_="body-text strong"),
        el("text", words.money(receipt.total, receipt.currency), x=end, y=y, class_="body-text strong end"),
    )


def _cut(said: str, most: int) -> str:
    return said if len(said) <= most else f"{said[: most - 1].rstrip()}…"
