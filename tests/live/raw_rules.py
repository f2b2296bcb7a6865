"""Which page can reach a picture as it was taken: none, but that of two people who break the glass."""

import ast
from pathlib import Path

FORBIDDEN = ("walkout.live.clip", "walkout.privacy.segments", "walkout.privacy.redact", "walkout.live.camera_link")

WAYS = (".raw(", ".raw_keys(", ".raw_folder", ".alone", "clip_process")
"""To video as it was taken: the vault, its keys, cameras' frames in memory, the process that makes clips of them."""


def reached(module: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def reaches_raw(page: Path) -> bool:
    """Whether a page has a way to video as it was taken that is not the one of two people who break the glass."""
    text = page.read_text("utf-8")
    glass = "walkout.live.break_glass" in reached(page) or ".break_glass" in text
    return (
        bool(reached(page) & set(FORBIDDEN))
        or any(way in text for way in WAYS)
        or glass != (page.name == "break_glass_routes.py")
    )
