import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx, of the developers' tools, builds the models ('./run test')")

from tests.sensing.vision.nets import answering, changed
from walkout.sensing.vision import registry
from walkout.sensing.vision.registry import MODELS, Entry, FetchError, entry, fetch, place, present

GOOD = answering((1, 3, 4, 4), [np.ones((1, 2))])


class Shelf(BaseHTTPRequestHandler):
    """Serves what `files` holds; promises more than it sends under /short."""

    files: dict[str, bytes] = {}  # noqa: RUF012 a test's own

    def do_GET(self) -> None:
        data = self.files.get(self.path)
        if data is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(data) + (100 if self.path == "/short" else 0)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Shelf) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def served(address: str, path: str, data: bytes) -> Entry:
    Shelf.files[path] = data
    return Entry("m", "a test", address + path, hashlib.sha256(data).hexdigest(), len(data), "MIT", "here", "yolox")


def test_a_model_arrives_whole_with_its_progress_and_only_once(address: str, tmp_path: Path) -> None:
    one, seen = served(address, "/good", GOOD), []
    path = fetch(one, tmp_path / "new", lambda done, size: seen.append((done, size)))
    assert path.read_bytes() == GOOD
    assert seen[-1] == (len(GOOD), len(GOOD))
    Shelf.files.clear()
    assert fetch(one, tmp_path / "new") == path
    assert present(one, tmp_path / "new")
    assert [p.name for p in path.parent.iterdir()] == ["m.onnx"]


def test_a_spoiled_copy_is_fetched_again(address: str, tmp_path: Path) -> None:
    one = served(address, "/good", GOOD)
    place(one, tmp_path).write_bytes(GOOD[:-1] + b"x")
    assert not present(one, tmp_path)
    assert fetch(one, tmp_path).read_bytes() == GOOD


@pytest.mark.parametrize(
    ("path", "change", "words"),
    [
        ("/good", {"sha256": "0" * 64}, "is another file than the one that was checked"),
        ("/good", {"size_bytes": len(GOOD) - 1}, "sends more than"),
        ("/good", {"size_bytes": len(GOOD) + 1}, "of .* bytes; nothing kept, try again"),
        ("/short", {"size_bytes": len(GOOD) + 100}, "nothing kept|could not be fetched"),
        ("/none", {}, "404"),
        ("/good", {"url": "file:///etc/passwd"}, "only http and https"),
        ("/good", {"url": "http://127.0.0.1:1/"}, "could not be fetched"),
    ],
)
def test_whatever_is_wrong_is_said_and_nothing_is_kept(
    address: str, tmp_path: Path, path: str, change: dict[str, object], words: str
) -> None:
    one = served(address, path, GOOD)
    if path == "/none":
        Shelf.files.clear()
    with pytest.raises(FetchError, match=words):
        fetch(replace(one, **change), tmp_path)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_file_with_the_right_checksum_that_may_not_run_is_not_kept(address: str, tmp_path: Path) -> None:
    model = changed(GOOD)
    model.graph.node[0].domain = "com.example"
    with pytest.raises(FetchError, match="no model that may be run"):
        fetch(served(address, "/own", model.SerializeToString()), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_listed_is_complete_and_free() -> None:
    for one in MODELS:
        assert one.url.startswith("https://")
        assert len(one.sha256) == 64
        assert one.licence in {"Apache-2.0", "MIT", "BSD-3-Clause"}
    with pytest.raises(KeyError, match="there are yolox-nano"):
        entry("yolov8")


def test_the_folder_is_the_users_wish(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WALKOUT_MODELS", str(tmp_path))
    assert registry.folder() == tmp_path
    monkeypatch.delenv("WALKOUT_MODELS")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert registry.folder() == Path("/somewhere/walkout/models")


@pytest.mark.data
def test_the_listed_checksum_is_the_real_files(shared_data: Path) -> None:
    path = shared_data.parent / "models" / "yolox_nano.onnx"
    if not path.is_file():
        pytest.skip(f"the real network is not here: {path}")
    one = entry("yolox-nano")
    assert path.stat().st_size == one.size_bytes
    assert hashlib.sha256(path.read_bytes()).hexdigest() == one.sha256
