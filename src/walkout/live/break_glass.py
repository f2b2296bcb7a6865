"""Breaking the glass in a running shop: who asks, who lets them, each byte that is shown, and whom it is told to.

Requests live in the shop's database (`glass_book.py`) and outlive the process; only the video itself is in memory.
Nothing is shown before its entry is on the disk.
"""

import secrets
from collections.abc import Callable, Collection
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from typing import Any, Final

from sqlalchemy import Engine, or_, select

from walkout.checkout import tables as checkout
from walkout.disclosure.entries import Said, month_of, nonce, sealed
from walkout.live.glass_book import GlassBook, facts, words
from walkout.privacy import break_glass as rules
from walkout.privacy.apart import ApartError, apart
from walkout.privacy.break_glass import BreakGlassError, Glass
from walkout.privacy.entry import Entry, Fact
from walkout.privacy.sealed import SealedError
from walkout.privacy.segments import RawPacket
from walkout.privacy.vault import Vault
from walkout.recording.video import VideoMissingError, video_available

MOST_BYTES: Final = 512 * 1024 * 1024
"""Of video in memory at once: all that is open together."""
RANGE_BYTES: Final = 4 * 1024 * 1024
"""One answer holds so much at most."""


class BreakGlass:
    """The requests of one shop; its methods run where the till runs. What a process that died left undone is done."""

    def __init__(self, engine: Engine, vault: Vault, cameras: Collection[str], now_ns: Callable[[], int]) -> None:
        self._reading = engine.execution_options(walkout_reads=True)
        self._vault, self._cameras, self._now_ns = vault, frozenset(cameras), now_ns
        self._book = GlassBook(engine)
        self._video: dict[str, bytes] = {}
        self._from_ns: dict[str, int] = {}
        """When the first picture was taken that is to be seen: the last one before the stretch that decodes alone."""
        self._book.mend(vault.log, self._tell)

    @property
    def cameras(self) -> tuple[str, ...]:
        """Whose video there may be."""
        return tuple(sorted(self._cameras))

    def requests(self) -> tuple[tuple[Glass, rules.State], ...]:
        """What was asked, the newest first; of what is over the last ones."""
        self._sweep()
        now_ns = self._now_ns()
        return tuple((one, one.state(now_ns)) for one in self._book.all())

    def hinders(self, glass: Glass, name: str) -> str:
        """Why this account may not count as another person than the one who asked; "": it may."""
        try:
            apart(self._book.account(glass.by), self._book.account(name), glass.asked_ns)
        except ApartError as error:
            return str(error)
        return ""

    def ask(self, by: str, role: str, camera: str, from_ns: int, to_ns: int, minutes: int, reason: str) -> Glass:
        """Ask to see a camera's video as it was taken. BreakGlassError where nobody may ever be let do that."""
        if camera not in self._cameras:
            raise BreakGlassError(
                f"found the camera {camera[:40]!r}, right: one of {', '.join(self.cameras) or 'none'}"
            )
        self._sweep()
        now_ns = self._now_ns()
        made = rules.asked(secrets.token_hex(8), by, role, camera, from_ns, to_ns, minutes, reason, now_ns)
        self._step(made, "asked", by, role)
        return made

    def approve(self, id_: str, by: str, role: str) -> Glass:
        """Let them: another person, within the hour. BreakGlassError as the rules say."""
        before = self._of(id_)
        asker, other = self._book.account(before.by), self._book.account(by)
        made = rules.approved(before, asker, other, role, self._now_ns())
        self._step(made, "approved", by, role)
        return made

    def end(self, id_: str, by: str, role: str, *, may_approve: bool) -> Glass:
        """Take it back, refuse it, or close it before its time."""
        before = self._of(id_)
        made = rules.ended(before, by, may_approve)
        if not before.ended:
            self._step(made, "ended", by, role)
        self._video.pop(id_, None)
        return made

    def show(self, id_: str, by: str, first: int, last: int | None) -> tuple[bytes, int, int]:
        """Bytes of the video from `first` to `last` (None: as many as fit): they, the first one's place, the size.

        The first time tells it to everybody who was inside then; each time says in the log which bytes were shown.

        Raises BreakGlassError where this person may not look now, and VideoMissingError without PyAV.
        """
        self._sweep()
        glass = self._of(id_)
        rules.check_look(glass, by, self._now_ns())
        if id_ not in self._video:
            self._video[id_] = self._made(glass)
        video = self._video[id_]
        end = min(len(video) - 1 if last is None else last, first + RANGE_BYTES - 1, len(video) - 1)
        if not 0 <= first <= end:
            raise BreakGlassError(f"found bytes from {first}, right: from 0 to {len(video) - 1}")
        if not glass.opened_ns:
            opened = replace(glass, opened_ns=self._now_ns())
            self._book.step(opened, "opened", by, glass.role, lambda: self._opened(opened))
        self._log(self._entry(glass, by, {"what": "served", "first_byte": first, "last_byte": end}))
        return video[first : end + 1], first, len(video)

    def _of(self, id_: str) -> Glass:
        found = self._book.get(id_)
        if found is None:
            raise BreakGlassError("found no such request, right: one of the list")
        return found

    def _made(self, glass: Glass) -> bytes:
        """The stretch as a file that plays."""
        if not video_available():
            raise VideoMissingError("found no PyAV, right: './run extras', it puts packets into a file that plays")
        packets, size = [], sum(map(len, self._video.values()))
        try:
            for packet in self._vault.raw(glass.camera, glass.from_ns, glass.to_ns - 1):
                packets.append(packet)
                size += len(packet.data)
                if size > MOST_BYTES:
                    raise BreakGlassError(f"found more than {MOST_BYTES >> 20} MiB of video, right: a shorter stretch")
        except SealedError as error:
            raise BreakGlassError(f"found video that was changed on the disk: {error}") from error
        if not packets:
            raise BreakGlassError("found no video of that camera and time, right: one whose key still lives")
        self._from_ns[glass.id] = min(glass.from_ns, packets[0].t_ns)
        return watchable(packets)

    def _opened(self, glass: Glass) -> None:
        """Tell the log, and in it everybody who was inside while that was taken."""
        visit, roles = checkout.visits.c, f"{glass.role}, {glass.approver_role}"
        during = (visit.entered_ns < glass.to_ns) & or_(
            visit.left_ns.is_(None), visit.left_ns >= self._from_ns[glass.id]
        )
        with self._reading.begin() as connection:
            rows = connection.execute(select(visit.visit, visit.entered_ns).where(during)).all()
        now_ns = self._now_ns()
        of: dict[str, Fact] = {"what": "raw", "purpose": "break-glass", "request": glass.id}
        of |= {"reason": glass.reason, "roles": roles}
        said = [Said("", "raw_access", now_ns, month_of(r.entered_ns), of, r.visit, by=glass.by) for r in rows]
        looks = [sealed(self._vault.keys, one, nonce(), now_ns) for one in said]
        more: dict[str, Fact] = {"reason": glass.reason, "visits": len(rows), "accounts": words(glass)}
        # All of them or none: then the log knows of a first look only where everybody was told.
        self._log(*looks, self._entry(glass, glass.by, {"what": "opened", "roles": roles, **more}))

    def _step(self, glass: Glass, step: str, by: str, role: str) -> None:
        self._book.step(glass, step, by, role, lambda: self._tell(glass, step, by, role))

    def _tell(self, glass: Glass, step: str, by: str, role: str) -> None:
        self._log(self._entry(glass, by, facts(glass, step, role)))

    def _entry(self, glass: Glass, by: str, of: dict[str, Fact]) -> Entry:
        now_ns = self._now_ns()
        said = Said("", "break_glass", now_ns, month_of(now_ns), {**of, "request": glass.id}, by=by)
        return sealed(self._vault.keys, said, nonce(), now_ns)

    def _log(self, *entries: Entry) -> None:
        self._vault.log.append(*entries)

    def _sweep(self) -> None:
        """Let go of video whose time is over, and of old requests."""
        kept = self._book.tidy(self._now_ns())
        for id_ in set(self._video) & set(kept):
            del self._video[id_]


def watchable(packets: list[RawPacket]) -> bytes:
    """Packets as they came, in an MP4 that plays: no picture is decoded. Needs PyAV.

    Pictures that a camera sends out of order keep the order in which they were sent.
    """
    import av  # noqa: PLC0415 - optional

    kind = "mjpeg" if packets[0].data.startswith(b"\xff\xd8") else "h264"
    data, out = BytesIO(b"".join(one.data for one in packets)), BytesIO()
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    source: Any
    with av.open(data, "r", format=kind) as source, av.open(out, "w", format="mp4", options=options) as sink:
        stream = sink.add_stream_from_template(source.streams.video[0])
        last_ms = -1
        for number, packet in enumerate(one for one in source.demux(video=0) if one.size):
            t_ns = packets[min(number, len(packets) - 1)].t_ns
            last_ms = max(last_ms + 1, (t_ns - packets[0].t_ns) // 1_000_000)
            packet.stream, packet.time_base = stream, Fraction(1, 1000)
            packet.pts = packet.dts = last_ms
            sink.mux(packet)
    return out.getvalue()
