"""The walls around people's work. Each rule is shown to find a planted violation."""

from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table

from tests.labour.rules import acting, against, imported, judged, modules, sanctions, text_words, watched
from walkout.labour import tables
from walkout.labour.notice import NEVER, NOTICE
from walkout.review import tables as review_tables


def planted(name: str, column: str, to: str | None = None) -> MetaData:
    metadata = MetaData()
    Table("review_verdicts", metadata, Column("id", Integer, primary_key=True))
    Table(name, metadata, Column(column, Integer, *([] if to is None else [ForeignKey(to)])))
    return metadata


def test_pay_never_depends_on_verdicts() -> None:
    """No import, no foreign key, no column; and no table of the other room is named in a query."""
    sources = modules("labour")
    assert imported(sources.values()) == []
    assert judged(tables.metadata) == []
    assert [w for source in sources.values() for w in text_words(source) if w.startswith("review_")] == []


def test_a_planted_way_from_verdicts_to_pay_is_found() -> None:
    assert imported(["from walkout.review.tables import answers"]) != []
    assert imported(["import walkout.review.gold"]) != []
    assert judged(planted("labour_intervals", "gold_key")) != []
    assert judged(planted("labour_statements", "accuracy")) != []
    assert "labour_lines.of -> review_verdicts.id" in judged(planted("labour_lines", "of", "review_verdicts.id"))


def test_nothing_here_acts_against_a_person() -> None:
    assert acting() == []
    assert against(tables.metadata) == against(review_tables.metadata) == []


def test_a_planted_sanction_is_found() -> None:
    assert sanctions(["def pause(worker): ..."]) != []
    assert against(planted("review_people", "suspended")) != []
    assert against(planted("review_sanctions", "worker")) != []
    assert sanctions(["class SuspendReviewer: ..."]) != []
    assert sanctions(["def act(worker, banned=False): ..."]) != []
    assert sanctions(["Kind = Literal['shift_started', 'worker_terminated']"]) != []
    assert sanctions(["app.post('/reviewer/{id}/demote')"]) != []


def test_nobody_is_watched_or_ranked() -> None:
    assert watched(tables.metadata) == watched(review_tables.metadata) == []
    assert watched(planted("labour_intervals", "idle_seconds")) != []
    assert watched(planted("labour_keystrokes", "count")) != []
    assert watched(planted("review_people", "rank")) != []


def test_everything_recorded_about_a_person_is_told() -> None:
    """The tables that are about a person are those of the notice, no more and no fewer."""
    told = {recorded.where.split(".")[0] for recorded in NOTICE}
    assert {table.name for table in tables.metadata.sorted_tables if "worker" in table.c} == told
    assert all(recorded.what and recorded.why and recorded.how_long for recorded in NOTICE)
    assert len(NEVER) > 0
