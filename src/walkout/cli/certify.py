"""`walkout calibrate` and `walkout certify`: from labelled visits to a card and a certificate."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table

from walkout.cli.console import Exit, Json, err, out, print_json, refuse, write_file
from walkout.cli.replay import replayed
from walkout.evaluation import certificate as certificates
from walkout.evaluation.calibration import CalibrationError, calibrated, fit_card, receipts_of
from walkout.evaluation.certificate import Certificate, CertificateError, Rung
from walkout.evaluation.certification import ALPHA, OVER, certify
from walkout.evaluation.ladder import DELTA
from walkout.evaluation.matching import ClaimError
from walkout.evaluation.reliability import Reliability, exact_told, line_told, reliability
from walkout.evaluation.rows import rows
from walkout.evaluation.score import NoTruthError
from walkout.evaluation.verdict import Verdict, VerdictError, read_verdicts
from walkout.inference import calibrate as cards
from walkout.inference.calibrate import Card, CardError
from walkout.live.replay import replay_json
from walkout.recording.error import RecordingError
from walkout.recording.reader import open_recording
from walkout.review import month
from walkout.store.problem import StoreError
from walkout.web.reliability import reliability_page

OURS = "ours"

certificate_app = typer.Typer(no_args_is_help=True, help="Certificates as files.", pretty_exceptions_enable=False)

Sources = Annotated[
    list[Path],
    typer.Argument(metavar="SOURCE...", help="Files of verdicts (.jsonl), or recordings with truth (.mcap)."),
]
Mixed = Annotated[bool, typer.Option("--mixed", help="Take real and simulated visits together; the result says so.")]
Store = Annotated[str, typer.Option(help="The shop that the visits are of, as the result will name it.")]
About = Annotated[str, typer.Option(help="Which visits: suite, seeds, settings; as the result will say.")]
Output = Annotated[Path | None, typer.Option("--out", help="Write it to this file.")]
CardFile = Annotated[
    Path | None, typer.Option("--card", help="The calibration card; without it, the one that ships for the origin.")
]
Method = Annotated[str, typer.Option(help="Of the methods in a file of verdicts, this one.")]


def calibrate_command(
    sources: Sources,
    *,
    output: Output = None,
    store: Store = "",
    about: About = "",
    method: Method = OURS,
    mixed: Mixed = False,
    json: Json = False,
) -> None:
    """Fit a calibration card on labelled visits: how often receipts that were so sure turned out right."""
    try:
        card = fit_card(verdicts(sources, method), store=store, about=about or told(sources), mixed=mixed)
    except CalibrationError as error:
        refuse(error)
    if output is not None:
        write_file(output, cards.to_json(card))
    if json:
        print_json(orjson.loads(cards.to_json(card)))
        return
    out.print(f"{card.visits} {card.origin} visits, {card.wrong} not exactly right, {card.lines} lines")
    table = Table(box=None, pad_edge=False)
    for heading in ("said", "a receipt with lines", "without", "a line"):
        table.add_column(heading, justify="right")
    for p in (0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0):
        table.add_row(f"{p:g}", *(f"{calibrating(p):.4f}" for calibrating in (card.some, card.none, card.line)))
    out.print(table)
    out.print(f"card {card.id[:12]}" + (f" in {output}" if output else ""), markup=False)


def certify_command(
    sources: Sources,
    *,
    alpha: Annotated[float, typer.Option(help="Of visits settled alone, so many may be wrong.")] = ALPHA,
    over: Annotated[
        float, typer.Option(help="Of visits settled alone, so many may be overcharged; 1: held by --alpha alone.")
    ] = OVER,
    delta: Annotated[float, typer.Option(help="The chance that what is certified does not hold.")] = DELTA,
    card: CardFile = None,
    output: Output = None,
    store: Store = "",
    about: About = "",
    method: Method = OURS,
    diagram: Annotated[Path | None, typer.Option(help="Write reliability diagrams to this page (.html).")] = None,
    mixed: Mixed = False,
    json: Json = False,
) -> None:
    """Say from which probability up software may settle visits alone; status 1 where it is from none."""
    try:
        labelled = verdicts(sources, method)
        used = read_card(card, labelled)
        found = certify(
            labelled,
            used,
            store=store,
            about=about or told(sources),
            alpha=alpha,
            over=None if over >= 1.0 else over,
            delta=delta,
            mixed=mixed,
        )
        known = calibrated(used, receipts_of(labelled))
        exact, lines = reliability(exact_told(known)), line_told(known)
    except (CalibrationError, CardError, ValueError) as error:
        refuse(error)
    told_lines = reliability(lines) if lines else None
    if output is not None:
        write_file(output, certificates.to_json(found))
    if diagram is not None:
        write_file(diagram, reliability_page(exact, told_lines, found).encode())
    if json:
        print_json(figures(found, exact, told_lines))
    else:
        print_certificate(found, exact)
    if found.settle_at is None:
        raise typer.Exit(Exit.FAILED)


@certificate_app.callback()
def certificate_top() -> None:
    """Keeps `verify` a command of its own while it is the only one."""


@certificate_app.command("verify")
def verify_command(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A certificate.")],
    sources: Annotated[
        list[Path] | None, typer.Argument(metavar="[SOURCE...]", help="The labelled visits that it rests on.")
    ] = None,
    *,
    card: CardFile = None,
    method: Method = OURS,
    json: Json = False,
) -> None:
    """Check that a certificate is as it was written and, given its visits, that they give the same again.

    A month's certificate brings its draws and labels with it: it is computed again from them.
    """
    try:
        data = path.read_bytes()
        if month.is_month(data):
            _verify_month(path, data, json=json)
            return
        found = certificates.from_json(data)
        again = None
        if sources:
            labelled = verdicts(sources, method)
            wrong, *rest = found.settling
            again = certify(
                labelled,
                read_card(card, labelled),
                store=found.store,
                about=found.about,
                alpha=wrong.alpha,
                over=rest[0].alpha if rest else None,
                delta=wrong.delta * len(found.settling),
                levels=tuple(dict.fromkeys(rung.alpha for rung in found.ladder)),
                mixed=found.origin == "mixed",
            )
    except OSError as error:
        refuse(f"{path} cannot be read: {error.strerror or error}")
    except (CertificateError, CalibrationError, CardError, ValueError) as error:
        refuse(error)
    same = None if again is None else again.id == found.id
    if json:
        print_json({"id": found.id, "origin": found.origin, "settle_at": found.settle_at, "same": same})
    else:
        out.print(f"certificate {found.id[:12]}: as it was written; {found.about}", markup=False)
        if same is not None:
            out.print("its visits give the same again" if same else "its visits give something else")
    if same is False:
        raise typer.Exit(Exit.FAILED)


def _verify_month(path: Path, data: bytes, *, json: bool) -> None:
    """Compute a month's certificate again from the bundle that it came with."""
    differences = month.verify(data)
    if json:
        print_json({"kind": "month", "same": not differences, "differences": list(differences)})
    elif differences:
        out.print(f"{path}: its draws and labels give something else", markup=False)
        for words in differences:
            out.print(f"  {words}", markup=False)
    else:
        out.print(f"{path}: its draws and labels give the same again", markup=False)
        out.print(month.sentence(orjson.loads(data)["certificate"]), markup=False)
    if differences:
        raise typer.Exit(Exit.FAILED)


def verdicts(sources: Sequence[Path], method: str = OURS) -> list[Verdict]:
    """The labelled visits of files of verdicts and of recordings, by one method."""
    found: list[Verdict] = []
    for path in sources:
        try:
            if path.suffix == ".jsonl":
                found += [v for v in read_verdicts(path) if v.method == method]
            else:
                receipts = orjson.loads(replay_json(replayed(path)))["receipts"]
                found += rows(open_recording(path), receipts, OURS)
        except OSError as error:
            refuse(f"{path} cannot be read: {error.strerror or error}")
        except (VerdictError, RecordingError, NoTruthError, ClaimError, StoreError) as error:
            refuse(error)
    return found


def read_card(path: Path | None, labelled: Sequence[Verdict]) -> Card:
    """The card of a file, or the one that ships for these visits' origin."""
    if path is not None:
        try:
            return cards.from_json(path.read_bytes())
        except OSError as error:
            refuse(f"{path} cannot be read: {error.strerror or error}")
    origins = {v.origin for v in labelled}
    return cards.shipped(origins.pop() if len(origins) == 1 else "mixed")


def told(sources: Sequence[Path]) -> str:
    """The files, where nobody says what they hold."""
    names = sorted({path.name for path in sources})
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def figures(found: Certificate, exact: Reliability, lines: Reliability | None) -> dict[str, Any]:
    """A certificate and how true its probabilities are, for programs."""
    read: dict[str, Any] = orjson.loads(certificates.to_json(found))
    return read | {
        "certifies_a_real_shop": found.origin == "real" and found.settle_at is not None,
        "reliability": asdict(exact),
        "reliability_of_lines": None if lines is None else asdict(lines),
    }


def print_certificate(found: Certificate, exact: Reliability) -> None:
    """The ladder for people."""
    out.print(
        f"{found.visits} labelled {found.origin} visits in {found.recordings} recordings; visits of one recording "
        f"count for {1 / found.design_effect:.0%} of as many independent ones"
    )
    table = Table(box=None, pad_edge=False)
    for heading, justify in (("risk", "left"), ("at most", "right"), ("may settle alone", "left"), ("", "left")):
        table.add_column(heading, justify="right" if justify == "right" else "left")
    for rung in found.ladder:
        table.add_row(rung.risk, f"{rung.alpha:.1%}", said(rung), seen(rung))
    out.print(table)
    levels = " and ".join(f"{rung.risk} <= {rung.alpha:.1%}" for rung in found.settling)
    if found.settle_at is None:
        out.print(f"Nothing settles alone: {levels} together is not certified.")
    else:
        out.print(f"Settles alone from {found.settle_at:.6f} up: {levels}, together at {sure(found.settling):.0%}.")
    out.print(f"Calibration error {exact.error:.4f} ({exact.error_low:.4f} to {exact.error_high:.4f})")
    if found.origin != "real":
        err.print(f"Learnt on {found.origin} visits: it certifies no real shop.")


def said(rung: Rung) -> str:
    """The share of visits that may settle alone, or what is missing."""
    if rung.threshold is not None:
        return f"{rung.share:.1%} of visits"
    if rung.short < 0:
        return "none: too many are"
    return f"none: ~{rung.short} labels short"


def seen(rung: Rung) -> str:
    """What a rung rests on."""
    return f"{rung.bad} of {rung.labels} were, so at most {rung.bound:.2%}"


def sure(rungs: Sequence[Rung]) -> float:
    """How surely some rungs hold together."""
    return 1.0 - sum(rung.delta for rung in rungs)
