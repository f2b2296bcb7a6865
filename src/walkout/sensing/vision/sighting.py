"""What one camera saw at one instant: who was in its picture, and what they look like, for as long as they stay."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from walkout.sensing.vision.persons import Persons


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """The people in one frame of one camera; a frame in which nobody was found counts too."""

    camera: str
    t_ns: int
    persons: Persons
    looks: NDArray[np.float32] | None = None
    """(people, anything): appearance, compared by its cosine; a row of NaN is not known. It is kept in memory for as
    long as the person is in the shop, and nowhere else."""
