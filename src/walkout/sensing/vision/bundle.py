"""Cameras from boards: every camera's lens and place at once, so that all pictures of a board agree.

Each camera starts from its own views (OpenCV); places follow from one board whose place is known, over boards that
several cameras saw together. Then one least-squares fit of everything to all corners, with what is far off counted
less (Triggs et al., "Bundle Adjustment - A Modern Synthesis", 2000, section 3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Final

import numpy as np
from scipy.optimize import least_squares
from scipy.sparse import lil_matrix
from scipy.spatial.transform import Rotation

from walkout.sensing.vision.boards import Board, Shown
from walkout.sensing.vision.lens import Floats, Lens
from walkout.sensing.vision.mounting import camera_of, turned
from walkout.store.layout import Camera

LEAST_VIEWS: Final = 4
"""Pictures of the board that a camera's lens needs, held differently."""
SOFT_PX: Final = 1.0
_CAMERA, _POSE = 11, 6
Pose = tuple[Floats, Floats]
"""Rotation (3, 3) of a board's frame to the store's, and its origin."""


class BundleError(ValueError):
    """The pictures do not say where all cameras are."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """One camera found from boards."""

    camera: Camera
    views: int
    rms_px: float
    rms_cm: float
    """How far beside a corner its ray passes."""


def bundle(
    shown: Sequence[Shown],
    board: Board,
    known: Mapping[str, Pose],
    sizes_px: Mapping[str, tuple[int, int]],
    rates_hz: Mapping[str, float] | None = None,
) -> list[Fitted]:
    """Every camera of `shown`, by id. `known`: where the board lay at some instants (`boards.on_floor`).

    Raises:
        BundleError: a camera has too few views, or shares no board with those whose places are known.
    """
    cameras = sorted({one.camera for one in shown})
    for camera in cameras:
        views = sum(one.camera == camera for one in shown)
        if views < LEAST_VIEWS:
            raise BundleError(f"camera {camera}: {views} pictures show the board; right is {LEAST_VIEWS} or more")
    if not any(one.instant in known for one in shown):
        raise BundleError("no picture shows the board where its place is known; right is at least one")
    lenses: dict[str, Lens] = {}
    seen_from: dict[tuple[str, str], Pose] = {}
    for camera in cameras:
        mine = [one for one in shown if one.camera == camera]
        lenses[camera], poses = _alone(camera, mine, board, sizes_px[camera], (rates_hz or {}).get(camera, 10.0))
        seen_from |= {(camera, one.instant): pose for one, pose in zip(mine, poses, strict=True)}
    lenses, boards = _placed(lenses, seen_from, known)
    lenses, boards = _together(shown, board, known, lenses, boards)
    corners = board.corners_m()
    fitted = []
    for camera in cameras:
        off, beside, views = [], [], 0
        for one in shown:
            if one.camera == camera and one.instant in boards:
                rotation, origin = boards[one.instant]
                seen, depth = lenses[camera].project(corners[one.ids] @ rotation.T + origin)
                off.append(np.linalg.norm(seen - one.pixels, axis=1))
                beside.append(off[-1] * depth / lenses[camera].focal_px)
                views += 1
        rms_px = float(np.sqrt(np.mean(np.concatenate(off) ** 2)))
        rms_cm = 100 * float(np.sqrt(np.mean(np.concatenate(beside) ** 2)))
        fitted.append(Fitted(camera_of(lenses[camera]), views, rms_px, rms_cm))
    return fitted


def _alone(
    camera: str, shown: Sequence[Shown], board: Board, size_px: tuple[int, int], rate_hz: float
) -> tuple[Lens, list[Pose]]:
    """A camera's lens from its own views, and the board's pose in its frame (right, down, forward) in each."""
    cv2 = import_module("cv2")
    corners = board.corners_m()
    points = [corners[one.ids].astype(np.float32) for one in shown]
    pixels = [(one.pixels - 0.5).astype(np.float32) for one in shown]
    start = np.array([[size_px[0], 0, size_px[0] / 2], [0, size_px[0], size_px[1] / 2], [0, 0, 1]], float)
    flags = cv2.CALIB_FIX_ASPECT_RATIO | cv2.CALIB_ZERO_TANGENT_DIST | cv2.CALIB_FIX_K3 | cv2.CALIB_USE_INTRINSIC_GUESS
    _, k, bent, turns, shifts = cv2.calibrateCamera(points, pixels, size_px, start, np.zeros(5), flags=flags)
    distortion = np.zeros(5)
    distortion[: min(5, bent.size)] = bent.ravel()[:5]
    lens = Lens(
        camera,
        np.zeros(3),
        np.eye(3),
        float(k[0, 0]),
        np.array([k[0, 2], k[1, 2]]) + 0.5,
        distortion,
        *size_px,
        rate_hz,
    )
    poses = [
        (Rotation.from_rotvec(np.ravel(turn)).as_matrix(), np.ravel(shift))
        for turn, shift in zip(turns, shifts, strict=True)
    ]
    return lens, poses


def _placed(
    lenses: Mapping[str, Lens], seen_from: Mapping[tuple[str, str], Pose], known: Mapping[str, Pose]
) -> tuple[dict[str, Lens], dict[str, Pose]]:
    """From boards whose places are known to cameras that see them, to boards those see, and so on."""
    boards = dict(known)
    placed: dict[str, Lens] = {}
    while True:
        grown = len(placed) + len(boards)
        for (camera, instant), (turn, shift) in sorted(seen_from.items(), key=lambda item: item[0]):
            if instant in boards and camera not in placed:
                rotation, origin = boards[instant]
                axes = turn @ rotation.T  # the store's frame to the camera's
                placed[camera] = replace(lenses[camera], axes=axes, at_m=origin - axes.T @ shift)
            elif camera in placed and instant not in boards:
                lens = placed[camera]
                boards[instant] = (lens.axes.T @ turn, lens.at_m + lens.axes.T @ shift)
        if len(placed) + len(boards) == grown:
            break
    missing = sorted(set(lenses) - set(placed))
    if missing:
        raise BundleError(
            f"cameras {', '.join(missing)}: they share no picture of the board, taken together, with a camera whose "
            "place is known; right is to hold the board where both see it"
        )
    return placed, boards


def _together(
    shown: Sequence[Shown],
    board: Board,
    known: Mapping[str, Pose],
    lenses: Mapping[str, Lens],
    boards: Mapping[str, Pose],
) -> tuple[dict[str, Lens], dict[str, Pose]]:
    cameras, free = sorted(lenses), sorted(set(boards) - set(known))
    corners = board.corners_m()

    def unpacked(x: Floats) -> tuple[dict[str, Lens], dict[str, Pose]]:
        eyes, poses = {}, dict(known)
        for k, camera in enumerate(cameras):
            part, lens = x[_CAMERA * k : _CAMERA * (k + 1)], lenses[camera]
            bent = np.array([part[3], part[4], 0.0, 0.0, 0.0])
            eyes[camera] = replace(
                lens,
                focal_px=lens.focal_px * float(np.exp(part[0])),
                centre_px=lens.centre_px + 100 * part[1:3],
                distortion=lens.distortion + bent,
                at_m=lens.at_m + part[5:8],
                axes=turned(lens.axes, part[8:11]),
            )
        for k, instant in enumerate(free):
            part = x[_CAMERA * len(cameras) + _POSE * k :][:_POSE]
            rotation, origin = boards[instant]
            poses[instant] = (rotation @ Rotation.from_rotvec(part[3:]).as_matrix(), origin + part[:3])
        return eyes, poses

    used = [one for one in shown if one.instant in boards]

    def off(x: Floats) -> Floats:
        eyes, poses = unpacked(x)
        rows = []
        for one in used:
            rotation, origin = poses[one.instant]
            seen, _ = eyes[one.camera].project(corners[one.ids] @ rotation.T + origin)
            rows.append(np.nan_to_num(seen - one.pixels, nan=1e4).reshape(-1))
        return np.concatenate(rows)

    size = _CAMERA * len(cameras) + _POSE * len(free)
    shape = lil_matrix((sum(2 * len(one.ids) for one in used), size), dtype=int)
    row = 0
    for one in used:
        end, at = row + 2 * len(one.ids), _CAMERA * cameras.index(one.camera)
        shape[row:end, at : at + _CAMERA] = 1
        if one.instant in free:
            at = _CAMERA * len(cameras) + _POSE * free.index(one.instant)
            shape[row:end, at : at + _POSE] = 1
        row = end
    found = least_squares(
        off,
        np.zeros(size),
        jac_sparsity=shape,
        loss="huber",
        f_scale=SOFT_PX,
        max_nfev=120,
        x_scale="jac",
        ftol=1e-10,
        xtol=1e-10,
        gtol=1e-10,
    )
    return unpacked(found.x)
