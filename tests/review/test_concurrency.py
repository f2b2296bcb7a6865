"""Many reviewers at once, killed in the middle, answering twice, while somebody sets the clock."""

import time
from pathlib import Path

from benchmarks._review import everything, faults_of, fill, start, turned, work
from sqlalchemy import select

from walkout.checkout.storage import connect
from walkout.review import tables
from walkout.review.queues import Queues


def test_no_question_is_lost_none_answered_twice_no_lease_with_the_dead(where: str, tmp_path: Path) -> None:
    offset = tmp_path / "offset"
    offset.write_text("0")
    engine = connect(where, durable=False)
    fill(engine, offset, 40, 14)
    processes = [start(where, offset, 6 * n, 6, n) for n in range(2)]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            if len(connection.execute(select(tables.answers.c.answer)).all()) >= 8:
                break
        time.sleep(0.02)
    processes[0].kill()  # in the middle of whatever its six reviewers do
    offset.write_text(str(-200 * 10**9))
    time.sleep(0.1)
    offset.write_text(str(400 * 10**9))  # the living lose what they hold, too
    for process in processes:
        process.wait(timeout=60)
    assert processes[1].returncode == 0  # nobody met an error, such as two who wait for each other
    offset.write_text(str(800 * 10**9))  # whatever the dead held is free now
    queues = Queues(engine, everything, lambda: turned(offset))
    queues.expire()
    for worker in ("r12", "r13", "r0", "r1"):  # fresh hands finish; skips left some to few
        work(engine, worker, offset, 99, patience=1)
    offset.write_text(str(1200 * 10**9))
    queues.expire()
    for number in range(14):
        work(engine, f"r{number}", offset, 100, patience=1)
    assert faults_of(engine) == []
    engine.dispose()
