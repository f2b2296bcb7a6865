"""What every model of people is to the rest: a picture in, its people out."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from walkout.sensing.vision.persons import Persons


class PersonModel(Protocol):
    """Anything that finds people in one picture, uint8 (rows, columns, 3), red first."""

    @property
    def name(self) -> str:
        """Which model this is, for reports and recordings."""

    def __call__(self, rgb: NDArray[np.uint8], /) -> Persons:
        """The people in the picture, in its own pixels. Raises ValueError for another kind of array."""
