"""Questions of the mock whose answers are known: gold made of told visits, what it says of somebody, appeals."""

from typing import Any

from tests.web.mock import story
from tests.web.mock.rows import appeal_json, body_of, loaded
from walkout.review import tables
from walkout.review.appeals import appeal, appeals
from walkout.review.case import Body
from walkout.review.figures import figures
from walkout.review.gold import newest, put_gold
from walkout.review.queues import Queues

WORKER = "swift-heron"


class Known:
    """A part of the mock's desk."""

    mock: Any
    queues: Queues
    asked: dict[str, dict[str, Any]]

    def put_gold(self, name: str, visit: str, *, software_was_wrong: bool) -> None:
        """An item made of a told visit's question, its answer known: the first candidate, or the second."""
        told = story.story()["visits"][visit]
        question = self.mock.shown(told["receipt"]["questions"][0])
        body = body_of(question)
        plain = Body(name, body.start_ns, body.end_ns, body.kind, body.words, body.candidates)
        self.asked[name] = {"visit": visit, "question": question, "told": told}
        key = body.candidates[1 if software_was_wrong else 0][0]
        put_gold(
            self.queues.engine,
            name,
            plain,
            key,
            software_was_wrong=software_was_wrong,
            author="the mock",
            t_ns=self.mock.now_ns(),
        )

    def scores(self) -> dict[str, Any]:
        says = figures(self.queues.engine, WORKER)
        return {
            "right": says.right,
            "of": says.of,
            "low": says.low,
            "high": says.high,
            "cannot_tell": says.cannot_tell,
            "under_appeal": says.under_appeal,
        }

    def verdicts(self) -> list[dict[str, Any]]:
        filed = {one.answer: one for one in appeals(self.queues.engine, WORKER)}
        answer, question = tables.answers, tables.questions
        query = answer.join(question, question.c.question == answer.c.question).select()
        found = []
        with self.queues.reading.begin() as connection:
            rows = connection.execute(query.where(answer.c.worker == WORKER).order_by(answer.c.t_ns.desc())).mappings()
            for row in rows.all():
                item = newest(connection, row[question.c.gold]) if row[question.c.gold] else None
                pairs = dict(Body(**loaded(row[question.c.body])).candidates)
                right = None if item is None or row[answer.c.key] is None else row[answer.c.key] == item.key
                one = filed.get(row[answer.c.answer])
                found.append(
                    {
                        "question": row[answer.c.answer],
                        "purpose": row[question.c.queue],
                        "t_ns": row[answer.c.t_ns],
                        "yours": "cannot tell" if row[answer.c.key] is None else pairs.get(row[answer.c.key], "other"),
                        "right": right,
                        "appeal": None if one is None else appeal_json(one),
                        "appealable": right is False and one is None,
                    }
                )
        return found

    def appeal(self, answer: str, words: str) -> None:
        appeal(self.queues.engine, WORKER, answer, words, self.mock.now_ns())
