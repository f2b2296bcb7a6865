"""What somebody who decides an appeal has to see: the question, both answers, the words; never who it is about."""

from dataclasses import dataclass

from sqlalchemy import Engine, select

from walkout.review import tables
from walkout.review.appeals import Appeal, appeals
from walkout.review.case import Body, body_from
from walkout.review.gold import newest


@dataclass(frozen=True, slots=True)
class Hearing:
    """One appeal as the deciding person sees it."""

    appeal: Appeal
    body: Body
    answer: str | None
    """What the person answered; None: cannot tell."""
    known: str | None
    """What is taken to be right now; None: the item is taken out."""
    author: str
    """Who wrote, or corrected, the item last."""
    visit: str | None
    """The visit that the item was made from, where it was made from one of this shop."""


def hearings(engine: Engine) -> tuple[Hearing, ...]:
    """All appeals, the oldest first."""
    found = []
    answers, questions = tables.answers.c, tables.questions.c
    with engine.execution_options(walkout_reads=True).begin() as connection:
        for one in appeals(engine):
            query = (
                select(questions.body, questions.gold, answers.key)
                .join(tables.answers, answers.question == questions.question)
                .where(answers.answer == one.answer)
            )
            row = connection.execute(query).one()
            item = newest(connection, row.gold)
            visit, tilde, _ = str(row.gold).partition("~")
            found.append(
                Hearing(
                    one,
                    body_from(row.body),
                    row.key,
                    None if item is None else item.key,
                    "" if item is None else item.author,
                    visit if tilde else None,
                )
            )
    return tuple(found)
