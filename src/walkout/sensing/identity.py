"""Who is who: from a tracker's ids, which it loses and exchanges, to people, by how bodies move and how they are built.

A body cannot jump. Every frame's people are assigned to the bodies known so far so that the product of the
likelihoods of their motion, their build and the tracker's slips is greatest. Nearly always that is what the ids say;
it is worked out only where ids came or went or bodies are near each other. Figures: docs/design/people.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp, hypot, inf, log, pi

from walkout.recording.people import PeopleFrame
from walkout.sensing.body import FLOOR_M2, GAP_S, SECOND_NS, Body, Point, apart, follow, likeness, points

LOST_NS = 10 * SECOND_NS
"""Somebody not seen for so long is not looked for any more."""
NEAR_M = 1.0
"""Bodies farther apart than this cannot be taken for each other between two frames."""
FAR_M_S = 2.5
"""Nobody in a shop is faster."""

SWAP_PER_S = 0.01
"""Two who touch exchange ids: assumed, of the order of trackers' published identity switches in crowds."""
RENAME_PER_S = 0.0005
"""A person gets a new id between two frames: assumed."""
LOSS_PER_S = 0.002
"""A person is lost: assumed."""
RETURN_PER_S = 0.7
"""A lost person is found again: losses of about a second and a half; assumed."""
NEW_ID = 0.3
"""A lost person is found under a new id: assumed."""
STAYED, STAYED_AT_EXIT = 0.17, 0.03
"""Whoever is not seen any more was lost and has not left: where no exit is known (a visit of 100 s against
`LOSS_PER_S`), and within `DOOR_M` of one; assumed."""
REUSED = 1e-5
"""Somebody new gets an id that the tracker has just used for another: it never should."""
ENTRY_PER_S = 0.03
"""People come in, at most a hundred an hour."""
DOOR_M = 1.5
"""People come in within this of a gate that lets in ..."""
ELSEWHERE = 0.02
"""... but for this share: the shop has a door that the store folder does not name, or a camera's dead corner."""
UNTOLD = 0.02
"""Where gates say who comes in, this share comes in untold: followers."""
OVERDUE_S = 0.3
"""Whoever a gate told of is seen within this; later, somebody untold near there may be they, lost at the door."""
PLAIN = 0.2
"""Whoever moved less than this share of the way to the next body is who they were: at least 12 nats, less the prior of
an exchange."""
DOUBT = 0.002
"""An exchange less likely than this is not told."""
CERTAIN = 30.0
"""An assignment so many nats worse than the best is not followed."""
MOST_NODES = 20_000
"""Assignments tried at most in one frame; the best so far stands then."""


@dataclass(frozen=True, slots=True, order=True)
class Doubt:
    """From an instant on, a person may really be one of some others (and that one this person); ordered."""

    t_ns: int
    person: str
    others: tuple[tuple[str, float], ...]
    """(Name, probability), sorted; what is left to 1 is that nothing is wrong."""


@dataclass(slots=True)
class Identities:
    """Names people frame by frame; feed it frames in event time. A person's name is the first id they had."""

    doors: tuple[tuple[float, float], ...] = ()
    """Where people come in, store frame, metres; none: anywhere."""
    exits: tuple[tuple[float, float], ...] = ()
    """Where people go out; none: anywhere."""
    bodies: dict[str, Body] = field(default_factory=dict)
    """By name."""
    names: dict[str, str] = field(default_factory=dict)
    """Id to name, of everybody in `bodies`."""
    expected: dict[str, int] = field(default_factory=dict)
    """Ids that a gate told of and nobody saw yet, with the instant."""
    told: bool = False
    """Whether any gate ever said who came in."""
    last_ns: int | None = None
    ids: tuple[str, ...] = ()
    """Of the frame before, sorted."""
    doubts: list[Doubt] = field(default_factory=list)
    """Not fetched yet; see `take_doubts`."""
    exchanged: int = 0
    renamed: int = 0

    def name_of(self, id_: str) -> str:
        """The person whom the tracker calls so now; the id itself where it is new."""
        return self.names.get(id_, id_)

    def expect(self, id_: str, t_ns: int) -> None:
        """A gate says that this id comes in now: whoever bears it first is nobody who was lost."""
        self.told = True
        if id_ not in self.names:
            self.expected[id_] = t_ns

    def take_doubts(self) -> tuple[Doubt, ...]:
        """The doubts since the last call, in order."""
        told = tuple(self.doubts)
        self.doubts.clear()
        return told

    def name(self, frame: PeopleFrame) -> PeopleFrame:
        """The frame with every person's id replaced by their name, in the names' order."""
        people = {person.id: person for person in frame.people}
        seen = {id_: points(person) for id_, person in sorted(people.items())}
        t_ns = max(frame.t_ns, self.last_ns or frame.t_ns)
        self._forget(t_ns)
        ids = tuple(seen)
        # Somebody of whom no joint is found is forgotten after a while although their id goes on.
        if ids != self.ids or not self.names.keys() >= seen.keys() or not self._evident(seen):
            self._assign(seen, t_ns)
        for id_, joints in seen.items():
            follow(self.bodies[self.names[id_]], joints, t_ns)
        self.ids, self.last_ns = ids, t_ns
        if all(self.names[id_] == id_ for id_ in ids):
            return frame
        named = [replace(person, id=self.names[id_]) for id_, person in people.items()]
        return replace(frame, people=tuple(sorted(named, key=lambda p: p.id)))

    def _evident(self, seen: Mapping[str, Mapping[str, Point]]) -> bool:
        """Whether everybody is so much nearer to where they were than to anybody else that no exchange is likely."""
        at: list[tuple[float, float]] = []
        for joints in seen.values():
            x, y, _ = next(iter(joints.values()), (0.0, 0.0, 0.0))
            at.append((x, y))
        for k, (id_, joints) in enumerate(seen.items()):
            x, y = at[k]
            near_m = min((hypot(x - at[n][0], y - at[n][1]) for n in range(len(at)) if n != k), default=inf)
            if near_m < 2 * NEAR_M and apart(joints, self.bodies[self.names[id_]].joints) > PLAIN * near_m:
                return False
        return True

    def _forget(self, t_ns: int) -> None:
        gone = [name for name, body in self.bodies.items() if t_ns - body.t_ns > LOST_NS]
        for name in gone:
            body = self.bodies.pop(name)
            if self.names.get(body.id) == name:
                del self.names[body.id]
        if self.expected:
            self.expected = {id_: at for id_, at in self.expected.items() if t_ns - at <= LOST_NS}

    def _assign(self, seen: Mapping[str, Mapping[str, Point]], t_ns: int) -> None:
        """Say whom each id of a frame belongs to, as is likeliest; doubts are told."""
        ids, bodies = sorted(seen), [self.bodies[name] for name in sorted(self.bodies)]
        cost = [self._costs(id_, seen[id_], bodies, t_ns) for id_ in ids]
        best = _cheapest(cost, len(bodies))
        found = {id_: (bodies[k] if k < len(bodies) else None) for id_, k in zip(ids, best, strict=True)}
        self._doubt(ids, bodies, cost, best, t_ns)
        for id_, body in found.items():
            if body is None:
                self._begin(id_, seen[id_], t_ns)
            elif body.id != id_:
                if id_ in self.names:
                    self.exchanged += 1
                else:
                    self.renamed += 1
        held = {body.name: id_ for id_, body in found.items() if body is not None}
        free = sorted(body.id for body in self.bodies.values() if body.name in held and body.id not in seen)
        for name in sorted(self.bodies):
            body = self.bodies[name]
            if name in held:
                body.id = held[name]
            elif body.id in seen and found.get(body.id) is not None:
                # somebody who is not seen lost the id to another: the tracker now has the other's for them
                body.id = free.pop(0) if free else ""
        self.names = {body.id: name for name, body in sorted(self.bodies.items()) if body.id}

    def _doubt(
        self,
        ids: Sequence[str],
        bodies: Sequence[Body],
        cost: Sequence[Mapping[int, float]],
        best: Sequence[int],
        t_ns: int,
    ) -> None:
        """Tell who may be whom instead: two who are seen exchanged, or one of them somebody lost who is not seen."""
        name = [body.name for body in bodies]
        for a, mine in enumerate(best):
            me = name[mine] if mine < len(bodies) else self._new_name(ids[a])
            worse: dict[str, float] = {}
            for other in set(cost[a]) - {mine, len(bodies)}:
                if other not in best:
                    worse[name[other]] = cost[a][other] - cost[a][mine]
                elif mine < len(bodies) and a < (b := best.index(other)):
                    worse[name[other]] = cost[a][other] + cost[b].get(mine, inf) - cost[a][mine] - cost[b][other]
            share = {other: exp(-nats) for other, nats in sorted(worse.items()) if nats < -log(DOUBT)}
            if share:
                total = 1.0 + sum(share.values())
                self.doubts.append(Doubt(t_ns, me, tuple((other, x / total) for other, x in share.items())))

    def _new_name(self, id_: str) -> str:
        name, again = id_, 2
        while name in self.bodies:
            name, again = f"{id_}-{again}", again + 1
        return name

    def _begin(self, id_: str, joints: Mapping[str, Point], t_ns: int) -> None:
        told = None if id_ in self.expected else self._overdue(joints, t_ns)
        name = self._new_name(id_ if told is None else told)
        self.bodies[name] = Body(name, id_, t_ns, joints)
        self.expected.pop(id_ if told is None else told, None)
        self.renamed += told is not None

    def _overdue(self, joints: Mapping[str, Point], t_ns: int) -> str | None:
        """Whom a gate told of and nobody saw, where somebody at such a place could be they by now."""
        if not joints:
            return None
        x, y, _ = next(iter(joints.values()))
        door_m = min((hypot(x - dx, y - dy) for dx, dy in self.doors), default=0.0)
        for told_ns, id_ in sorted((at, id_) for id_, at in self.expected.items()):
            since_s = (t_ns - told_ns) / SECOND_NS
            if since_s >= OVERDUE_S and door_m <= DOOR_M + FAR_M_S * since_s:
                return id_
        return None

    def _costs(self, id_: str, joints: Mapping[str, Point], bodies: Sequence[Body], t_ns: int) -> dict[int, float]:
        """Minus the log likelihood of being each body (by index), or somebody new (the number of bodies)."""
        step_s = max(1e-3, (t_ns - (self.last_ns or t_ns)) / SECOND_NS)
        known, costs = id_ in self.names, {}
        if id_ in self.expected:
            return {len(bodies): 0.0}
        for k, body in enumerate(bodies):
            gap_s = max(1e-3, (t_ns - body.t_ns) / SECOND_NS)
            within_m = NEAR_M + FAR_M_S * (gap_s if gap_s > GAP_S else 0.0)
            if body.id != id_ and apart(joints, body.joints) > within_m:
                continue
            lost = body.id not in self.ids
            if body.id == id_:
                slip = 0.0
            elif known:
                slip = 0.5 * log(SWAP_PER_S * step_s)
            else:
                slip = log(NEW_ID * self._stayed(body) if lost else RENAME_PER_S * step_s)
                slip -= RETURN_PER_S * gap_s if lost else 0.0
            back = log(min(0.5, RETURN_PER_S * step_s)) if lost else -log(LOSS_PER_S * step_s)
            costs[k] = -(slip + back + likeness(joints, body, gap_s))
        untold = UNTOLD if self.told and self._overdue(joints, t_ns) is None else 1.0
        new = ENTRY_PER_S * step_s * untold * (REUSED if known else 1.0)
        costs[len(bodies)] = -(log(new) + self._entry(joints))
        return costs

    def _stayed(self, body: Body) -> float:
        """The probability that somebody who is not seen any more is still in the shop."""
        if not self.exits or not body.joints:
            return STAYED
        x, y, _ = next(iter(body.joints.values()))
        return STAYED_AT_EXIT if any(hypot(x - dx, y - dy) <= DOOR_M for dx, dy in self.exits) else 1.0

    def _entry(self, joints: Mapping[str, Point]) -> float:
        """The log density, a square metre, of where somebody who comes in is first seen."""
        if not self.doors or not joints:
            return -log(FLOOR_M2)
        x, y, _ = next(iter(joints.values()))
        near = any(hypot(x - dx, y - dy) <= DOOR_M for dx, dy in self.doors)
        at_door = (1.0 - ELSEWHERE) / (len(self.doors) * pi * DOOR_M**2) if near else 0.0
        return log(at_door + ELSEWHERE / FLOOR_M2)


def _cheapest(cost: Sequence[Mapping[int, float]], bodies: int) -> list[int]:
    """For each row the column it is given, no column (but the last, for new people) twice, at the least sum."""
    rows = sorted(range(len(cost)), key=lambda r: (len(cost[r]), r))
    choices = [sorted(cost[r].items(), key=lambda kv: (kv[1], kv[0])) for r in rows]
    choices = [[(k, c) for k, c in row if c <= row[0][1] + CERTAIN or k == bodies] for row in choices]
    least = [0.0] * (len(rows) + 1)
    for i in range(len(rows) - 1, -1, -1):
        least[i] = least[i + 1] + choices[i][0][1]
    best: tuple[float, tuple[int, ...]] = (inf, ())
    nodes = 0

    def search(i: int, spent: float, taken: tuple[int, ...]) -> None:
        nonlocal best, nodes
        nodes += 1
        if spent + least[i] >= best[0] or (nodes > MOST_NODES and best[1]):
            return
        if i == len(rows):
            best = (spent, taken)
            return
        for k, c in choices[i]:
            if k == bodies or k not in taken:
                search(i + 1, spent + c, (*taken, k))

    search(0, 0.0, ())
    given = [bodies] * len(cost)
    for row, column in zip(rows, best[1], strict=True):
        given[row] = column
    return given
