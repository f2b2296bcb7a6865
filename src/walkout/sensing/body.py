"""Bodies: how one person last moved and how they are built, and how well a sight of somebody fits that."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, hypot, lgamma, log, pi

from walkout.recording.people import Joint, Person

SECOND_NS = 1_000_000_000

GAP_S = 0.35
"""A longer time without sight is a loss; twice a skipped frame's 0.2 s at 10 frames a second is rare."""
FLOOR_M2 = 60.0
"""The floor over which somebody may first be seen where no gate is known."""
TAIL = 3.0
"""Degrees of freedom of Student's law for all residuals: starts, stops and turns are common."""
STILL_M, WALK_M_S = 0.003, 0.09
"""Scale of a body's residual from steady walking after dt: still + walk * dt. Fitted on 46,000 steps of tuning seeds
(day 30002, crowd 1..2): half within 4 mm after 0.1 s, 99 % within 89 mm, 99.9 % within 149 mm."""
LOST_M, LOST_M_S = 0.05, 0.5
"""The same after a loss: people turn and stop unseen."""
TURN_M, TURN_M_S = 0.006, 0.12
"""Scale of a change of the shoulders' and the head's place about the neck, a joint, after dt; same data."""
SHAPE_M = 0.2
"""How far apart these places are for two people who have nothing to do with each other."""
BUILD_M = (0.03, 0.10)
"""Scale of the neck's height and how much it differs between people (spread of statures 0.1 m)."""
WIDTH_M = (0.012, 0.03)
"""The same for the distance between the shoulders."""
VELOCITY_S, BUILD_S = 0.2, 5.0
"""Velocity and build are averages over about so long."""

Point = tuple[float, float, float]
_TORSO = ("neck", "head", "l_shoulder", "r_shoulder")


@dataclass(slots=True)
class Body:
    """What is known of one person: the name they keep, the id they go under, and how they last moved."""

    name: str
    id: str
    t_ns: int
    joints: Mapping[str, Point]
    vx_m_s: float = 0.0
    vy_m_s: float = 0.0
    seen_s: float = 0.0
    neck_m: float = 0.0
    width_m: float = 0.0


def follow(body: Body, joints: Mapping[str, Point], t_ns: int) -> None:
    """Let a body move on to where it is seen now."""
    if not joints:
        return
    dt = (t_ns - body.t_ns) / SECOND_NS
    if dt > GAP_S:
        body.vx_m_s = body.vy_m_s = body.seen_s = 0.0
        body.joints = joints
    elif dt > 0.0:
        moved = _moved(joints, body.joints)
        if moved is not None:
            keep = 1.0 - exp(-dt / VELOCITY_S)
            body.vx_m_s += keep * (moved[0] / dt - body.vx_m_s)
            body.vy_m_s += keep * (moved[1] / dt - body.vy_m_s)
            shift = moved
            body.joints = {
                **{n: (p[0] + shift[0], p[1] + shift[1], p[2] + shift[2]) for n, p in body.joints.items()},
                **joints,
            }
        body.seen_s += dt
    body.t_ns = t_ns
    neck, width = _build(joints)
    learn = 1.0 - exp(-max(dt, 0.01) / BUILD_S)
    if neck is not None:
        body.neck_m = neck if not body.neck_m else body.neck_m + learn * (neck - body.neck_m)
    if width is not None:
        body.width_m = width if not body.width_m else body.width_m + learn * (width - body.width_m)


def points(person: Person) -> dict[str, Point]:
    """The joints of the trunk, in the order of `_TORSO`; any others where none of these was found."""
    joints = person.joints
    found = {name: _point(joints[name]) for name in _TORSO if name in joints}
    return found or {name: _point(joint) for name, joint in sorted(joints.items())}


def _point(joint: Joint) -> Point:
    return (joint.x_m, joint.y_m, joint.z_m)


def _moved(now: Mapping[str, Point], before: Mapping[str, Point]) -> Point | None:
    """The mean step of the joints that both have, metres."""
    n = 0
    x = y = z = 0.0
    for name, a in now.items():
        b = before.get(name)
        if b is not None:
            n, x, y, z = n + 1, x + a[0] - b[0], y + a[1] - b[1], z + a[2] - b[2]
    return (x / n, y / n, z / n) if n else None


def apart(now: Mapping[str, Point], before: Mapping[str, Point]) -> float:
    """How far two sights of a body are apart along the floor, metres; 0 where one of them shows nothing."""
    moved = _moved(now, before)
    if moved is None:
        if not now or not before:
            return 0.0
        a, b = next(iter(now.values())), next(iter(before.values()))
        return hypot(a[0] - b[0], a[1] - b[1])
    return hypot(moved[0], moved[1])


def _build(joints: Mapping[str, Point]) -> tuple[float | None, float | None]:
    """Height of the neck and distance between the shoulders, metres, where they were found."""
    neck, left, right = joints.get("neck"), joints.get("l_shoulder"), joints.get("r_shoulder")
    if left is None or right is None:
        return (None if neck is None else neck[2]), None
    wide = ((left[0] - right[0]) ** 2 + (left[1] - right[1]) ** 2 + (left[2] - right[2]) ** 2) ** 0.5
    return (None if neck is None else neck[2]), wide


def likeness(joints: Mapping[str, Point], body: Body, gap_s: float) -> float:
    """The log likelihood of a body being seen so after a gap.

    The density a square metre of floor, times what build and posture say against those of anybody.
    """
    moved = _moved(joints, body.joints)
    if moved is None:
        return -log(FLOOR_M2)
    lost = gap_s > GAP_S
    ahead_s = min(gap_s, 0.5)
    x, y = moved[0] - body.vx_m_s * ahead_s, moved[1] - body.vy_m_s * ahead_s
    scale = LOST_M + LOST_M_S * gap_s if lost else STILL_M + WALK_M_S * gap_s
    total = _student(x * x + y * y, scale, 2)
    if lost:
        neck, width = _build(joints)
        if neck is not None and body.neck_m:
            total += _against(neck - body.neck_m, BUILD_M)
        if width is not None and body.width_m:
            total += _against(width - body.width_m, WIDTH_M)
        return total
    total += _student(moved[2] ** 2, scale, 1) - _student(0.0, BUILD_M[1], 1)
    turn = TURN_M + TURN_M_S * gap_s
    for name in ("head", "l_shoulder", "r_shoulder"):
        a, b = joints.get(name), body.joints.get(name)
        if a is not None and b is not None:
            r2 = sum((p - q - m) ** 2 for p, q, m in zip(a, b, moved, strict=True))
            # half: the three are seen by the same cameras and turn together
            total += 0.5 * (_student(r2, turn, 3) - _student(r2, SHAPE_M, 3))
    return total


def _against(off_m: float, scales: tuple[float, float]) -> float:
    same, anybody = scales
    return _student(off_m**2, same, 1) - _student(off_m**2, hypot(same, anybody * 2**0.5), 1)


def _student(r2: float, scale: float, dims: int) -> float:
    """The log density of an isotropic Student law at a squared distance."""
    norm = lgamma((TAIL + dims) / 2) - lgamma(TAIL / 2) - dims / 2 * log(TAIL * pi) - dims * log(scale)
    return norm - (TAIL + dims) / 2 * log(1.0 + r2 / (TAIL * scale * scale))
