"""The process that makes a shop's clips: one message in on stdin, one answer out on stdout, until stdin ends.

Run as `python -m walkout.live.clip_process` by `clip_keeper`. Pictures are in its memory only; what goes out is
redacted.
"""

import logging
import os
import struct
import sys
from importlib import import_module
from typing import IO, Any, Final

from walkout.live.clip_maker import Answer, Learnt, Look, Maker, Setting, Wanted
from walkout.live.freeze import freeze, thaw

log = logging.getLogger(__name__)
NICE: Final = 19
"""Clips of the shop's own machine are made when nobody else wants it."""
_SIZE: Final = struct.Struct(">I")


def framed(message: object) -> bytes:
    """A message as it goes through the pipe."""
    data = freeze(message)
    return _SIZE.pack(len(data)) + data


def size_of(head: bytes) -> int:
    """How long the message after this head is."""
    return int(_SIZE.unpack(head)[0])


HEAD: Final = _SIZE.size


def answered(maker: Maker, message: Look | Wanted) -> Learnt | Answer:
    """What comes of a message."""
    return maker.look(message) if isinstance(message, Look) else maker.make(message)


def main() -> None:
    """Answer until stdin ends."""
    logging.basicConfig(level=logging.WARNING, format="clips: %(message)s")
    os.nice(NICE)
    import_module("cv2").setNumThreads(1)
    given, back = sys.stdin.buffer, sys.stdout.buffer
    setting = _read(given)
    assert isinstance(setting, Setting)  # noqa: S101 - the keeper's first word
    maker = Maker(setting)
    while (message := _read(given)) is not None:
        back.write(framed(answered(maker, message)))
        back.flush()


def _read(pipe: IO[bytes]) -> Any:
    """The next message; None: there are no more."""
    head = pipe.read(HEAD)
    if len(head) < HEAD:
        return None
    return thaw(pipe.read(size_of(head)))


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # the shop is gone
        os._exit(0)
    except Exception as error:  # noqa: BLE001 - said in one line, since it goes into the shop's own log
        log.error("%s: %s", type(error).__name__, error)
        sys.stderr.flush()
        os._exit(1)
