"""Compiling the inner loops, with a cache that cannot go stale."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import numba
import numba.core.config as settings

_Function = TypeVar("_Function", bound=Callable[..., object])
_FOLDER = Path(__file__).resolve().parent
_FILES = (*sorted(_FOLDER.glob("plate*.py")), *sorted((_FOLDER / "vision").glob("*_kernel.py")))
_MARK = hashlib.sha256(b"".join(path.read_bytes() for path in _FILES)).hexdigest()[:16]


def compiled(function: _Function) -> _Function:
    """Compile on the first call and keep the machine code on disk.

    Numba looks only at the file a function stands in; code of another file that was compiled into it, and constants
    from there, would stay as they were after an update. So the cache has a folder for each state of these files. A
    division by zero gives infinity as in numpy: a check for it would keep loops from running on several plates at
    once.
    """
    before: str = getattr(settings, "CACHE_DIR", "")
    base = Path(before) if before else _FOLDER / "__pycache__"
    vars(settings)["CACHE_DIR"] = str(base / f"plates-{_MARK}")
    try:
        return cast(_Function, numba.njit(cache=True, error_model="numpy")(function))
    finally:
        vars(settings)["CACHE_DIR"] = before
