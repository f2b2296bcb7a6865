"""What the shop is, how it is, and what goes on in it right now."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from walkout.checkout.cloudevent import envelope
from walkout.checkout.given_away import given_away as totals
from walkout.live.cashier import UNANSWERED
from walkout.web.api.access import Principal
from walkout.web.api.context import allowed, of, who
from walkout.web.api.problem import ProblemError

router = APIRouter(tags=["shop"])
PING_S = 2.0
FEED_S = 0.3
PAGE = 50
LARGEST = 2**62


class Answer(BaseModel):
    """What the staff say at the door."""

    action: str = Field(pattern="^(admit|cash|refuse|approve|join)$")
    reason: str = Field("", max_length=200)
    visit: str = Field("", max_length=200)
    """Whose party somebody joins."""


@router.get("/shop", dependencies=[Depends(allowed("shop.read"))])
def shop(request: Request) -> dict[str, Any]:
    """Where everything stands."""
    store = of(request).till.store
    fixtures = [
        {
            "id": f.id,
            "kind": f.kind,
            "x_m": f.x_m,
            "y_m": f.y_m,
            "angle_deg": f.yaw_deg,
            "width_m": f.width_m,
            "depth_m": f.depth_m,
            "shelves": [
                {
                    "id": s.id,
                    "z_m": s.z_m,
                    "height_m": s.height_m,
                    "plates": [{"id": p.id, "x_m": p.x_m, "width_m": p.width_m, "cell": p.cell} for p in s.plates],
                }
                for s in f.shelves
            ],
        }
        for f in store.fixtures
    ]
    facings = [
        {
            "fixture": f.fixture,
            "shelf": f.shelf,
            "plates": list(f.plates),
            "gtin": f.gtin,
            "name": store.products[f.gtin].name if f.gtin in store.products else f.gtin,
            "stock": f.stock,
        }
        for f in store.planogram
    ]
    return {
        "store": {"id": store.name, "name": store.name, "currency": store.currency, "timezone": store.timezone},
        "origin": store.origin,
        "outline": [list(point) for point in store.floor_m],
        "fixtures": fixtures,
        "gates": [
            {"id": g.id, "x_m": g.x_m, "y_m": g.y_m, "width_m": g.width_m, "angle_deg": g.yaw_deg, "way": g.way}
            for g in store.gates
        ],
        "facings": facings,
        "cameras": [
            {"id": c.id, "x_m": c.x_m, "y_m": c.y_m, "z_m": c.z_m, "look_at_m": list(c.look_at_m)}
            for c in store.cameras
        ],
    }


@router.get("/products", dependencies=[Depends(allowed("products.read"))])
def products(
    request: Request,
    cursor: Annotated[str, Query(max_length=14)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> dict[str, Any]:
    """The catalogue, by GTIN."""
    store = of(request).till.store
    gtins = sorted(gtin for gtin in store.products if gtin > cursor)
    items = []
    for gtin in gtins[:limit]:
        p = store.products[gtin]
        items.append(
            {
                "gtin": gtin,
                "name": p.name,
                "price": format(p.price, "f"),
                "currency": p.currency,
                "mass_g": p.masses[0].mass_g if p.masses else None,
                "image": getattr(p, "image", None) or None,
                "age_min": getattr(p, "age_min", None),
                "sold_by": getattr(p, "sold_by", "piece"),
            }
        )
    return {"items": items, "next": gtins[limit - 1] if len(gtins) > limit else None}


@router.get("/live", dependencies=[Depends(allowed("live.read"))])
def live(request: Request) -> dict[str, Any]:
    """All that is so right now."""
    context = of(request)
    return {**context.shop.view.snapshot(), "given_away": given_away(request)}


@router.websocket("/live/ws")
async def live_ws(socket: WebSocket) -> None:
    """A snapshot, then whatever changes; a ping every two seconds."""
    found = who(socket)
    origin = socket.headers.get("origin")
    here = origin is None or origin.split("://")[-1] == socket.headers.get("host")
    if found is None or not found[0].may("live.read") or not here:
        await socket.close(4401 if found is None else 4403)
        return
    view = of(socket).shop.view
    await socket.accept()
    queue = view.listen()
    reader = asyncio.create_task(_read_out(socket))
    try:
        await socket.send_text(orjson.dumps({"type": "snapshot", **view.snapshot()}).decode())
        while not reader.done():
            try:
                message = await asyncio.wait_for(queue.get(), PING_S)
            except TimeoutError:
                message = {"type": "ping", "t_ns": time.time_ns()}
            if message is None:
                await socket.close(1013)
                return
            await socket.send_text(orjson.dumps(message).decode())
    except (WebSocketDisconnect, RuntimeError):
        return
    finally:
        reader.cancel()
        view.unlisten(queue)


async def _read_out(socket: WebSocket) -> None:
    """Nothing is expected from the page; its end is."""
    try:
        while True:
            await socket.receive_text()
    except (WebSocketDisconnect, RuntimeError, KeyError):
        return


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
    dependencies=[Depends(allowed("events.read"))],
)
async def events(
    request: Request,
    after: Annotated[int | None, Query(ge=0, le=LARGEST)] = None,
    follow: Annotated[bool, Query()] = True,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
) -> StreamingResponse:
    """What happens, as server-sent events whose ids go on after a break (`Last-Event-ID`); all so far without one."""
    context = of(request)
    start = int(last_event_id) if last_event_id and last_event_id.isdecimal() and len(last_event_id) < 19 else after

    async def stream() -> AsyncIterator[bytes]:
        seen, quiet_s = start or 0, 0.0
        while True:
            found = await asyncio.to_thread(context.till.feed.after, seen)
            for entry in found:
                seen = entry.id
                body = orjson.dumps(envelope(entry, context.till.store.name)).decode()
                yield f"id: {entry.id}\nevent: {entry.kind}\ndata: {body}\n\n".encode()
            if found:
                quiet_s = 0.0
                continue
            if not follow or await request.is_disconnected():
                return
            await asyncio.sleep(FEED_S)
            quiet_s += FEED_S
            if quiet_s > 15:
                quiet_s = 0.0
                yield b": still here\n\n"

    return StreamingResponse(stream(), media_type="text/event-stream")


@router.get("/health", dependencies=[Depends(allowed("health.read"))])
def health(request: Request) -> dict[str, Any]:
    """What is well, what is not, and what to do about it."""
    found = of(request).shop
    found.look_after()
    return {
        "devices": list(found.view.devices.values()),
        "engine": found.figures(),
        "degraded": found.degraded(),
        "losses": found.till.runner.losses(),
        "letters": post.counts() if (post := of(request).post) is not None else None,
    }


@router.get("/given-away", dependencies=[Depends(allowed("given-away.read"))])
def read_given_away(request: Request) -> dict[str, Any]:
    """What was taken and is not charged, per 1,000 visits, by cause, as far as the shop itself can know."""
    return given_away(request)


def given_away(request: Request) -> dict[str, Any]:
    """Lines that were not shown when nobody answered, declined payments, and what disputes gave back."""
    till = of(request).till
    found = totals(till.ledger, [UNANSWERED])
    return {"visits": found.visits, "currency": till.store.currency, "per_1000": found.per_1000()}


@router.get("/door", dependencies=[Depends(allowed("door.read"))])
def door(request: Request) -> dict[str, Any]:
    """Who needs somebody: at the entry, for a proof of age, or for help; and who is inside, to be joined."""
    shop = of(request).shop
    return {
        "waiting": [
            {
                "id": one.id,
                "kind": one.kind,
                "words": one.words,
                "reason": one.reason,
                "since_ns": one.since_ns,
                "visit": one.visit or None,
            }
            for one in shop.bell
        ],
        "inside": [stay.visit for stay in shop.door.stays.of.values() if not stay.gone],
    }


@router.post("/door/{waiting_id}")
async def answer_door(
    request: Request, waiting_id: str, given: Answer, principal: Annotated[Principal, Depends(allowed("door.write"))]
) -> dict[str, Any]:
    """Let somebody in, or not; approve an age, join a party, say that help was given."""
    if given.action == "join" and not given.visit:
        raise ProblemError(422, "visit: found none, right: the visit whose party they join")
    if not await of(request).shop.let_in(
        waiting_id,
        admit=given.action != "refuse",
        reason=given.reason,
        by=principal.name,
        join=given.visit if given.action == "join" else "",
        cash=given.action == "cash",
    ):
        raise ProblemError(404, f"nobody waits as {waiting_id[:60]}, or no such party is inside")
    return {"id": waiting_id, "action": given.action}
