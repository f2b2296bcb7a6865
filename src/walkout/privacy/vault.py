"""The data folder as a whole: log, keys, raw video, clips; what is kept, ended and erased in it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from walkout.privacy import cut, retention, segments
from walkout.privacy.clips import Clips
from walkout.privacy.entry import Entry, Fact, Kind, entry
from walkout.privacy.keys import DataKey, KeyStore, KeyStoreError, Purpose, make_store_key, signing_key
from walkout.privacy.log import Log
from walkout.privacy.retention import Policy
from walkout.privacy.sealed import key_of
from walkout.privacy.segments import RawPacket, SegmentWriter

STORE_KEY, SIGNING_KEY = "store.key", "signing.key"
_LOG, _KEYS, _RAW, _CLIPS, _TRAINING = "log", "keys", "raw", "clips", "training"
_OF_LEARNING: Final = ("event", "camera", "t_ns", "event_ns", "width", "height", "wrists")
"""What is known of a clip that goes into its copy for learning; the rest is of the question it was made for."""
_OF_A_VISIT: Final[tuple[Purpose, ...]] = ("clip", "training")


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure ended."""

    keys: int
    files: int


class Vault:
    """A shop's data folder, opened by one process; close it, or use it as a context.

    Args:
        data: The folder; `log/`, `keys/`, `raw/`, `clips/` and `training/` are made in it.
        secrets: A folder elsewhere, with `store.key` and `signing.key`, made at the first use. Whoever has both
            folders can read everything; whoever has one, nothing.
        now_ns: The server's clock.

    Raises:
        KeyStoreError, LogError: As those say.
    """

    def __init__(self, data: Path, secrets: Path, now_ns: int) -> None:
        if not (secrets / STORE_KEY).exists():
            if (data / _KEYS).exists():
                raise KeyStoreError(f"there is no store key at {secrets / STORE_KEY}, and {data} was made with one")
            make_store_key(secrets / STORE_KEY)
        self.data = data
        self.log = Log(data / _LOG, signing_key(secrets / SIGNING_KEY), now_ns)
        try:
            self._now_ns = now_ns
            self.keys = KeyStore(data / _KEYS, secrets / STORE_KEY, self._tombstone)
        except BaseException:
            self.log.close()
            raise
        self.clips = Clips(data / _CLIPS, self.keys)
        self.training = Clips(data / _TRAINING, self.keys, "training")
        """Copies for learning, each visit's under a key that is not its clips'; `keep_training` makes them."""

    def __enter__(self) -> "Vault":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        self.log.close()

    def record(
        self, kind: Kind, now_ns: int, facts: Mapping[str, Fact], personal: Mapping[str, str] | None = None
    ) -> int:
        """Log what was done; personal fields (visit, reviewer, shopper) are sealed under their salts. Its number."""
        self._now_ns = now_ns
        return self.log.append(
            entry(kind, now_ns, facts, personal, lambda name, value: self.keys.salt(name, value, now_ns))
        )

    def raw_writer(self, camera: str) -> SegmentWriter:
        """Where a camera's packets go."""
        return SegmentWriter(self.data / _RAW, self.keys, camera)

    def raw(self, camera: str, from_ns: int, to_ns: int) -> Iterator[RawPacket]:
        """A camera's packets, for the renderer of clips alone; see `segments.read_raw`."""
        return segments.read_raw(self.data / _RAW, self.keys, camera, from_ns, to_ns)

    @property
    def raw_folder(self) -> Path:
        """Where raw video lies, for `segments.read_raw` with keys that were handed over."""
        return self.data / _RAW

    def raw_keys(self, camera: str, from_ns: int, to_ns: int) -> tuple[DataKey, ...]:
        """What opens a camera's packets of a stretch, for the renderer of clips alone; none where that time is gone."""
        return segments.raw_keys(self.raw_folder, self.keys, camera, from_ns, to_ns)

    def retain(self, policy: Policy, now_ns: int, held: Collection[str] = ()) -> Entry:
        """Run retention: end the keys whose time is up, remove what they encrypted, and log it.

        Keeps the day's checkpoint too, where one is due. To be called every `policy.every_ns`.
        """
        self._now_ns = now_ns
        dead = retention.due(list(self.keys.all()), policy, now_ns, held)
        for key in dead:
            self.keys.destroy_id(key.id, "retention")
        removed = self._remove_dead()
        made = retention.ran(dead, self.keys.all(), removed, now_ns)
        self.log.append(made)
        self.log.checkpoint(now_ns)
        return made

    def unproven(self, policy: Policy, now_ns: int, held: Collection[str] = ()) -> tuple[str, ...]:
        """What keeps the log and the disk from proving that retention ran; nothing where it did."""
        clips = [path for folder in (_CLIPS, _TRAINING) for path in (self.data / folder).rglob("*.clip")]
        files = [*(self.data / _RAW).rglob("*.seg"), *clips]
        ids = [key_of(path)[0] for path in files]
        return retention.unproven(self.log.entries(), self.keys.all(), ids, policy, now_ns, held)

    def keep_training(self, visit: str, now_ns: int) -> int:
        """Copy what clips a visit has for learning, sealed anew under a key of its own; gives how many were copied.

        Whether somebody agreed to that is for the caller to know. Said again it copies what came since.
        """
        there, copied = set(self.training.names(visit)), 0
        for name in self.clips.names(visit):
            if name in there:
                continue
            video, about = self.clips.get(visit, name)
            self.training.put(visit, name, video, {key: about[key] for key in _OF_LEARNING if key in about}, now_ns)
            copied += 1
        return copied

    def end_training(self, visit: str, now_ns: int, reason: str) -> Erased:
        """End a visit's copy for learning, and nothing else of it: its clips live on until their own time is up."""
        self._now_ns = now_ns
        keys = int(self.keys.destroy("training", visit, reason))
        return Erased(keys, self._remove_dead() if keys else 0)

    def erase(self, visit: str, now_ns: int, reason: str = "erasure") -> Erased:
        """End what is kept of a visit: its clips, its training copy, and whose the log's entries of it were.

        What the log counted stays counted, and every proof over it holds; nobody can tell any more that it was this
        visit. Raw video is another matter: `cut_raw`.
        """
        self._now_ns = now_ns
        keys = sum(self.keys.destroy(purpose, visit, reason) for purpose in _OF_A_VISIT)
        keys += self.keys.destroy("salt", f"visit/{visit}", reason)
        return Erased(keys, self._remove_dead())

    @property
    def cuts(self) -> tuple[cut.Span, ...]:
        """What of the raw video is still to be cut out, oldest first."""
        return cut.waiting(self.data / _RAW)

    def to_cut(self, from_ns: int, to_ns: int) -> None:
        """Remember that no picture of this time may stay; `cut_raw` does it. Nothing where there is no raw video."""
        raw = self.data / _RAW
        if raw.is_dir():
            cut.keep_waiting(raw, [*cut.waiting(raw), (from_ns, to_ns)])

    def cut_raw(self, now_ns: int, held: Collection[cut.Span] = ()) -> cut.Cut:
        """Write raw video anew without what is to be cut out, as far as it is closed; spans that are held wait."""
        self._now_ns = now_ns
        raw = self.data / _RAW
        spans = cut.waiting(raw)
        ready = [span for span in spans if span not in held]
        if not ready:
            return cut.Cut(waiting=spans)
        done = cut.cut(raw, self.keys, ready, now_ns)
        if done.keys:
            self._remove_dead()
        left = [span for span in spans if span in held or span in done.waiting]
        cut.keep_waiting(raw, left)
        return cut.Cut(done.packets, done.keys, tuple(left))

    def _remove_dead(self) -> int:
        clips = self.clips.remove_dead() + self.training.remove_dead()
        return segments.remove_dead(self.data / _RAW, self.keys) + clips

    def _tombstone(self, purpose: str, id_: str, reason: str) -> None:
        self.log.append(Entry("deletion", self._now_ns, {"purpose": purpose, "key": id_, "reason": reason}))
