"""The mock, or another app, on a port of its own, in a thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from socket import AF_INET, SOCK_STREAM, socket
from threading import Thread
from time import monotonic, sleep
from typing import Literal

import uvicorn
from fastapi import FastAPI

from tests.web.mock.app import make_app
from tests.web.mock.knobs import Mock


@contextmanager
def serving(mock: Mock) -> Iterator[str]:
    """The address at which a mock is served while the block runs."""
    with serving_app(make_app(mock), lifespan="on") as address:
        yield address


@contextmanager
def serving_app(app: FastAPI, *, lifespan: Literal["on", "off"]) -> Iterator[str]:
    """The address at which an app is served while the block runs."""
    with socket(AF_INET, SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        config = uvicorn.Config(app, log_level="error", ws="websockets-sansio", lifespan=lifespan)
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        until = monotonic() + 20
        while not server.started and monotonic() < until:
            sleep(0.02)
        if not server.started:
            raise RuntimeError("the app did not start within 20 s")
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(10)
