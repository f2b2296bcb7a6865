"""One typed door to numba, so that every kernel is compiled with the same settings."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile a function that loops; strict IEEE order (no fastmath), division as numpy does it, cached on disk."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def inlined(function: F) -> F:
    """Compile a function that is called for every pixel into its caller."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy", inline="always")(function))
