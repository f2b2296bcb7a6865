"""The best explanations of all events so far: a beam of pasts, each saying who holds what and what is astray.

Explanations that lead to the same past are one state, their probabilities summed; the layers keep every way into each
state, so that later events settle earlier ones exactly (forward and backward over the kept states). What the beam
lets go is counted. `step` explains a shelf event; `advance` takes any happening with its choices ready.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from walkout.inference.choice import Evidence, Options, always_allowed, options
from walkout.inference.goods import Goods
from walkout.inference.happening import Happening
from walkout.inference.past import State, apply, past_of


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """The states after one event, and every kept way into them from the layer before."""

    options: Options | Happening | None
    """None where nothing happened but that people left."""
    states: tuple[State, ...]
    log_p: NDArray[np.float64]
    """Of each state given all events so far; sums to 1."""
    parent: NDArray[np.int64]
    choice: NDArray[np.int64]
    child: NDArray[np.int64]
    log_w: NDArray[np.float64]
    """One a way: from which state, by which choice, to which state, and its log weight."""
    kept: float = 1.0
    """The share of the probability that the beam kept at this layer."""


@dataclass(frozen=True, slots=True, eq=False)
class Beam:
    """The layers since the oldest visit that is still open; the first has no ways into it."""

    layers: tuple[Layer, ...]


def start() -> Beam:
    """Nobody holds anything, and every product stands where it belongs."""
    return Beam((_base((State(),), np.zeros(1)),))


def step(beam: Beam, evidence: Evidence, shop: Goods) -> Beam:
    """The beam after one more shelf event; events come in time order."""
    return advance(beam, options(evidence, past_of(beam.layers[-1].states), shop), shop)


def advance(beam: Beam, found: Options | Happening, shop: Goods) -> Beam:
    """The beam after anything that has its choices ready: `options` of a shelf event, or a `Happening` without one."""
    last = beam.layers[-1]
    edges: list[tuple[int, int, State, float]] = []
    for i, k in _worth(last, found, shop.model.gate):
        choice = found.choices[k]
        after = apply(last.states[i], choice)
        if after is not None:
            edges.append((i, k, after[0], choice.log_p + after[1]))
    return Beam((*beam.layers, _layer(found, last, edges, shop.model.beam)))


def leave(beam: Beam, shoppers: Iterable[str]) -> Beam:
    """The beam without what some shoppers hold: their visit is over."""
    gone = frozenset(shoppers)
    last = beam.layers[-1]
    edges = [
        (i, -1, State(tuple(h for h in state.held if h[0] not in gone), state.strays), 0.0)
        for i, state in enumerate(last.states)
    ]
    return Beam((*beam.layers, _layer(None, last, edges, len(edges))))


def trim_at(beam: Beam, before_ns: int) -> int:
    """How many layers after the first hold only events that ended before an instant."""
    settled = 0
    for i, layer in enumerate(beam.layers):
        if layer.options is not None and _end_ns(layer.options) >= before_ns:
            break
        settled = i
    return settled


def trim(beam: Beam, before_ns: int) -> Beam:
    """The beam without the layers of events that ended before an instant."""
    settled = trim_at(beam, before_ns)
    base = beam.layers[settled]
    return Beam((_base(base.states, base.log_p), *beam.layers[settled + 1 :]))


def backward(beam: Beam, weight: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """The probability of each way of each layer, given all events and a weight on each last state.

    One array a layer, each summing to 1 (empty for the first layer). Raises ValueError where every weight is 0.
    """
    if not weight.sum() > 0.0:
        raise ValueError("found no last state with a weight, right: at least one")
    with np.errstate(divide="ignore"):
        beta = np.log(weight)
    ways: list[NDArray[np.float64]] = [np.zeros(0)] * len(beam.layers)
    for n in range(len(beam.layers) - 1, 0, -1):
        layer, before = beam.layers[n], beam.layers[n - 1]
        onward = layer.log_w + beta[layer.child]
        ways[n] = _normal(before.log_p[layer.parent] + onward)
        beta = np.full(len(before.states), -np.inf)
        np.logaddexp.at(beta, layer.parent, onward)
        beta -= beta.max()
    return ways


def _end_ns(found: Options | Happening) -> int:
    return found.end_ns if isinstance(found, Happening) else found.evidence.event.end_ns


def _worth(last: Layer, found: Options | Happening, gate: float) -> list[tuple[int, int]]:
    """(state, choice) that are not surely a million times less likely than what every past allows."""
    log_p = np.array([choice.log_p for choice in found.choices])
    bound = last.log_p[:, None] + log_p
    floor = last.log_p.max() + max(c.log_p for c in found.choices if always_allowed(c)) - gate
    return [(int(i), int(k)) for i, k in np.argwhere(bound >= floor)]


def _layer(
    found: Options | Happening | None, last: Layer, edges: list[tuple[int, int, State, float]], most: int
) -> Layer:
    """The states that some ways lead to, the likeliest first, no more than `most`."""
    index: dict[State, int] = {}
    child = np.array([index.setdefault(state, len(index)) for _, _, state, _ in edges], np.int64)
    parent = np.array([i for i, _, _, _ in edges], np.int64)
    log_w = np.array([w for _, _, _, w in edges], np.float64)
    log_p = np.full(len(index), -np.inf)
    np.logaddexp.at(log_p, child, last.log_p[parent] + log_w)
    log_p -= np.logaddexp.reduce(log_p)
    states = tuple(index)
    order = sorted(range(len(states)), key=lambda j: (-log_p[j], states[j].held, states[j].strays))[:most]
    place = np.full(len(states), -1, np.int64)
    place[order] = np.arange(len(order))
    stays = place[child] >= 0
    total = float(np.logaddexp.reduce(log_p[order]))
    return Layer(
        found,
        tuple(states[j] for j in order),
        log_p[order] - total,
        parent[stays],
        np.array([k for _, k, _, _ in edges], np.int64)[stays],
        place[child][stays],
        log_w[stays],
        min(1.0, float(np.exp(total))),
    )


def _base(states: tuple[State, ...], log_p: NDArray[np.float64]) -> Layer:
    none = np.zeros(0, np.int64)
    return Layer(None, states, log_p, none, none, none, np.zeros(0))


def _normal(log_p: NDArray[np.float64]) -> NDArray[np.float64]:
    p = np.exp(log_p - log_p.max())
    return np.asarray(p / p.sum(), np.float64)
