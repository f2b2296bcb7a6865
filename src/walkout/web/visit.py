"""One visit on a page: the receipt with its reasons, what else it could be, and each event with what speaks for it."""

from collections.abc import Mapping, Sequence
from typing import Final

from walkout.checkout.receipt import Line, Receipt
from walkout.inference.belief import Belief
from walkout.inference.explanation import Candidate, Explanation
from walkout.live.outcome import Curve
from walkout.sensing.event import ShelfEvent
from walkout.web import words
from walkout.web.chart import Wrist, chart
from walkout.web.hypotheses import hypotheses
from walkout.web.labels import Labels
from walkout.web.markup import Markup, el, join, name
from walkout.web.strips import SIZE_PX, Strip

UNSURE_BELOW: Final = 0.9
"""Below this a probability is marked, in colour and with the word. It marks; it decides nothing."""

MAX_CANDIDATES: Final = 5
"""Candidates of one event that are told one by one; what is left is summed up."""

WORTH_TELLING: Final = 0.001
"""A candidate less likely than this is summed up too, unless it is one of the first two."""


def sure(probability: float, *, marked: bool = True) -> Markup:
    """A probability as number and bar, and with the word where it is low and that matters."""
    unsure = marked and not probability >= UNSURE_BELOW
    return el(
        "span",
        el("span", words.percent(probability), class_="number"),
        el(
            "svg",
            el("rect", x=0, y=0, width=80, height=8, class_="track"),
            el("rect", x=0, y=0, width=80 * probability if 0 <= probability <= 1 else 0, height=8, class_="part"),
            xmlns="http://www.w3.org/2000/svg",
            viewBox="0 0 80 8",
            width=80,
            height=8,
            class_="bar unsure" if unsure else "bar",
            aria_hidden="true",
        ),
        [" ", el("span", "unsure", class_="unsure-word")] if unsure else None,
        " ",
        class_="sure",
    )


def receipt_table(receipt: Receipt, belief: Belief | None, labels: Labels) -> Markup:
    """The receipt of a visit, each line with its reason, and the other baskets that the evidence leaves open."""
    if not receipt.lines:
        return join(el("p", "Nothing was taken, nothing is to be paid."), hypotheses(receipt, belief, labels))
    return join(
        el(
            "table",
            el(
                "thead",
                el(
                    "tr",
                    el("th", "Item", scope="col"),
                    el("th", "Each", scope="col", class_="right wide-only"),
                    el("th", "Price", scope="col", class_="right"),
                    el("th", "Sure", scope="col"),
                ),
            ),
            el("tbody", [_line(line, receipt, labels) for line in receipt.lines]),
            el(
                "tfoot",
                el(
                    "tr",
                    el("th", "Total", scope="row"),
                    el("td", class_="wide-only"),
                    el("td", words.money(receipt.total, receipt.currency), class_="right total"),
                    el("td"),
                ),
            ),
            class_="receipt",
        ),
        hypotheses(receipt, belief, labels),
    )


def _line(line: Line, receipt: Receipt, labels: Labels) -> Markup:
    numbers = [labels.events[event] for event in line.evidence if event in labels.events]
    return el(
        "tr",
        el(
            "td",
            el("span", f"{line.quantity} × ", name(line.name or line.gtin), class_="item"),
            el("span", name(words.sentence(line.why)), class_="why"),
            el("span", event_links(line.evidence, labels), class_="why") if numbers else None,
        ),
        el("td", words.money(line.unit_price, receipt.currency), class_="right wide-only"),
        el("td", words.money(line.cost, receipt.currency), class_="right"),
        el("td", sure(line.probability)),
        data_event=" ".join(map(str, numbers)) or None,
        class_="ev",
    )


def event_links(events: Sequence[str], labels: Labels) -> Markup:
    """Such as: Shown by event 3, event 7."""
    shown = frozenset(labels.shown_events)
    links: list[Markup] = []
    for event in events:
        number = str(labels.events.get(event, ""))
        if links:
            links.append(Markup(", "))
        if event in shown:
            links.append(el("a", f"event {number}", href=f"#event-{number}", class_="ev", data_event=number))
        else:
            links.append(join(f"event {number or event}"))
    return join("Shown by ", links, ".")


def event_article(
    explanation: Explanation,
    curve: Curve | None,
    wrists: Sequence[Wrist],
    labels: Labels,
    level: str = "h3",
    strips: Sequence[Strip] = (),
) -> Markup:
    """One event: its curves, its candidates, and why, and what cameras saw."""
    event = explanation.event
    number = str(labels.events[event.id])
    best = explanation.candidates[0] if explanation.candidates else None
    drawn = chart(curve, event, wrists, labels) if curve is not None else None
    return el(
        "article",
        el(
            level,
            el("span", number, class_="badge"),
            " ",
            name(labels.deed(best)) if best else "nothing explains this",
        ),
        el("p", _where(event, labels), class_="where"),
        el(
            "div",
            el(
                "figure",
                drawn or el("p", "The recording has no readings around this event.", class_="quiet"),
                el("figcaption", _times(event, labels), class_="times"),
            ),
            el("div", el("h4", "Who and what it can have been"), candidates(explanation.candidates, labels)),
            class_="evidence",
        ),
        [_strip(strip) for strip in strips],
        id=f"event-{number}",
        class_="event ev",
        data_event=number,
        tabindex="0",
    )


def _strip(strip: Strip) -> Markup:
    """One camera's pictures in a row."""
    shots = [
        el("img", src=uri, width=SIZE_PX[0], height=SIZE_PX[1], alt=f"{strip.camera}, {offset_s:+.1f} s")
        for offset_s, uri in strip.shots
    ]
    first, last = (f"{strip.shots[k][0]:+.1f} s".replace("-", "\N{MINUS SIGN}") for k in (0, -1))
    return el(
        "figure",
        el("div", shots, class_="shots"),
        el("figcaption", "Camera ", name(strip.camera), f", {first} to {last}", class_="quiet"),
        class_="strip",
    )


def _where(event: ShelfEvent, labels: Labels) -> str:
    try:
        high = f", {words.length(labels.store.shelf(event.fixture, event.shelf).z_m)} above the floor"
    except KeyError:
        high = ""
    change = sum(event.delta_g)
    doubt = sum(map(sum, event.cov_g2))
    sd = f" ± {words.grams(doubt**0.5)}" if doubt > 0 else ""
    return (
        f"{words.grams(change, signed=True)}{sd} at {labels.clock.time(event.start_ns, 1)} "
        f"on {labels.fixture(event.fixture)}, shelf {event.shelf}, {words.plates(event.plates)}{high}"
    )


def _times(event: ShelfEvent, labels: Labels) -> Markup:
    """What the marks in the chart mean, with their times."""
    at = labels.clock.time
    told = (
        ("onset", "hand on the plates", at(event.onset_ns, 1)),
        ("interval", "weight changed", f"{at(event.start_ns, 1)} to {at(event.end_ns, 1)}"),
        ("reported", "reported", at(event.reported_ns, 1)),
    )
    return join(
        [el("span", _sample(kind), f" {said} ", el("span", time, class_="number")) for kind, said, time in told]
    )


def _sample(kind: str) -> Markup:
    """A little piece of what a mark looks like."""
    mark = (
        el("rect", x=0, y=0, width=12, height=12, class_=kind)
        if kind == "interval"
        else el("line", x1=6, y1=0, x2=6, y2=12, class_=kind)
    )
    return el(
        "svg", mark, xmlns="http://www.w3.org/2000/svg", viewBox="0 0 12 12", width=12, height=12, aria_hidden="true"
    )


def candidates(found: Sequence[Candidate], labels: Labels) -> Markup:
    """The likeliest explanations with numbers, bars and reasons; the rest as one sum."""
    if not found:
        return el("p", "None was found.", class_="quiet")
    told = [c for k, c in enumerate(found[:MAX_CANDIDATES]) if k < 2 or c.probability >= WORTH_TELLING]
    rows = [
        el(
            "li",
            sure(c.probability, marked=False),
            el("span", name(labels.deed(c)), class_="item" if k == 0 else "deed"),
            el("span", name(words.sentence(c.why)), class_="why"),
            el("span", _measured(c), class_="why"),
            class_="candidate",
        )
        for k, c in enumerate(told)
    ]
    rest = found[len(told) :]
    if rest:
        said = f"{words.count(len(rest), 'other explanation')} together"
        left = sum(c.probability for c in rest)
        rows.append(el("li", sure(left, marked=False), el("span", said, class_="why"), class_="candidate"))
    return el("ol", rows, class_="candidates")


def _measured(candidate: Candidate) -> str:
    hand = "no hand seen" if candidate.reach_m is None else f"hand {words.length(candidate.reach_m)} from the goods"
    if candidate.shopper is None:
        hand = ""
    weight = f"weight off by {words.grams(abs(candidate.mass_residual_g))}"
    moved = ""
    if candidate.at_first is not None and abs(candidate.at_first - candidate.probability) >= WORTH_TELLING:
        moved = f"{words.percent(candidate.at_first)} when it happened"
    return " · ".join(part for part in (weight, hand, moved) if part)


def decided(receipt: Receipt) -> Markup:
    """Who decided, and how much people looked; the accent where a person is involved."""
    human = receipt.human
    if receipt.status == "asks":
        by = f"Not settled: a person is asked; until then {words.money(receipt.payable, receipt.currency)} is due"
    else:
        by = "Decided by a person" if receipt.decided_by == "person" else "Decided by software alone"
    if human.viewers == 0:
        return el("span", f"{by}; nobody looked", class_="person" if receipt.decided_by == "person" else None)
    looked = (
        f"{words.count(human.viewers, 'person', 'people')} looked at {words.count(human.clips, 'clip')} "
        f"for {words.duration(human.seconds)}"
    )
    purposes = f" ({', '.join(human.purposes)})" if human.purposes else ""
    return el("span", f"{by}; {looked}{purposes}", class_="person")


def visit_section(
    receipt: Receipt,
    belief: Belief | None,
    events: Sequence[Explanation],
    curves: Mapping[str, Curve],
    wrists: Mapping[str, Sequence[Wrist]],
    labels: Labels,
    strips: Mapping[str, Sequence[Strip]] | None = None,
) -> Markup:
    """Everything of one visit."""
    number = labels.visits[receipt.visit]
    who = words.listed([labels.person(shopper) for shopper in receipt.shoppers]) or "nobody"
    stay = words.duration((receipt.left_ns - receipt.entered_ns) / 1e9)
    several = len(labels.visits) > 1
    title = f"Visit {number}: shopper {who}" if several else "Receipt"
    return el(
        "section",
        el("h2", title),
        el(
            "p",
            sure(receipt.p_exact),
            f"exactly right · {labels.clock.time(receipt.entered_ns)} to {labels.clock.time(receipt.left_ns)}, ",
            f"{stay} · ",
            decided(receipt),
            f" · revision {receipt.revision}" if receipt.revision else None,
            class_="where",
        )
        if several
        else None,
        receipt_table(receipt, belief, labels),
        el("h2" if not several else "h3", "What happened") if events else None,
        [
            event_article(
                e,
                curves.get(e.event.id),
                wrists.get(e.event.id, ()),
                labels,
                "h4" if several else "h3",
                (strips or {}).get(e.event.id, ()),
            )
            for e in events
        ],
        id=f"visit-{number}",
        class_="visit",
    )
