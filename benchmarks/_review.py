"""Many reviewers at one desk: processes with threads that answer, skip, hang, answer twice, and are killed."""

import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from random import Random

from sqlalchemy import Engine, select

from walkout.checkout.storage import connect
from walkout.review import tables
from walkout.review.case import Body, LeaseLostError, ReviewError
from walkout.review.queues import Queues
from walkout.review.resolve import Queue

ROOT = Path(__file__).resolve().parent.parent
BODY = Body("e1", 1, 2, "what", "Which product was it?", (("a", "An oat bar"), ("b", "A rye bar")))
FAR_NS = 2**62
MIX: tuple[Queue, ...] = ("settle", "settle", "settle", "audit", "dispute")


def everything(_worker: str) -> frozenset[str]:
    """A person who accepted all purposes but gold."""
    return frozenset({"settle", "audit", "dispute", "adjudicate", "training", "annotate"})


def turned(offset: Path) -> int:
    """The wall clock as somebody set it."""
    return time.time_ns() + int(offset.read_text() or 0)


def fill(engine: Engine, offset: Path, count: int, workers: int) -> None:
    """Questions and people."""
    queues = Queues(engine, everything, lambda: turned(offset))
    for number in range(workers):
        queues.register(f"r{number}")
    for number in range(count):
        queues.put(f"q{number}", f"v{number}", MIX[number % len(MIX)], BODY, deadline_ns=FAR_NS + number)


def start(url: str, offset: Path, first: int, count: int, seed: int) -> "subprocess.Popen[bytes]":
    """A process of some reviewers."""
    words = [url, str(offset), str(first), str(count), str(seed)]
    return subprocess.Popen(  # noqa: S603 ourselves
        [sys.executable, "-m", "benchmarks._review", *words], cwd=ROOT, env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    )


def work(engine: Engine, worker: str, offset: Path, seed: int, *, patience: int = 8) -> Counter[str]:
    """One reviewer, until there is nothing left for a while."""
    random = Random(f"{seed}/{worker}")  # noqa: S311 a simulation
    queues = Queues(engine, everything, lambda: turned(offset))
    did: Counter[str] = Counter()
    empty = 0
    while empty < patience:
        lease = queues.lease(worker)
        if lease is None:
            empty += 1
            time.sleep(0.02)
            continue
        empty = 0
        did["leased"] += 1
        try:
            did[_one(queues, lease.token, random)] += 1
        except LeaseLostError:
            did["lost"] += 1
    return did


def _one(queues: Queues, token: str, random: Random) -> str:
    dice = random.random()
    if dice < 0.05:
        queues.skip(token)
        return "skipped"
    if dice < 0.10:
        queues.renew(token)
    key = "a" if random.random() < 0.85 else random.choice(("b", None))
    first = queues.submit(token, key)
    if dice > 0.8:
        assert queues.submit(token, key).answer == first.answer
        try:
            queues.submit(token, "another")
        except ReviewError:
            return "submitted twice"
        raise AssertionError("another answer under the same lease was taken")
    return "submitted"


def faults_of(engine: Engine) -> list[str]:
    """What does not hold of a desk at rest; empty: all of it does."""
    wrong = []
    with engine.connect() as connection:
        questions = connection.execute(select(tables.questions)).all()
        slots = connection.execute(select(tables.slots)).all()
        answers = connection.execute(select(tables.answers)).all()
        leases = connection.execute(select(tables.leases)).all()
        closings = connection.execute(select(tables.closings)).all()
        resolutions = Counter(connection.execute(select(tables.resolutions.c.question)).scalars())
    wrong += [f"{q.question} is still {q.state}" for q in questions if q.state != "closed"]
    wrong += [f"{s.slot} is {s.state}" for s in slots if s.state != "done"]
    per_slot = Counter(a.slot for a in answers)
    wrong += [f"{s.slot} has {per_slot[s.slot]} answers" for s in slots if per_slot[s.slot] != 1]
    twice = Counter((a.question, a.worker) for a in answers)
    wrong += [f"{who} answered {question} twice" for (question, who), n in twice.items() if n > 1]
    thirds = {q.of for q in questions if q.of}
    wrong += [f"{q.question}: {resolutions[q.question]} resolutions" for q in questions if resolutions[q.question] != 1]
    voters = {q.question: {a.worker for a in answers if a.question == q.question} for q in questions}
    for q in questions:
        if q.of and voters[q.question] & voters[q.of]:
            wrong.append(f"{q.question}: decided by one of the two who differed")
        keys = {a.key for a in answers if a.question == q.question}
        if q.wanted > 1 and (len(keys) > 1) != (q.question in thirds):
            wrong.append(f"{q.question}: answers {keys} and {'a' if q.question in thirds else 'no'} third")
    ended = {c.token for c in closings}
    wrong += [f"lease {one.token} never ended" for one in leases if one.token not in ended]
    return wrong


def main(words: list[str]) -> None:
    """One process of reviewers."""
    url, offset, first, count, seed = words
    engine = connect(url, durable=False)
    failed: list[Exception] = []

    def one(worker: str) -> None:
        try:
            work(engine, worker, Path(offset), int(seed))
        except Exception as error:  # noqa: BLE001 told below
            failed.append(error)

    threads = [threading.Thread(target=one, args=(f"r{int(first) + n}",), daemon=True) for n in range(int(count))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in failed:
        print(str(error)[:300], file=sys.stderr)
    sys.exit(len(failed))


if __name__ == "__main__":
    main(sys.argv[1:])
