"""The smallest loop that learns: questions per 1,000 visits over a run of visits, with the loop on and off.

Simulated. The shop is not as software believes: some pairs of facings stand exchanged in its planogram, and people do
what is hard `BEHAVIOURS` times as often. Loop off, nothing changes. Loop on, what people answered and found in audits
is learnt from every `EVERY` hours, tried on the next `EVERY`, and promoted by the rule of `walkout.learning.trial`.
Both see the same recordings, settle from the same probability, and are audited alike.

An hour (some 85 visits) takes about a minute of one core: `--seeds 1..5` with `HOURS = 118` in this file is 10,000
visits of each of five shops, ten hours of one core; `--keep DIR` keeps each hour, so a stopped run goes on from there.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks._school import Hour, Outcome, asked, believed, is_audited, kept, sample
from benchmarks._suites import to_stderr
from walkout.evaluation.intervals import bootstrap_ratio
from walkout.inference.calibrate import Card, shipped
from walkout.inference.learnt import NOTHING, Learnt, model_of, shop_of
from walkout.inference.model import Model
from walkout.learning.label import Label
from walkout.learning.learn import card as card_of
from walkout.learning.learn import learnt as learnt_of
from walkout.learning.learn import words
from walkout.learning.lesson import Lesson, lesson
from walkout.learning.trial import Said, said, tried
from walkout.store.shop import Store
from walkout.twin.settings import DEFAULT

HOURS, EVERY = 7, 2
SWAPS, BEHAVIOURS = 4, 1.5
SETTLE_AT, AUDITED = 0.97, 0.05
FIRST_SEED = 70_000
"""The hours of shop n are of the seeds from 70,000 + 1,000 n on: no suite has them."""


@dataclass(slots=True)
class _Arm:
    """One shop that runs with the loop on, or off."""

    learnt: Learnt = NOTHING
    card: Card = field(default_factory=lambda: shipped("simulated"))
    outcomes: list[tuple[int, Outcome, bool]] = field(default_factory=list)
    """(hour, what became of a visit, a person saw it)."""


@dataclass(slots=True)
class _Class:
    """What the loop holds."""

    lessons: list[Lesson] = field(default_factory=list)
    for_card: list[Lesson] = field(default_factory=list)
    """Of what is in use now."""
    candidate: Learnt | None = None
    card: Card | None = None
    before: dict[str, Said] = field(default_factory=dict)
    after: dict[str, Said] = field(default_factory=dict)
    carded: dict[str, Said] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    of_candidate: list[Lesson] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)


def run(*, json: bool, data: Path, seeds: range | None = None, keep: Path | None = None) -> dict[str, Any]:
    """Measure and, unless `json`, print; `data` is not used."""
    del data
    shops = [_shop(seed, keep) for seed in (seeds or range(1, 2))]
    off = [one for shop in shops for one in shop["off_hours"]]
    on = [one for shop in shops for one in shop["on_hours"]]
    found = {
        "origin": "simulated",
        "shops": len(shops),
        "hours_each": HOURS,
        "visits": sum(one["visits"] for one in off),
        "settle_at": SETTLE_AT,
        "audited": AUDITED,
        "exchanged_pairs": SWAPS,
        "behaviours": BEHAVIOURS,
        "whole_run": {"off": _sum(off), "on": _sum(on)},
        "could_be_in_use": {"off": _sum(_late(off)), "on": _sum(_late(on))},
        "fewer_questions_per_1000": _paired(_late(off), _late(on)),
        "by_shop": shops,
    }
    if not json:
        _show(found)
    return found


def _shop(seed: int, keep: Path | None) -> dict[str, Any]:
    store = sample()
    as_told = believed(store, SWAPS, seed)
    settings = replace(DEFAULT, behaviours=BEHAVIOURS)
    off, on, school = _Arm(), _Arm(), _Class()
    for number in range(HOURS):
        states = list(dict.fromkeys([off.learnt, on.learnt, *([school.candidate] if school.candidate else [])]))
        engines = [(shop_of(as_told, state), model_of(Model(), state)) for state in states]
        hour = kept(keep, store, FIRST_SEED + 1000 * seed + number, settings, engines, number)
        _run(off, hour, states.index(off.learnt), number, seed)
        _learn(on, school, hour, states, number, seed)
        if (number + 1) % EVERY == 0:
            _judge(on, school, as_told, number)
        last = [_sum(_by_hour(arm, number)) for arm in (off, on)]
        to_stderr(
            f"shop {seed}, hour {number + 1}: questions per 1,000 visits {last[0]['questions_per_1000']:.0f} off, "
            f"{last[1]['questions_per_1000']:.0f} on"
        )
    return {
        "seed": seed,
        "records": school.records,
        "off_hours": [_sum(_by_hour(off, n)) for n in range(HOURS)],
        "on_hours": [_sum(_by_hour(on, n)) for n in range(HOURS)],
    }


def _run(arm: _Arm, hour: Hour, state: int, number: int, seed: int) -> dict[str, Label]:
    """One hour at the desk; the labels that came of it."""
    labels: dict[str, Label] = {}
    for belief in hour.heard[state].beliefs:
        visit = belief.visit.id
        outcome, told = asked(belief, hour, arm.card, SETTLE_AT)
        audited = outcome.alone and is_audited(seed, f"{number}/{visit}", AUDITED)
        arm.outcomes.append((number, outcome, audited or not outcome.alone))
        if audited or not outcome.alone:
            how, p = ("audited", AUDITED) if audited else ("answered", 1.0)
            true = hour.truth.get(visit, ())
            labels[visit] = Label(visit, true, how, p, belief.visit.left_ns, told, frozenset({"simulated"}))  # type: ignore[arg-type]
    return labels


def _learn(arm: _Arm, school: _Class, hour: Hour, states: Sequence[Learnt], number: int, seed: int) -> None:
    """One hour of the shop with the loop on: lessons, and what the candidate would have said."""
    mine = states.index(arm.learnt)
    labels = _run(arm, hour, mine, number, seed)
    lessons = _lessons(hour, mine, labels)
    school.lessons += lessons
    school.for_card += lessons
    if school.candidate is None:
        return
    other = states.index(school.candidate)
    now = {belief.visit.id: belief for belief in hour.heard[mine].beliefs}
    then = {belief.visit.id: belief for belief in hour.heard[other].beliefs}
    for visit, label in labels.items():
        name = f"{number}/{visit}"
        school.labels[name] = label
        school.before[name] = said(now[visit], arm.card)
        if visit in then:
            school.after[name] = said(then[visit], arm.card)
        if school.card is not None:
            school.carded[name] = said(now[visit], school.card)
    school.of_candidate += _lessons(hour, other, labels)


def _judge(arm: _Arm, school: _Class, as_told: Store, number: int) -> None:
    """Rule on what was tried, and propose what comes next."""
    if school.candidate is not None and school.candidate != arm.learnt:
        found = tried(school.before, school.after, school.labels)
        what = words(arm.learnt, school.candidate)
        school.records.append({"hour": number + 1, "of": "places and rates", "what": what, **asdict(found)})
        if found.promoted:
            arm.learnt, school.card = school.candidate, None
            school.for_card = list(school.of_candidate)
    if school.card is not None and school.card != arm.card:
        found = tried(school.before, school.carded, school.labels)
        school.records.append({"hour": number + 1, "of": "calibration", "what": school.card.about, **asdict(found)})
        if found.promoted:
            arm.card = school.card
    school.candidate = learnt_of(school.lessons, as_told, Model())
    school.card = card_of(school.for_card, arm.card, store=as_told.name, origin="simulated")
    school.labels, school.before, school.after, school.carded = {}, {}, {}, {}
    school.of_candidate = []


def _lessons(hour: Hour, state: int, labels: dict[str, Label]) -> list[Lesson]:
    heard = hour.heard[state]
    found = []
    for belief in heard.beliefs:
        visit = belief.visit
        rests = [
            e for e in heard.explanations if visit.entered_ns <= e.event.end_ns and e.event.onset_ns <= visit.left_ns
        ]
        found.append(lesson(belief, rests, labels.get(visit.id), Model()))
    return found


def _by_hour(arm: _Arm, number: int) -> list[dict[str, Any]]:
    rows = [(outcome, seen) for hour, outcome, seen in arm.outcomes if hour == number]
    return [
        {
            "hour": number,
            "visits": len(rows),
            "questions": sum(o.questions for o, _ in rows),
            "seen": sum(seen for _, seen in rows),
            "looked_whole": sum(not o.settled for o, _ in rows),
            "alone": sum(o.alone for o, _ in rows),
            "alone_wrong": sum(o.alone and not o.exact for o, _ in rows),
            "alone_over": sum(o.alone and o.over for o, _ in rows),
            "exact": sum(o.exact for o, _ in rows),
        }
    ]


def _sum(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    names = ("visits", "questions", "seen", "looked_whole", "alone", "alone_wrong", "alone_over", "exact")
    found: dict[str, Any] = {name: sum(row[name] for row in rows) for name in names}
    visits, alone = max(1, found["visits"]), max(1, found["alone"])
    return {
        **({"hour": rows[0]["hour"]} if len(rows) == 1 else {}),
        **found,
        "questions_per_1000": 1000 * found["questions"] / visits,
        "seen_per_1000": 1000 * found["seen"] / visits,
        "exact_share": found["exact"] / visits,
        "alone_wrong_share": found["alone_wrong"] / alone,
    }


def _late(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The hours in which something that was learnt could be in use: learnt, and tried, before them."""
    return [row for row in rows if row["hour"] >= 2 * EVERY]


def _paired(off: Sequence[dict[str, Any]], on: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """How many questions fewer per 1,000 visits, paired by hour, with a 95 % interval over hours."""
    if not off:
        return {"mean": None, "interval": None}
    fewer = [a["questions"] - b["questions"] for a, b in zip(off, on, strict=True)]
    visits = [a["visits"] for a in off]
    low, high = bootstrap_ratio(fewer, visits)
    return {"mean": 1000 * float(np.sum(fewer) / np.sum(visits)), "interval": [1000 * low, 1000 * high]}


def _show(found: dict[str, Any]) -> None:
    console = Console(width=150, highlight=False)
    table = Table("simulated", "loop off", "loop on", box=None)
    for part, title in (("whole_run", "whole run"), ("could_be_in_use", f"from hour {2 * EVERY + 1}")):
        off, on = found[part]["off"], found[part]["on"]
        for name, words_, form in (
            ("questions_per_1000", "questions per 1,000 visits", "{:.0f}"),
            ("seen_per_1000", "visits per 1,000 seen by any person", "{:.0f}"),
            ("exact_share", "exactly right before anybody answered", "{:.1%}"),
            ("alone_wrong_share", "of those settled alone, wrong", "{:.1%}"),
        ):
            table.add_row(f"{title}: {words_}", form.format(off[name]), form.format(on[name]))
    fewer = found["fewer_questions_per_1000"]
    console.print(f"{found['visits']} simulated visits, {found['shops']} shop(s) of {found['hours_each']} hours")
    console.print(table)
    low, high = fewer["interval"] or (float("nan"), float("nan"))
    mean = fewer["mean"] or 0.0
    console.print(
        f"fewer questions per 1,000 once it could be in use: {mean:.0f} ({low:.0f} to {high:.0f}, over hours)"
    )
    for shop in found["by_shop"]:
        for one in shop["records"]:
            action = "promoted" if one["promoted"] else "kept back"
            gain = "" if one["gain"] is None else f"; gain {one['gain']:.3f} ({one['low']:.3f} to {one['high']:.3f})"
            console.print(f"shop {shop['seed']}, hour {one['hour']}, {one['of']}: {action}: {one['what']}{gain}")
