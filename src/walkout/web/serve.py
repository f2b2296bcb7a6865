"""One open shop in one process: till, broker, API and pages; and the broker of its own beside it."""

import asyncio
import logging
import secrets
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import uvicorn
from sqlalchemy.exc import SQLAlchemyError

from walkout.checkout.faults import no_faults
from walkout.labour.ledger import LabourError
from walkout.live import broker as embedded
from walkout.live import newcomer
from walkout.live.accounts import SHOP, TWIN, Account, accounts, mosquitto_files
from walkout.live.camera_watch import CameraWatch
from walkout.live.clip_keeper import keeper_of
from walkout.live.disputes import Disputes
from walkout.live.eye_keeper import Keeper, Looking
from walkout.live.hooks import Hooks
from walkout.live.mail import Mail
from walkout.live.performer import Performer
from walkout.live.post import Post
from walkout.live.sandbox import sandbox_faults
from walkout.live.secrets import Secrets
from walkout.live.shop import Shop
from walkout.live.source import Broker, broker_at
from walkout.live.till import Till, Wishes, open_till
from walkout.live.topics import slug
from walkout.live.voice import DEVICE
from walkout.review.case import ReviewError
from walkout.store.shop import Store
from walkout.twin.settings import DEFAULT
from walkout.twin.shoppers import arrivals
from walkout.web.api.app import make_app
from walkout.web.api.context import Context
from walkout.web.api.identity import Identity
from walkout.web.api.provider import Oidc, Provider
from walkout.web.api.sign_ins import SignIns

log = logging.getLogger(__name__)
HOOKS_S = 1.0
KEEP_S = 0.5
"""How often our own broker is looked after."""
EVIDENCE_S = 600.0
RECORD_S = 5.0
RETAIN_S = 3600.0
TWIN_MINUTES = 24 * 60.0


@dataclass(frozen=True, slots=True)
class Serving:
    """How one shop is served."""

    store: Store
    data: Path
    port: int = 8000
    host: str = "127.0.0.1"
    broker: str | None = None
    """A broker's URL; None: one of our own, embedded."""
    broker_port: int = 1883
    database: str | None = None
    wishes: Wishes = field(default_factory=Wishes)
    base_url: str | None = None
    """How the shop is reached from outside, for links; None: as it listens."""
    tls: tuple[Path, Path] | None = None
    """Files of a certificate and its key; None: no TLS, for loopback or behind a proxy."""
    twin_per_hour: float = 0.0
    """So many simulated shoppers an hour come in; 0: no twin."""
    speed: float = 1.0
    seed: int = 1
    newcomer: bool = False
    """A demonstration: its admin is also its reviewer, and a simulated one answers what they leave; needs the twin."""
    mail: Mail | None = None
    cameras: Mapping[str, str] = field(default_factory=dict)
    """Where cameras' streams are, by the cameras' ids; none: no video is taken in."""
    eyes: Looking | None = None
    """How the shop's own eyes look, with whatever broker; None: people come from elsewhere."""
    folder: Path | None = None
    """The store folder, where its files may be edited from the console."""
    oidc: Oidc | None = None
    """Where people of the organisation sign in; None: only here, by password."""
    broker_ca: Path | None = None
    """Whose certificates a broker at mqtts:// may show; None: those of this machine's list."""


def data_folder(store: Store) -> Path:
    """Where a shop's journal, ledger and secrets go unless somebody says otherwise: never the store folder."""
    return Path.home() / ".local" / "share" / "walkout" / slug(store.name)


async def serve(how: Serving, opened: Callable[[Context, str], None]) -> None:
    """Open the shop and keep it open until it is cancelled or told to stop; `opened` is told the first-run link.

    Raises:
        OSError, RecordingError, StorageError: the folder, the port or the database cannot be used.
    """
    vault = Secrets(how.data / "secrets")
    who = {one.name: one for one in accounts(how.store, vault)}
    child: subprocess.Popen[bytes] | None = None
    if how.broker is None:
        child = await asyncio.to_thread(embedded.start, tuple(who.values()), how.broker_port)
        at = Broker("127.0.0.1", how.broker_port, SHOP, who[SHOP].password)
    else:
        at = broker_at(how.broker, SHOP, who[SHOP].password, how.broker_ca)
    mosquitto_files(how.data / "secrets" / "mosquitto", tuple(who.values()), at.port)
    kept = [] if child is None else [child]
    keeper = asyncio.create_task(_keep(kept, tuple(who.values()), how.broker_port))
    try:
        await _open(how, vault, at, {name: one.password for name, one in who.items()}, opened)
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
        for one in kept:
            embedded.stop(one)


async def _keep(kept: list[subprocess.Popen[bytes]], who: tuple[Account, ...], port: int) -> None:
    """Start our own broker again when it dies; devices and shop connect again by themselves."""
    while kept:
        await asyncio.sleep(KEEP_S)
        if kept[0].poll() is not None:
            with suppress(OSError):  # the port is not free yet: next time
                kept[0] = await asyncio.to_thread(embedded.start, who, port)


async def _open(
    how: Serving, vault: Secrets, at: Broker, passwords: Mapping[str, str], opened: Callable[[Context, str], None]
) -> None:
    def make() -> Till:
        faults = sandbox_faults if how.wishes.sandbox else no_faults
        return open_till(how.store, how.data, wishes=how.wishes, database=how.database, faults=faults)

    shop = Shop(make, how.store.name, at)
    await shop.open()
    tasks: list[asyncio.Task[None]] = []
    try:
        identity = Identity(shop.till.database, vault.key("web"))
        base_url = how.base_url or f"{'http' if how.tls is None else 'https'}://{how.host}:{how.port}"
        first = secrets.token_urlsafe(24)
        context = Context(shop, identity, Disputes(shop.till), first, base_url, folder=how.folder)
        if how.oidc is not None:
            context.sign_ins = SignIns(Provider(how.oidc), base_url)
        if how.twin_per_hour:
            context.performer = _performer(how, replace(at, name=TWIN, password=passwords[TWIN]))
            tasks.append(asyncio.create_task(_again(context.performer.run)))
            if how.newcomer and how.store.origin == "simulated":
                context.newcomer = True
                tasks.append(asyncio.create_task(_newcomer(context)))
        tasks += [asyncio.create_task(_hooks(shop)), asyncio.create_task(_forget(shop))]
        tasks += _look(how, shop, replace(at, name=DEVICE, password=passwords[DEVICE]))
        if how.mail is not None:
            context.post = Post(
                shop.till.database, shop.till.addresses, how.mail, shop.till.record.shown_name, context.link
            )
            tasks.append(asyncio.create_task(_letters(context.post)))
        tasks.append(asyncio.create_task(_record(shop)))
        config = uvicorn.Config(
            make_app(context), how.host, how.port, log_level="warning", lifespan="off", ws="websockets-sansio",
            timeout_graceful_shutdown=3, server_header=False,
            ssl_certfile=None if how.tls is None else how.tls[0], ssl_keyfile=None if how.tls is None else how.tls[1],
        )  # fmt: skip
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started and not serving.done():
            await asyncio.sleep(0.02)
        if server.started:
            opened(context, "" if identity.has_users else f"{base_url}/first-run#{first}")
        try:
            await asyncio.shield(serving)  # it ends by itself, and closes what it listens on
        except asyncio.CancelledError:
            server.should_exit = True
            with suppress(asyncio.CancelledError):
                await serving
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if shop.watch is not None:
            await asyncio.to_thread(shop.watch.stop)
        await shop.close()


def _look(how: Serving, shop: Shop, at: Broker) -> list[asyncio.Task[None]]:
    """Keep what the cameras send, make questions' clips of it, and have somebody look through them where wanted."""
    if how.cameras:
        shop.watch = CameraWatch(how.cameras, shop.till.vault)
        shop.watch.start()
    shop.clips = keeper_of(shop.till, shop.do, shop.watch)
    tasks = [asyncio.create_task(shop.clips.run())]
    if how.eyes is not None:
        tasks.append(asyncio.create_task(Keeper(replace(how.eyes, broker=at)).run()))
    return tasks


def _performer(how: Serving, at: Broker) -> Performer:
    count = max(1, round(how.twin_per_hour * TWIN_MINUTES / 60))
    coming = arrivals(how.seed, DEFAULT, shoppers=count, minutes=TWIN_MINUTES)
    seed = how.seed + int(time.time())  # ids and names must not come again in the same ledger
    return Performer(how.store, at, seed=seed, arrivals=coming, speed=how.speed)


async def _again(run: Callable[[], object]) -> None:
    """Let the twin play; where its connection breaks it is over, as real devices would start anew."""
    found = run()
    if asyncio.iscoroutine(found):
        await found


async def _hooks(shop: Shop) -> None:
    hooks = Hooks(shop.till.database, shop.till.feed, shop.till.store.name)
    while True:
        await asyncio.sleep(HOOKS_S)
        with suppress(SQLAlchemyError):  # the database is away: the feed keeps everything
            await asyncio.to_thread(hooks.deliver, time.time_ns())


async def _newcomer(context: Context) -> None:
    """Keep the demonstration's admins on its team, and answer what they leave."""
    shop = context.shop
    for user in context.identity.users():
        if user["role"] == "admin":
            with suppress(LabourError):
                await shop.do(partial(newcomer.join, shop.till, user["name"]))
    while True:
        try:
            await shop.do(lambda: newcomer.stand_in(shop.till))
        except (SQLAlchemyError, ReviewError, LabourError):
            log.exception("the simulated reviewer could not answer; trying again")
        await asyncio.sleep(HOOKS_S)


async def _letters(post: Post) -> None:
    while True:
        await asyncio.sleep(HOOKS_S)
        with suppress(SQLAlchemyError):  # the database is away: what is to be sent follows from the ledger
            now_ns = time.time_ns()
            await asyncio.to_thread(post.queue, now_ns)
            await asyncio.to_thread(post.deliver, now_ns)


async def _record(shop: Shop) -> None:
    """Enter into the log what the ledgers hold; let retention run every hour, the first time at once."""
    due_s = time.monotonic()
    while True:
        try:
            await shop.do(shop.till.record.work)
            if time.monotonic() >= due_s:
                await shop.do(lambda: shop.till.record.retain(shop.till.record.disputed()))
                due_s = time.monotonic() + RETAIN_S
        except SQLAlchemyError:
            log.info("the database is away: the ledgers keep everything")
        except OSError:  # the disk is full or away: keys that are late are named by `walkout audit verify`
            log.exception("the log or retention could not go on; trying again")
        await asyncio.sleep(RECORD_S)


async def _forget(shop: Shop) -> None:
    while True:
        with suppress(SQLAlchemyError):
            await shop.do(lambda: shop.till.evidence.delete_due(time.time_ns()))
            await shop.do(lambda: shop.till.misplaced.delete_due(time.time_ns()))
            await shop.do(lambda: shop.till.addresses.forget(time.time_ns()))
        await asyncio.sleep(EVIDENCE_S)
