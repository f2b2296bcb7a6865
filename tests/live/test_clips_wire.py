"""A shop that is served, with cameras over real RTSP and a real broker: a question's clip is made, shown and erased.

Nobody tells the shop who is there, and nobody puts a clip into its vault: it sees, films, asks and makes it by itself.
Two shoppers take things from one gondola, one right after the other; the second one wears a magenta patch on the chest,
painted in before the cameras' streams are made.
"""

import asyncio
import http.client
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("av", reason="cameras need PyAV ('./run extras')")
pytest.importorskip("onnxruntime", reason="eyes need ONNX Runtime ('./run extras')")
pytest.importorskip("cv2", reason="clips need OpenCV ('./run extras')")

from tests.live.drawn import GROUP, RATE_HZ, Drawn, drawn, play
from tests.live.rtsp_server import Camera, units
from tests.live.test_clip import decoded
from tests.live.wire import free_port, running, twin_at, until
from tests.web.api.conftest import PASSWORD
from walkout.live import clip_keeper
from walkout.live.clip_view import view_of
from walkout.live.erasure import erase_visit
from walkout.live.eye_keeper import looking_at
from walkout.live.till import Wishes
from walkout.recording.camera import CameraFrame
from walkout.recording.video import pictures
from walkout.twin.camera.encode import Encoder
from walkout.web.api.context import Context
from walkout.web.serve import Serving, serve

CHIPS, PRETZELS = "00440000012014", "00440000012045"
TRIPS = ((3.5, (CHIPS,)), (5.0, (PRETZELS,)))
CAMERAS = (1, 3, 4)
LONG_S = 120.0
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    made = drawn(tmp_path_factory.mktemp("drawn") / "store", CAMERAS, TRIPS)
    return replace(made, films={name: painted(made, name) for name in made.films})


def painted(made: Drawn, name: str) -> list[bytes]:
    """A camera's film in which the second shopper wears the patch."""
    camera = next(one for one in made.store.cameras if one.id == name)
    view, wearer = view_of(camera), sorted(made.truth, key=lambda one: one.entered_ns)[1].shoppers[0]
    encoder = Encoder(camera.width_px, camera.height_px, RATE_HZ, kind="h264")
    coded: list[bytes] = []
    for picture in pictures(frame for frame in made.frames if frame.camera == name):
        rgb = picture.rgb.copy()
        now = min(made.people, key=lambda one: abs(one.t_ns - picture.t_ns))
        neck = next((one.joints["neck"] for one in now.people if one.id == wearer and "neck" in one.joints), None)
        if neck is not None:
            column, row, depth = view.pixel((neck.x_m, neck.y_m, neck.z_m - 0.2))
            if depth > 0.5:
                half = max(3, round(camera.focal_px * 0.07 / depth))
                top, left = max(round(row) - half, 0), max(round(column) - half, 0)
                rgb[top : max(round(row) + half, 0), left : max(round(column) + half, 0)] = (255, 0, 255)
        coded += [one.data for one in encoder.push(rgb, picture.t_ns)]
    return coded[: len(made.films[name])]


@dataclass
class Served:
    """A shop that is served, and its cameras."""

    context: Context
    cameras: dict[str, Camera]
    port: int
    sessions: dict[str, tuple[str, str]]

    async def ask(self, method: str, path: str, who: str = "ada") -> tuple[int, bytes]:
        """One request over HTTP, as somebody of the team."""
        return await asyncio.to_thread(self._ask, method, path, who)

    async def json(self, method: str, path: str, who: str = "ada") -> Any:
        status, body = await self.ask(method, f"/api/v1{path}", who)
        assert status in (200, 204), (status, body)
        return json.loads(body) if body else None

    def _ask(self, method: str, path: str, who: str) -> tuple[int, bytes]:
        cookie, csrf = self.sessions[who]
        headers = {"cookie": f"walkout_session={cookie}", "x-csrf-token": csrf, "content-type": "application/json"}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, path, b"{}" if method == "POST" else None, headers)
            found = connection.getresponse()
            return found.status, found.read()


@asynccontextmanager
async def served(film: Drawn, folder: Path) -> AsyncIterator[tuple[Served, Any]]:
    born_s = time.monotonic()
    cameras = {name: Camera(access, RATE_HZ, GROUP, born_s) for name, access in film.films.items()}
    urls = {name: camera.url for name, camera in cameras.items()}
    with running("mosquitto", film.store, folder) as (broker_port, who):
        port, opened = free_port(), asyncio.Queue[Context]()
        wishes = Wishes(any_card=True, shadow=True, durable=False, undo_ns=1_000_000_000)
        how = Serving(
            film.store, folder, port, broker=f"mqtt://127.0.0.1:{broker_port}", wishes=wishes, cameras=urls,
            eyes=looking_at(film.folder, urls), folder=film.folder,
        )  # fmt: skip
        serving = asyncio.create_task(serve(how, lambda context, _: opened.put_nowait(context)))
        try:
            context = await asyncio.wait_for(opened.get(), LONG_S)
            made = Served(context, cameras, port, await team(context))
            yield made, twin_at(broker_port, who)
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            for camera in cameras.values():
                camera.kill()


async def team(context: Context) -> dict[str, tuple[str, str]]:
    """Two reviewers on shift who take audits, and an admin, signed in."""
    till, sessions = context.till, {}
    for name, role in (("boss", "admin"), ("ada", "reviewer"), ("ben", "reviewer")):
        context.identity.add_user(name, PASSWORD, role, 1)
        cookie = context.identity.log_in(name, PASSWORD)
        assert cookie is not None
        session = context.identity.session(cookie)
        assert session is not None
        sessions[name] = (cookie, session.csrf)
    for name in ("ada", "ben"):

        def join(name: str = name) -> None:
            till.reviewing.add(name, "exampleville", "employed", "Example Ltd")
            for purpose in ("settle", "audit", "adjudicate"):
                till.reviewing.accept(name, purpose)
            till.reviewing.shift(name, "shift_started")

        await context.shop.do(join)
    return sessions


def patch(rgb: np.ndarray) -> int:
    """Pixels of the patch's colour, as far as compression leaves it; some goods here are nearly that."""
    red, green, blue = (rgb[..., k].astype(int) for k in range(3))
    return int(((red > 220) & (blue > 220) & (green < 60)).sum())


def test_a_question_of_a_running_shop_has_its_clips(
    film: Drawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clip_keeper, "LOOK_S", 6.0)

    async def story() -> None:
        async with served(film, tmp_path) as (made, twin):
            shop = made.context.shop
            till, keeper = shop.till, shop.clips
            assert keeper is not None
            # Before anybody comes, each camera sees the shop empty for a while.
            await until(lambda: len(keeper.known) == 3 and min(keeper.known.values()) > 0.9, LONG_S)
            await play(film, twin, list(made.cameras.values()))
            await until(lambda: len(till.ledger.visits("waiting", "decided", "settled")) == 2, LONG_S)
            asked_s = time.monotonic()
            question = None
            while question is None and time.monotonic() < asked_s + LONG_S:
                question = await made.json("POST", "/desk/lease")
                await asyncio.sleep(0.2)
            assert question is not None, "in a shadow each visit is asked about"
            if not question["evidence"]["clips"]:
                assert question["evidence"]["no_clip"]["pending"], question["evidence"]["no_clip"]
            token = question["token"]
            while not question["evidence"]["clips"]:
                assert time.monotonic() < asked_s + LONG_S, question["evidence"]["no_clip"]
                await asyncio.sleep(0.5)
                question = await made.json("GET", f"/desk/leases/{token}")
            assert question["evidence"]["no_clip"] is None
            visit = next(one.visit for one in await shop.do(lambda: till.queues.held("ada")))
            await until(lambda: not keeper.work.waiting and len(keeper.cpu_s) >= 2, LONG_S)
            shown = 0
            for one in question["evidence"]["clips"]:
                status, video = await made.ask("GET", one["url"])
                assert status == 200
                frames = decoded(video)
                assert len(frames) == one["frames"] >= 50
                assert frames[0].shape[:2] == (one["height"], one["width"])
                shown += sum(int(np.ptp(frame.astype(int), axis=(0, 1)).max()) > 60 for frame in frames)
                assert (await made.ask("GET", one["url"], "ben"))[0] != 200, "it is leased to ada"
            assert shown > 30, "something of the shop is to be seen"
            await markers(film, till, visit)
            await ended(made, shop, visit)

    asyncio.run(story())


async def markers(film: Drawn, till: Any, visit: str) -> None:
    """The patch is on the raw video of that time, and on no clip of the one who does not wear it."""
    visits = sorted(till.ledger.visits(), key=lambda one: till.cashier.last(one).receipt.entered_ns)
    other = visits[0]
    names = till.vault.clips.names(other)
    assert names, "the first shopper's question has clips too"
    worn = clean = 0
    cameras = {one.id: one for one in film.store.cameras}
    for name in names:
        video, about = till.vault.clips.get(other, name)
        clean += len(decoded(video))
        assert [patch(rgb) for rgb in decoded(video) if patch(rgb)] == []
        packets = list(till.vault.raw(about["camera"], about["t_ns"][0], about["t_ns"][-1]))
        raw = pictures(CameraFrame(about["camera"], p.t_ns, p.t_ns, "h264", p.data) for p in packets)
        worn += sum(patch(picture.rgb) > 50 for picture in raw)
        assert cameras[about["camera"]].width_px >= about["width"]
    assert clean > 40
    assert worn >= 5, "the other one was in no picture: this test shows nothing"
    kinds = [one for one in till.vault.log.entries() if one.kind == "clip"]
    assert len(kinds) >= 2, "each making is in the log"
    assert all(set(one.sealed) == {"visit"} for one in kinds)
    assert not [one for one in till.vault.log.entries() if one.kind == "raw_access"]
    pieces = {u[8:68] for access in film.films.values() for a in access for u in units(a) if len(u) > 100}
    held = [path for path in till.folder.rglob("*") if path.is_file()]
    assert not [path for path in held for data in (path.read_bytes(),) if any(p in data for p in pieces)]


async def ended(made: Served, shop: Any, visit: str) -> None:
    """Both answer, the visit settles, its shopper erases it: its clips are gone, and none is made again."""
    till = shop.till

    def answered() -> bool:
        for who in ("ada", "ben"):
            for lease in till.queues.held(who):
                till.reviewing.submit(who, lease.token, None, "unsure")
            till.reviewing.lease(who)
        return visit in till.ledger.visits("settled")

    end_s = time.monotonic() + LONG_S
    while not await shop.do(answered):
        assert time.monotonic() < end_s, till.ledger.visits("settled")
        await asyncio.sleep(0.3)
    files = len(list((till.vault.data / "clips").rglob("*.clip")))
    done = await shop.do(lambda: erase_visit(till.database, till.record, visit))
    assert done.files >= 1
    assert till.vault.clips.names(visit) == ()
    await asyncio.sleep(3.0)
    assert till.vault.clips.names(visit) == (), "nothing of it is made again"
    assert len(list((till.vault.data / "clips").rglob("*.clip"))) == files - done.files
