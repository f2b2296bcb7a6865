"""The same scenes by OpenGL, with light, colours and pose at random: pictures for training, not for recordings.

An optional extra (moderngl, and EGL with any driver; Mesa's software one will do). Another driver may give other bytes.
There are no shadows here, and no light from everywhere that boards could block.
"""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from walkout.store.layout import Camera
from walkout.twin.camera import mesh
from walkout.twin.camera.pack import (
    BOX,
    CONE,
    CYLINDER,
    HEIGHT,
    ID,
    NOTHING,
    ORIGIN,
    RADIUS_A,
    RADIUS_B,
    SHAPE,
    SPHERE,
    TEXTURE,
    TO_LOCAL,
    TO_WORLD,
    Packed,
    pack_lights,
)
from walkout.twin.camera.packaging import SIZE_PX, Atlas, Draw
from walkout.twin.camera.scene import Light, Pinhole, Vector, pinhole

MOST_LIGHTS = 9
_NEAR_M, _FAR_M = 0.02, 60.0


class GraphicsMissingError(RuntimeError):
    """OpenGL was asked for and is not to be had here."""


@dataclass(frozen=True, slots=True)
class Mood:
    """What is drawn at random for one training picture; `mood` draws it, the plain one changes nothing."""

    seed: int = 0
    ambient: float = 1.0
    light: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Factors on the panels' red, green and blue."""
    light_shift_m: Vector = (0.0, 0.0, 0.0)
    colour_spread: float = 0.0
    """How far the colours of each id stray, as a share."""


def mood(seed: int) -> Mood:
    """Light and colours at random from a seed."""
    draw = Draw(seed * 2_862_933_555_777_941_757 + 3_037_000_493)
    level = draw.unit(0.5, 1.5)
    tint = (level * draw.unit(0.85, 1.15), level, level * draw.unit(0.8, 1.2))
    shift = (draw.unit(-1.5, 1.5), draw.unit(-1.5, 1.5), draw.unit(-0.4, 0.3))
    return Mood(seed, draw.unit(0.4, 1.5), tint, shift, 0.15)


def nudged(camera: Camera, seed: int, metres: float = 0.15, pixels: float = 0.08) -> Pinhole:
    """The pose of a camera moved at random by up to so many metres, its focal length by up to such a share."""
    draw = Draw(seed * 3_935_559_000_370_003_845 + 11)
    moved = [draw.unit(-metres, metres) for _ in range(6)]
    look = camera.look_at_m
    at = (camera.x_m + moved[0], camera.y_m + moved[1], camera.z_m + moved[2])
    to = (look[0] + moved[3], look[1] + moved[4], look[2] + moved[5])
    focal = camera.focal_px * (1.0 + draw.unit(-pixels, pixels))
    return pinhole(Camera(camera.id, *at, to, focal, camera.width_px, camera.height_px, camera.rate_hz))


class Painter:
    """An OpenGL context without a window, for pictures of one size with one atlas. Close it, or use it in a `with`."""

    def __init__(self, width_px: int, height_px: int, atlas: Atlas) -> None:
        """Raises GraphicsMissingError where moderngl, EGL or a driver is not there."""
        if find_spec("moderngl") is None:
            raise GraphicsMissingError("OpenGL pictures need moderngl: install the extra 'gl'")
        moderngl = import_module("moderngl")
        try:
            self._gl: Any = moderngl.create_context(standalone=True, backend="egl", require=330)
        except Exception as error:
            raise GraphicsMissingError(
                f"no OpenGL 3.3 by EGL here ({error}); Debian: libegl1 libgl1-mesa-dri"
            ) from error
        self._size = (width_px, height_px)
        self._colour = self._gl.texture(self._size, 4)
        self._ids = self._gl.texture(self._size, 1, dtype="i4")
        self._target = self._gl.framebuffer([self._colour, self._ids], self._gl.depth_renderbuffer(self._size))
        self._program = self._gl.program(vertex_shader=mesh.VERTEX, fragment_shader=mesh.FRAGMENT)
        self._texels = _uploaded(self._gl, atlas)
        self._meshes = {kind: self._gl.buffer(mesh.triangles(kind).tobytes()) for kind in ("box", "cylinder", "round")}
        self._gl.enable(moderngl.DEPTH_TEST)

    @property
    def driver(self) -> str:
        """What draws, as the driver calls itself."""
        return str(self._gl.info["GL_RENDERER"])

    def paint(
        self,
        parts: tuple[Packed, ...],
        lights: tuple[Light, ...],
        ambient: float,
        camera: Pinhole,
        feel: Mood | None = None,
    ) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
        """Draw packed solids: rgb uint8 (rows, columns, 3) and ids int32 (rows, columns). At most nine panels shine."""
        chosen = feel or Mood()
        self._target.use()
        self._target.clear(0.0, 0.0, 0.0, 1.0)
        self._set(camera, lights, ambient, chosen)
        for place, packed in enumerate(parts):
            for kind, shapes in (("box", (BOX,)), ("cylinder", (CYLINDER,)), ("round", (SPHERE, CONE))):
                rows = np.flatnonzero(np.isin(packed.meta[:, SHAPE], shapes) & (packed.meta[:, SHAPE] != NOTHING))
                if len(rows):
                    # Near things first: what they hide is then never shaded.
                    away = packed.geometry[rows, ORIGIN : ORIGIN + 3] - camera.at_m
                    rows = rows[np.argsort((away**2).sum(axis=1), kind="stable")]
                    self._draw(kind, _instances(packed, rows, chosen, place))
        width, height = self._size
        colour = np.frombuffer(self._target.read(components=3), np.uint8).reshape(height, width, 3)
        ids = np.frombuffer(self._target.read(components=1, attachment=1, dtype="i4"), np.int32).reshape(height, width)
        return colour, ids

    def close(self) -> None:
        """Give the context back."""
        self._gl.release()

    def __enter__(self) -> "Painter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _set(self, camera: Pinhole, lights: tuple[Light, ...], ambient: float, feel: Mood) -> None:
        table = np.zeros((MOST_LIGHTS, 8))
        packed = pack_lights(lights[:MOST_LIGHTS])
        packed[:, 0:3] += feel.light_shift_m
        packed[:, 3:6] *= feel.light
        table[: len(packed)] = packed
        program = self._program
        program["at"].value = camera.at_m
        program["right"].value, program["down"].value, program["forward"].value = (
            camera.right,
            camera.down,
            camera.forward,
        )
        scale = (2.0 * camera.focal_px / camera.width_px, 2.0 * camera.focal_px / camera.height_px)
        program["scale"].value = scale
        program["planes"].value = (
            (_FAR_M + _NEAR_M) / (_FAR_M - _NEAR_M),
            -2.0 * _FAR_M * _NEAR_M / (_FAR_M - _NEAR_M),
        )
        program["lights"].value = len(packed)
        program["ambient"].value = ambient * feel.ambient
        program["light_at"].write(np.ascontiguousarray(table[:, 0:3], np.float32).tobytes())
        program["light_of"].write(np.ascontiguousarray(table[:, 3:6], np.float32).tobytes())
        self._texels.use(0)

    def _draw(self, kind: str, instances: NDArray[np.float32]) -> None:
        buffer = self._gl.buffer(instances.tobytes())
        format_ = "3f 3f 3f 3f 3f 3f 3f 3f 4f 1f/i"
        names = ("axis_x", "axis_y", "axis_z", "origin", "normal_x", "normal_y", "normal_z", "shape", "tint", "owner")
        vertices = self._gl.vertex_array(
            self._program, [(self._meshes[kind], "4f 3f", "vertex", "face"), (buffer, format_, *names)]
        )
        vertices.render(instances=len(instances))
        vertices.release()
        buffer.release()


def _instances(packed: Packed, rows: NDArray[np.int64], feel: Mood, place: int) -> NDArray[np.float32]:
    """One row of 29 floats a solid, as the vertex shader reads it."""
    g, colours, meta = packed.geometry[rows], packed.colours[rows], packed.meta[rows]
    to_world = g[:, TO_WORLD : TO_WORLD + 9].reshape(-1, 3, 3)
    to_local = g[:, TO_LOCAL : TO_LOCAL + 9].reshape(-1, 3, 3)
    out = np.empty((len(rows), 29), np.float32)
    out[:, 0:9] = to_world.transpose(0, 2, 1).reshape(-1, 9)  # columns: the solid's axes in the store frame
    out[:, 9:12] = g[:, ORIGIN : ORIGIN + 3]
    out[:, 12:21] = to_local.reshape(-1, 9)  # rows; the shader sums them for the normal
    out[:, 21:24] = g[:, [HEIGHT, RADIUS_A, RADIUS_B]]
    stray = np.ones((len(rows), 3))
    if feel.colour_spread > 0.0:
        draw = Draw(feel.seed * 131 + place)
        owners, place_of = np.unique(meta[:, ID], return_inverse=True)
        table = np.array([[draw.unit(-1.0, 1.0) for _ in range(3)] for _ in owners])
        stray = 1.0 + feel.colour_spread * table[place_of]
    out[:, 24:27] = np.clip(colours[:, 0:3] * stray, 0.0, 1.0)
    out[:, 27] = 3 * meta[:, TEXTURE]  # the first of the product's three layers; negative for none
    out[:, 28] = meta[:, ID]
    return out


def _uploaded(gl: Any, atlas: Atlas) -> Any:
    layers = atlas.texels[:, :, :, :SIZE_PX].reshape(-1, SIZE_PX, SIZE_PX, 3)
    texels = gl.texture_array((SIZE_PX, SIZE_PX, len(layers)), 3, np.ascontiguousarray(layers).tobytes())
    texels.build_mipmaps()
    return texels
