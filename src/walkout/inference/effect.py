"""What choices do to one shopper's holdings, or to what is astray at one place: tables from content to content.

Everything that a choice does to the past it does to single variables, each by what that variable holds; so the pasts
of many are moved by looking up small tables. Only a `swap` exchanges what two hold, which no table shows.
"""

from collections.abc import Iterable, Sequence
from math import log
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from walkout.inference.choice import Choice, Move
from walkout.inference.item import Plates
from walkout.inference.past import State, apply

Variable = str | Plates
"""What a past says something of: a shopper (what they hold) or a place (what stands there astray)."""
Content = tuple[tuple[str, int], ...]
"""Sorted (GTIN, count), every count at least 1."""
T = TypeVar("T", str, Plates)


def order(variable: Variable) -> tuple[bool, Variable]:
    """Shoppers first, then places."""
    return isinstance(variable, tuple), variable


def touched(move: Move) -> tuple[Variable, ...]:
    """The variables that a move changes or asks about."""
    if move.kind in ("hand", "swap"):
        return tuple(s for s in (move.giver, move.shopper) if s is not None)
    left = move.kind == "stray" or (move.kind == "press" and move.quantity != 0)
    found: tuple[Variable, ...] = (move.place,) if left else ()
    if move.shopper is not None and move.quantity != 0:
        found = (*found, move.giver or move.shopper)
        if move.kind == "away":
            found = (*found, move.place)
    return found


class Table:
    """What all choices of one happening do to one variable."""

    def __init__(self, variable: Variable, contents: Sequence[Content], moves: Sequence[tuple[Move, ...]]) -> None:
        """`moves`: of each choice, those that touch the variable."""
        self.variable = variable
        self.contents = list(contents)
        """What the variable may hold, before and after."""
        index: dict[tuple[Move, ...], int] = {(): 0}
        self.label = np.array([index.setdefault(m, len(index)) for m in moves], np.int64)
        """Shape (choices,): which of the different things that choices do to it; 0: nothing."""
        self._acts = [_Act(variable, m) for m in index]
        self._known = len(self.contents)
        self._done: dict[tuple[int, int], tuple[int, float]] = {}
        self._index = {content: n for n, content in enumerate(self.contents)}
        self.next = np.tile(np.arange(self._known), (len(index), 1))
        """Shape (labels, contents before): which content follows."""
        self.log_q = np.full((len(index), self._known), -np.inf)
        """Shape (labels, contents before): the log probability that the content adds; -inf where it does not allow
        it."""
        self.log_q[0] = 0.0

    def fill(self, log_weight: NDArray[np.float64], log_p: NDArray[np.float64], floor: float) -> None:
        """Find what follows wherever a label's weight and a content's probability together reach the floor.

        `log_weight`: shape (labels,), the greatest of any choice; `log_p`: shape (contents before,).
        """
        for n, k in np.argwhere(log_weight[1:, None] + log_p >= floor).tolist():
            self.next[n + 1, k], self.log_q[n + 1, k] = self.look(n + 1, k)

    def look(self, label: int, content: int) -> tuple[int, float]:
        """What follows when one label meets one content, and the log probability that the content adds."""
        found = self._done.get((label, content))
        if found is None:
            after = self._acts[label].on(self.contents[content])
            found = (content, -np.inf)
            if after is not None:
                at = self._index.setdefault(after[0], len(self.contents))
                if at == len(self.contents):
                    self.contents.append(after[0])
                found = (at, after[1])
            self._done[label, content] = found
        return found

    def learn(self, contents: Sequence[Content]) -> NDArray[np.int64]:
        """Where some contents are among what this variable may hold, which they join."""
        found = [self._index.setdefault(content, len(self._index)) for content in contents]
        self.contents += [c for c, n in zip(contents, found, strict=True) if n >= len(self.contents)]
        return np.array(found, np.int64)


class _Act:
    """What one choice does to one variable; what others give in the same choice is taken to be there."""

    def __init__(self, variable: Variable, moves: tuple[Move, ...]) -> None:
        self._variable = variable
        self._choice = Choice(tuple(m for m in moves if m.kind != "swap"), 0.0, 0.0)
        self._held = _total(
            (owner, m.gtin, _given(m)) for m in moves if (owner := m.giver or m.shopper or "") != variable
        )
        self._strays = _total((m.place, m.gtin, m.quantity) for m in moves if m.kind == "stray" and m.place != variable)
        self._log_others = self._log_of_others(moves)

    def _log_of_others(self, moves: tuple[Move, ...]) -> float:
        """What `apply` adds for those who are taken to hold just what they give."""
        left = {(owner, gtin): n for owner, gtin, n in self._held}
        log_p = 0.0
        for m in moves:
            owner = m.giver or m.shopper or ""
            if (owner, m.gtin) in left:
                log_p -= log(sum(1 for (o, _), n in left.items() if o == owner and n)) if m.kind != "hand" else 0.0
                left[owner, m.gtin] -= _given(m)
        return log_p

    def on(self, content: Content) -> tuple[Content, float] | None:
        """The content after it and the log probability that the content adds; None where it does not allow it."""
        variable = self._variable
        if isinstance(variable, str):
            before = State((*self._held, *((variable, gtin, n) for gtin, n in content)), self._strays)
        else:
            before = State(self._held, (*self._strays, *((variable, gtin, n) for gtin, n in content)))
        found = apply(before, self._choice)
        if found is None:
            return None
        after, log_p = found
        held = after.held if isinstance(variable, str) else after.strays
        return tuple((gtin, n) for v, gtin, n in held if v == variable), log_p - self._log_others


def _given(move: Move) -> int:
    """How many items its owner must have held."""
    if move.shopper is None or move.kind == "swap":
        return 0
    return move.quantity if move.kind == "hand" else -move.quantity


def _total(counts: Iterable[tuple[T, str, int]]) -> tuple[tuple[T, str, int], ...]:
    found: dict[tuple[T, str], int] = {}
    for owner, gtin, n in counts:
        if n > 0:
            found[owner, gtin] = found.get((owner, gtin), 0) + n
    return tuple((owner, gtin, n) for (owner, gtin), n in found.items())
