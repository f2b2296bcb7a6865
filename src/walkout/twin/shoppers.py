"""Who comes to a shop and what they set out to do: random builds, parties and baskets for free play."""

from collections.abc import Iterator
from itertools import count

import numpy as np

from walkout.twin import behaviours as b
from walkout.twin import together
from walkout.twin.actor import Behaviour, Meeting
from walkout.twin.body import Build, Kind
from walkout.twin.party import Arrival, Member
from walkout.twin.seeds import stream
from walkout.twin.settings import Settings

PLAIN_WEIGHT = 10.0
HARD_WEIGHTS = {
    "take_several": 1.0,
    "take_one_by_one": 0.6,
    "return": 1.2,
    "misplace": 0.5,
    "hold_long_then_take": 0.4,
    "hold_and_leave": 0.6,
    "slow_lift": 0.3,
    "press": 0.6,
    "two_hands": 0.4,
    "floor": 0.1,
    "pocket": 0.2,
    "browse": 1.5,
    "bump": 0.3,
    "rummage": 0.3,
}
"""How often each behaviour comes for ten plain takes, before `Settings.behaviours` multiplies the hard ones. Chosen."""
MEAN_ITEMS, MOST_ITEMS = 4.4, 15
"""Items a basket; 90th percentile 9 (issue of this repository; a geometric law fits both)."""
GROUP_SHARE, FOLLOWER_SHARE, STAFF_PER_HOUR = 0.15, 0.01, 4.0
KINDS: tuple[tuple[Kind, float], ...] = (
    ("walker", 0.93),
    ("pushchair", 0.03),
    ("child_in_arms", 0.02),
    ("wheelchair", 0.02),
)
CLOTHES = ("plain", "striped", "dark", "bright", "high_visibility", "long_coat")
HEADS = ("none", "none", "none", "cap", "headscarf", "hood", "turban")
BAGS = ("none", "none", "backpack", "tote", "shoulder_bag")


def random_build(rng: np.random.Generator) -> Build:
    """A grown person drawn at random; statures as adults' in Europe and North America, about."""
    kinds = [kind for kind, _ in KINDS]
    kind = kinds[int(rng.choice(len(kinds), p=[share for _, share in KINDS]))]
    stature = float(np.clip(1.70 + 0.10 * rng.standard_normal(), 1.45, 2.02))
    speed = float(np.clip(0.8 + 0.15 * rng.standard_normal(), 0.4, 1.3))
    return Build(
        stature_m=round(stature, 3),
        speed_m_s=round(speed, 3),
        handed="left" if rng.random() < 0.1 else "right",
        kind=kind,
        weight=round(float(np.exp(0.2 * rng.standard_normal())), 3),
        clothing=CLOTHES[int(rng.integers(len(CLOTHES)))],
        skin=int(rng.integers(1, 11)),
        head_cover=HEADS[int(rng.integers(len(HEADS)))],
        bag=BAGS[int(rng.integers(len(BAGS)))],
    )


def random_visit(rng: np.random.Generator, settings: Settings) -> Behaviour:
    """A row of behaviours for about as many items as people buy; one in twenty buys nothing."""
    if rng.random() < 0.05:
        return b.leave_with_nothing
    wanted = min(int(rng.geometric(1.0 / MEAN_ITEMS)), MOST_ITEMS)
    names = ["take", *sorted(HARD_WEIGHTS)]
    weights = np.array([PLAIN_WEIGHT, *(HARD_WEIGHTS[name] * settings.behaviours for name in names[1:])])
    drawn = rng.choice(len(names), size=wanted, p=weights / weights.sum())
    return b.sequence(*(b.named(names[int(k)]) for k in drawn))


def random_party(rng: np.random.Generator, settings: Settings, t_s: float, most: int = 3) -> Arrival:
    """One party of at most `most`: mostly one person, else two or three on one payment, who may hand things over."""
    if most < 2 or rng.random() >= GROUP_SHARE:
        follower = rng.random() < FOLLOWER_SHARE * settings.behaviours
        return Arrival(t_s, (Member(random_build(rng), random_visit(rng, settings), announced=not follower),))
    size = min(2 + int(rng.random() < 0.25), most)
    members = [Member(random_build(rng), random_visit(rng, settings)) for _ in range(size)]
    if rng.random() < 0.5:
        meeting = Meeting(2)
        members[0] = Member(members[0].build, b.sequence(members[0].behaviour, together.give(meeting)))
        members[1] = Member(members[1].build, b.sequence(members[1].behaviour, together.receive(meeting)))
    return Arrival(t_s, tuple(members))


def arrivals(seed: int, settings: Settings, *, shoppers: int, minutes: float) -> Iterator[Arrival]:
    """Parties that come over a stretch of time, at random, `shoppers` people in all; staff now and then."""
    times_rng = stream(seed, "arrivals")
    span_s = minutes * 60.0
    staff = int(times_rng.poisson(STAFF_PER_HOUR * minutes / 60.0))
    times = sorted(0.5 + float(t) for t in times_rng.random(shoppers) * span_s * 0.8)
    staff_times = sorted(0.5 + float(t) for t in times_rng.random(staff) * span_s * 0.8)
    left = shoppers
    for k in count():
        if left <= 0 or not times:
            break
        while staff_times and staff_times[0] <= times[0]:
            yield _staff(seed, k, staff_times.pop(0))
        party = random_party(stream(seed, "party", k), settings, times.pop(0), left)
        left -= len(party.members)
        times = times[len(party.members) - 1 :]
        yield party
    for k, t_s in enumerate(staff_times):
        yield _staff(seed, -1 - k, t_s)


def _staff(seed: int, k: int, t_s: float) -> Arrival:
    return Arrival(t_s, (Member(random_build(stream(seed, "staff", k)), b.restock),), role="staff")
