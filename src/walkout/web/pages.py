"""The console and the shopper's page as they are shipped: one page, its script and its style, and what it may do."""

from functools import cache
from importlib.resources import files
from typing import Final

TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy that every page holds to: nothing from elsewhere, no script or style in the page."""


def index() -> bytes:
    """The one page of the console and of shoppers' links: serve it for every path that is neither API nor asset."""
    found = asset("index.html")
    if found is None:
        raise FileNotFoundError("walkout/web/static/index.html is missing; right: build it with npm in console/")
    return found[0]


@cache
def asset(name: str) -> tuple[bytes, str] | None:
    """A file under `/static/` and its media type; None where there is none of that name."""
    suffix = name[name.rfind(".") :]
    if "/" in name or "\\" in name or name.startswith(".") or suffix not in TYPES:
        return None
    found = files("walkout.web").joinpath("static", name)
    return (found.read_bytes(), TYPES[suffix]) if found.is_file() else None
