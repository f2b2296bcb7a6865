"""A hundred reviewers at once on PostgreSQL, some killed mid-lease, while the clock jumps. Simulated people.

Ten processes of ten reviewers answer 1,000 questions of several queues, some of them twice; four processes are ended
by SIGKILL and replaced, and the clock is set back 200 s and forward again. Then all that is left is answered. Held: no
question is lost, none has two answers from one person or two in one place, answers that differ were decided by a third,
and no lease is left with the dead.
"""

import signal
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine, func, select

from benchmarks._postgres import server
from benchmarks._review import everything, faults_of, fill, start, turned, work
from walkout.review import tables
from walkout.review.queues import Queues
from walkout.review.storage import open_review

QUESTIONS, PROCESSES, EACH, KILLS = 1000, 10, 10, 4
SECOND_NS = 1_000_000_000
SEED = 5


def run(
    json: bool, data: Path | None = None, questions: int = QUESTIONS, processes: int = PROCESSES, kills: int = KILLS
) -> dict[str, Any]:
    """Measure; print a table unless `json`. `data` is not used."""
    del data
    with server() as url, tempfile.TemporaryDirectory() as folder:
        offset = Path(folder) / "offset"
        offset.write_text("0")
        engine = open_review(url)
        fill(engine, offset, questions, processes * EACH + 8)
        started = time.perf_counter()
        died, failed = _storm(engine, url, offset, questions, processes, kills)
        seconds = time.perf_counter() - started
        offset.write_text(str(800 * SECOND_NS))
        Queues(engine, everything, lambda: turned(offset)).expire()
        for turn in range(3):  # whatever the dead held, and what some skipped
            for number in range(8):
                work(engine, f"r{processes * EACH + number}", offset, SEED + turn, patience=1)
            offset.write_text(str((800 + 400 * (turn + 1)) * SECOND_NS))
        figures = _figures(engine, died, failed, seconds, processes)
        engine.dispose()
    if not json:
        print("simulated people, real processes and a real PostgreSQL")
        for name, figure in figures.items():
            print(f"{name:24} {figure}")
        print(f"{'met   ' if figures['passed'] else 'MISSED'} nothing lost, nothing twice, nothing held by the dead")
    return figures


def _storm(engine: Engine, url: str, offset: Path, questions: int, processes: int, kills: int) -> tuple[int, int]:
    """The reviewers at work; gives how many processes were killed, and how many people met an error."""
    random = Random(SEED)  # noqa: S311 a simulation
    alive = [start(url, offset, EACH * n, EACH, n) for n in range(processes)]
    died = 0
    marks = [questions * (k + 1) // (kills + 2) for k in range(kills)]
    while any(one.poll() is None for one in alive):
        time.sleep(0.05)
        with engine.connect() as connection:
            answered = connection.execute(select(func.count()).select_from(tables.answers)).scalar_one()
        if marks and answered >= marks[0]:
            marks.pop(0)
            number = random.randrange(processes)
            alive[number].send_signal(signal.SIGKILL)
            died += alive[number].wait() == -signal.SIGKILL
            alive[number] = start(url, offset, EACH * number, EACH, 100 + died)
            offset.write_text(str((-200, 400)[died % 2] * SECOND_NS))
    return died, sum(one.returncode for one in alive)


def _figures(engine: Engine, died: int, failed: int, seconds: float, processes: int) -> dict[str, Any]:
    with engine.connect() as connection:
        asked = connection.execute(select(func.count()).select_from(tables.questions)).scalar_one()
        answers = connection.execute(select(func.count()).select_from(tables.answers)).scalar_one()
        closings = Counter(connection.execute(select(tables.closings.c.how)).scalars())
    wrong = faults_of(engine)
    return {
        "origin": "simulated",
        "reviewers": processes * EACH,
        "killed_processes": died,
        "people_with_errors": failed,
        "questions": asked,
        "answers": answers,
        "leases": dict(sorted(closings.items())),
        "answers_a_second": round(answers / seconds, 1),
        "faults": wrong[:10],
        "passed": not wrong and not failed,
    }


if __name__ == "__main__":
    run(json=False)
