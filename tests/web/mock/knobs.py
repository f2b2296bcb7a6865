"""The state of the mock: where the told story is, and the knobs that tests turn."""

import asyncio
import time
from contextlib import suppress
from decimal import Decimal
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

from fastapi import WebSocket

from tests.web.mock import seventh, story
from tests.web.mock.desk import Desk
from walkout.store.folder import load
from walkout.store.shop import Store

SAMPLE = Path(__file__).parents[3] / "examples" / "sample-store"
BUSY_NS = 100_000_000_000
"""Where the story is taken up: six visits are inside, eight people."""


class Mock:
    """All that the mock knows; tests turn its knobs."""

    def __init__(self, *, at_ns: int = BUSY_NS, signed_in: bool = False, demo: bool = True) -> None:
        self.store: Store = load(SAMPLE)
        self._begun_ns: int | None = None
        self.at_ns = at_ns
        self.signed_in = signed_in
        """Everybody is, without a cookie."""
        self.rights: Any = None
        """What shoppers did and were told alone; the application puts it here."""
        self.demo = demo
        self.role = "operator"
        """Of whoever is signed in without a cookie."""
        self.sold = 240 if at_ns else 0
        """So many visits are in the books of stock and sales."""
        self.cameras = False
        """Whether questions have clips."""
        self.reissued: dict[str, dict[str, Any]] = {}
        """What receipts became by people's answers, by visit."""
        self.mode = "shadow"
        self.labels = (0, 0)
        """Blind labels so far, and how many of them were wrong."""
        self.looked: list[dict[str, Any]] = []
        """Who looked at what is recorded about the reviewer."""
        self.raw_video = b""
        """What is shown of video as it was taken."""
        self.at_exit: dict[str, list[dict[str, Any]]] = {"here": [], "left": []}
        """What the screen at the exit shows."""
        self.hinders = ""
        """Why an auditor may not count as another person than the one who asked."""
        self.passwords: list[str] = []
        """What passwords were changed to."""
        self.elsewhere: str | None = None
        """How the organisation's own sign-in is called; None: there is none."""
        self.frozen = False
        """Nothing is told any more, pings neither, though connections stay."""
        self.down = False
        self.seventh = seventh.Seventh(self.store)
        self.you: dict[str, Any] = {}
        """Receipts and visits of the visitor, by visit."""
        self.devices = {d["id"]: d for d in self._devices()}
        self.cases: list[dict[str, Any]] = []
        self.door = [
            {"id": "d1", "kind": "age", "words": "Old Weir pale ale: is the shopper of visit 7 at least 16?"},
            {"id": "d2", "kind": "entry", "words": "The card was declined: insufficient funds"},
        ]
        self.door_said: list[dict[str, Any]] = []
        self.sockets: set[WebSocket] = set()
        self.dropping: set[WebSocket] = set()
        self.extra: list[dict[str, Any]] = []
        self._numbers = count(1)

    @cached_property
    def desk(self) -> Desk:
        """The review desk; made when somebody first asks for it."""
        return Desk(self)

    def now_ns(self) -> int:
        return time.time_ns()

    def begin(self) -> None:
        """Let the story go on from now: it waits for the first page, however long a browser takes to start."""
        self._begun_ns = self._begun_ns or self.now_ns()

    @property
    def started(self) -> int:
        """When the story went on, ns; now, while it waits."""
        return self._begun_ns or self.now_ns()

    @property
    def shift_ns(self) -> int:
        """What turns the story's time into now's."""
        return self.started - self.at_ns

    def story_ns(self) -> int:
        """Where the story is."""
        return min(self.now_ns() - self.shift_ns, int(story.story()["end_ns"]))

    def shown(self, value: Any) -> Any:
        return story.shifted(value, self.shift_ns)

    def _devices(self) -> list[dict[str, Any]]:
        def row(id_: str, kind: str, noise: float | None = None) -> dict[str, Any]:
            told = {"noise_g": noise, "drift": None if noise is None else 0.0, "gaps": 0, "skew_ms": 4.0}
            return {"id": id_, "kind": kind, "state": "ok", "last_ns": 0, "detail": "", "advice": "", **told}

        return [
            *(row(f"plates-{fixture.id}", "plates", 0.8) for fixture in self.store.fixtures),
            *(row(f"gate-{gate.id}", "gate") for gate in self.store.gates),
            *(row(f"camera-{camera.id}", "camera") for camera in self.store.cameras),
            row("people", "people"),
        ]

    def fail(self, id_: str, state: str, seconds: float, detail: str, advice: str) -> None:
        """Let a device be silent or dead, and tell it."""
        last_ns = self.now_ns() - int(seconds * 1e9)
        self.devices[id_] |= {"state": state, "last_ns": last_ns, "detail": detail, "advice": advice}
        self.extra.append({"type": "device", "device": self.devices[id_]})

    def drop(self, socket: WebSocket) -> None:
        """Let a connection end at the next tick, as a restart of the shop would."""
        self.sockets.discard(socket)
        self.dropping.add(socket)

    def device_rows(self) -> list[dict[str, Any]]:
        now = self.now_ns()
        return [d if d["state"] != "ok" else d | {"last_ns": now - 150_000_000} for d in self.devices.values()]

    def people(self) -> list[dict[str, Any]]:
        found = story.people_at(self.story_ns())
        return [*found, self.seventh.person()] if self.seventh.inside else found

    def visits(self) -> dict[str, dict[str, Any]]:
        """The last word on every visit so far."""
        found: dict[str, dict[str, Any]] = {}
        for message in story.messages(0, self.story_ns()):
            if message["type"] == "visit":
                found[message["visit"]["id"]] = self.shown(message["visit"])
        if self.seventh.inside:
            found[seventh.VISIT] = self.seventh.visit(None)
        return found | {v: kept["visit"] for v, kept in self.you.items() if not self.seventh.inside}

    def receipt_rows(self) -> list[dict[str, Any]]:
        told = [self.shown(m["receipt"]) for m in story.messages(0, self.story_ns()) if m["type"] == "receipt"]
        told += [kept["receipt"] for kept in self.you.values()]
        told = [self._row(row) for row in told]
        return sorted(told, key=lambda r: -r["issued_ns"])

    def _row(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row of a receipt, as people's answers left it."""
        new = self.reissued.get(row["visit"])
        kept = ("revision", "status", "total", "due", "p_exact", "decided_by", "issued_ns")
        return row if new is None else row | {key: new[key] for key in kept} | {"final": True}

    def receipt(self, visit: str) -> dict[str, Any] | None:
        """The last receipt of a visit in full; None while there is none."""
        row = next((r for r in self.receipt_rows() if r["visit"] == visit), None)
        if row is None:
            return None
        if visit in self.you:
            kept = self.you[visit]
            human = {"viewers": 0, "clips": 0, "seconds": 0.0, "purposes": [], "last_at": None}
            status = "settled" if row["status"] == "settled" else "asks"
            asked = [] if status == "settled" else [{"event": "", "words": "How many were taken?", "candidates": []}]
            parts = {"lines": kept["visit"]["lines"], "human": human, "status": status, "questions": asked}
            whole = row | parts | {key: kept["visit"][key] for key in ("entered_ns", "left_ns")}
            return whole | self.reissued.get(visit, {})
        full: dict[str, Any] = self.shown(story.story()["visits"][visit]["receipt"])
        return full | self.reissued.get(visit, {})

    def given_away(self) -> dict[str, Any]:
        """What was not charged while nobody has answered; the only cause that a shop knows at once."""
        rows = self.receipt_rows()
        held = [Decimal(r["total"]) - Decimal(r["due"]) for r in rows]
        each = sum(held, Decimal(0)) * 1000 / max(len(rows), 1)
        per = {"unanswered": f"{each:.2f}", "not collected": "0.00", "given back": "0.00", "contested": "0.00"}
        return {"visits": len(rows), "currency": "EUR", "per_1000": per}

    def snapshot(self) -> dict[str, Any]:
        told = [self.shown(m["event"]) for m in story.messages(0, self.story_ns()) if m["type"] == "event"]
        return {
            "t_ns": self.now_ns(),
            "people": self.people(),
            "visits": [v for v in self.visits().values() if v["left_ns"] is None],
            "devices": self.device_rows(),
            "events": told[-50:],
            "receipts": self.receipt_rows()[:20],
            "given_away": self.given_away(),
        }

    async def tell(self) -> None:
        """Play: ten times a second, to every socket."""
        last, pinged = self.story_ns(), 0.0
        while True:
            await asyncio.sleep(0.1)
            while self.dropping:
                await self.dropping.pop().close(1012)
            if self.frozen:
                continue
            now, news = self.story_ns(), list(self.extra)
            self.extra.clear()
            news += [self.shown(m) for m in story.messages(last, now)]
            last = now
            for message in self.seventh.step(self.now_ns()):
                if message["type"] == "receipt":
                    visit = self.seventh.visit(self.now_ns())
                    self.you[seventh.VISIT] = {"visit": visit, "receipt": message["receipt"]}
                news.append(message)
            news.append({"type": "people", "t_ns": self.now_ns(), "people": self.people()})
            if time.monotonic() - pinged > 2:
                pinged = time.monotonic()
                news.append({"type": "ping", "t_ns": self.now_ns()})
            for socket in tuple(self.sockets):
                with suppress(Exception):  # a socket that goes while it is told
                    for message in news:
                        await socket.send_json(message)

    def open_case(self, visit: str, body: dict[str, Any]) -> dict[str, Any]:
        gtin = str(body.get("gtin") or "")
        case = {
            "id": f"c{next(self._numbers):05d}",
            "visit": visit,
            "kind": body["kind"],
            "state": "open",
            "gtin": gtin or None,
            "quantity": body.get("quantity"),
            "words": body.get("words", ""),
            "opened_ns": self.now_ns(),
            "closed_ns": None,
            "outcome": None,
            "note": "",
            "amount": None,
            "closed_by": None,
        }
        self.cases.append(case)
        return case
