"""Who needs somebody of the staff: at the entry, for a proof of age, or for help; answers are in the feed."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from walkout.inference.belief import Belief
from walkout.live.door import Passage, Refused
from walkout.live.latch import WAIT_NS, Knock
from walkout.store.product import Product

Kind = Literal["entry", "age", "help"]
MOST = 50
"""Who is remembered at most; the oldest go first."""
SURE_ENOUGH = 0.5
"""A product that needs an age is asked for from this probability on."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One who waits; `refused` and `passage` at an entry, `visit` where they are inside."""

    id: str
    kind: Kind
    words: str
    reason: str
    since_ns: int
    visit: str = ""
    refused: Refused | None = None
    passage: Passage | None = None
    knock: Knock | None = None
    """Of a lock that waits for staff."""


class Bell:
    """All who wait, the first first."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, Waiting] = OrderedDict()
        self._asked: set[str] = set()
        """Visits whose age was asked for: once is enough."""
        self._count = 0

    def __iter__(self) -> Any:
        return iter(tuple(self._waiting.values()))

    def entry(self, refused: Refused, arrived_ns: int) -> None:
        """Somebody was not let in."""
        passage = Passage(refused.gate, "entry", refused.t_ns, arrived_ns)
        self._add("entry", refused.words, refused.reason, arrived_ns, refused=refused, passage=passage)

    def help(self, visit: str, words: str, now_ns: int) -> None:
        """A shopper asks for help; asking again only changes the words."""
        for one in tuple(self._waiting.values()):
            if one.kind == "help" and one.visit == visit:
                del self._waiting[one.id]
        self._add("help", words or "asks for help", "asked on the shopper's page", now_ns, visit=visit)

    def knock(self, knock: Knock, words: str, arrived_ns: int) -> None:
        """Somebody stands before a locked fixture; who knocks again only stands there longer."""
        for one in tuple(self._waiting.values()):
            if one.knock is not None and one.knock.fixture == knock.fixture:
                del self._waiting[one.id]
        self._add("age", words, "a lock", arrived_ns, knock=knock)

    def stale(self, now_ns: int) -> None:
        """Forget those who knocked so long ago that nobody stands there any more."""
        for one in tuple(self._waiting.values()):
            if one.knock is not None and now_ns - one.since_ns > WAIT_NS:
                del self._waiting[one.id]

    def look(self, baskets: tuple[Belief, ...], products: Mapping[str, Product], now_ns: int) -> None:
        """Ask for a proof of age once somebody inside probably holds what needs one."""
        for belief in baskets:
            visit = belief.visit.id
            if visit in self._asked:
                continue
            held = [line for line in belief.lines if line.probability >= SURE_ENOUGH and line.gtin in products]
            ages = {products[line.gtin].age_min: products[line.gtin].name for line in held}
            if max(ages, default=0) > 0:
                age = max(ages)
                self._asked.add(visit)
                self._add("age", f"{ages[age]}: at least {age} years", "age", now_ns, visit=visit)

    def over(self, visit: str) -> None:
        """The visit is decided: nobody of it waits any more."""
        self._asked.discard(visit)
        for one in tuple(self._waiting.values()):
            if one.visit == visit:
                del self._waiting[one.id]

    def take(self, id_: str) -> Waiting | None:
        """Somebody sees to it; None: nobody waits under that id."""
        return self._waiting.pop(id_, None)

    def get(self, id_: str) -> Waiting | None:
        """Who waits under an id."""
        return self._waiting.get(id_)

    def _add(self, kind: Kind, words: str, reason: str, since_ns: int, **more: Any) -> None:
        self._count += 1
        made = Waiting(
            f"{'door' if kind == 'entry' else kind}-{since_ns:x}-{self._count}", kind, words, reason, since_ns, **more
        )
        self._waiting[made.id] = made
        while len(self._waiting) > MOST:
            self._waiting.popitem(last=False)
