"""MQTT over TLS to a real Mosquitto with certificates made here: who is heard, and who is refused with what words."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.live.certificates import Authority
from tests.live.wire import HOW, WISHES, free_port, mosquitto, sample, until, wait_for_port
from walkout.live.accounts import SHOP, TWIN, Account, accounts, mosquitto_files
from walkout.live.performer import Performer
from walkout.live.secrets import Secrets
from walkout.live.shop import Shop
from walkout.live.source import Broker, broker_at
from walkout.live.till import open_till
from walkout.live.tls import TlsError, check_own, found_at, names_of, trusting, why
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member

STORE = sample()
SHOPPERS = (Arrival(0.5, (Member(Build(), b.take),)),)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ours"), "our-authority")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("theirs"), "their-authority")


@contextmanager
def listening(folder: Path, pair: tuple[Path, Path]) -> Iterator[tuple[int, dict[str, Account]]]:
    """A Mosquitto that speaks TLS only, with the files that `serve` writes."""
    program = mosquitto()
    if program is None:
        pytest.skip(HOW)
    who = accounts(STORE, Secrets(folder / "secrets"))
    port = free_port()
    settings = mosquitto_files(folder / "mosquitto", who, port)
    listener, _, rest = settings.read_text().partition("\n")
    settings.write_text(f"{listener}\ncertfile {pair[0]}\nkeyfile {pair[1]}\n{rest}")
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([program, "-c", str(settings)], stdout=quiet, stderr=quiet)
    try:
        wait_for_port(port)
        yield port, {one.name: one for one in who}
    finally:
        process.terminate()
        process.wait()


def shop_at(folder: Path, at: Broker) -> Shop:
    return Shop(lambda: open_till(STORE, folder, wishes=WISHES), STORE.name, at)


def test_a_visit_over_tls_becomes_a_receipt(ours: Authority, tmp_path: Path) -> None:
    async def story() -> None:
        with listening(tmp_path, ours.signs("localhost")) as (port, who):
            at = broker_at(f"mqtts://localhost:{port}", SHOP, who[SHOP].password, ours.ca)
            shop = shop_at(tmp_path / "shop", at)
            await shop.open()
            await until(lambda: shop.source is not None and shop.source.connected)
            assert not [words for words in shop.degraded() if "broker" in words]
            twin = Performer(STORE, replace(at, name=TWIN, password=who[TWIN].password), seed=3, arrivals=SHOPPERS)
            twin.speed = 6.0
            playing = asyncio.create_task(twin.run())
            await until(lambda: len(shop.latency_s) == 1, 120)
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)
            (visit,) = shop.till.ledger.visits()
            assert shop.till.ledger.receipts(visit)[0].reason.startswith("provisional")
            await shop.close()

    asyncio.run(story())


def test_whoever_is_not_whom_they_should_be_hears_nothing_and_is_said(
    ours: Authority, theirs: Authority, tmp_path: Path
) -> None:
    """Wrong authority, wrong host, ended, not begun, no TLS at all: the page of health says what was found."""
    cases = (
        (theirs.signs("localhost"), "issued by their-authority", f"an authority in {ours.ca}"),
        (ours.signs("other.example", "192.0.2.7"), "for other.example, 192.0.2.7, right: one for localhost", ""),
        (ours.signs("localhost", from_days=-9, to_days=-2), "that ended on ", "valid today"),
        (ours.signs("localhost", from_days=2, to_days=9), "that begins ", "valid today"),
    )

    async def story() -> None:
        shop = shop_at(tmp_path / "shop", Broker("localhost", 1, SHOP, "", tls=True, ca=ours.ca))
        await shop.open()
        assert shop.source is not None
        for k, (pair, found, right) in enumerate(cases):
            with listening(tmp_path / str(k), pair) as (port, who):
                shop.source._broker = Broker("localhost", port, SHOP, who[SHOP].password, tls=True, ca=ours.ca)
                shop.source.why = ""
                await until(lambda: shop.source is not None and shop.source.why != "", 20)
                (words,) = [one for one in shop.degraded() if "broker" in one]
                assert found in words, words
                assert right in words, words
                assert not shop.source.connected
        assert shop.taken == 0
        await shop.close()

    asyncio.run(story())


def test_a_listener_without_tls_and_one_that_is_away(ours: Authority, tmp_path: Path) -> None:
    from tests.live.wire import running

    context = trusting(ours.ca)
    with running("mosquitto", STORE, tmp_path) as (port, _):
        assert "found no TLS at localhost" in why("localhost", port, context, "")
        assert found_at("localhost", port) is None
    assert why("localhost", free_port(), context, "") == "", "it is only away"


def test_an_address_is_a_name_too(ours: Authority, tmp_path: Path) -> None:
    with listening(tmp_path, ours.signs("shop.example", "127.0.0.1")) as (port, _):
        assert why("127.0.0.1", port, trusting(ours.ca), "") == ""
        assert "right: one for localhost" in why("localhost", port, trusting(ours.ca), "")
        assert "issued by our-authority" in why("127.0.0.1", port, trusting(None), "this machine's list")
        found = found_at("127.0.0.1", port)
        assert found is not None
        assert names_of(found) == ("shop.example", "127.0.0.1")


def test_what_is_asked_for_must_fit(ours: Authority, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    for ca in (tmp_path / "empty.pem", tmp_path / "nowhere.pem"):
        with pytest.raises(TlsError, match="right: a PEM file"):
            broker_at("mqtts://here", "n", "p", ca)
    with pytest.raises(ValueError, match="right: a broker at mqtts://"):
        broker_at("mqtt://here", "n", "p", ours.ca)
    assert broker_at("mqtts://here", "n", "p", ours.ca).ca == ours.ca


def test_the_shops_own_certificate_and_key_are_a_pair(ours: Authority, tmp_path: Path) -> None:
    certificate, key = ours.signs("localhost")
    assert check_own(certificate, key) == ""
    with pytest.raises(TlsError, match="of another certificate"):
        check_own(certificate, ours.signs("other")[1])
    with pytest.raises(TlsError, match="with a password"):
        check_own(*ours.signs("locked", password=b"secret"))
    with pytest.raises(TlsError, match="right: PEM files"):
        check_own(key, key)
    with pytest.raises(TlsError, match="right: PEM files"):
        check_own(tmp_path / "nowhere", key)
    assert "ended on" in check_own(*ours.signs("localhost", from_days=-9, to_days=-2))
