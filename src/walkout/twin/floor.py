"""Where people can walk: a grid of the free floor, and the shortest way from one place to another."""

from collections import OrderedDict
from math import ceil, hypot, inf

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from walkout.store.shop import Store

CELL_M = 0.1
BODY_M = 0.22
"""How near a body's axis comes to a fixture."""
MARGIN_M = 1.5
"""Floor around the fixtures where the store names no outline."""
KEPT = 512
"""Destinations whose distances are kept."""


def _inside(
    x: NDArray[np.float64], y: NDArray[np.float64], outline: tuple[tuple[float, float], ...]
) -> NDArray[np.bool_]:
    """Which points lie inside a polygon (even-odd rule)."""
    inside = np.zeros(x.shape, dtype=bool)
    for (ax, ay), (bx, by) in zip(outline, (*outline[1:], outline[0]), strict=True):
        if ay == by:
            continue
        crosses = (ay > y) != (by > y)
        inside ^= crosses & (x < ax + (y - ay) * (bx - ax) / (by - ay))
    return inside


class Floor:
    """The walkable floor of a store. Coordinates in metres in the store frame."""

    def __init__(self, store: Store) -> None:
        corners = [
            fixture.to_store(x, y, 0.0)[:2]
            for fixture in store.fixtures
            for x in (0.0, fixture.width_m)
            for y in (0.0, fixture.depth_m)
        ]
        gates = [(gate.x_m, gate.y_m) for gate in store.gates]
        around = list(store.floor_m) or [
            (x + dx, y + dy)
            for x, y in (corners or gates or [(0.0, 0.0)])
            for dx in (-MARGIN_M, MARGIN_M)
            for dy in (-MARGIN_M, MARGIN_M)
        ]
        points = np.array(around + gates)
        self._low = points.min(axis=0) - CELL_M
        size = np.ceil((points.max(axis=0) + CELL_M - self._low) / CELL_M).astype(int)
        self._nx, self._ny = int(size[0]), int(size[1])
        xs = self._low[0] + (np.arange(self._nx) + 0.5) * CELL_M
        ys = self._low[1] + (np.arange(self._ny) + 0.5) * CELL_M
        x, y = np.meshgrid(xs, ys, indexing="ij")
        free = np.ones(x.shape, dtype=bool)
        if store.floor_m:
            free &= _inside(x, y, store.floor_m)
        for fixture in store.fixtures:
            c, s = fixture.to_store(1.0, 0.0, 0.0)[0] - fixture.x_m, fixture.to_store(1.0, 0.0, 0.0)[1] - fixture.y_m
            dx, dy = x - fixture.x_m, y - fixture.y_m
            fx, fy = c * dx + s * dy, -s * dx + c * dy
            free &= ~(
                (fx > -BODY_M) & (fx < fixture.width_m + BODY_M) & (fy > -BODY_M) & (fy < fixture.depth_m + BODY_M)
            )
        for gx, gy in gates:
            free |= np.hypot(x - gx, y - gy) < 0.3
        if not free.any():
            raise ValueError(f"store {store.name!r} has no floor to walk on: its fixtures cover all of it")
        self.free = free
        self._centres = np.stack([x[free], y[free]], axis=1)
        self._index = np.full(free.shape, -1)
        self._index[free] = np.arange(len(self._centres))
        self._graph = self._edges()
        self._ways: OrderedDict[int, tuple[NDArray[np.int32], NDArray[np.float64]]] = OrderedDict()

    def _edges(self) -> csr_array:
        rows, columns, lengths = [], [], []
        for dx, dy in ((1, 0), (0, 1), (1, 1), (1, -1)):
            a = self._index[: self._nx - dx, max(0, -dy) : self._ny - max(0, dy)]
            b = self._index[dx:, max(0, dy) : self._ny + min(0, dy)]
            both = (a >= 0) & (b >= 0)
            rows.append(a[both])
            columns.append(b[both])
            lengths.append(np.full(int(both.sum()), CELL_M * hypot(dx, dy)))
        n = len(self._centres)
        return csr_array((np.concatenate(lengths), (np.concatenate(rows), np.concatenate(columns))), shape=(n, n))

    def nearest(self, x_m: float, y_m: float) -> tuple[float, float]:
        """The free point nearest to a place."""
        i = self._cell(x_m, y_m)
        return float(self._centres[i, 0]), float(self._centres[i, 1])

    def is_free(self, x_m: float, y_m: float) -> bool:
        """Whether somebody can stand there."""
        i, j = int((x_m - self._low[0]) / CELL_M), int((y_m - self._low[1]) / CELL_M)
        return 0 <= i < self._nx and 0 <= j < self._ny and bool(self.free[i, j])

    def _cell(self, x_m: float, y_m: float) -> int:
        i, j = int((x_m - self._low[0]) / CELL_M), int((y_m - self._low[1]) / CELL_M)
        if 0 <= i < self._nx and 0 <= j < self._ny and self._index[i, j] >= 0:
            return int(self._index[i, j])
        return int(np.argmin(np.hypot(self._centres[:, 0] - x_m, self._centres[:, 1] - y_m)))

    def _sees(self, ax: float, ay: float, bx: float, by: float) -> bool:
        steps = max(2, ceil(hypot(bx - ax, by - ay) / (0.5 * CELL_M)))
        return all(self.is_free(ax + (bx - ax) * k / steps, ay + (by - ay) * k / steps) for k in range(1, steps))

    def way(self, start: tuple[float, float], end: tuple[float, float]) -> list[tuple[float, float]]:
        """Points of a short way from start to end, both included; straight where no way exists."""
        if self._sees(*start, *end):
            return [start, end]
        goal = self._cell(*end)
        if goal not in self._ways:
            lengths, before = dijkstra(self._graph, directed=False, indices=np.array(goal), return_predecessors=True)
            self._ways[goal] = (before, lengths)
            if len(self._ways) > KEPT:
                self._ways.popitem(last=False)
        before, lengths = self._ways[goal]
        node = self._cell(*start)
        if lengths[node] == inf:
            return [start, end]
        points = [start]
        while node != goal and before[node] >= 0:
            node = int(before[node])
            points.append((float(self._centres[node, 0]), float(self._centres[node, 1])))
        points.append(end)
        return self._tighten(points)

    def _tighten(self, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        kept, at = [points[0]], 0
        while at < len(points) - 1:
            to = at + 1
            for ahead in (64, 32, 16, 8, 4, 2):
                if at + ahead < len(points) and self._sees(*points[at], *points[at + ahead]):
                    to = at + ahead
                    break
            kept.append(points[to])
            at = to
        return kept
