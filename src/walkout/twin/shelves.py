"""What cameras see on the shelves: the stage, less what was taken, more what was put elsewhere."""

from dataclasses import dataclass, replace

from walkout.recording.truth import Place, TruthMove
from walkout.store.shop import Store
from walkout.twin.camera.scene import Box, Scene, Vector, turned
from walkout.twin.camera.stage import FACING_ID, Stage, item, without

MOST_STRAYS = 200
"""Items in wrong places that are drawn at once; the oldest vanish first."""


@dataclass(frozen=True, slots=True)
class _Stray:
    """An item on plates where no facing of it is."""

    gtin: str
    place: Place
    boxes: tuple[Box, ...]


class Shelves:
    """Follows the truth's moves; a facing never shows more than its stock, nor less than nothing."""

    def __init__(self, store: Store, full: Stage) -> None:
        self._store, self._full = store, full
        self._gone: dict[int, int] = {}
        self._strays: list[_Stray] = []
        self._facings: dict[str, list[int]] = {}
        for index, facing in enumerate(store.planogram):
            if full.goods[index]:
                self._facings.setdefault(facing.gtin, []).append(index)

    def id_of(self, gtin: str) -> int:
        """The id of a product's items in pictures, that of its first facing. KeyError for a product without one."""
        return FACING_ID + self._facings[gtin][0]

    def size_m(self, gtin: str) -> Vector | None:
        """Width, depth and height of one item, metres; None for a product that stands nowhere."""
        if gtin not in self._facings:
            return None
        boxes = self._full.goods[self._facings[gtin][0]]
        wide, deep, high = boxes[0].half_m
        if len(boxes) > 1 and not boxes[1].texture:
            high += boxes[1].half_m[2]  # a bottle's neck
        return (2 * wide, 2 * deep, 2 * high)

    def scene(self) -> Scene:
        """What stands still now."""
        left = without(self._full, self._gone)[0]
        return replace(left, boxes=(*left.boxes, *(box for stray in self._strays for box in stray.boxes)))

    def move(self, moved: TruthMove) -> tuple[Box, ...]:
        """Let items move; the boxes that came or went."""
        changed: list[Box] = []
        if moved.source.kind == "plates":
            changed += self._take(moved)
        if moved.target.kind == "plates":
            changed += self._put(moved)
        return tuple(changed)

    def _take(self, moved: TruthMove) -> list[Box]:
        changed: list[Box] = []
        left = moved.quantity
        for stray in [s for s in self._strays if s.gtin == moved.gtin and _touches(s.place, moved.source)][:left]:
            self._strays.remove(stray)
            changed += stray.boxes
            left -= 1
        index = self._facing(moved.gtin, moved.source)
        return changed if index is None else [*changed, *self._count(index, left)]

    def _put(self, moved: TruthMove) -> list[Box]:
        index = self._facing(moved.gtin, moved.target)
        if index is not None:
            return self._count(index, -moved.quantity)
        size_m = self.size_m(moved.gtin)
        if size_m is None:
            return []
        changed: list[Box] = []
        fixture = self._store.fixture(moved.target.fixture)
        shelf = self._store.shelf(fixture.id, moved.target.shelf)
        plates = [self._store.plate(fixture.id, shelf.id, plate) for plate in moved.target.plates]
        x_m = sum(plate.x_m + plate.width_m / 2 for plate in plates) / len(plates)
        for k in range(moved.quantity):
            # Before what stands there, at the shelf's edge.
            centre = fixture.to_store(x_m + 1.05 * k * size_m[0], 0.5 * size_m[1], shelf.z_m + size_m[2] / 2)
            boxes = item(moved.gtin, centre, size_m, turned(fixture.yaw_deg), self.id_of(moved.gtin))
            self._strays.append(_Stray(moved.gtin, moved.target, boxes))
            changed += boxes
        while len(self._strays) > MOST_STRAYS:
            changed += self._strays.pop(0).boxes
        return changed

    def _facing(self, gtin: str, place: Place) -> int | None:
        for index in self._facings.get(gtin, ()):
            facing = self._store.planogram[index]
            if _touches(Place("plates", facing.fixture, facing.shelf, facing.plates), place):
                return index
        return None

    def _count(self, index: int, more: int) -> list[Box]:
        """So many more of a facing are gone; the boxes that came or went."""
        before = self._gone.get(index, 0)
        after = max(0, before + more)
        self._gone[index] = after
        fewer, most = sorted((before, after))
        return list(without(self._full, {index: most})[1][len(without(self._full, {index: fewer})[1]) :])


def _touches(one: Place, other: Place) -> bool:
    return one.fixture == other.fixture and one.shelf == other.shelf and bool({*one.plates} & {*other.plates})
