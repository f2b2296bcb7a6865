"""Redacted clips on disk, each visit's under its own key; the only video that anything beside a web page may open.

`clips/<key id>/<name>.clip`: neither the visit nor a person stands in a name. What is put in here must have been
redacted before (`redact`); a clip is whole or not there. Copies for learning lie in a folder of their own, under
keys of another purpose: the end of the one says nothing of the other.
"""

from collections.abc import Mapping
from pathlib import Path
from re import fullmatch
from typing import Any, Final

import orjson

from walkout.privacy.files import canonical, sync_folder
from walkout.privacy.keys import KeyGoneError, KeyStore, Purpose
from walkout.privacy.sealed import SealedWriter, key_of, read_sealed

_SUFFIX: Final = ".clip"
_PIECE: Final = 256 * 1024
_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}"


class Clips:
    """The clips of a data folder for one purpose."""

    def __init__(self, folder: Path, keys: KeyStore, purpose: Purpose = "clip") -> None:
        self._folder, self._keys, self._purpose = folder, keys, purpose

    def put(self, visit: str, name: str, video: bytes, about: Mapping[str, Any], now_ns: int) -> Path:
        """Keep a clip: its video (fragmented MP4), and what is known of it (JSON values). ValueError for a bad name."""
        if fullmatch(_NAME, name) is None:
            raise ValueError(f"a clip named {name!r}; right are letters, digits, - _ . (at most 100)")
        key = self._keys.make(self._purpose, visit, now_ns)
        path = self._folder / key.id / f"{name}{_SUFFIX}"
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        file = SealedWriter(part, key, name)
        file.write(canonical(dict(about)))
        for start in range(0, len(video), _PIECE):
            file.write(video[start : start + _PIECE])
        file.close()
        part.replace(path)
        sync_folder(path.parent)
        return path

    def get(self, visit: str, name: str) -> tuple[bytes, dict[str, Any]]:
        """A clip's video and what is known of it.

        Raises:
            KeyGoneError: The visit's key was deleted, or it never had a clip.
            FileNotFoundError: It has no clip of that name.
            SealedError: The file was changed.
        """
        key = self._keys.get(self._purpose, visit)
        if fullmatch(_NAME, name) is None:
            raise FileNotFoundError(f"no clip can be named {name!r}")
        about, *pieces = read_sealed(self._folder / key.id / f"{name}{_SUFFIX}", key)
        return b"".join(pieces), orjson.loads(about)

    def names(self, visit: str) -> tuple[str, ...]:
        """The clips of a visit, sorted; none where its key is gone."""
        try:
            key = self._keys.get(self._purpose, visit)
        except KeyGoneError:
            return ()
        return tuple(sorted(path.stem for path in (self._folder / key.id).glob(f"*{_SUFFIX}")))

    def remove_dead(self) -> int:
        """Remove the clips whose key is gone, and what a crash left half written; how many."""
        removed = 0
        for path in sorted([*self._folder.rglob(f"*{_SUFFIX}"), *self._folder.rglob("*.part")]):
            try:
                self._keys.by_id(key_of(path)[0])
                if path.suffix == _SUFFIX:
                    continue
            except KeyGoneError:
                pass
            path.unlink()
            removed += 1
        for folder in sorted(self._folder.glob("*")):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        return removed
