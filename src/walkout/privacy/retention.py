"""How long each kind of data lives, the job that ends it, and the proof from the log and the disk that the job ran."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from walkout.privacy.entry import Entry
from walkout.privacy.keys import DataKey, Purpose

HOUR_NS: Final = 3600 * 1_000_000_000
DAY_NS: Final = 24 * HOUR_NS

KEEP_NS: Final[Mapping[Purpose, int]] = {
    "raw": 4 * HOUR_NS,
    "clip": 72 * HOUR_NS,
    "training": 180 * DAY_NS,
    "salt": 400 * DAY_NS,
}
"""Raw video: until the receipts of its visits are settled. Clips: the 72 hours beyond which the European Data
Protection Board asks for more arguments (guidelines 3/2019, paragraph 121); a disputed visit is held until it is
closed. Training copies exist only with consent. Salts: as long as somebody may want to check that they were counted."""

ERASED_WITHIN_NS: Final = 30 * DAY_NS
"""What a shopper is promised: after so long nothing that was erased is left anywhere, not in backups (GDPR 12(3))."""
BACKUP_NS: Final = 14 * DAY_NS
"""How long a backup lives where nobody says otherwise; always for less time than erasing is promised within."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How long keys live, nanoseconds by purpose, and how often the job must run."""

    keep_ns: Mapping[Purpose, int] = field(default_factory=lambda: KEEP_NS)
    every_ns: int = HOUR_NS


def due(keys: Iterable[DataKey], policy: Policy, now_ns: int, held: Collection[str] = ()) -> tuple[DataKey, ...]:
    """The keys whose time is up; `held`: visits (owners of clips) that are disputed and must wait."""
    return tuple(
        key
        for key in keys
        if now_ns - key.created_ns >= policy.keep_ns[key.purpose] and not (key.purpose == "clip" and key.owner in held)
    )


def ran(dead: Iterable[DataKey], living: Iterable[DataKey], files_removed: int, now_ns: int) -> Entry:
    """The log's entry of one run: how many keys of each purpose ended, how many live and how old the oldest is."""
    ended, lives, oldest = Counter[str](), Counter[str](), dict[str, int]()
    for key in dead:
        ended[key.purpose] += 1
    for key in living:
        lives[key.purpose] += 1
        oldest[key.purpose] = max(oldest.get(key.purpose, 0), (now_ns - key.created_ns) // 1_000_000_000)
    facts: dict[str, str | int | bool] = {"files_removed": files_removed}
    facts |= {f"{purpose}_ended": count for purpose, count in sorted(ended.items())}
    facts |= {f"{purpose}_living": count for purpose, count in sorted(lives.items())}
    facts |= {f"{purpose}_oldest_s": age for purpose, age in sorted(oldest.items())}
    return Entry("retention", now_ns, facts)


def unproven(
    log: Iterable[Entry],
    keys: Iterable[DataKey],
    file_keys: Iterable[str],
    policy: Policy,
    now_ns: int,
    held: Collection[str] = (),
) -> tuple[str, ...]:
    """What keeps the log and the disk from proving that retention ran; nothing where it did.

    `file_keys` are the ids of the keys of all sealed files on the disk.
    """
    entries, living = list(log), list(keys)
    alive = {key.id for key in living}
    said = []
    runs = [one.t_ns for one in entries if one.kind == "retention"]
    if not runs or now_ns - max(runs) > 2 * policy.every_ns:
        since = "never ran" if not runs else f"last ran {(now_ns - max(runs)) / HOUR_NS:.1f} hours ago"
        said.append(f"the retention job {since}; right is every {policy.every_ns / HOUR_NS:g} hours")
    late = Policy({purpose: keep + 2 * policy.every_ns for purpose, keep in policy.keep_ns.items()}, policy.every_ns)
    for key in due(living, late, now_ns, held):
        age_h, keep_h = (now_ns - key.created_ns) / HOUR_NS, policy.keep_ns[key.purpose] / HOUR_NS
        said.append(f"key {key.id[:8]} ({key.purpose}) is {age_h:.1f} hours old; right is at most {keep_h:g}")
    ended = {str(one.facts.get("key")) for one in entries if one.kind == "deletion"}
    said += [f"key {id_[:8]} has a tombstone and is still there" for id_ in sorted(ended & alive)]
    for id_ in sorted(set(file_keys) - alive):
        said.append(f"a file of key {id_[:8]}, which is gone, is still on the disk (it cannot be read)")
    return tuple(said)
