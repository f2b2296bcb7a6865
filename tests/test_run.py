"""`./run`: one script of the standard library that finds its tools and passes pip's settings on."""

import ast
import importlib.machinery
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "run"


@pytest.fixture
def script() -> ModuleType:
    """`run` as a module."""
    loader = importlib.machinery.SourceFileLoader("run_script", str(SCRIPT))
    spec = importlib.util.spec_from_loader("run_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    return module


def test_imports_only_the_standard_library() -> None:
    names = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(SCRIPT.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert names <= sys.stdlib_module_names


@pytest.mark.parametrize(("arguments", "status"), [([], 0), (["--help"], 0), (["dance"], 2)], ids=str)
def test_answers_without_setting_anything_up(arguments: list[str], status: int) -> None:
    done = subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert "demo" in done.stdout + done.stderr


def test_pip_settings_reach_uv(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\nindex-url = https://mirror.example/simple\nextra-index-url =\n    file:///a\n    file:///b\n"
        "cert = /etc/ca.pem\nfind-links = /wheels /more\n"
    )
    for name in ("PIP_CERT", "PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    carried = script.pip_settings()
    assert carried["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert carried["UV_INDEX"] == "file:///a file:///b"
    assert carried["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    assert carried["UV_FIND_LINKS"] == "/wheels,/more"
    assert carried["SSL_CERT_FILE"] == "/etc/ca.pem"


def test_the_environment_wins_over_pip_conf(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://one.example/simple")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://two.example/simple")
    assert script.pip_settings()["UV_DEFAULT_INDEX"] == "https://two.example/simple"
    monkeypatch.delenv("UV_DEFAULT_INDEX")
    assert script.pip_settings()["UV_DEFAULT_INDEX"] == "https://one.example/simple"
