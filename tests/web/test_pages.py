import gzip
import re
from importlib.resources import files

from walkout.web.pages import POLICY, asset, index


def test_the_page_and_all_it_asks_for_are_in_the_package() -> None:
    page = index().decode()
    wanted = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(wanted) >= 3
    for path in wanted:
        assert path.startswith("/static/")
        assert asset(path.removeprefix("/static/")) is not None


def test_the_policy_lets_nothing_in_from_elsewhere_and_the_page_needs_no_more() -> None:
    assert "default-src 'none'" in POLICY
    assert "unsafe" not in POLICY
    page = index().decode()
    assert "<style" not in page
    assert " style=" not in page
    assert all('src="' in script for script in re.findall(r"<script[^>]*>", page))


def test_nothing_shipped_names_another_host() -> None:
    for file in files("walkout.web").joinpath("static").iterdir():
        if file.name == "licenses.txt":
            continue
        found = set(re.findall(r"https?://[\w.-]+", file.read_text("utf-8")))
        assert found <= {"http://www.w3.org"}, file.name  # names of XML vocabularies, asked for by nobody


def test_the_console_stays_small() -> None:
    found = asset("console.js")
    assert found is not None
    assert len(gzip.compress(found[0])) < 60_000


def test_only_plain_names_of_known_kinds_are_served() -> None:
    for name in ("../pages.py", "..", "", "console.py", ".hidden.js", "a/b.js", "a\\b.js", "none.js"):
        assert asset(name) is None
    found = asset("licenses.txt")
    assert found is not None
    assert found[1].startswith("text/plain")
    assert b"Preact" in found[0]
