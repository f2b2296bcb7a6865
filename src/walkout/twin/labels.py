"""Scripts from reality: labelled shopping cases, played in the real shop.

Labels are human: one-second times, a few placeholder masses, plates that a later layout lacks. The rules that turn
them into a script keep the hard cases hard: the catalogue's mass wins wherever it has one; a facing moves only for a
take of a product that nobody put there earlier in the case, never for a return.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import orjson

from walkout.store.gtin import normalise
from walkout.store.planogram import Facing
from walkout.store.shop import Store
from walkout.twin import nanostore
from walkout.twin.actor import Actor, Behaviour, Script, Spot
from walkout.twin.party import Arrival, Member
from walkout.twin.play import play
from walkout.twin.seeds import stream
from walkout.twin.settings import DEFAULT, Settings
from walkout.twin.shoppers import random_build
from walkout.twin.simulation import Observation, Simulation
from walkout.twin.world import Item

if TYPE_CHECKING:
    from walkout.twin.film import Film

ALIASES = {"01201303": "120130", "0120850": "120850"}
"""Ids that a scanner damaged: the labels' to the catalogue's."""
DOOR = (-0.1, -1.7)
"""Where the shopper of the one real visit left, metres in the store frame of AiFi's NanoStore."""
HAS_CELLS = (("gondola-3", 6),)
"""Shelves without load cells in the published layout that the labelled cases use."""
EARLY_S = 6.0
"""A shopper comes in so long before the first thing it is seen to do, or at the start."""


class LabelError(ValueError):
    """A file of labels, or a case in it, cannot be played."""


@dataclass(frozen=True, slots=True)
class LabelEvent:
    """One labelled take or return: when (seconds), by whom, where, and how many of what (id and mass as labelled)."""

    t_s: float
    action: Literal["take", "return"]
    shopper: str
    fixture: str
    shelf: int
    plates: tuple[int, ...]
    label: str
    count: int
    mass_g: float


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled case: its events in order of time, and what each shopper leaves with, by the labels' own ids."""

    name: str
    consistent: bool
    receipts: Mapping[str, Mapping[str, int]]
    events: tuple[LabelEvent, ...]


@dataclass(slots=True)
class Played:
    """What came of a case, filled while it plays."""

    slips: list[tuple[str, float, float]] = field(default_factory=list)
    """Shopper, labelled time, and how much later it was done: walking takes time. Seconds."""
    left_out: list[str] = field(default_factory=list)
    """Labelled events that could not be played, in words."""
    people: dict[str, str] = field(default_factory=dict)
    """The labels' shopper to the person's id in the recording."""


def load_labels(path: Path | str) -> dict[str, Case]:
    """The cases of a file of labels by name, in its order; LabelError where it is not one."""
    try:
        found = orjson.loads(Path(path).read_bytes())
        return {case["case"]: _case(case) for case in found["cases"]}
    except OSError as error:
        raise LabelError(f"{path} cannot be read: {error.strerror or error}") from error
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise LabelError(
            f"{path} is not a file of labels: found {type(error).__name__} {error}; "
            "right: JSON with `cases`, each with `case`, `receipts` and `events`"
        ) from error


def _case(found: Mapping[str, Any]) -> Case:
    events = [event for entry in found["events"] for event in _events(entry)]
    ordered = tuple(sorted(events, key=lambda event: event.t_s))
    return Case(str(found["case"]), bool(found.get("consistent", True)), found["receipts"], ordered)


def _events(entry: Mapping[str, Any]) -> Iterator[LabelEvent]:
    """An entry of the labels as one event a product."""
    if entry["action"] not in ("take", "return"):
        raise ValueError(f"action {entry['action']!r} where take or return would be right")
    masses: dict[str, list[float]] = {}
    for product in entry["products"]:
        masses.setdefault(str(product["gtin"]), []).append(float(product["weight_g"]))
    for label, grams in masses.items():
        yield LabelEvent(
            t_s=float(entry["t_s"]),
            action=entry["action"],
            shopper=str(entry["shopper"]),
            fixture=f"gondola-{int(entry['gondola'])}",
            shelf=int(entry["shelf"]),
            plates=tuple(sorted(int(plate) for plate in entry["plates"])),
            label=label,
            count=len(grams),
            mass_g=grams[0],
        )


def gtin_of(store: Store, label: str) -> str:
    """The store's GTIN for a labelled id: by the catalogue's source ids, else as a UPC."""
    wanted = ALIASES.get(label, label)
    for gtin in sorted(store.products):
        if wanted in store.products[gtin].source_ids:
            return gtin
    return normalise(wanted, upc=True)


def expected_receipts(store: Store, case: Case) -> dict[str, dict[str, int]]:
    """What each shopper leaves with, by the store's GTINs."""
    return {
        shopper: dict(sorted((gtin_of(store, label), count) for label, count in receipt.items()))
        for shopper, receipt in sorted(case.receipts.items())
    }


def case_store(store: Store, case: Case) -> Store:
    """The shop as it was before a case: cells where the case has them, and facings where its takes found them."""
    fixtures = tuple(
        replace(
            fixture,
            shelves=tuple(
                replace(shelf, plates=tuple(replace(plate, cell=True) for plate in shelf.plates))
                if (fixture.id, shelf.id) in HAS_CELLS
                else shelf
                for shelf in fixture.shelves
            ),
        )
        for fixture in store.fixtures
    )
    cased = replace(store, fixtures=fixtures)
    events = [_placed(cased, event) for event in case.events]
    return replace(cased, planogram=_planogram(cased, events))


def _placed(store: Store, event: LabelEvent) -> LabelEvent:
    """The event on plates that the store has: a plate past the last is the last, a shelf past the last too."""
    fixture = store.fixture(event.fixture)
    shelves = {shelf.id: shelf for shelf in fixture.shelves}
    shelf = shelves[min(event.shelf, max(shelves))]
    last = max(plate.id for plate in shelf.plates)
    plates = tuple(sorted({min(plate, last) for plate in event.plates}))
    return replace(event, shelf=shelf.id, plates=plates)


def _fits(facing: Facing, event: LabelEvent) -> bool:
    here = (facing.fixture, facing.shelf) == (event.fixture, event.shelf)
    return here and not set(facing.plates).isdisjoint(event.plates)


def _planogram(store: Store, events: Sequence[LabelEvent]) -> tuple[Facing, ...]:
    facings = list(store.planogram)
    put: set[tuple[str, str, int, int]] = set()
    needed = {f for f in facings for event in events if f.gtin == gtin_of(store, event.label) and _fits(f, event)}
    for event in events:
        gtin = gtin_of(store, event.label)
        places = {(gtin, event.fixture, event.shelf, plate) for plate in event.plates}
        if event.action == "return":
            put |= places
        elif put.isdisjoint(places) and not any(f.gtin == gtin and _fits(f, event) for f in facings):
            facings = list(_moved(facings, Facing(event.fixture, event.shelf, event.plates, gtin), event, needed))
    return tuple(facings)


def _moved(facings: Sequence[Facing], new: Facing, event: LabelEvent, needed: set[Facing]) -> Iterator[Facing]:
    """The facings with one at a new place: it leaves its old one; others give way, except those that the case needs."""
    for facing in facings:
        if facing in needed or (facing.gtin != new.gtin and not _fits(facing, event)):
            yield facing
            continue
        if facing.gtin == new.gtin:
            continue
        left = tuple(plate for plate in facing.plates if plate not in new.plates)
        if left:
            yield replace(facing, plates=left, x_m=None, width_m=None)
    yield new


def _lay_out(sim: Simulation, events: Sequence[LabelEvent]) -> None:
    """Make sure that what the case takes lies where it is taken from."""
    put: set[tuple[str, str, int, int]] = set()
    for event in events:
        gtin = gtin_of(sim.store, event.label)
        places = {(gtin, event.fixture, event.shelf, plate) for plate in event.plates}
        if event.action == "return":
            put |= places
        elif put.isdisjoint(places):
            for x_m, width_m in _columns(sim.store, event):
                item = sim.world.new_item(gtin, 1.0)
                item.width_m = width_m
                sim.lay(sim.world.rest(item, event.fixture, event.shelf, x_m))


def _columns(store: Store, event: LabelEvent) -> list[tuple[float, float]]:
    """For each item of an event: its centre (metres in the fixture's frame) and its width."""
    count = event.count
    plates = [store.plate(event.fixture, event.shelf, plate) for plate in event.plates]
    low_m, high_m = min(p.x_m for p in plates), max(p.x_m + p.width_m for p in plates)
    if 1 < count <= len(plates):
        step_m = (high_m - low_m) / count
        return [(low_m + step_m * (k + 0.5), 0.9 * min(step_m, plates[0].width_m)) for k in range(count)]
    width_m = max(high_m - low_m - 0.3 * plates[0].width_m, 0.7 * plates[0].width_m)
    return [((low_m + high_m) / 2, width_m)] * count


def _spot(me: Actor, event: LabelEvent) -> Spot:
    shelf = me.sim.store.shelf(event.fixture, event.shelf)
    columns = _columns(me.sim.store, event)
    x_m = sum(x for x, _ in columns) / len(columns)
    return Spot(event.fixture, event.shelf, x_m, shelf.z_m + 0.45 * min(shelf.height_m, 0.3))


def _held(me: Actor, gtin: str, count: int, played: Played, event: LabelEvent) -> list[Item]:
    """What a shopper can put back of a product; where it lacks it, whoever holds one hands it over first."""
    mine = [item for item in me.held if item.gtin == gtin][:count]
    for name in sorted(me.sim.actors):
        other = me.sim.actors[name]
        for item in [item for item in other.held if item.gtin == gtin]:
            if other is not me and len(mine) < count:
                me.sim.world.release(name, item)
                me.sim.world.hold(me.id, item)
                span = (me.now, me.now + 0.4)
                me.sim.moved(other, "hand_over", gtin, [item.mass_g], other.hands, me.hands, span)
                mine.append(item)
    if len(mine) < count:
        played.left_out.append(f"{event.t_s} s: {event.shopper} returns {gtin} without holding it")
    return mine


def _follow(events: Sequence[LabelEvent], label: str, played: Played) -> Behaviour:
    """The behaviour that does a shopper's labelled events in order, each as near to its time as walking allows."""

    def script(me: Actor) -> Script:
        played.people[label] = me.id
        me.sim.note("shopper", f"{label} {me.id}", me.now)
        for event in events:
            gtin, count = gtin_of(me.sim.store, event.label), event.count
            spot = _spot(me, event)
            yield from me.approach(spot)
            side = me.side()
            yield from me.until(event.t_s - 1.5)
            held = _held(me, gtin, count, played, event) if event.action == "return" else []
            yield from me.until(event.t_s - 1.0)
            yield from me.reach(spot, side)
            slip_s = me.now + 0.3 - event.t_s
            if slip_s > 0.5:
                played.slips.append((label, event.t_s, round(slip_s, 2)))
                me.sim.note("slip", f"{label} {event.t_s:g} s played {slip_s:.2f} s later", me.now)
            if event.action == "take":
                items = me.sim.world.of(gtin, event.fixture, event.shelf, spot.x_m)[:count]
                if items:
                    yield from me.until(me.lift(items))
                if len(items) < count:
                    played.left_out.append(f"{event.t_s} s: only {len(items)} of {count} x {gtin} there to take")
            elif held:
                home = any(f.gtin == gtin and _fits(f, event) for f in me.sim.world.planogram)
                yield from me.until(me.set_down(held, spot, "return" if home else "misplace"))
            yield from me.withdraw(side)

    return script


def play_case(
    store: Store, case: Case, *, seed: int, settings: Settings = DEFAULT, film: "Film | None" = None
) -> tuple[Store, Iterator[Observation], Played]:
    """Play a labelled case: the shop as it was before it, what its sensors deliver with the truth, and what came of it.

    Args:
        store: The real shop, as imported.
        case: What to play; each of its shoppers is a party.
        seed: What bodies, noise and places on the plates are drawn from.
        settings: How hard.
        film: Cameras that look on; changes nothing else.

    Returns:
        The case's own shop; the observations; a report that is complete once these have run out.
    """
    shop = case_store(store, case)
    events = [_placed(shop, event) for event in case.events]
    played = Played()
    masses = {gtin_of(shop, event.label): event.mass_g for event in events if event.mass_g > 1.0}
    sim = Simulation(
        shop, seed, settings, masses_g=masses, door=DOOR, cameras=nanostore.CAMERAS, most_boxes=nanostore.BOXES
    )
    _lay_out(sim, events)
    coming = []
    for shopper in sorted({event.shopper for event in events} | set(case.receipts)):
        theirs = [event for event in events if event.shopper == shopper]
        start_s = max(0.5, (theirs[0].t_s if theirs else 5.0) - EARLY_S)
        build = replace(random_build(stream(seed, "build", shopper)), kind="walker")
        member = Member(build, _follow(theirs, shopper, played))
        coming.append(Arrival(start_s, (member,), party=shopper))
    notes = {"case": case.name, "consistent": "true" if case.consistent else "false"}
    observations = play(sim, sorted(coming, key=lambda arrival: arrival.t_s), notes=notes, film=film)
    return shop, nanostore.as_delivered(observations), played
