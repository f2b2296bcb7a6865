"""A shop as its cameras would see it, with shoppers in it: one picture to look at before anything is built."""

from walkout.store.shop import Store
from walkout.twin.camera.sheet import contact_sheet
from walkout.twin.film import Snapshots
from walkout.twin.play import simulate
from walkout.twin.settings import DEFAULT, Settings
from walkout.twin.shoppers import arrivals
from walkout.twin.simulation import START_NS

INSTANTS_S = (15.0, 25.0, 35.0)
SHOPPERS, MINUTES = 6, 0.6


def show(store: Store, seed: int = 1, settings: Settings = DEFAULT) -> bytes:
    """A contact sheet as PNG: the plan, and what each camera sees at three instants; without cameras the plan alone.

    Raises:
        FilmError: a camera cannot be drawn.
    """
    snapshots = Snapshots(store, seed, INSTANTS_S, settings)
    try:
        coming = arrivals(seed, settings, shoppers=SHOPPERS, minutes=MINUTES)
        for observation in simulate(store, coming, seed=seed, settings=settings, film=snapshots):
            at_ns = getattr(observation, "arrived_ns", START_NS)
            if at_ns > START_NS + (INSTANTS_S[-1] + 5.0) * 1e9:
                break
        return contact_sheet(store, snapshots.pictures, snapshots.people)
    finally:
        snapshots.close()
