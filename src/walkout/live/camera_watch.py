"""The cameras of a running shop: their streams into encrypted segments that end by themselves, and how each one does.

No picture is decoded here, and none leaves the vault: what is kept can be read for hours, by the renderer of clips.
"""

import logging
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from walkout.live.camera_health import CameraHealth
from walkout.live.camera_link import Patience
from walkout.live.sources import Cameras
from walkout.privacy.retention import Policy
from walkout.privacy.vault import Vault
from walkout.recording.camera import CameraFrame
from walkout.store.shop import Store

log = logging.getLogger(__name__)
ALONE = 4
"""Frames that decode alone, of each camera; at most some seconds of a usual one."""
FILE = "cameras"
"""In the folder of secrets: one NAME=URL a line, since addresses of cameras hold passwords."""


class CameraWatch:
    """All cameras of one shop; `start` and `stop` it. A camera that breaks is tried again and again."""

    def __init__(self, urls: Mapping[str, str], vault: Vault, patience: Patience | None = None) -> None:
        self._cameras = Cameras(urls, self._seen, vault, patience)
        self._vault = vault
        self.frames = 0
        """Frames that are in the vault since the start."""
        self.alone: dict[str, deque[CameraFrame]] = {camera: deque(maxlen=ALONE) for camera in urls}
        """Each camera's last frames that decode alone, as they came, in memory: what backdrops are learnt from."""

    def start(self) -> None:
        """Begin; returns at once."""
        self._cameras.start()

    def stop(self) -> bool:
        """End all connections and finish the segments; False where one hung."""
        return self._cameras.stop()

    def health(self) -> tuple[CameraHealth, ...]:
        """How each camera does now, by id."""
        return self._cameras.health()

    def retain(self, policy: Policy | None = None) -> None:
        """Let go of what is older than it may be; to be called every hour."""
        self._vault.retain(policy or Policy(), time.time_ns())

    def _seen(self, frame: CameraFrame) -> None:
        self.frames += 1
        if frame.keyframe:
            self.alone[frame.camera].append(frame)


def links(store: Store, given: Sequence[str], secrets: Path) -> dict[str, str]:
    """Where each camera's stream is: the file of secrets, and NAME=URL options, which come first.

    Raises:
        ValueError: no camera of this store, or no address.
    """
    path = secrets / FILE
    lines = path.read_text().splitlines() if path.is_file() else []
    known, found = {one.id for one in store.cameras}, dict[str, str]()
    for text in [*(line for line in lines if line.strip() and not line.startswith("#")), *given]:
        name, _, url = text.strip().partition("=")
        if name not in known:
            raise ValueError(f"found the camera {name!r}, right: one of {', '.join(sorted(known)) or 'none here'}")
        if not url.startswith(("rtsp://", "rtsps://")):
            raise ValueError(f"found no address for the camera {name!r}, right: {name}=rtsp://host/path")
        found[name] = url
    return found


def camera_row(health: CameraHealth) -> dict[str, Any]:
    """A camera as the Health page shows its devices."""
    return {
        "id": health.camera, "kind": "camera", "state": health.state, "last_ns": health.last_ns,
        "detail": health.detail, "advice": health.advice, "messages": health.frames, "gaps": health.gaps,
        "missing": 0, "duplicates": 0, "reordered": 0, "malformed": 0, "restarts": health.reconnects,
        "clock_steps": 0, "correction_ms": 0.0, "noise_g": None, "drift": None, "rate_hz": round(health.rate_hz, 1),
        "skew_ms": None if health.clock_error_ms is None else round(health.clock_error_ms, 1),
    }  # fmt: skip
