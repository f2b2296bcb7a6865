"""All cameras of a shop: their connections, each packet into the encrypted segments, and how each of them does.

Where frames come from files or recordings instead, `frames_of` gives the same frames.
"""

from collections.abc import Callable, Iterator, Mapping
from heapq import merge
from pathlib import Path
from threading import Lock

from walkout.live.camera_health import CameraHealth
from walkout.live.camera_link import CameraLink, Patience, Sink
from walkout.live.camera_packets import file_frames
from walkout.privacy.segments import RawPacket, SegmentWriter
from walkout.privacy.vault import Vault
from walkout.recording.camera import CameraFrame
from walkout.recording.reader import open_recording
from walkout.sensing.camera_clock import Offset, apart


class Cameras:
    """Connections to cameras, each in a thread of its own; use it as a context, or start and stop it.

    Args:
        urls: rtsp://... of each camera, by its id in the store.
        sink: Takes every frame of every camera, one at a time, whatever thread it comes from.
        vault: Where each packet is kept as it came, encrypted; None: nowhere. A disk that refuses is the camera's
            trouble: its health says so, and the connection is tried again.
        patience: How long to wait for what.
    """

    def __init__(
        self, urls: Mapping[str, str], sink: Sink, vault: Vault | None = None, patience: Patience | None = None
    ) -> None:
        self._sink, self._lock = sink, Lock()
        self._writers: dict[str, SegmentWriter] = {}
        if vault is not None:
            self._writers = {camera: vault.raw_writer(camera) for camera in urls}
        self._links = {
            camera: CameraLink(camera, url, self._taker(camera), patience=patience)
            for camera, url in sorted(urls.items())
        }

    def __enter__(self) -> "Cameras":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Begin; returns at once."""
        for link in self._links.values():
            link.start()

    def stop(self) -> bool:
        """End all connections and finish the segments; False where a connection hung."""
        ended = [link.stop() for link in self._links.values()]
        for writer in self._writers.values():
            writer.close()
        return all(ended)

    def health(self) -> tuple[CameraHealth, ...]:
        """How each camera does now, by id."""
        return tuple(link.health() for link in self._links.values())

    def clock_error_ns(self) -> float | None:
        """One standard error of the time between frames of the two cameras whose clocks are known worst.

        None where fewer than two are known.
        """
        known = [offset for link in self._links.values() if (offset := link.offset()) is not None]
        worst: list[Offset] = sorted(known, key=lambda offset: offset.error_ns)[-2:]
        return apart(worst[0], worst[1]) if len(worst) == 2 else None

    def _taker(self, camera: str) -> Callable[[CameraFrame], None]:
        writer = self._writers.get(camera)

        def take(frame: CameraFrame) -> None:
            if writer is not None:
                writer.write(RawPacket(frame.t_ns, frame.keyframe, frame.data), frame.arrived_ns)
            with self._lock:
                self._sink(frame)

        return take


def frames_of(paths: Mapping[str, Path], start_ns: int = 0) -> Iterator[CameraFrame]:
    """The frames of cameras from files, in order of time.

    A recording (.mcap) gives its own times, a video begins at `start_ns`.

    Raises:
        RecordingError, StreamRefusedError, VideoMissingError: As reading either says.
    """
    streams = [
        open_recording(path).frames([camera]) if path.suffix == ".mcap" else file_frames(path, camera, start_ns)
        for camera, path in sorted(paths.items())
    ]
    return merge(*streams, key=lambda frame: frame.t_ns)
