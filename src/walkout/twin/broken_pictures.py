"""What faults do to camera frames, so that what is delivered can still be decoded.

H.264 frames lean on those before them. After a lost one a receiver waits for the next keyframe, and so does the twin:
what lies between is not delivered. A frozen camera repeats the last frame that can be decoded alone, so that any player
shows the same picture with times that run on; a real one may send new frames of the old picture instead.
"""

from dataclasses import replace

import numpy as np

from walkout.recording.camera import CameraFrame
from walkout.store.shop import Store

Rng = np.random.Generator


class Receiver:
    """Passes on what can be decoded: after a frame was lost, a camera's H.264 goes on at its next keyframe."""

    def __init__(self) -> None:
        self._waiting: set[str] = set()

    def passes(self, frame: CameraFrame, *, lost: bool) -> bool:
        """Whether this frame is delivered, told whether it is lost itself."""
        if lost:
            self._waiting.add(frame.camera)
        elif frame.keyframe:
            self._waiting.discard(frame.camera)
        return not lost and frame.camera not in self._waiting


class Freezer:
    """One camera's last whole picture, to be shown again and again."""

    def __init__(self, camera: str) -> None:
        self._camera = camera
        self._data = b""

    def shown(self, frame: CameraFrame, *, frozen: bool) -> CameraFrame:
        """The frame as it is delivered; untouched for other cameras and before the first whole picture."""
        if frame.camera != self._camera:
            return frame
        if frozen and self._data:
            return replace(frame, data=self._data)
        if frame.keyframe:
            self._data = frame.data
        return frame


def any_camera(store: Store, rng: Rng) -> tuple[str, Rng]:
    """One of the cameras (empty where there are none), and random numbers that only pictures use.

    Neither draws from `rng`: the other streams are the same with and without cameras.
    """
    own = rng.spawn(1)[0]
    names = [camera.id for camera in store.cameras]
    return (names[int(own.integers(len(names)))] if names else ""), own
