"""The pose network and, for each person it finds, the second look: one model of people to whoever uses it."""

from typing import Self

import numpy as np
from numpy.typing import NDArray

from walkout.sensing.vision.persons import Persons
from walkout.sensing.vision.pose import OwnPose
from walkout.sensing.vision.refine import Refiner


class TwoLooks:
    """Two networks in a row. `first` finds people in the whole picture, `second` places their joints in crops of it."""

    def __init__(self, first: OwnPose, second: Refiner) -> None:
        self.first, self.second = first, second
        self.name = f"{first.name}+refine"

    @classmethod
    def packaged(cls, threads: int = 1) -> Self:
        """The package's networks."""
        return cls(OwnPose(threads=threads), Refiner(threads=threads))

    def __call__(self, rgb: NDArray[np.uint8], /) -> Persons:
        """The people in a picture."""
        return self.second(rgb, self.first(rgb))
