"""Where things stand: fixtures with shelves and plates, gates, cameras, in metres in the store frame.

The store frame is right-handed, z up, floor at z = 0. A fixture's own frame has its origin at the front left bottom
corner as a shopper facing it sees it: x runs along the shelves, y into them, z up; `yaw_deg` turns it about z.
"""

from dataclasses import dataclass
from math import cos, radians, sin
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

_STRICT = ConfigDict(extra="forbid")

Name = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$",
        description="a name of letters, digits, - _ . (in quotes where it is all digits)",
    ),
]
Metres = Annotated[float, Field(ge=-1000.0, le=1000.0, allow_inf_nan=False)]
PositiveMetres = Annotated[float, Field(gt=0.0, le=1000.0, allow_inf_nan=False)]
Pixels = Annotated[float, Field(ge=-20_000.0, le=20_000.0, allow_inf_nan=False)]
Coefficient = Annotated[float, Field(ge=-100.0, le=100.0, allow_inf_nan=False)]
Index = Annotated[int, Field(ge=1, le=1000)]


@dataclass(frozen=True, slots=True)
class Plate:
    """One scale under a shelf; `x_m` is its left edge from the fixture's left end."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    id: Index
    x_m: Metres
    width_m: PositiveMetres
    cell: bool = True
    """False: a piece of shelf without a load cell; its column in a recording means nothing."""
    tare_g: Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)] = 0.0
    """What its scale says when nothing lies there, in the scale's own grams."""
    gain: Annotated[float, Field(ge=0.1, le=10.0, allow_inf_nan=False)] = 1.0
    """Its scale's grams for each real gram. A running shop takes both out before it writes anything down."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """One board of a fixture: its surface at `z_m`, `height_m` free above it."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    id: Index
    z_m: Metres
    depth_m: PositiveMetres
    height_m: PositiveMetres
    plates: tuple[Plate, ...] = ()


@dataclass(frozen=True, slots=True)
class Fixture:
    """A gondola, fridge or rack: a pose and its shelves, from the lowest id up."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    id: Name
    x_m: Metres
    y_m: Metres
    width_m: PositiveMetres
    depth_m: PositiveMetres
    shelves: tuple[Shelf, ...]
    kind: Literal["gondola", "fridge", "rack", "table"] = "gondola"
    z_m: Metres = 0.0
    yaw_deg: Annotated[float, Field(ge=-360.0, le=360.0)] = 0.0
    latch: bool = False
    """Whether a lock keeps it shut until staff have seen a proof of age."""

    def to_store(self, x_m: float, y_m: float, z_m: float) -> tuple[float, float, float]:
        """A point of the fixture's frame in the store frame, metres."""
        c, s = cos(radians(self.yaw_deg)), sin(radians(self.yaw_deg))
        return (self.x_m + c * x_m - s * y_m, self.y_m + s * x_m + c * y_m, self.z_m + z_m)

    def to_fixture(self, x_m: float, y_m: float, z_m: float) -> tuple[float, float, float]:
        """A point of the store frame in the fixture's frame, metres; the inverse of `to_store`."""
        c, s = cos(radians(self.yaw_deg)), sin(radians(self.yaw_deg))
        dx, dy = x_m - self.x_m, y_m - self.y_m
        return (c * dx + s * dy, -s * dx + c * dy, z_m - self.z_m)


@dataclass(frozen=True, slots=True)
class Gate:
    """A line on the floor that a party crosses to enter or to leave: its middle, its width, and the way it runs."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    id: Name
    x_m: Metres
    y_m: Metres
    width_m: PositiveMetres
    yaw_deg: Annotated[float, Field(ge=-360.0, le=360.0)] = 0.0
    way: Literal["entry", "exit", "both"] = "both"
    tag_reader: bool = False
    """Whether a reader there hears the RFID tags on goods that pass."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A calibrated camera: pinhole focal lengths in pixels, position in metres, and the point it looks at.

    Pixels count from the picture's upper left corner, so that the middle of the first pixel is (0.5, 0.5).
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    id: Name
    x_m: Metres
    y_m: Metres
    z_m: Metres
    look_at_m: tuple[Metres, Metres, Metres]
    focal_px: Annotated[float, Field(gt=0.0)]
    width_px: Annotated[int, Field(ge=16, le=10_000)] = 640
    height_px: Annotated[int, Field(ge=16, le=10_000)] = 360
    rate_hz: Annotated[float, Field(gt=0.0, le=240.0)] = 10.0
    roll_deg: Annotated[float, Field(ge=-360.0, le=360.0)] = 0.0
    """Turned about its optical axis, clockwise as it looks; 0: upright."""
    centre_px: tuple[Pixels, Pixels] | None = None
    """Where the optical axis meets the picture; None: in its middle."""
    distortion: tuple[Coefficient, Coefficient, Coefficient, Coefficient, Coefficient] = (0.0, 0.0, 0.0, 0.0, 0.0)
    """k1, k2, p1, p2, k3 of Brown's model, as OpenCV gives them; all 0: a pinhole."""
