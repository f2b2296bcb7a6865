"""Accounts at the broker: one a device and one for the shop, with passwords made at random and topics of their own.

The same table goes to the embedded broker and, as files, to Mosquitto.
"""

import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from walkout.live.secrets import Secrets
from walkout.live.topics import ROOT, Kind, Topic, device_of, slug, topic
from walkout.store.shop import Store

ROUNDS = 101
"""PBKDF2 rounds of a Mosquitto password file, as mosquitto_passwd makes it; the passwords are random, not chosen."""
ANSWERS: Mapping[Kind, Kind] = {"gate": "door", "latch": "unlatch"}
"""What a device hears, by what it speaks on."""
SHOP, TWIN = "shop", "twin"


@dataclass(frozen=True, slots=True)
class Account:
    """A name, its password, and what it may publish and subscribe to (filters)."""

    name: str
    password: str
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def accounts(store: Store, secrets: Secrets) -> tuple[Account, ...]:
    """Everybody's account. A device may speak on its own topic and its own status, and hear its own answers."""
    everything = f"{ROOT}/{slug(store.name)}/#"
    about = [Topic("plates", fixture.id) for fixture in store.fixtures if fixture.shelves]
    about += [Topic("gate", gate.id) for gate in store.gates]
    about += [Topic("tags", gate.id) for gate in store.gates if gate.tag_reader]
    about += [Topic("latch", fixture.id) for fixture in store.fixtures if fixture.latch]
    about += [Topic("people"), Topic("looks")]
    spoken = tuple(f"{ROOT}/{slug(store.name)}/{kind}/#" for kind in ("door", "unlatch"))
    made = [Account(SHOP, _password(secrets, SHOP), spoken, (everything,))]
    if store.origin == "simulated":
        made.append(Account(TWIN, _password(secrets, TWIN), (everything,), (everything,)))
    for one in about:
        name = device_of(one)
        publish = (topic(store.name, one.kind, one.name), topic(store.name, "status", name))
        answer = ANSWERS.get(one.kind)
        hears = (topic(store.name, answer, one.name),) if answer is not None else ()
        made.append(Account(name, _password(secrets, name), publish, hears))
    return tuple(made)


def mosquitto_files(folder: Path, who: tuple[Account, ...], port: int, data: Path | None = None) -> Path:
    """Write mosquitto.conf, passwords and acl into a folder that only its owner may read; the configuration's path."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines, rules = [], []
    for account in who:
        lines.append(f"{account.name}:{_hashed(account.password)}")
        rules.append(f"user {account.name}")
        rules += [f"topic write {one}" for one in account.publish]
        rules += [f"topic read {one}" for one in account.subscribe]
        rules.append("")
    settings = [
        f"listener {port} 127.0.0.1",
        "allow_anonymous false",
        "set_tcp_nodelay true",
        f"password_file {folder / 'passwords'}",
        f"acl_file {folder / 'acl'}",
        "max_queued_messages 100000",
        "max_inflight_messages 1000",
        "persistent_client_expiration 7d",
    ]
    if os.geteuid() == 0:
        settings.append("user root")  # else it becomes another user, who may not read these files
    if data is not None:
        settings += ["persistence true", f"persistence_location {data}/", "autosave_interval 5"]
    for name, content in (("passwords", lines), ("acl", rules), ("mosquitto.conf", settings)):
        _private(folder / name, "\n".join(content) + "\n")
    return folder / "mosquitto.conf"


def _password(secrets: Secrets, name: str) -> str:
    return secrets.text(f"mqtt-{name.replace('/', '_')}")


def _hashed(password: str) -> str:
    """As mosquitto_passwd writes it: PBKDF2 with SHA-512."""
    salt = os.urandom(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ROUNDS)
    return f"$7${ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def _private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
