"""Clips with a lease's mark in them: made once a lease, kept in memory for a few minutes, sent in ranges of bytes."""

import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from fastapi.responses import Response

MOST: Final = 16
"""Clips in memory at most."""
KEPT_S: Final = 600.0


class Marked:
    """The marked clips of the leases that are out; every range of one is of the same bytes."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[str, int], tuple[float, bytes]] = OrderedDict()

    async def get(self, key: tuple[str, int], make: Callable[[], Awaitable[bytes]]) -> bytes:
        """A lease's clip by its number; whoever asks has shown before that the lease is theirs."""
        now_s = time.monotonic()
        while self._made and (len(self._made) > MOST or next(iter(self._made.values()))[0] < now_s - KEPT_S):
            self._made.popitem(last=False)
        if key not in self._made:
            self._made[key] = (now_s, await make())
        return self._made[key][1]


def ranged(video: bytes, wanted: str, headers: Mapping[str, str]) -> Response:
    """A clip, or the bytes of it that a browser asks for (RFC 9110, section 14): without ranges it cannot seek."""
    found = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted)
    every = {**headers, "Accept-Ranges": "bytes"}
    if found is None:
        return Response(video, media_type="video/mp4", headers=every)
    first, last = int(found[1]), min(int(found[2] or len(video) - 1), len(video) - 1)
    if first > last:
        return Response(status_code=416, headers={**every, "Content-Range": f"bytes */{len(video)}"})
    every["Content-Range"] = f"bytes {first}-{last}/{len(video)}"
    return Response(video[first : last + 1], 206, media_type="video/mp4", headers=every)
