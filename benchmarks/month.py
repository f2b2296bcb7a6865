"""A month of the twin's shop with reviewers in two countries: report, page, bundle, statement and sign, written out.

Visits are those that the engine decided on an hour of the twin's shop (suite day: free play, about a hundred visits),
drawn again and again through the month; reviewers, their answers and their hours are simulated; ledgers, desk, pay, log
and report are the real ones. Held: the report fits its schema, the outsider's twenty lines count the same, everybody's
paper holds, nobody is below the floor. `--seeds` names the hours of the pool.
"""

import contextlib
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import orjson

from benchmarks._a_month import GTIN, NAME, Model, Setting, invented, invented_by, play, witness_of
from benchmarks._suites import ROOT, SAMPLE
from walkout.checkout.decide import rung_shipped
from walkout.checkout.receipt import Receipt
from walkout.disclosure.bundle import read_bundle, write_bundle
from walkout.disclosure.holder import check, check_month, check_visit
from walkout.disclosure.page import to_html
from walkout.disclosure.proof import Proofs, receipt_shas
from walkout.disclosure.report import label, report, schema, to_json
from walkout.disclosure.sign import Settings, sign
from walkout.evaluation.rows import facts, rows
from walkout.evaluation.verdict import Verdict
from walkout.labour.page import to_html as statement_page
from walkout.live.replay import replay, replay_json
from walkout.recording.reader import open_recording
from walkout.review.audit import basket_key
from walkout.store.folder import load
from walkout.twin.record import write
from walkout.twin.suites import TEST_SEEDS, noted, suite

RECOMPUTE = ROOT / "examples" / "recompute" / "recompute.py"
MONTH = Setting(days=31)
HOURS = range(TEST_SEEDS[0], TEST_SEEDS[0] + 1)
"""The hours of the suite `day` whose visits fill the month."""


def run(json: bool, data: Path | None = None, seeds: range | None = None, keep: Path | None = None) -> dict[str, Any]:
    """Play it and write everything into `keep`, or a folder that goes again; `data` is not used."""
    del data
    start = time.perf_counter()
    with contextlib.ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        out = place / "out" if keep is None else keep
        pool = _pool(place, seeds or HOURS)
        shop = play(place / "shop", MONTH, invented_by(pool) if pool else invented)
        stack.callback(shop.close)
        witness = witness_of(shop, place / "witness")
        source = shop.source(witness=witness, about={"operator": "Example Ltd (invented)"})
        made = report(source)
        jsonschema.validate(made, schema())
        out.mkdir(parents=True, exist_ok=True)
        (out / "disclosure.json").write_bytes(to_json(made))
        (out / "disclosure.html").write_text(to_html(made))
        bundle = read_bundle(write_bundle(source, made, out / "bundle"))
        worker = shop.workers[0]
        (out / "statement.html").write_text(statement_page(shop.books.statement(worker, NAME, 0)))
        proofs = Proofs(shop.engine, shop.vault)
        papers = {visit: paper for visit in shop.visits if (paper := proofs.of_visit(visit)) is not None}
        wrong = [f for v, p in papers.items() for f in check_visit(bundle, p, receipt_shas(shop.engine, v))]
        wrong += [f for w in shop.workers for f in check_month(bundle, proofs.of_worker(w, NAME))]
        wrong += check(bundle)
        settings = Settings(
            "Sample store", "simulated", len(load(SAMPLE).cameras), 48, 4.0, 72.0, 30.0, 4.0,
            settles_alone=True, places=("exampleville", "sampleabad"), operator="Example Ltd (invented)",
        )  # fmt: skip
        (out / "sign.html").write_text(_sign_page(sign(settings, made)))
        outsider = subprocess.run(  # noqa: S603 - our own example
            [sys.executable, str(RECOMPUTE), str(out / "bundle")], capture_output=True, text=True, check=False
        )
        head = made["headline"]
        figures: dict[str, Any] = {
            "pool_settled_alone": sum(one.receipt.status == "settled" for one in pool),
            "origin": "simulated",
            "twin_visits_in_the_pool": len(pool),
            "visits": made["visits"]["total"]["n"],
            "questions_to_settle_per_1000": head["questions_to_settle_per_1000"]["value"],
            "seen_by_any_person_per_1000": head["seen_by_any_person_per_1000"]["value"],
            "paid_hours": made["human_work"]["paid_hours"]["value"],
            "people": len(shop.workers),
            "below_floor": made["pay"]["periods_below_floor"]["n"],
            "log_entries": len(shop.vault.log),
            "papers_checked": len(papers) + len(shop.workers),
            "findings": wrong,
            "outsider": outsider.stdout.splitlines(),
            "label": label(made),
            "seconds": round(time.perf_counter() - start, 1),
            "passed": not wrong and outsider.returncode == 0 and made["pay"]["periods_below_floor"]["n"] == 0,
        }
    if not json:
        for sentence in figures["label"]:
            print(sentence)
        print(f"simulated; {figures['papers_checked']} papers checked, {len(wrong)} findings; {figures['seconds']} s")
        print(*figures["outsider"], sep="\n")
    return figures


def _pool(place: Path, seeds: range) -> list[Model]:
    """What the engine decides on hours of the twin, and what an audit that knows the truth would say.

    The certificate that ships lets nothing settle alone. The month settles from the bar that is certified for less
    (at most 1 % charge too much), as whoever runs a simulated shop may choose.
    """
    shop, bar, found = load(SAMPLE), rung_shipped(), list[Model]()
    for one in suite("day", shop, seeds=seeds):
        recording = open_recording(write(noted(one), place / f"{one.name.replace('/', '-')}.mcap", one.shop))
        made = replay(recording)
        published = orjson.loads(replay_json(made))["receipts"]
        verdicts = {
            row.tags.get("receipt", row.visit): row for row in rows(recording, published, "ours", facts(recording), {})
        }
        for receipt in made.receipts:
            right = receipt.questions[0].candidates[0][0] if receipt.questions else None
            truth = _truth(receipt, verdicts.get(receipt.visit))
            found.append(Model(replace(_by(receipt, bar), revision=0), truth, right))
    return found


def _by(receipt: Receipt, bar: float | None) -> Receipt:
    """The receipt as it would be with this bar for settling alone."""
    if bar is None or receipt.p_exact < bar:
        return receipt
    lines = tuple(replace(line, shown=True) for line in receipt.lines)
    return replace(receipt, status="settled", lines=lines, due=receipt.total, questions=())


def _truth(receipt: Receipt, verdict: Verdict | None) -> str:
    """The receipt's own basket where it was exactly right; else one that it charges too much or too little for."""
    basket = basket_key(receipt.lines)
    if verdict is not None and verdict.exact:
        return basket
    return "" if verdict is not None and verdict.over and basket else f"{basket};{GTIN}*1".lstrip(";")


def _sign_page(made: dict[str, Any]) -> str:
    from html import escape  # noqa: PLC0415
    from importlib.resources import files  # noqa: PLC0415

    style = files("walkout.disclosure").joinpath("page.css").read_text("utf-8")
    said = "".join(f"<p>{escape(one)}</p>" for one in made["sentences"])
    more = "".join(f"<p class=note>{escape(one)}</p>" for one in made["more"])
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(made["title"])}</title>'
        f"<style>{style} p{{font-size:1.2rem}} p.note{{font-size:1rem}}</style><h1>{escape(made['title'])}</h1>"
        f"{said}{more}</html>"
    )


if __name__ == "__main__":
    run(json=False)
