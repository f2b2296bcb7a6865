"""`walkout review`: the review desk from the command line."""

import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from walkout.cli import dataset, learn
from walkout.cli.console import out, print_json, refuse
from walkout.review.reviewers import a_team
from walkout.review.simulate import Setting, simulate
from walkout.review.storage import open_review

app = typer.Typer(help="The people who answer where software may not settle alone.", no_args_is_help=True)


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
