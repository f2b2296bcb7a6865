"""A desk with a clock to turn, and what is asked at it."""

from sqlalchemy import Engine

from walkout.review.case import SECOND_NS, Body
from walkout.review.queues import Queues
from walkout.review.resolve import QUEUES, Queue

START_NS = 1_800_000_000 * SECOND_NS
BODY = Body("e1", 1, 2, "what", "Which product was it?", (("a", "An oat bar"), ("b", "A rye bar")))


class Desk:
    """Three people, a clock in the test's hand, and who accepted what."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.now_ns = START_NS
        self.purposes: dict[str, frozenset[str]] = {}
        self.queues = Queues(
            engine, lambda worker: self.purposes.get(worker, frozenset(QUEUES)), lambda: self.now_ns, gold_rates=(0, 0)
        )
        for worker in ("ada", "ben", "cy"):
            self.queues.register(worker)

    def on(self, seconds: float) -> None:
        self.now_ns += int(seconds * SECOND_NS)

    def put(self, name: str, queue: Queue = "settle", *, visit: str = "", deadline_s: float = 3600) -> None:
        deadline_ns = START_NS + int(deadline_s * SECOND_NS)
        self.queues.put(name, visit or f"visit of {name}", queue, BODY, deadline_ns=deadline_ns)

    def token(self, worker: str) -> str:
        lease = self.queues.lease(worker)
        assert lease is not None
        return lease.token
