"""`walkout review`: the review desk from the command line."""

import os
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from rich.table import Table

from walkout.cli import dataset, learn
from walkout.cli.console import out, print_json, refuse
from walkout.disclosure.source import month as when
from walkout.labour.voice import prove, sign
from walkout.review.reviewers import a_team
from walkout.review.simulate import Setting, simulate
from walkout.review.storage import open_review

app = typer.Typer(help="The people who answer where software may not settle alone.", no_args_is_help=True)


statement_app = typer.Typer(help="What reviewers say of their work in public.", no_args_is_help=True)
app.add_typer(statement_app, name="statement")
app.add_typer(learn.app, name="learn")
app.add_typer(dataset.app, name="dataset")


@app.command("simulate")
def simulate_command(
    *,
    visits: Annotated[int, typer.Option(min=1, help="So many visits.")] = 300,
    visits_per_hour: Annotated[float, typer.Option(min=0.1, help="How fast they come, over all shops.")] = 300.0,
    reviewers: Annotated[int, typer.Option(min=1, max=200, help="People on shift.")] = 2,
    asks: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of visits that software may not settle.")] = 0.05,
    audit: Annotated[float, typer.Option(min=0.01, max=1.0, help="Share of the others that is audited.")] = 0.05,
    error: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of answers that are wrong.")] = 0.02,
    seconds: Annotated[float, typer.Option(min=0.1, help="Median time that a question takes.")] = 25.0,
    spammers: Annotated[int, typer.Option(min=0, help="Of the reviewers, who answer without looking.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same figures.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Size a team: simulated reviewers at the real queues. Every figure is simulated."""
    setting = Setting(visits=visits, visits_an_hour=visits_per_hour, asks=asks, audit=audit, seed=seed)
    try:
        team = a_team(reviewers, error=error, seconds=seconds, spammers=spammers)
    except ValueError as problem:
        refuse(problem)
    with tempfile.TemporaryDirectory(prefix="walkout-review-") as folder:
        engine = open_review(Path(folder) / "desk.db", durable=False)
        try:
            found = simulate(engine, team, setting)
        finally:
            engine.dispose()
    if json:
        print_json(found)
        return
    out.print(_table(found))


@statement_app.callback()
def of_statement() -> None:
    """Keep `sign` a command of its own."""


@statement_app.command("sign")
def sign_command(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The text, in UTF-8; empty takes the last one back.")],
    *,
    key: Annotated[Path, typer.Option(metavar="FILE", help="Your private key; made there if there is none.")],
    store: Annotated[str, typer.Option(help="The shop's name, as its disclosure has it.")],
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="Which month it is about.")],
    replaces: Annotated[str, typer.Option(metavar="SHA256", help="The statement that this one replaces.")] = "",
) -> None:
    """Sign what you say of your work, on your own machine; prints what you give to the shop on its page My shift.

    The private key stays in its file: keep a copy of it, since only the same key can change or take back what it said.
    """
    try:
        private = _private(key)
        made = sign(private, store, when(month).name, replaces, path.read_bytes().decode("utf-8"))
        print_json({**made.plain(), "sha256": made.sha256, "proof": prove(private, store)})
    except (OSError, ValueError) as problem:
        refuse(problem)


def _private(path: Path) -> Ed25519PrivateKey:
    """The key in a file that only its owner reads; a new one where there is none."""
    if not path.exists():
        made = Ed25519PrivateKey.generate()
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return made
    if path.stat().st_mode & 0o077:
        raise ValueError(f"{path} may be read by others, right: chmod 600 {path}")
    read = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(read, Ed25519PrivateKey):
        raise ValueError(f"{path} holds a key of another kind, right: one that this command made")
    return read


def _table(found: dict[str, Any]) -> Table:
    table = Table("simulated", "", box=None, title=f"{found['visits']} visits, {found['reviewers']} reviewers")
    rows = {
        "questions needed to settle, per 1,000 visits": f"{found['questions_to_settle_per_1000']:.1f}",
        "visits seen by any person, per 1,000": f"{found['seen_by_any_person_per_1000']:.1f}",
        "seconds a question (p50, p95)": _pair(found["seconds_a_question"]),
        "minutes to the final receipt, where somebody was asked (p50, p95)": _pair(found["minutes_to_final_if_asked"]),
        "wrong receipts per 1,000, before people looked": f"{found['wrong_before_per_1000']:.1f}",
        "wrong receipts per 1,000, after": f"{found['wrong_after_per_1000']:.1f}",
        "paid only what is shown, per 1,000": f"{found['shown_only_per_1000']:.1f}",
        "paid hours per 1,000 visits": f"{found['hours_per_1000']:.2f}",
        "share of the shift with a question in hand": f"{100 * found['busy_share']:.0f} %",
    }
    for words, figure in rows.items():
        table.add_row(words, figure)
    return table


def _pair(found: dict[str, float] | None) -> str:
    return "-" if found is None else f"{found['p50']:.1f}, {found['p95']:.1f}"
