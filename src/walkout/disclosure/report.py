"""The report `human-work-disclosure/0.1`: one shop, one month, made from its own ledgers and log."""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

import orjson

from walkout import __version__
from walkout.checkout import tables as checkout
from walkout.disclosure import of_people, of_privacy, of_visits
from walkout.disclosure.claims import claims
from walkout.disclosure.claims import plain as plain_claims
from walkout.disclosure.figure import LEAST, Figure
from walkout.disclosure.models import certificate, models
from walkout.disclosure.rows import unwritten
from walkout.disclosure.source import DisclosureError, Source
from walkout.disclosure.tables import written
from walkout.labour import tables as labour
from walkout.privacy.retention import HOUR_NS, KEEP_NS
from walkout.review import tables as review

SCHEMA: Final = "human-work-disclosure/0.1"
INPUTS: Final = (
    checkout.visits,
    checkout.receipts,
    checkout.cases,
    review.leases,
    review.closings,
    review.answers,
    review.resolutions,
    review.draws,
    review.appeals,
    review.rulings,
    labour.people,
    labour.intervals,
    labour.statements,
    labour.payouts,
    labour.confirmations,
    labour.voice_keys,
    labour.voices,
)
MAPPINGS: Final = {
    "headline": "no accepted format has this",
    "human_work": "EU AI Act Annex IV(2): human-oversight measures (amount of work is not asked there)",
    "training": "Croissant-RAI: dataAnnotationProtocol, annotationsPerItem; CrowdWorkSheets: annotators and pay",
    "workforce": "GRI 2-8 (workers who are not employees); PAI data-enrichment practices: workforce",
    "pay": "PAI Responsible Sourcing: living wage, time on associated activities; Fairwork: pay",
    "control": "EU Directive 2024/2831 articles 10 and 11; Fairwork: due process",
    "privacy": "GDPR 5, 13, 15, 17",
}
"""Where else a group of numbers is asked for. From a survey of these texts; no lawyer has read it."""


def report(source: Source) -> dict[str, Any]:
    """The report as plain JSON values. Raises DisclosureError where shop and visits are of different origins."""
    origins = source.counts.origins - {source.origin}
    if origins:
        raise DisclosureError(
            f"found visits marked {', '.join(sorted(origins))} in a shop marked {source.origin}, right: one origin"
        )
    groups: dict[str, Any] = {
        "headline": of_visits.headline(source),
        "visits": of_visits.visits(source),
        "human_work": of_visits.human_work(source),
        "latency": of_visits.latency(source),
        "accuracy": of_visits.accuracy(source),
        "training": {
            "models": [*models(), *source.about.get("learnt", ())],
            "data_sets": list(source.about.get("data_sets", ())),
        },
        "workforce": of_people.workforce(source),
        "pay": of_people.pay(source),
        "control": of_people.control(source),
        "privacy": of_privacy.privacy(source),
    }
    found = [one for group in groups.values() for one in of_privacy.flat(group)]
    made: dict[str, Any] = {
        "schema": SCHEMA,
        "origin": source.origin,
        "operator": source.about.get("operator", "not stated"),
        "stores": [source.store],
        "system_version": __version__,
        "certificate": certificate(source.origin),
        "period": {
            "month": source.month.name,
            "zone": "UTC",
            "start_ns": source.month.start_ns,
            "end_ns": source.month.end_ns,
        },
        "is_over": source.now_ns >= source.month.end_ns,
        "generated_at_ns": source.now_ns,
        "supersedes": source.about.get("supersedes"),
        "checkpoint": of_privacy.checkpoint(source),
        **{name: _plain(group) for name, group in groups.items()},
        "limits": _limits(source, found),
        "mappings": dict(MAPPINGS),
        "queries": {one.query_hash: one.query for one in found},
        "inputs": source.inputs(INPUTS),
        "rows_not_in_the_log": _missing(source),
    }
    made["claims"] = plain_claims(claims(made))
    return made


def label(made: dict[str, Any]) -> list[str]:
    """The report in a few sentences, for the door and the receipt."""
    visits, work, pay = made["visits"], made["human_work"], made["pay"]
    n = visits["total"]["n"]
    mark = " (simulated)" if made["origin"] == "simulated" else ""
    if not n:
        return [f"No visit has been counted here in {made['period']['month']}{mark}."]
    asked, seen = (made["headline"][f"{name}_per_1000"] for name in ("questions_to_settle", "seen_by_any_person"))
    alone, person, nobody = (visits[name]["n"] for name in ("settled_by_software", "settled_by_person", "unanswered"))
    first = (
        f"Of the {n:,} visits here in {made['period']['month']}{mark}, software settled {alone:,} and a person "
        f"{person:,}; in {nobody:,} nobody answered in time."
    )
    second = (
        f"People looked at {seen['n']:,} of them, for any reason, and answered {asked['n']:,} questions so that visits "
        f"could settle: of 1,000 visits {seen['value']:.1f} and {asked['value']:.1f}."
    )
    third = (
        f"{work['paid_hours']['value']:,.1f} hours of human work were paid; statements below the wage floor: "
        f"{pay['periods_below_floor']['n']}."
    )
    bound, audited = made["accuracy"]["wrong_upper95"]["value"], made["accuracy"]["audited"]["n"]
    if bound is None:
        return [first, second, third]
    last = f"Checked blind on {audited:,}: at most {100 * bound:.2f} % of what software settled alone was wrong (95 %)."
    return [first, second, third, last]


def to_json(made: dict[str, Any]) -> bytes:
    """The report's bytes: sorted keys, so that equal reports are equal bytes."""
    return orjson.dumps(made, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def digest(made: dict[str, Any]) -> str:
    """SHA-256 of the report's bytes."""
    return sha256(to_json(made)).hexdigest()


@cache
def schema() -> dict[str, Any]:
    """The published JSON Schema."""
    read = orjson.loads(files("walkout.disclosure").joinpath("schemas/human-work-disclosure.schema.json").read_bytes())
    assert isinstance(read, dict)  # noqa: S101 - a file of this package
    return read


def _plain(group: Any) -> Any:
    if isinstance(group, Figure):
        return group.plain()
    if isinstance(group, dict):
        return {name: _plain(value) for name, value in group.items()}
    return [_plain(one) for one in group] if isinstance(group, list | tuple) else group


def _limits(source: Source, found: list[Figure]) -> dict[str, Any]:
    said = [
        "Months are those of the visit's entry, and of the start of the work, in UTC.",
        "A look is counted when a question or a clip is given to somebody; whether they looked closely nobody knows.",
        "Looks around the program (a photographed screen, a copied memory) are in no log.",
        "The log can only show what the program wrote: that the program is this one, unchanged, is only promised.",
        "Gold questions are counted, and are no look at a visit, even where their picture once was of one.",
        "In a team of fewer than five, hours in the log can be guessed to be somebody's.",
    ]
    if source.witnessed is None:
        said.append("No outside witness: whoever holds the signing key could have rewritten the log before today.")
    if not source.counts.hours:
        said.append("No working time is in the log for this month.")
    return {
        "not_measured": said + list(source.about.get("limits", ())),
        "smallest_cell": LEAST,
        "suppressed": sorted({one.words for one in found if one.suppressed}),
        "clip_promise_hours": KEEP_NS["clip"] // HOUR_NS,
        "incidents": list(source.about.get("incidents", ())),
        "corrections": list(source.about.get("corrections", ())),
    }


def _missing(source: Source) -> int:
    """Rows of the ledgers that are not in the log yet: 0 unless the report was made while the shop was writing."""
    if written.name not in source.tables:
        return -1
    with source.engine.execution_options(walkout_reads=True).begin() as connection:
        return sum(1 for _ in unwritten(connection, source.tables))
