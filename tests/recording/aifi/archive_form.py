"""Write what mongodump --archive writes: for tests, from the documents' JSON lines."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import bson
from bson import json_util

END = b"\xff\xff\xff\xff"


@cache
def _step(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ (0xC96C5795D7870F42 if value & 1 else 0)
    return value


def slow_crc64(data: bytes) -> int:
    """CRC-64/XZ from its definition, to hold the fast one against."""
    value = 0xFFFFFFFFFFFFFFFF
    for byte in data:
        value = value >> 8 ^ _step((value ^ byte) & 0xFF)
    return value ^ 0xFFFFFFFFFFFFFFFF


def archive(
    collections: Mapping[str, Iterable[bytes]],
    *,
    database: str = "BENCHMARK-1",
    segment: int = 100,
    checksums: bool = True,
) -> bytes:
    """An archive of BSON documents, whose collections take turns every `segment` documents."""
    waiting = {name: list(documents) for name, documents in collections.items()}
    parts = [
        bytes.fromhex("6de29981"),
        bson.encode({"concurrent_collections": 4, "version": "0.1", "server_version": "4.2", "tool_version": "r4.2"}),
    ]
    for name, documents in waiting.items():
        size = sum(map(len, documents))
        parts.append(
            bson.encode(
                {"db": database, "collection": name, "metadata": '{"options":{}}', "size": size, "type": "collection"}
            )
        )
    parts.append(END)
    done: dict[str, list[bytes]] = {name: [] for name in waiting}
    while waiting:
        for name in list(waiting):
            now, waiting[name] = waiting[name][:segment], waiting[name][segment:]
            if now:
                parts += [_header(database, name, ended=False, crc=0), *now, END]
                done[name] += now
            else:
                crc = slow_crc64(b"".join(done[name])) if checksums else 0
                parts += [_header(database, name, ended=True, crc=crc), END]
                del waiting[name]
    return b"".join(parts)


def from_lines(folder: Path, names: Iterable[str]) -> dict[str, list[bytes]]:
    """The documents of JSON-lines files as BSON."""
    return {
        name: [bson.encode(json_util.loads(line)) for line in (folder / f"{name}.json").read_bytes().splitlines()]
        for name in names
    }


def _header(database: str, name: str, *, ended: bool, crc: int) -> bytes:
    signed = crc - 2**64 if crc >= 2**63 else crc
    return bson.encode({"db": database, "collection": name, "EOF": ended, "CRC": bson.Int64(signed)})
