"""What the eyes say at a real broker, and what the shop hears of it."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import aiomqtt
import pytest

from tests.live.wire import free_port, running, sample, until
from walkout.live import eye_keeper
from walkout.live.eye_keeper import Keeper, Looking, looking_at
from walkout.live.payload import Status, decode_frame, decode_status, mark
from walkout.live.source import Broker
from walkout.live.voice import WAITING, Voice
from walkout.recording.people import Joint, PeopleFrame, Person
from walkout.recording.video import VideoMissingError

STORE = sample()
ROOT = "walkout/sample-corner-shop"


def frame(seq: int) -> PeopleFrame:
    person = Person("7", {"head": Joint(1.0, 2.0, 1.7, 0.9)})
    return PeopleFrame(10**18 + seq * 100_000_000, 0, (person,), seq, {"by": "test"})


@pytest.mark.parametrize("kind", ["mosquitto", "amqtt"])
def test_birth_people_in_order_dark_cameras_and_a_farewell(kind: str, tmp_path: Path) -> None:
    async def story() -> None:
        with running(kind, STORE, tmp_path) as (port, who):
            heard: list[tuple[str, bytes]] = []

            async def listen(client: aiomqtt.Client) -> None:
                async for message in client.messages:
                    heard.append((str(message.topic), bytes(message.payload)))  # noqa: PERF401 - seen while it goes on

            async with aiomqtt.Client("127.0.0.1", port, username="shop", password=who["shop"].password) as ear:
                await ear.subscribe(f"{ROOT}/#", qos=1)
                task = asyncio.create_task(listen(ear))
                voice = Voice(STORE.name, Broker("127.0.0.1", port, "people", who["people"].password), "boot-1")
                speaking = asyncio.create_task(voice.run())
                for seq in range(3):
                    await asyncio.to_thread(voice.tell, frame(seq), (0,))
                await until(lambda: voice.said == 3 and len(heard) == 4)
                voice.words = lambda: "1 of 2 cameras are dark"
                await until(lambda: len(heard) == 5)
                speaking.cancel()
                await asyncio.gather(speaking, return_exceptions=True)
                await until(lambda: len(heard) == 6)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        states = [decode_status(data) for name, data in heard if name == f"{ROOT}/status/people"]
        assert states == [
            Status("up", "boot-1"),
            Status("up", "boot-1", detail="1 of 2 cameras are dark"),
            Status("down", "boot-1"),
        ]
        people = [data for name, data in heard if name == f"{ROOT}/people"]
        assert [(mark(data).seq, mark(data).boot) for data in people] == [(k, "boot-1") for k in range(3)]
        assert [decode_frame(data, 0) for data in people] == [frame(k) for k in range(3)]
        assert voice.latency_ms(0.5) is not None

    asyncio.run(story())


def test_while_the_broker_is_away_the_newest_wait_and_go_out_when_it_is_back(tmp_path: Path) -> None:
    async def story() -> None:
        port = free_port()
        voice = Voice(STORE.name, Broker("127.0.0.1", port, "people", "x"), "boot-1")
        assert voice.latency_ms(0.99) is None
        speaking = asyncio.create_task(voice.run())
        for seq in range(WAITING + 7):
            voice.tell(frame(seq))
        await until(lambda: voice.trouble != "")
        assert voice.dropped == 7
        with running("mosquitto", STORE, tmp_path) as (there, who):
            voice._broker = Broker("127.0.0.1", there, "people", who["people"].password)
            await until(lambda: voice.said == WAITING)
            assert voice.connected
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)

    asyncio.run(story())


def test_a_child_that_dies_is_started_again_and_ended_with_its_keeper(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[subprocess.Popen[bytes]] = []

    def start(_how: Looking) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
        made.append(subprocess.Popen(command, stdin=subprocess.PIPE))
        return made[-1]

    monkeypatch.setattr(eye_keeper, "start", start)
    monkeypatch.setattr(eye_keeper, "WATCH_S", 0.02)

    async def story() -> None:
        keeper = Keeper(Looking("", {}, Broker("", 0, "", "")))
        keeping = asyncio.create_task(keeper.run())
        await until(lambda: len(made) == 1)
        os.kill(made[0].pid, signal.SIGKILL)
        await until(lambda: len(made) == 2 and keeper.starts == 2)
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)

    asyncio.run(story())
    assert [one.poll() for one in made] == [-signal.SIGKILL, 0]


def test_eyes_that_cannot_look_say_why_and_end(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    child = eye_keeper.start(Looking(str(tmp_path), {"c0": "rtsp://user:secret@127.0.0.1:1/x"}, Broker("", 0, "", "")))
    assert child.wait(60) == 1
    eye_keeper.stop(child)
    said = capfd.readouterr().err
    assert said.startswith("eyes: StoreError: ")
    assert "secret" not in said


def test_without_cameras_or_without_what_is_needed_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="found no camera to look through, right: --camera"):
        looking_at(Path(), {})
    monkeypatch.setattr(eye_keeper, "find_spec", lambda name: None if name == "av" else name)
    with pytest.raises(VideoMissingError, match="eyes need av, which are optional"):
        looking_at(Path(), {"c0": "rtsp://x"})
