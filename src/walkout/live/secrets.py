"""Keys and passwords of one running shop: made at the first start, in a folder that only its owner may read."""

import os
import secrets
from pathlib import Path


class Secrets:
    """A folder of small files, one secret each; never the store folder, which travels inside recordings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def text(self, name: str, make_bytes: int = 24) -> str:
        """The secret of this name, made at random where there is none yet."""
        path = self.folder / name
        try:
            return path.read_text("ascii").strip()
        except FileNotFoundError:
            made = secrets.token_urlsafe(make_bytes)
        part = path.with_name(f".{name}.{os.getpid()}")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(made + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, path)  # whoever is first wins
        except FileExistsError:
            made = path.read_text("ascii").strip()
        finally:
            part.unlink()
        return made

    def key(self, name: str) -> bytes:
        """The same, as bytes for keyed digests and signatures."""
        return self.text(name, 32).encode()
