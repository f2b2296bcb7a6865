"""How soon the next question is there on a slow line, and in how many bytes: a real desk before a real Chromium.

The clips are the shop's own: the sample store's cameras drawn by the twin at 640 x 360, through the vault, redaction
and the encoder, 6 s from two cameras. They are served, with the lease's mark burnt in, by a shop's API; the browser's
line has 150 ms and 2 Mbit/s (Network.emulateNetworkConditions). Measured is from the key that answers until the next
question takes answers and stands before its pictures: where somebody looked for five seconds, so that the next one
came meanwhile; and where they answered at once. Bytes are what the server sent for a question. The videos are
simulated; the line, the browser and the server are real, and share one machine.
"""

import asyncio
import base64
import shutil
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import orjson
import uvicorn

from benchmarks._clips import Studio
from benchmarks._line_clips import Filmed, filmed
from walkout.live.disputes import Disputes
from walkout.live.shop import Shop
from walkout.live.till import Wishes, open_till
from walkout.privacy.vault import Vault
from walkout.review.case import Body
from walkout.store.shop import Store
from walkout.web.api.app import make_app
from walkout.web.api.context import Context
from walkout.web.api.identity import Identity

SEEDS = range(71_000, 71_003)
EVENTS = 8
"""Of one play."""
LOOKS_S = 5.0
LATENCY_MS, DOWN_BYTES_S = 150, 250_000
MOST_S, MOST_BYTES = 2.0, 400_000
WHO = "ada"
OPENINGS = 8
READY = """old => new Promise(done => {
  let from = null;
  addEventListener("keydown", event => { from ??= event.timeStamp; }, {capture: true});
  const start = performance.now();
  const look = () => {
    const films = [...document.querySelectorAll(".film:not([hidden]) video")];
    const drawn = film => !(old && film.src.includes(old)) && film.readyState >= 2 && !film.seeking;
    if (films.length > 0 && films.every(drawn) && document.querySelector(".answers")?.ariaBusy === "false")
      return requestAnimationFrame(() => setTimeout(() => done({
        seconds: (performance.now() - (from ?? 0)) / 1000, token: films[0].src.split("/").at(-2)})));
    if (performance.now() - start > 60000) return done({seconds: 60, token: ""});
    requestAnimationFrame(look);
  };
  look();
})"""


def run(json: bool, data: Path | None = None, seeds: range | None = None, keep: Path | None = None) -> dict[str, Any]:
    """Measure. `keep`: a folder in which filmed plays are kept, and found again. `data` is not used."""
    del data
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None or find_spec("playwright") is None or find_spec("av") is None or find_spec("cv2") is None:
        raise ValueError("this bench needs Chromium, Playwright, PyAV and OpenCV: './run extras', apt install chromium")
    studio = Studio()
    films = [one for seed in seeds or SEEDS for one in _films(studio, seed, keep)]
    with TemporaryDirectory() as folder, _desk(studio.store, Path(folder), films) as desk:
        figures = _measure(desk, chromium)
    sizes = [sum(len(video) for video, _ in one.clips) for one in films]
    figures |= {"origin": "simulated", "events": len(films), "stored_bytes": spread(sizes)}
    ahead = figures["ahead"]
    figures["passed"] = ahead["seconds"]["p95"] <= MOST_S and ahead["bytes"]["max"] <= MOST_BYTES
    if not json:
        _show(figures)
    return figures


def spread(values: list[Any]) -> dict[str, Any]:
    """Median, 95th of a hundred, the largest."""
    return {
        "p50": round(float(np.percentile(values, 50)), 3),
        "p95": round(float(np.percentile(values, 95)), 3),
        "max": round(float(max(values)), 3),
        "n": len(values),
    }


def _films(studio: Studio, seed: int, keep: Path | None) -> list[Filmed]:
    file = None if keep is None else keep / f"slow-line-{seed}.json"
    if file is not None and file.exists():
        return [_read(row) for row in orjson.loads(file.read_bytes())]
    with TemporaryDirectory() as folder, Vault(Path(folder) / "data", Path(folder) / "secrets", 1) as vault:
        found = filmed(studio, vault, seed, EVENTS)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(orjson.dumps([_row(one) for one in found]))
    return found


def _row(one: Filmed) -> dict[str, Any]:
    clips = [{"video": base64.b64encode(video).decode(), "about": about} for video, about in one.clips]
    names = ("name", "t_ns", "fixture", "shelf", "plates", "gtin")
    return {name: getattr(one, name) for name in names} | {"clips": clips}


def _read(row: dict[str, Any]) -> Filmed:
    clips = tuple((base64.b64decode(one["video"]), one["about"]) for one in row["clips"])
    return Filmed(**{**row, "plates": tuple(row["plates"]), "clips": clips})


class Desk:
    """A shop's desk over HTTP with questions in it; it counts the bytes that it sends."""

    def __init__(self, url: str, session: str, many: int) -> None:
        self.url, self.session, self.many = url, session, many
        self.sent: dict[str, int] = defaultdict(int)
        """Bytes of bodies by path."""

    def of(self, token: str) -> int:
        """Bytes of the clips of a lease."""
        return sum(many for path, many in self.sent.items() if f"/clips/{token}/" in path)

    def others(self) -> int:
        """Bytes of everything but clips."""
        return sum(many for path, many in self.sent.items() if "/clips/" not in path)


@contextmanager
def _desk(store: Store, folder: Path, films: list[Filmed]) -> Iterator[Desk]:
    """A shop's desk, with every event twice in it, and one reviewer on shift."""
    loop = asyncio.new_event_loop()
    turning = threading.Thread(target=loop.run_forever, daemon=True)
    turning.start()

    def wait(what: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(what, loop).result(120)

    def do(what: Callable[[], Any]) -> Any:
        return wait(shop.do(what))

    shop = Shop(lambda: open_till(store, folder / "shop", wishes=Wishes()), store.name, None)
    wait(shop.open(listen=False))
    till = shop.till
    with socket(AF_INET, SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        identity = Identity(till.database, b"of a bench")
        context = Context(shop, identity, Disputes(till), "", url)
        context.requests.burst = context.requests.per_minute = 1e9
        identity.add_user(WHO, "of nobody, simulated", "reviewer", time.time_ns())
        session = identity.log_in(WHO, "of nobody, simulated")
        do(lambda: till.reviewing.add(WHO, "exampleville", "employed", "nobody: simulated"))
        do(lambda: till.reviewing.accept(WHO, "settle"))
        do(lambda: till.reviewing.shift(WHO, "shift_started"))
        questions = [one for _ in range(2) for one in films]
        for n, one in enumerate(questions):
            do(partial(_ask, till, n, one))
        found = Desk(url, str(session), len(questions))
        server = uvicorn.Server(
            uvicorn.Config(_counting(make_app(context), found.sent), log_level="error", lifespan="off")
        )
        serving = asyncio.run_coroutine_threadsafe(server.serve(sockets=[listener]), loop)
        while not server.started:
            time.sleep(0.02)
        try:
            yield found
        finally:
            server.should_exit = True
            serving.result(30)
            wait(shop.close())
            loop.call_soon_threadsafe(loop.stop)
            turning.join(10)


def _counting(app: Any, sent: dict[str, int]) -> Any:
    async def counted(scope: Any, receive: Any, send: Any) -> None:
        async def count(message: Any) -> None:
            if message["type"] == "http.response.body":
                sent[scope["path"]] += len(message.get("body", b""))
            await send(message)

        await app(scope, receive, count)

    return counted


def _ask(till: Any, n: int, one: Filmed) -> None:
    """A question on one event: its clips, its shelf's curve as a shop keeps it, and the shelf's products to choose."""
    visit, event = f"v{n}", one.name.split("-")[-1]
    for number, (video, about) in enumerate(one.clips):
        till.vault.clips.put(visit, f"{event}.{number}", video, about, time.time_ns())
    times = [one.t_ns + k * 50_000_000 for k in range(-120, 120)]
    steps = np.random.default_rng(n).normal(0.0, 0.6, (len(times), len(one.plates)))
    grams = [[round(900.0 - 250.0 * (k > 120) + g, 1) for g in row] for k, row in enumerate(steps)]
    curve = {"event": event, "fixture": one.fixture, "shelf": one.shelf, "plates": list(one.plates)}
    kept = {"events": [], "curves": [curve | {"t_ns": times, "grams": grams}], "reaches": [], "baskets": []}
    till.evidence.keep(visit, kept, time.time_ns())
    here = [f.gtin for f in till.store.planogram if (f.fixture, f.shelf) == (one.fixture, one.shelf)]
    gtins = list(dict.fromkeys([one.gtin, *here]))[:6]
    candidates = tuple((gtin, till.store.products[gtin].name) for gtin in gtins if gtin in till.store.products)
    body = Body(event, one.t_ns, one.t_ns, "what", "What was taken here?", candidates)
    till.queues.put(f"case/{visit}", visit, "settle", body, deadline_ns=time.time_ns() + (n + 1) * 3_600_000_000_000)


def _measure(desk: Desk, chromium: str) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    with import_module("playwright.sync_api").sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        opened = []
        for _ in range(OPENINGS):
            desk.sent.clear()
            page = _page(browser, desk)
            page.goto(f"{desk.url}/review", wait_until="commit")
            found = page.evaluate(READY, "")
            opened.append((found["seconds"], sum(desk.sent.values()), desk.others()))
            page.context.close()
        page = _page(browser, desk)
        page.goto(f"{desk.url}/review", wait_until="commit")
        token = page.evaluate(READY, "")["token"]
        half = desk.many // 2
        for name, many, looks_s in (("ahead", half, LOOKS_S), ("at_once", desk.many - half - 2, 0.2)):
            seconds, sizes, said = [], [], []
            for _ in range(many):
                page.wait_for_timeout(looks_s * 1000)
                before = desk.others()
                page.evaluate(f"window.__ready = ({READY})('{token}'); undefined")
                page.keyboard.press("1")
                found = page.evaluate("window.__ready")
                page.wait_for_timeout(300)
                seconds.append(found["seconds"])
                said.append(desk.others() - before)
                sizes.append(desk.of(token) + said[-1])
                token = found["token"]
            figures[name] = {"seconds": spread(seconds), "bytes": spread(sizes), "of_them_no_video": spread(said)}
        browser.close()
    figures["opened"] = {
        "seconds": spread([one[0] for one in opened]),
        "bytes": spread([one[1] for one in opened]),
        "of_them_no_video": spread([one[2] for one in opened]),
    }
    return figures


def _page(browser: Any, desk: Desk) -> Any:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(90_000)
    context.add_cookies([{"name": "walkout_session", "value": desk.session, "url": desk.url}])
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    line = {"latency": LATENCY_MS, "downloadThroughput": DOWN_BYTES_S, "uploadThroughput": DOWN_BYTES_S}
    session.send("Network.emulateNetworkConditions", {"offline": False, **line})
    return page


def _show(figures: dict[str, Any]) -> None:
    line = f"{LATENCY_MS} ms and {DOWN_BYTES_S * 8 / 1e6:g} Mbit/s"
    print(f"{figures['events']} events of two cameras, {line}; simulated video")
    words = {
        "ahead": f"next question, looked at the one before for {LOOKS_S:g} s",
        "at_once": "next question, answered at once",
        "opened": "the page opened for the first time",
    }
    for name, what in words.items():
        row = figures[name]
        took, size = row["seconds"], row["bytes"]
        print(
            f"{what:52s} {took['p50']:.2f} s, 95 % {took['p95']:.2f} s; {size['p50'] / 1000:.0f} kB, most "
            f"{size['max'] / 1000:.0f} kB (without video {row['of_them_no_video']['p50'] / 1000:.0f} kB); n={took['n']}"
        )
    held = "held" if figures["passed"] else "missed"
    print(f"bars: the next question, looked ahead, in {MOST_S:g} s and {MOST_BYTES / 1000:.0f} kB: {held}")
