"""The app: routes under /api/v1, the console's files, metrics, and headers that keep browsers safe."""

import gzip
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from walkout import __version__
from walkout.web.api import (
    annotation_routes,
    appeal_routes,
    break_glass_routes,
    credential_routes,
    desk_routes,
    edit_routes,
    exit_routes,
    export_routes,
    hook_routes,
    labour_routes,
    mail_routes,
    month_routes,
    oidc_routes,
    payment_routes,
    public_routes,
    review_routes,
    sandbox_routes,
    session_routes,
    shift_routes,
    shop_routes,
    shopper_routes,
    stock_routes,
    team_routes,
    visit_routes,
    voice_routes,
)
from walkout.web.api.context import Context, allowed, bearer, cookie, encrypted
from walkout.web.api.problem import PROBLEMS, answer, install

TEXTS: Final = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}
"""Files that are sent compressed."""
STATIC: Final = Path(__file__).resolve().parents[1] / "static"
BASE: Final = "/api/v1"
LARGEST_BODY: Final = 256 * 1024
POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; style-src 'self'; "
    "script-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
FOR_GOOD: Final = "max-age=31536000"
"""For a year a browser asks this host by HTTPS only; it believes that only over HTTPS, and never of a bare address."""
UNBUILT: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Walkout</title>
<h1>The shop is open; its pages are not built.</h1>
<p>The API is at <code>/api/v1</code> (described at <code>/openapi.json</code>). To build the pages, run
<code>npm ci &amp;&amp; npm run build</code> in the folder <code>console/</code> and start again.</p></html>"""


def make_app(context: Context) -> FastAPI:
    """The app of one running shop."""
    app = FastAPI(title="Walkout", version=__version__, docs_url=None, redoc_url=None, openapi_url="/openapi.json")
    app.state.context = context
    install(app)
    router = APIRouter(prefix=BASE, responses=PROBLEMS, dependencies=[Depends(bearer), Depends(cookie)])
    for part in (
        session_routes, shop_routes, visit_routes, hook_routes, shopper_routes, mail_routes, credential_routes,
        export_routes, stock_routes, payment_routes, edit_routes, oidc_routes, exit_routes,
    ):  # fmt: skip
        router.include_router(part.router)
    router.include_router(shopper_routes.play_router)
    for desk in (
        desk_routes,
        shift_routes,
        voice_routes,
        break_glass_routes,
        review_routes,
        appeal_routes,
        team_routes,
        month_routes,
        labour_routes,
        annotation_routes,
    ):
        router.include_router(desk.router)
    router.include_router(public_routes.router)
    router.include_router(public_routes.proof_router)
    router.include_router(sandbox_routes.router)
    router.include_router(sandbox_routes.help_router)
    app.include_router(router)
    _plain(app, context)
    _pages(app)

    @app.middleware("http")
    async def safe(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            response: Response = answer(413, f"right: at most {LARGEST_BODY} bytes")
        else:
            response = await call_next(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if encrypted(request):
            response.headers.setdefault("Strict-Transport-Security", FOR_GOOD)
        if request.url.path.startswith(BASE):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return app


def _plain(app: FastAPI, context: Context) -> None:
    @app.get("/healthz", response_class=PlainTextResponse, tags=["health"])
    def healthz() -> PlainTextResponse:
        """Whether the process answers and takes things in."""
        trouble = context.shop.trouble
        return PlainTextResponse(trouble or "ok", 503 if trouble else 200)

    metrics = metrics_of(context)

    @app.get(
        "/metrics",
        response_class=PlainTextResponse,
        responses=PROBLEMS,
        tags=["health"],
        dependencies=[Depends(allowed("metrics.read"))],
    )
    def read_metrics() -> PlainTextResponse:
        """Figures for Prometheus."""
        return PlainTextResponse(metrics(), media_type="text/plain; version=0.0.4")


def metrics_of(context: Context) -> Callable[[], bytes]:
    """The metrics of one shop, in a registry of its own."""
    registry = CollectorRegistry()
    names = ("gaps", "missing", "duplicates", "reordered", "malformed", "messages")
    devices = {
        name: Gauge(f"walkout_device_{name}", f"{name} of a device", ["device"], registry=registry) for name in names
    }
    inside = Gauge("walkout_visits_inside", "Parties inside", registry=registry)
    lag = Gauge("walkout_engine_lag_seconds", "How far decisions are behind the newest reading", registry=registry)
    journal = Gauge("walkout_journal_bytes", "Size of the journal", registry=registry)
    taken = Gauge("walkout_observations_taken", "Observations taken in since the start", registry=registry)
    conflicts = Gauge("walkout_ledger_conflicts", "Receipts that contradicted the ledger", registry=registry)
    late = Gauge("walkout_provisional_seconds", "Exit to provisional receipt", ["quantile"], registry=registry)
    up = Gauge("walkout_broker_connected", "Whether the broker is heard", registry=registry)
    opened = Gauge("walkout_open_seconds", "How long the shop has been open", registry=registry)

    def read() -> bytes:
        shop = context.shop
        for device in shop.intake.devices.values():
            for name in names:
                devices[name].labels(device.id).set(getattr(device, name))
        figures = shop.figures()
        inside.set(len(shop.view.visits))
        lag.set((figures["lag_ms"] or 0) / 1000)
        journal.set(figures["journal_bytes"])
        taken.set(figures["taken"])
        conflicts.set(shop.till.cashier.conflicts)
        up.set(shop.source is not None and shop.source.connected)
        opened.set((time.time_ns() - shop.opened_ns) / 1e9)
        delays = sorted(shop.latency_s)
        for quantile in (0.5, 0.99):
            if delays:
                late.labels(str(quantile)).set(delays[min(len(delays) - 1, int(quantile * len(delays)))])
        return generate_latest(registry)

    return read


def _pages(app: FastAPI) -> None:
    """The console's files; every other path is a page of the console."""

    @app.get("/{path:path}", include_in_schema=False)
    def page(request: Request, path: str) -> Response:
        if path.startswith(("api/", "metrics", "openapi.json")):
            return answer(404, f"no /{path[:100]}")
        index = STATIC / "index.html"
        if not index.is_file():
            return HTMLResponse(UNBUILT, 200)
        wanted = (STATIC / path).resolve() if path and "\x00" not in path and len(path) < 500 else index
        if wanted.is_file() and wanted.is_relative_to(STATIC):
            return _file(request, wanted)
        if "." in path.rpartition("/")[2] and not path.startswith(("s/", "exit/")):  # signed links have points
            return answer(404, f"no /{path[:100]}")
        return _file(request, index)


def _file(request: Request, wanted: Path) -> Response:
    """One of the console's files, small for whoever takes it so: they hold no secret, as the API's answers may."""
    kind = TEXTS.get(wanted.suffix)
    if kind is None or "gzip" not in request.headers.get("accept-encoding", ""):
        return FileResponse(wanted, headers={"Vary": "Accept-Encoding"})
    stat = wanted.stat()
    etag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}-gz"'
    headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding", "ETag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(_small(wanted, stat.st_mtime_ns), media_type=kind, headers=headers)


@lru_cache(maxsize=64)
def _small(wanted: Path, _changed_ns: int) -> bytes:
    return gzip.compress(wanted.read_bytes(), mtime=0)
