"""Meshes and shaders for `walkout.twin.camera.gl`: a cube, a cylinder, and a round cone made in the vertex shader."""

from itertools import pairwise
from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray

_AROUND = 20
_RINGS = 6

VERTEX = """#version 330
in vec4 vertex;   // box, cylinder: a point, 0; round: cos, sin around, share of the latitude, 1 (low end) or 2 (high)
in vec3 face;     // box and cylinder: the normal
in vec3 axis_x, axis_y, axis_z, origin;
in vec3 normal_x, normal_y, normal_z;
in vec3 shape;    // round: height, radius at the low end, radius at the high end
in vec4 tint;     // linear colour, first texture layer
in float owner;
uniform vec3 at, right, down, forward;
uniform vec2 scale, planes;
out vec3 where, normal, local, local_normal;
flat out vec4 paint;
flat out int owned;
void main() {
    vec3 p = vertex.xyz, n = face;
    if (vertex.w > 0.5) {
        float slope = shape.x > 0.0 ? asin(clamp((shape.y - shape.z) / shape.x, -1.0, 1.0)) : 0.0;
        bool low = vertex.w < 1.5;
        float latitude = low ? mix(-1.57079633, slope, vertex.z) : mix(slope, 1.57079633, vertex.z);
        n = vec3(cos(latitude) * vertex.xy, sin(latitude));
        p = (low ? shape.y : shape.z) * n + (low ? vec3(0.0) : vec3(0.0, 0.0, shape.x));
    }
    local = p;
    local_normal = n;
    where = origin + p.x * axis_x + p.y * axis_y + p.z * axis_z;
    normal = n.x * normal_x + n.y * normal_y + n.z * normal_z;
    paint = tint;
    owned = int(owner + 0.5);
    vec3 offset = where - at;
    float depth = dot(offset, forward);
    // Rows go downward in our pictures and upward in OpenGL's: drawing upside down makes both the same.
    gl_Position = vec4(scale.x * dot(offset, right), scale.y * dot(offset, down), planes.x * depth + planes.y, depth);
}
"""

FRAGMENT = """#version 330
in vec3 where, normal, local, local_normal;
flat in vec4 paint;
flat in int owned;
uniform sampler2DArray texels;
uniform float ambient;
uniform vec3 light_at[9], light_of[9];
uniform int lights;
layout(location = 0) out vec4 colour;
layout(location = 1) out int id;
vec3 linear_of(vec3 c) { return mix(c / 12.92, pow((c + 0.055) / 1.055, vec3(2.4)), step(0.04045, c)); }
vec3 code_of(vec3 c) { return mix(c * 12.92, 1.055 * pow(max(c, 0.0), vec3(1.0 / 2.4)) - 0.055, step(0.0031308, c)); }
void main() {
    vec3 n = normalize(normal), own = paint.rgb;
    if (paint.w > -0.5) {
        vec3 a = abs(local_normal);
        vec3 uv = vec3(0.5 + 0.5 * local.x, 0.5 - 0.5 * local.z, 0.0);
        if (a.z > 0.5) uv = vec3(0.5 + 0.5 * local.x, 0.5 - 0.5 * local.y, 2.0);
        else if (a.x > 0.999) uv = vec3(0.5 + 0.5 * local.y * sign(local_normal.x), uv.y, 1.0);
        else if (a.y > 0.999) uv.x = 0.5 - 0.5 * local.x * sign(local_normal.y);
        else uv.x = 0.5 + atan(local.x, -local.y) / 3.14159265;
        own *= linear_of(texture(texels, vec3(uv.xy, paint.w + uv.z)).rgb);
    }
    vec3 sum = vec3(ambient * (0.72 + 0.28 * n.z));
    for (int k = 0; k < lights; ++k) {
        vec3 way = light_at[k] - where;
        float d2 = max(dot(way, way), 0.01);
        sum += max(dot(n, way), 0.0) * max(way.z, 0.0) / (d2 * d2) * light_of[k];
    }
    colour = vec4(code_of(min(own * sum, 1.0)), 1.0);
    id = owned;
}
"""


def triangles(kind: str) -> NDArray[np.float32]:
    """The triangles of a box, a cylinder or a round solid, float32 (corners, 7): vertex (4) and face normal (3)."""
    if kind == "box":
        rows = _box()
    elif kind == "cylinder":
        rows = _cylinder()
    else:
        rows = _round()
    return np.array(rows, np.float32)


def _box() -> list[tuple[float, ...]]:
    rows: list[tuple[float, ...]] = []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            normal = [0.0, 0.0, 0.0]
            normal[axis] = sign
            corners = []
            for a, b in ((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)):
                corner = [0.0, 0.0, 0.0]
                corner[axis], corner[(axis + 1) % 3], corner[(axis + 2) % 3] = sign, a, b
                corners.append((*corner, 0.0, *normal))
            rows += corners
    return rows


def _cylinder() -> list[tuple[float, ...]]:
    rows: list[tuple[float, ...]] = []
    for k in range(_AROUND):
        (ax, ay), (bx, by) = ((cos(2 * pi * i / _AROUND), sin(2 * pi * i / _AROUND)) for i in (k, k + 1))
        low_a, low_b = (ax, ay, -1.0, 0.0, ax, ay, 0.0), (bx, by, -1.0, 0.0, bx, by, 0.0)
        high_a, high_b = (ax, ay, 1.0, 0.0, ax, ay, 0.0), (bx, by, 1.0, 0.0, bx, by, 0.0)
        rows += [low_a, low_b, high_b, low_a, high_b, high_a]
        for z in (-1.0, 1.0):
            rows += [(0.0, 0.0, z, 0.0, 0.0, 0.0, z), (ax, ay, z, 0.0, 0.0, 0.0, z), (bx, by, z, 0.0, 0.0, 0.0, z)]
    return rows


def _round() -> list[tuple[float, ...]]:
    """Rings of both ends; the last ring of the low end and the first of the high end hold the cone between them."""
    rings = [(k / _RINGS, 1.0) for k in range(_RINGS + 1)] + [(k / _RINGS, 2.0) for k in range(_RINGS + 1)]
    rows: list[tuple[float, ...]] = []
    for (low, low_end), (high, high_end) in pairwise(rings):
        for k in range(_AROUND):
            a, b = ((cos(2 * pi * i / _AROUND), sin(2 * pi * i / _AROUND)) for i in (k, k + 1))
            corners = [(*a, low, low_end), (*b, low, low_end), (*b, high, high_end), (*a, high, high_end)]
            rows += [(*corners[i], 0.0, 0.0, 0.0) for i in (0, 1, 2, 0, 2, 3)]
    return rows
