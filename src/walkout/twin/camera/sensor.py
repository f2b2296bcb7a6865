"""What a camera's chip makes of a clean picture: changing light, vignetting, a soft lens, noise.

Light is linear here: sRGB values are undone, scaled, made noisy as electrons are (photon noise grows with the square
root of the light, read noise does not), and coded again. All of it follows from the seed and the time, so any frame can
be made again alone.
"""

from dataclasses import dataclass, replace
from math import pi, sin

import numpy as np
from numpy.typing import NDArray

from walkout.twin.camera.jit import kernel
from walkout.twin.camera.pack import code_of, linear_of
from walkout.twin.camera.packaging import Draw

_LEVELS = 4096
_LINEAR = ((_LEVELS - 1) * linear_of(np.arange(256) / 255.0)).astype(np.float32)
_CODE = np.rint(255.0 * code_of(np.arange(_LEVELS) / (_LEVELS - 1))).astype(np.uint8)
_MINUTE_NS = 60_000_000_000


@dataclass(frozen=True, slots=True)
class Sensor:
    """One camera's chip and lens. The values are those of small surveillance chips, chosen, not measured.

    Two cameras should differ in `seed`.
    """

    seed: int = 0
    full_well_e: float = 6000.0
    """Electrons of a pixel that is just white: the fewer, the more photon noise."""
    read_noise_e: float = 8.0
    vignetting: float = 0.25
    """How much darker the corners are than the middle, 0..1."""
    softness: float = 0.6
    """How far the lens spreads a pixel over its neighbours: 0 not at all, 1 as (1, 2, 1) / 4 each way."""
    exposure: float = 1.0
    drift: float = 0.06
    """Slow change of brightness over minutes, as a share."""
    tint: float = 0.025
    """Slow change of each colour's share."""
    flicker: float = 0.01
    """Bands from lamps on the mains, as a share."""
    dips_an_hour: float = 2.0
    """How often a lamp drops out for some seconds, and a quarter of the light with it."""


SENSORS: dict[str, Sensor] = {
    "milder": Sensor(
        full_well_e=12000.0, read_noise_e=4.0, vignetting=0.12, drift=0.02, tint=0.01, flicker=0.0, dips_an_hour=0.0
    ),
    "default": Sensor(),
    "harder": Sensor(
        full_well_e=2000.0,
        read_noise_e=14.0,
        vignetting=0.4,
        softness=1.0,
        drift=0.15,
        tint=0.06,
        flicker=0.04,
        dips_an_hour=12.0,
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Chip:
    """A sensor made ready for pictures of one size."""

    sensor: Sensor
    shade: NDArray[np.float32]
    """Vignetting, (rows, columns)."""
    noise: NDArray[np.float32]
    """Standard deviation at each level of light, (4096,)."""


def chip(sensor: Sensor, width_px: int, height_px: int) -> Chip:
    """Make a sensor ready. Raises ValueError for a number out of its range."""
    if not (sensor.full_well_e > 0.0 and sensor.read_noise_e >= 0.0):
        raise ValueError(
            f"full_well_e must be above 0 and read_noise_e not below, found {sensor.full_well_e}, {sensor.read_noise_e}"
        )
    for name in ("vignetting", "softness", "drift", "tint", "flicker"):
        if not 0.0 <= getattr(sensor, name) <= 1.0:
            raise ValueError(f"{name} is a share from 0 to 1, found {getattr(sensor, name)}")
    y, x = np.mgrid[0:height_px, 0:width_px] + 0.5
    far2 = ((x - width_px / 2) ** 2 + (y - height_px / 2) ** 2) / ((width_px**2 + height_px**2) / 4)
    electrons = np.arange(_LEVELS) / (_LEVELS - 1) * sensor.full_well_e
    noise = np.sqrt(electrons + sensor.read_noise_e**2) / sensor.full_well_e * (_LEVELS - 1)
    return Chip(sensor, (1.0 - sensor.vignetting * far2).astype(np.float32), noise.astype(np.float32))


def of_camera(sensor: Sensor, seed: int, camera: str) -> Sensor:
    """The sensor with a seed of its own for this camera."""
    return replace(sensor, seed=Draw(seed * 1_000_003 + int.from_bytes(camera.encode()[:16], "little")).bits() >> 1)


def light_at(sensor: Sensor, t_ns: int) -> tuple[float, float, float]:
    """How bright red, green and blue are at an instant, as factors."""
    draw = Draw(sensor.seed)
    minutes = t_ns / _MINUTE_NS
    waves = [sin(2.0 * pi * (minutes / draw.unit(0.7, 6.0) + draw.unit())) for _ in range(6)]
    level = sensor.exposure * (1.0 + sensor.drift * (waves[0] + waves[1] + waves[2]) / 3.0)
    block, second = divmod(t_ns // 1_000_000_000, 60)
    dip = Draw(sensor.seed * 7 + block)
    starts, lasts = dip.below(50), 2 + dip.below(8)
    if dip.unit() < sensor.dips_an_hour / 60.0 and starts <= second < starts + lasts:
        level *= 0.75
    return (
        level * (1.0 + sensor.tint * waves[3]),
        level * (1.0 + sensor.tint * waves[4]),
        level * (1.0 + sensor.tint * waves[5]),
    )


def expose(rgb: NDArray[np.uint8], through: Chip, t_ns: int, out: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """The picture as the chip takes it at `t_ns`; uint8 (rows, columns, 3) in and out, `out` must not be `rgb`.

    Raises ValueError for a picture of another size than the chip's.
    """
    if rgb.shape[:2] != through.shade.shape:
        raise ValueError(
            f"this chip is {through.shade.shape[::-1]} pixels wide and high, the picture {rgb.shape[1::-1]}"
        )
    made = np.empty_like(rgb) if out is None else out
    sensor = through.sensor
    key = Draw(sensor.seed * 31 + t_ns).bits()
    phase = 2.0 * pi * (key & 1023) / 1024.0
    # One and a half bands in a picture: a rolling shutter of 15 ms under lamps that flicker at 100 Hz.
    bands = 1.0 + sensor.flicker * np.sin(phase + 3.0 * pi * np.arange(rgb.shape[0]) / rgb.shape[0])
    share = round(64 * sensor.softness)
    _expose(
        rgb, share, light_at(sensor, t_ns), through.shade, bands, through.noise, _LINEAR, _CODE, np.uint64(key), made
    )
    return made


@kernel
def _soften(rgb: NDArray[np.uint8], row: int, share: int, line: NDArray[np.int32], out: NDArray[np.uint8]) -> None:
    """One row spread over its neighbours, (columns, 3): weights (share, 256 - 2 share, share) / 256 each way."""
    rows, columns = rgb.shape[:2]
    flat = rgb.reshape(rows, 3 * columns)
    above, here, below = flat[max(row - 1, 0)], flat[row], flat[min(row + 1, rows - 1)]
    middle, wide = np.int32(256 - 2 * share), 3 * columns
    for k in range(wide):
        line[3 + k] = share * (np.int32(above[k]) + np.int32(below[k])) + middle * np.int32(here[k])
    for k in range(3):
        line[k], line[wide + 3 + k] = line[3 + k], line[wide + k]
    for k in range(wide):
        out[k] = (share * (line[k] + line[k + 6]) + middle * line[k + 3] + 32768) >> 16


@kernel
def _expose(
    rgb: NDArray[np.uint8],
    share: int,
    light: tuple[float, float, float],
    shade: NDArray[np.float32],
    bands: NDArray[np.float64],
    noise: NDArray[np.float32],
    linear: NDArray[np.float32],
    code: NDArray[np.uint8],
    key: np.uint64,
    out: NDArray[np.uint8],
) -> None:
    last = np.int32(code.shape[0] - 1)
    line, soft = np.empty(3 * rgb.shape[1] + 6, np.int32), np.empty(3 * rgb.shape[1], np.uint8)
    for row in range(rgb.shape[0]):
        red, green, blue = (
            np.float32(light[0] * bands[row]),
            np.float32(light[1] * bands[row]),
            np.float32(light[2] * bands[row]),
        )
        _soften(rgb, row, share, line, soft)
        state = key + np.uint64(row) * np.uint64(0xD1342543DE82EF95)
        for column in range(rgb.shape[1]):
            # A number a pixel, from its place alone (the mixing of splitmix64); seven bits thrice make one nearly
            # normal number of mean 190.5 and standard deviation 64.
            state += np.uint64(0x9E3779B97F4A7C15)
            z = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            dim = shade[row, column]
            for c in range(3):
                three = np.int32(
                    (z & np.uint64(127))
                    + ((z >> np.uint64(7)) & np.uint64(127))
                    + ((z >> np.uint64(14)) & np.uint64(127))
                )
                z >>= np.uint64(21)
                gain = red if c == 0 else (green if c == 1 else blue)
                level = min(linear[soft[3 * column + c]] * gain * dim, np.float32(last))
                wander = (np.float32(three) - np.float32(190.5)) * np.float32(0.015625)
                taken = np.int32(level + wander * noise[np.int32(level)] + np.float32(0.5))
                out[row, column, c] = code[min(max(taken, np.int32(0)), last)]
