"""What a page says at a glance: the headline, the few numbers, all visits, and who is who on the plan."""

from collections.abc import Sequence
from decimal import Decimal

from walkout.checkout.receipt import Receipt
from walkout.live.outcome import Replay
from walkout.web import words
from walkout.web.labels import Labels
from walkout.web.markup import Markup, el, join, name
from walkout.web.visit import UNSURE_BELOW, decided, sure


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


def origin_words(replay: Replay) -> str:
    """Whether what is shown was real, in words."""
    return {"real": "Real recording", "simulated": "Simulated: nobody was there"}.get(replay.origin, replay.origin)


def facts(replay: Replay, labels: Labels) -> Markup | None:
    """The few numbers that a glance is for."""
    receipts = replay.receipts
    if not receipts:
        what = "The recording holds no people and no gate messages" if not replay.paths else "Nobody crossed the shop"
        return el("p", f"{what}, so there is no receipt. What was read stands at the end of this page.")
    told: list[tuple[str, Markup | str]] = []
    least = min(receipts, key=lambda receipt: receipt.p_exact)
    if len(receipts) == 1:
        only = receipts[0]
        stay = words.duration((only.left_ns - only.entered_ns) / 1e9)
        told.append(("Total", _sum(receipts)))
        told.append(("Exactly right", sure(only.p_exact)))
        told.append(("In the shop", join(_when(labels, only.entered_ns, only.left_ns, f", {stay}"))))
        told.append(("Who decided", decided(only)))
    else:
        unsure = sum(not receipt.p_exact >= UNSURE_BELOW for receipt in receipts)
        said = f"{unsure} of {len(receipts)}"
        told.append(("Unsure receipts", el("span", said, class_="unsure-word") if unsure else said))
        told.append((f"Least sure: visit {labels.visits[least.visit]}", sure(least.p_exact)))
        told.append(("Recorded", _when(labels, replay.start_ns, replay.end_ns, "")))
        people = sum(bool(receipt.human.viewers or receipt.decided_by == "person") for receipt in receipts)
        told.append(("Visits that a person looked at", el("span", str(people), class_="person" if people else None)))
    if replay.degraded:
        said = words.count(len(replay.degraded), "kind of trouble", "kinds of trouble")
        told.append(("Lost in the recording", el("a", said, href="#lost", class_="unsure-word")))
    return el("dl", [el("div", el("dt", term), el("dd", said)) for term, said in told], class_="facts")


def visits_table(replay: Replay, labels: Labels) -> Markup | None:
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


def key(replay: Replay, labels: Labels) -> Markup:
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
    if rows:
        rows.append(row([el("circle", cx=20, cy=8, r=4, class_="first")], "first seen", "none"))
        rows.append(row([el("rect", x=16, y=4, width=8, height=8, class_="last")], "last seen", "none"))
    if labels.shown_events:
        rows.append(row([el("circle", cx=20, cy=8, r=7, class_="badge")], "an event, by its number"))
    if labels.store.fixtures:
        rows.append(row([el("path", d="M4 8H36", class_="front")], "front of a fixture"))
    return el("ul", rows, class_="key")


def _sum(receipts: Sequence[Receipt]) -> str:
    totals: dict[str, Decimal] = {}
    for receipt in receipts:
        totals[receipt.currency] = totals.get(receipt.currency, Decimal(0)) + receipt.total
    return words.listed([words.money(totals[currency], currency) for currency in sorted(totals)])


def _when(labels: Labels, start_ns: int, end_ns: int, more: str) -> Markup:
    clock = labels.clock
    same = clock.day(start_ns) == clock.day(end_ns)
    span = f"{clock.time(start_ns)} to {clock.time(end_ns)}" if same else clock.span(start_ns, end_ns)
    day = f"{clock.day(start_ns)}, " if same else ""
    return join(span, more, el("small", f"{day}{clock.zone_at(start_ns)}"))
