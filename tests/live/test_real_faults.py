"""A running shop while what it stands on goes away for real: its database, its broker, its disk, its provider.

The same messages are taken in by a shop that nothing happens to; receipts, revisions and money must be the same.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import aiomqtt
import pytest
from benchmarks.kills import decisions, replayed

from tests.checkout.conftest import HOW, _has_user, _program
from tests.live import wire
from tests.live.story import WISHES, messages
from walkout.checkout.faults import Fault, Faults, no_faults
from walkout.checkout.provider import Request
from walkout.checkout.reconcile import reconcile
from walkout.live import broker as embedded
from walkout.live.accounts import SHOP, TWIN, accounts, mosquitto_files
from walkout.live.secrets import Secrets
from walkout.live.shop import Shop
from walkout.live.source import AT_ONCE, Broker, Message
from walkout.live.till import Till, open_till
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member

STORE = wire.sample()
SHOPPERS = (
    Arrival(0.5, (Member(Build(), b.take),)),
    Arrival(2.0, (Member(Build(1.6), b.browse),)),
)
SECONDS = 40
AT_ONCE_TAKEN = 20
PATIENCE_S = 90.0


@dataclass(frozen=True)
class Came:
    """What a shop's books say in the end."""

    receipts: dict[str, list[tuple[int, bool, str]]]
    paid: dict[str, str]


@pytest.fixture(scope="module")
def day() -> list[Message]:
    """What the twin's devices say in a while, each message with the time at which it came."""
    return list(messages(STORE, SHOPPERS, SECONDS))


@pytest.fixture(scope="module")
def undisturbed(day: list[Message], tmp_path_factory: pytest.TempPathFactory) -> tuple[Came, Path]:
    """The books of a shop that nothing happens to, and its secrets: visits are named after a digest under its key."""
    folder = tmp_path_factory.mktemp("undisturbed")
    shop = shop_in(folder)
    asyncio.run(lived(shop, day, {}))
    found = came(shop.till, folder)
    assert len(found.receipts) == 2
    return found, folder / "secrets"


def shop_in(folder: Path, database: str | None = None, faults: Faults = no_faults, at: Broker | None = None) -> Shop:
    wishes = replace(WISHES, snapshot_every=150)
    make: Callable[[], Till] = lambda: open_till(STORE, folder, wishes=wishes, database=database, faults=faults)  # noqa: E731
    return Shop(make, STORE.name, at)


async def lived(shop: Shop, day: list[Message], then: Mapping[int, Callable[[], Awaitable[None]]]) -> None:
    """Open, take the day in with whatever happens before a batch, and wait until everybody has paid; then close."""
    await shop.open()
    try:
        for n, start in enumerate(range(0, len(day), AT_ONCE_TAKEN)):
            if n in then:
                await then[n]()
            await asyncio.wait_for(shop.take(day[start : start + AT_ONCE_TAKEN]), PATIENCE_S)
        await settled(shop)
    finally:
        await shop.close()


async def settled(shop: Shop, visits: int = 2) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        with suppress(Exception):  # the database may just be coming back
            done = shop.till.ledger.visits("settled")
            if len(done) == len(shop.till.ledger.visits()) == visits and not shop.trouble:
                return
        assert time.monotonic() < deadline, f"not settled: {shop.trouble}; {shop.degraded()}"
        await asyncio.sleep(0.1)


def came(till: Till, folder: Path, database: str | None = None) -> Came:
    """Read the books of a closed shop anew, and hold them against the provider's and the journal's replay."""
    again = open_till(till.store, folder, wishes=WISHES, database=database)
    try:
        ledger = again.ledger
        issued = {visit: ledger.receipts(visit) for visit in ledger.visits()}
        assert not [one for one in reconcile(ledger, again.provider) if one.what != "not collected"]
        keys = [movement.key for movement in again.provider.movements()]
        assert len(keys) == len(set(keys)), "nothing is done twice"
        assert replayed(folder / "journal") <= decisions([one.published for every in issued.values() for one in every])
        return Came(
            {visit: [(one.revision, one.final, one.sha256) for one in every] for visit, every in issued.items()},
            {visit: format(ledger.payment(visit).net, "f") for visit in issued},
        )
    finally:
        again.close(snapshot=False)


def batches_of(day: list[Message], part: str) -> list[int]:
    """The batches in which a gate speaks."""
    return sorted(
        {n // AT_ONCE_TAKEN for n, message in enumerate(day) if part in message.topic and not message.retained}
    )


# PostgreSQL


class Postgres:
    """A server of our own that is stopped, as a machine that loses its power, and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.prefix = folder, []
        pg_ctl, initdb = _program("pg_ctl"), _program("initdb")
        if initdb is None or pg_ctl is None:
            pytest.skip(f"no PostgreSQL here: {HOW}")
        if os.geteuid() == 0:  # PostgreSQL will not run as root
            if shutil.which("setpriv") is None or not _has_user("postgres"):
                pytest.skip(f"PostgreSQL does not run as root, and there is no user postgres to run it: {HOW}")
            self.prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(folder, "postgres")
        self.pg_ctl = pg_ctl
        self.url = f"postgresql://walkout@/postgres?unix_sock={folder}/.s.PGSQL.5432"
        self._call(initdb, "-D", str(folder / "data"), "-U", "walkout", "--auth=trust", "-E", "UTF8", "--locale=C")
        self.start()

    def start(self) -> None:
        settings = f"-c listen_addresses='' -c unix_socket_directories={self.folder}"
        data = str(self.folder / "data")
        self._call(self.pg_ctl, "-D", data, "-w", "-t", "60", "-l", str(self.folder / "log"), "-o", settings, "start")

    def stop(self) -> None:
        self._call(self.pg_ctl, "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def _call(self, *words: str) -> None:
        subprocess.run([*self.prefix, *words], check=True, capture_output=True, cwd="/")


@pytest.fixture
def server() -> Iterator[Postgres]:
    folder = Path(tempfile.mkdtemp())  # a socket's path is short, pytest's folders are not
    made = None
    try:
        made = Postgres(folder)
        yield made
    finally:
        if made is not None:
            with suppress(subprocess.CalledProcessError):
                made.stop()
        shutil.rmtree(folder, ignore_errors=True)


def test_postgresql_stops_and_comes_back_under_a_running_shop(
    server: Postgres, day: list[Message], undisturbed: tuple[Came, Path], tmp_path: Path
) -> None:
    pytest.importorskip("pg8000", reason="PostgreSQL needs its driver ('./run extras')")
    shutil.copytree(undisturbed[1], tmp_path / "secrets")
    shop, seen = shop_in(tmp_path, server.url), list[str]()

    async def outage() -> None:
        await asyncio.to_thread(server.stop)

        async def back() -> None:
            while not shop.trouble:
                await asyncio.sleep(0.05)
            seen.append(shop.trouble)
            await asyncio.to_thread(server.start)

        tasks.append(asyncio.create_task(back()))

    tasks: list[asyncio.Task[None]] = []
    gates = batches_of(day, "/gate/")
    first, last = gates[0], gates[-1]
    # Before somebody comes in, whose card has to be looked up, and before an exit.
    moments = dict.fromkeys({first, last}, outage)
    asyncio.run(lived(shop, day, moments))
    assert len(seen) == len(moments)
    assert all("database does not answer" in words for words in seen)
    assert came(shop.till, tmp_path, server.url) == undisturbed[0]


# The disk


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A real file system of its own, in memory."""
    folder.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None:
        pytest.skip("a small disk needs the program mount")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("a small disk needs leave to mount one: run as root, outside a locked container")
    try:
        yield folder
    finally:
        subprocess.run([umount, "-l", str(folder)], check=False, capture_output=True)


def test_the_disk_is_full_and_has_room_again(
    day: list[Message], undisturbed: tuple[Came, Path], tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", 48) as disk:
        shutil.copytree(undisturbed[1], disk / "secrets")
        shop, seen = shop_in(disk), list[str]()
        ballast = disk / "ballast"

        async def fill() -> None:
            free = shutil.disk_usage(disk).free
            with suppress(OSError), ballast.open("wb") as file:
                file.write(bytes(max(0, free - 8192)))
                file.flush()

            async def back() -> None:
                while not shop.trouble:
                    await asyncio.sleep(0.05)
                seen.append(shop.trouble)
                await asyncio.sleep(1.2)
                ballast.unlink()

            tasks.append(asyncio.create_task(back()))

        tasks: list[asyncio.Task[None]] = []
        gates = batches_of(day, "/gate/")
        moments = dict.fromkeys({gates[0], gates[-1]}, fill)
        asyncio.run(lived(shop, day, moments))
        assert len(seen) == len(moments)
        assert all("the disk refuses" in words or "does not answer" in words for words in seen)
        assert came(shop.till, disk) == undisturbed[0]


# The provider


def test_a_provider_that_is_slow_answers_twice_or_late_changes_nothing_and_holds_nobody_up(
    day: list[Message], undisturbed: tuple[Came, Path], tmp_path: Path
) -> None:
    kinds = (Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER, Fault.LATE, Fault.DUPLICATE, Fault.WEBHOOK_FIRST)
    asked: list[float] = []

    def faults(request: Request, before: int) -> Fault:
        if before == 0:  # a connection that hangs, until it is given up
            time.sleep(1.5)
            asked.append(time.monotonic())
        return kinds[(hash_of(request.key) + before) % len(kinds)] if before < 2 else Fault.NONE

    shutil.copytree(undisturbed[1], tmp_path / "secrets")
    shop = shop_in(tmp_path, faults=faults)
    asyncio.run(lived(shop, day, {}))
    assert asked, "it was asked, and hung"
    assert came(shop.till, tmp_path) == undisturbed[0]
    assert len(shop.latency_s) == 2


def hash_of(text: str) -> int:
    return sum(text.encode())


# The broker


@contextmanager
def killable(kind: str, folder: Path, port: int) -> Iterator[Callable[[], None]]:
    """A broker; calling what it gives kills it with SIGKILL and starts it again."""
    who = accounts(STORE, Secrets(folder / "secrets"))
    program = wire.mosquitto()
    if kind == "mosquitto" and program is None:
        pytest.skip(wire.HOW)
    settings = mosquitto_files(folder / "mosquitto", who, port)

    def start() -> subprocess.Popen[bytes]:
        if kind == "amqtt":
            return embedded.start(who, port)
        quiet = subprocess.DEVNULL
        child = subprocess.Popen([str(program), "-c", str(settings)], stdout=quiet, stderr=quiet)
        wire.wait_for_port(port)
        return child

    running = [start()]

    def again() -> None:
        running[0].send_signal(signal.SIGKILL)
        running[0].wait()
        if running[0].stdin is not None:
            with suppress(OSError):
                running[0].stdin.close()
        running[0] = start()

    try:
        yield again
    finally:
        if kind == "amqtt":
            embedded.stop(running[0])
        else:
            running[0].terminate()
            running[0].wait()


async def tell(at: Broker, day: list[Message], kill: Callable[[], None], moments: set[int]) -> int:
    """A device that says each thing until the broker has it; how often it had to begin again."""
    k, breaks = 0, 0
    while k < len(day):
        try:
            async with aiomqtt.Client(
                at.host, at.port, username=at.name, password=at.password, timeout=5, socket_options=AT_ONCE
            ) as client:
                while k < len(day):
                    if k in moments:
                        moments.remove(k)
                        await asyncio.to_thread(kill)
                    message = day[k]
                    await client.publish(message.topic, message.data, qos=1, retain=message.retained)
                    k += 1
        except aiomqtt.MqttError:
            breaks += 1
            await asyncio.sleep(0.3)
    return breaks


@pytest.mark.parametrize("kind", ["mosquitto", "amqtt"])
def test_the_broker_is_killed_and_comes_back(
    kind: str, day: list[Message], undisturbed: tuple[Came, Path], tmp_path: Path
) -> None:
    """Devices say again what they have no acknowledgement for; what was acknowledged was handed on, and is taken in."""
    shutil.copytree(undisturbed[1], tmp_path / "secrets")
    port = wire.free_port()
    gates = [n for n, message in enumerate(day) if "/gate/" in message.topic and not message.retained]
    moments = {gates[0], gates[-1], len(day) // 2}
    wanted = set(moments)
    with killable(kind, tmp_path, port) as kill:
        who = {one.name: one for one in accounts(STORE, Secrets(tmp_path / "secrets"))}
        shop = shop_in(tmp_path, at=Broker("127.0.0.1", port, SHOP, who[SHOP].password))

        def end() -> None:
            kill()

        async def story() -> int:
            await shop.open()
            try:
                await wire.until(lambda: shop.source is not None and shop.source.connected)
                breaks = await tell_when_heard(end)
                await settled(shop)
            finally:
                await shop.close()
            return breaks

        async def tell_when_heard(kill_it: Callable[[], None]) -> int:
            # A broker keeps nothing for a shop that is not there when it dies: wait until it listens again.
            def and_wait() -> None:
                kill_it()
                deadline = time.monotonic() + 20
                source = shop.source
                assert source is not None
                while not (source.connected and source.breaks >= len(wanted) - len(moments)):
                    assert time.monotonic() < deadline, "the shop did not come back to its broker"
                    time.sleep(0.02)

            return await tell(Broker("127.0.0.1", port, TWIN, who[TWIN].password), day, and_wait, moments)

        breaks = asyncio.run(story())
    assert breaks == len(wanted)
    devices = shop.intake.devices.values()
    assert sum(device.missing for device in devices) == 0
    assert shop.source is not None
    assert shop.source.breaks == len(wanted) + 1, "each death, and the close"
    assert came(shop.till, tmp_path) == undisturbed[0]
