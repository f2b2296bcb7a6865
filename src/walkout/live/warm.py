"""The engine tried once on readings made up here, before the shop listens: its machine code is loaded then.

Without it the first messages of the day would wait for that: some seconds, or minutes where none was made on this
machine yet. What was tried is thrown away.
"""

from typing import Final

import numpy as np

from walkout.live.engine import Engine
from walkout.recording.channel import PLATES
from walkout.recording.people import Joint, PeopleFrame, Person
from walkout.recording.plates import PlateBatch
from walkout.store.layout import Fixture
from walkout.store.shop import Store

RATE_HZ: Final = 60.0
SECOND_NS: Final = 1_000_000_000
LENGTH_S, TAKEN_S = 12, 5


def warm(store: Store) -> int:
    """Let a throw-away engine see one thing taken from a shelf; how many events it saw. Takes a second, seldom more."""
    fixture = next((one for one in store.fixtures if any(p.cell for s in one.shelves for p in s.plates)), None)
    if fixture is None:
        return 0
    shape = (max(shelf.id for shelf in fixture.shelves), max(p.id for s in fixture.shelves for p in s.plates))
    shelf = next(one for one in fixture.shelves if any(plate.cell for plate in one.plates))
    plate = next(one for one in shelf.plates if one.cell)
    count = round(LENGTH_S * RATE_HZ)
    grams = np.random.default_rng(1).normal(1000.0, 0.3, (count, *shape)).astype(np.float32)
    grams[round(TAKEN_S * RATE_HZ) :, shelf.id - 1, plate.id - 1] -= 300.0
    t_ns = SECOND_NS + np.round(np.arange(count) * SECOND_NS / RATE_HZ).astype(np.int64)
    engine = Engine(store, expected=(PLATES + fixture.id,), gated=False)
    seen = 0
    for k in range(0, count, 12):
        now_ns = int(t_ns[k + 11])
        engine.step(PeopleFrame(now_ns, now_ns, (_somebody(fixture, shelf.z_m),)))
        seen += len(engine.step(PlateBatch(fixture.id, t_ns[k : k + 12], grams[k : k + 12], RATE_HZ, now_ns)).curves)
        engine.baskets()
    seen += len(engine.finish().curves)
    return seen


def _somebody(fixture: Fixture, z_m: float) -> Person:
    """A hand at the middle of a shelf, and the body before it."""
    x_m, y_m, _ = fixture.to_store(fixture.width_m / 2, 0.1, 0.0)
    body_x_m, body_y_m, _ = fixture.to_store(fixture.width_m / 2, -0.4, 0.0)
    wrist = Joint(x_m, y_m, fixture.z_m + z_m + 0.1, 0.9)
    return Person("warm", {"neck": Joint(body_x_m, body_y_m, 1.4, 0.9), "r_wrist": wrist, "l_wrist": wrist})
