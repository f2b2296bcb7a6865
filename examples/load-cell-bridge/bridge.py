"""From a cheap microcontroller's JSON lines to a Walkout shop's MQTT: raw load cells in, batches of grams out.

The microcontroller (an ESP32 with HX711 converters, say) prints one line a reading, all cells at once:

    {"ms": 184467, "raw": [8412034, 8390211, 8401127]}

`ms` is its uptime in milliseconds (32 bits: it begins again after 49.7 days), `raw` its converters' counts, null where
one did not answer. Lines come on stdin, or as UDP packets on a port. Run it beside the broker:

    cat /dev/ttyUSB0 | python bridge.py settings.json --password-file DATA/secrets/mqtt-plates-fridge

Needs Python 3.11 and paho-mqtt (`pip install paho-mqtt`), nothing of Walkout.
"""

import argparse
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

WRAP_MS = 2**32
REBOOT_MS = 5_000
"""A clock that falls back by less is disorder, by more (and not by all 32 bits) a microcontroller that began anew."""


@dataclass(frozen=True)
class Channel:
    """One converter: where its cell is, its counts with nothing on it, and counts for each gram."""

    shelf: int
    plate: int
    zero: float
    counts_per_g: float


@dataclass(frozen=True)
class Settings:
    """What the bridge is told in its file."""

    store: str
    fixture: str
    shelves: int
    plates: int
    rate_hz: float
    channels: tuple[Channel, ...]
    batch: int = 5
    """Readings a message."""

    @property
    def topic(self) -> str:
        """Where the shop listens."""
        return f"walkout/{self.store}/plates/{self.fixture}"

    @property
    def status(self) -> str:
        """Where a device says that it is there."""
        return f"walkout/{self.store}/status/plates-{self.fixture}"


@dataclass
class Bridge:
    """Lines in, messages out; what cannot be read is counted and left out."""

    settings: Settings
    boot: str
    seq: int = 0
    bad: int = 0
    restarts: int = 0
    _last_ms: int | None = None
    _turns: int = 0
    _times: list[int] = field(default_factory=list)
    _grams: list[list[list[float | None]]] = field(default_factory=list)

    def add(self, line: str | bytes) -> bytes | None:
        """Take a line in; a message once enough readings have come together."""
        try:
            told = json.loads(line)
            ms, raw = told["ms"], told["raw"]
            if type(ms) is not int or not 0 <= ms < WRAP_MS or len(raw) != len(self.settings.channels):
                raise ValueError
            grams = self._row(raw)
        except (ValueError, TypeError, KeyError):
            self.bad += 1
            return None
        again = self._clock(ms)
        message = self._flush() if again and self._times else None
        if again:
            self.restarts, self._turns = self.restarts + 1, 0
        self._times.append((ms + self._turns * WRAP_MS) * 1_000_000)
        self._grams.append(grams)
        return message if message is not None else self._flush() if len(self._times) >= self.settings.batch else None

    def _row(self, raw: list[Any]) -> list[list[float | None]]:
        row: list[list[float | None]] = [[None] * self.settings.plates for _ in range(self.settings.shelves)]
        for channel, counts in zip(self.settings.channels, raw, strict=True):
            if counts is None:
                continue
            if type(counts) not in (int, float):
                raise ValueError
            row[channel.shelf - 1][channel.plate - 1] = round((counts - channel.zero) / channel.counts_per_g, 2)
        return row

    def _clock(self, ms: int) -> bool:
        """Follow the uptime; True where it began again: what waits must go out first, under the old boot."""
        before, self._last_ms = self._last_ms, ms
        if before is None or ms >= before:
            return False
        if before - ms > WRAP_MS // 2:  # 49.7 days are over
            self._turns += 1
            return False
        if before - ms < REBOOT_MS and ms > REBOOT_MS:  # out of order: its own time stands
            self._last_ms = before
            return False
        return True

    def _flush(self) -> bytes:
        message = {
            "seq": self.seq, "boot": f"{self.boot}-{self.restarts}", "rate_hz": self.settings.rate_hz,
            "t_ns": self._times, "grams": self._grams,
        }  # fmt: skip
        self.seq += 1
        self._times, self._grams = [], []
        return json.dumps(message, separators=(",", ":")).encode()


def settings_of(path: Path) -> Settings:
    """Read the file; ValueError with words for one that cannot be."""
    told = json.loads(path.read_text())
    channels = tuple(Channel(**one) for one in told.pop("channels"))
    found = Settings(channels=channels, **told)
    for one in channels:
        if not (1 <= one.shelf <= found.shelves and 1 <= one.plate <= found.plates) or one.counts_per_g == 0:
            raise ValueError(f"found {one}, right: a plate of the {found.shelves} x {found.plates}, and counts a gram")
    return found


def lines(udp: int | None) -> Iterator[bytes]:
    """What the microcontroller says."""
    if udp is None:
        yield from sys.stdin.buffer
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("", udp))
        while True:
            yield listener.recv(4096)


def main() -> None:
    """Carry lines to the broker until they end."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("settings", type=Path)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--password-file", type=Path, required=True)
    parser.add_argument("--udp", type=int, metavar="PORT", help="listen for packets instead of stdin")
    given = parser.parse_args()
    settings = settings_of(given.settings)
    bridge = Bridge(settings, f"bridge-{os.getpid()}-{int(time.time())}")
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"bridge-{settings.fixture}")
    client.username_pw_set(f"plates-{settings.fixture}", given.password_file.read_text().strip())
    client.will_set(settings.status, json.dumps({"state": "down", "clock": "free"}), qos=1, retain=True)
    client.connect(given.host, given.port)
    client.loop_start()
    client.publish(settings.status, json.dumps({"state": "up", "clock": "free"}), qos=1, retain=True)
    last = None
    for line in lines(given.udp):
        message = bridge.add(line)
        if message is not None:
            last = client.publish(settings.topic, message, qos=1)
    if last is not None:
        last.wait_for_publish(10)
    sys.stderr.write(f"{bridge.seq} messages, {bridge.bad} lines not read, {bridge.restarts} restarts\n")
    client.disconnect()
    client.loop_stop()


if __name__ == "__main__":
    main()
