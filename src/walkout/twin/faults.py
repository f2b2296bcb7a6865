"""What breaks: each fault changes what the sensors deliver, or what the shop believes of itself. Truth stays whole.

A fault is drawn from a seed and starts a few seconds into the recording; a truth note says what it was. Faults of
cameras, clocks, network and power also hit the camera frames, where the shop is filmed (`broken_pictures`).
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from walkout.recording.camera import CameraFrame
from walkout.recording.gate import GateEvent
from walkout.recording.people import Joint, PeopleFrame, Person
from walkout.recording.plates import PlateBatch
from walkout.recording.tags import TagFrame
from walkout.recording.truth import TruthNote
from walkout.store.product import Mass
from walkout.store.shop import Store
from walkout.twin.broken_pictures import Freezer, Receiver, any_camera
from walkout.twin.seeds import stream
from walkout.twin.simulation import Observation

Rng = np.random.Generator
Stream = Iterator[Observation]
SECOND_NS = 1_000_000_000
STARTS_S = (4.0, 15.0)
"""A fault starts between these seconds of the recording. All rates below are chosen, not measured."""
DROP_SHARE = DUPLICATE_SHARE = 0.05
DRIFT_G_PER_S = 2.0
SKEW_S, JUMP_S, LATE_S = 0.8, 2.0, 5.0
GAP_S, CUT_S = 10.0, 20.0


@dataclass(frozen=True, slots=True)
class Fault:
    """A named fault: how it changes the observations, and how it changes the shop that the recording carries."""

    name: str
    observations: Callable[[Stream, Store, Rng], Stream] | None = None
    shop: Callable[[Store, Rng], Store] | None = None


def apply(fault: Fault, observations: Stream, store: Store, seed: int) -> Stream:
    """The observations with a fault in them, and a truth note that names it."""
    yield TruthNote("fault", fault.name)
    if fault.observations is None:
        yield from observations
    else:
        yield from fault.observations(observations, store, stream(seed, "fault", fault.name))


def believed(fault: Fault, store: Store, seed: int) -> Store:
    """The shop as the recording describes it: wrong where that is the fault."""
    return store if fault.shop is None else fault.shop(store, stream(seed, "fault", fault.name, "shop"))


def _time_ns(observation: Observation) -> int | None:
    match observation:
        case PlateBatch():
            return int(observation.t_ns[0])
        case PeopleFrame() | GateEvent() | CameraFrame() | TagFrame():
            return observation.t_ns
        case _:
            return None


def _since(observations: Stream, rng: Rng) -> Iterator[tuple[Observation, float]]:
    """Each observation with the seconds since the fault started: negative before, and for what is no sensor's."""
    first_ns: int | None = None
    start_s = float(rng.uniform(*STARTS_S))
    for observation in observations:
        t_ns = _time_ns(observation)
        if t_ns is None or (first_ns is None and isinstance(observation, CameraFrame)):
            yield observation, -1.0
            continue
        first_ns = t_ns if first_ns is None else first_ns
        yield observation, (t_ns - first_ns) / SECOND_NS - start_s


def _plate(store: Store, rng: Rng) -> tuple[str, int, int]:
    """A plate that carries goods, drawn at random."""
    facings = [f for f in store.planogram if f.plates]
    facing = facings[int(rng.integers(len(facings)))]
    return facing.fixture, facing.shelf, facing.plates[int(rng.integers(len(facing.plates)))]


def _on_plate(change: Callable[[np.ndarray, int, int, float], None]) -> Callable[[Stream, Store, Rng], Stream]:
    """A fault of one plate: `change(grams, shelf, plate, seconds)` alters a batch's readings, indices from 0."""

    def broken(observations: Stream, store: Store, rng: Rng) -> Stream:
        fixture, shelf, plate = _plate(store, rng)
        for observation, since_s in _since(observations, rng):
            if isinstance(observation, PlateBatch) and observation.fixture == fixture and since_s >= 0:
                grams = observation.grams.copy()
                change(grams, shelf - 1, plate - 1, since_s)
                yield replace(observation, grams=grams)
            else:
                yield observation

    return broken


def _dead(grams: np.ndarray, shelf: int, plate: int, _since_s: float) -> None:
    grams[:, shelf, plate] = np.nan


def _drifting(grams: np.ndarray, shelf: int, plate: int, since_s: float) -> None:
    grams[:, shelf, plate] += (DRIFT_G_PER_S * (since_s + np.arange(len(grams)) / 60.0)).astype(np.float32)


def _swapped(grams: np.ndarray, shelf: int, plate: int, _since_s: float) -> None:
    other = plate + 1 if plate + 1 < grams.shape[2] else plate - 1
    grams[:, shelf, [plate, other]] = grams[:, shelf, [other, plate]]


def _stuck(observations: Stream, store: Store, rng: Rng) -> Stream:
    fixture, shelf, plate = _plate(store, rng)
    held: np.float32 | None = None
    for observation, since_s in _since(observations, rng):
        if isinstance(observation, PlateBatch) and observation.fixture == fixture and since_s >= 0:
            held = observation.grams[0, shelf - 1, plate - 1] if held is None else held
            grams = observation.grams.copy()
            grams[:, shelf - 1, plate - 1] = held
            yield replace(observation, grams=grams)
        else:
            yield observation


def _thinned(frame: PeopleFrame, rng: Rng, share: float) -> PeopleFrame:
    """A frame whose people lack that share of their joints."""
    people = []
    for person in frame.people:
        joints = {name: joint for name, joint in person.joints.items() if float(rng.random()) >= share}
        people.append(replace(person, joints=joints))
    return replace(frame, people=tuple(people))


def _lost_camera(observations: Stream, store: Store, rng: Rng) -> Stream:
    """One camera's pictures and boxes are gone, and a share of all joints with them."""
    names = [camera.id for camera in store.cameras]
    lost = names[int(rng.integers(len(names)))] if names else ""
    for observation, since_s in _since(observations, rng):
        if isinstance(observation, PeopleFrame) and since_s >= 0:
            thin = _thinned(observation, rng, 0.15)
            people = (replace(p, boxes=tuple(b for b in p.boxes if b.camera != lost)) for p in thin.people)
            yield replace(thin, people=tuple(people))
        elif not (isinstance(observation, CameraFrame) and since_s >= 0 and observation.camera == lost):
            yield observation


def _frozen_camera(observations: Stream, store: Store, rng: Rng) -> Stream:
    """One camera repeats an old picture: now and then some joints are where they were seconds ago."""
    old: deque[PeopleFrame] = deque(maxlen=30)
    freezer = Freezer(any_camera(store, rng)[0])
    for observation, since_s in _since(observations, rng):
        if isinstance(observation, PeopleFrame) and since_s >= 0:
            before = {person.id: person for person in old[0].people} if old else {}
            old.append(observation)
            people = tuple(_pulled(person, before.get(person.id), rng) for person in observation.people)
            yield replace(observation, people=people)
        elif isinstance(observation, CameraFrame):
            yield freezer.shown(observation, frozen=since_s >= 0)
        else:
            yield observation


def _pulled(person: Person, before: Person | None, rng: Rng) -> Person:
    if before is None or float(rng.random()) >= 0.3:
        return person
    joints: dict[str, Joint] = {}
    for name, joint in person.joints.items():
        then = before.joints.get(name)
        joints[name] = joint
        if then is not None:
            x, y, z = (0.75 * a + 0.25 * b for a, b in zip(_xyz(joint), _xyz(then), strict=True))
            joints[name] = Joint(x, y, z, 0.7 * joint.score)
    return replace(person, joints=joints)


def _xyz(joint: Joint) -> tuple[float, float, float]:
    return joint.x_m, joint.y_m, joint.z_m


def _dropped(observations: Stream, store: Store, rng: Rng) -> Stream:
    receiver, pictures = Receiver(), any_camera(store, rng)[1]
    for observation, since_s in _since(observations, rng):
        if isinstance(observation, CameraFrame):
            if receiver.passes(observation, lost=since_s >= 0 and float(pictures.random()) < DROP_SHARE):
                yield observation
            continue
        sensor = isinstance(observation, PlateBatch | PeopleFrame)
        if not (sensor and since_s >= 0 and float(rng.random()) < DROP_SHARE):
            yield observation


def _duplicated(observations: Stream, store: Store, rng: Rng) -> Stream:
    pictures = any_camera(store, rng)[1]
    for observation, since_s in _since(observations, rng):
        yield observation
        if not isinstance(observation, PlateBatch | PeopleFrame | CameraFrame) or since_s < 0:
            continue
        if float((pictures if isinstance(observation, CameraFrame) else rng).random()) < DUPLICATE_SHARE:
            yield replace(observation, arrived_ns=observation.arrived_ns + 3_000_000)


def _clock(shift_s: float) -> Callable[[Stream, Store, Rng], Stream]:
    """One fixture's clock, and one camera's, are off by so much."""
    shift_ns = round(shift_s * SECOND_NS)

    def broken(observations: Stream, store: Store, rng: Rng) -> Stream:
        fixture, camera = _plate(store, rng)[0], any_camera(store, rng)[0]
        for observation, since_s in _since(observations, rng):
            match observation:
                case PlateBatch(fixture=name) if name == fixture and since_s >= 0:
                    yield replace(observation, t_ns=observation.t_ns + shift_ns)
                case CameraFrame(camera=name) if name == camera and since_s >= 0:
                    yield replace(observation, t_ns=observation.t_ns + shift_ns)
                case _:
                    yield observation

    return broken


def _late(observations: Stream, _store: Store, rng: Rng) -> Stream:
    for observation, since_s in _since(observations, rng):
        if isinstance(observation, PeopleFrame) and since_s >= 0:
            yield replace(observation, arrived_ns=observation.arrived_ns + round(LATE_S * SECOND_NS))
        else:
            yield observation


def _network_gap(observations: Stream, store: Store, rng: Rng) -> Stream:
    """Nothing of one fixture and of one camera arrives for a while."""
    fixture, camera, receiver = _plate(store, rng)[0], any_camera(store, rng)[0], Receiver()
    for observation, since_s in _since(observations, rng):
        gap = 0 <= since_s < GAP_S
        if isinstance(observation, CameraFrame):
            gone = not receiver.passes(observation, lost=gap and observation.camera == camera)
        else:
            gone = isinstance(observation, PlateBatch) and observation.fixture == fixture and gap
        if not gone:
            yield observation


def _power_cut(observations: Stream, _store: Store, rng: Rng) -> Stream:
    """No sensor says anything for a while."""
    receiver = Receiver()
    for observation, since_s in _since(observations, rng):
        cut = 0 <= since_s < CUT_S
        if isinstance(observation, CameraFrame):
            cut = not receiver.passes(observation, lost=cut)
        if not cut:
            yield observation


def _wrong_planogram(store: Store, rng: Rng) -> Store:
    """Two facings of a shelf are the wrong way round in the planogram."""
    facings = list(store.planogram)
    i = int(rng.integers(len(facings)))
    place = (facings[i].fixture, facings[i].shelf)
    row = [k for k, f in enumerate(facings) if (f.fixture, f.shelf) == place and f.gtin != facings[i].gtin]
    if row:
        j = row[int(rng.integers(len(row)))]
        a, b = facings[i].gtin, facings[j].gtin
        facings[i], facings[j] = replace(facings[i], gtin=b), replace(facings[j], gtin=a)
    return replace(store, planogram=tuple(facings))


def _mis_weighed(store: Store, rng: Rng) -> Store:
    """One product on the shelves has a wrong mass in the catalogue."""
    gtins = sorted({f.gtin for f in store.planogram if store.products[f.gtin].masses})
    gtin = gtins[int(rng.integers(len(gtins)))]
    product = store.products[gtin]
    factor = float(rng.choice([0.5, 0.8, 1.25, 2.0]))
    masses = tuple(Mass(round(mass.mass_g * factor, 2), mass.sd_g) for mass in product.masses)
    return replace(store, products={**store.products, gtin: replace(product, masses=masses)})


FAULTS: dict[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault("dead_plate", _on_plate(_dead)),
        Fault("stuck_plate", _stuck),
        Fault("drifting_plate", _on_plate(_drifting)),
        Fault("swapped_plates", _on_plate(_swapped)),
        Fault("lost_camera", _lost_camera),
        Fault("frozen_camera", _frozen_camera),
        Fault("dropped_messages", _dropped),
        Fault("duplicated_messages", _duplicated),
        Fault("clock_skew", _clock(SKEW_S)),
        Fault("clock_jump", _clock(-JUMP_S)),
        Fault("late_skeletons", _late),
        Fault("network_gap", _network_gap),
        Fault("power_cut", _power_cut),
        Fault("wrong_planogram", shop=_wrong_planogram),
        Fault("mis_weighed_product", shop=_mis_weighed),
    )
}
"""Every fault by its name."""
