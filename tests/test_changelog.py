"""The changelog speaks of the version that the package has."""

import re
from pathlib import Path

from walkout import __version__


def test_first_heading_is_this_version() -> None:
    text = (Path(__file__).resolve().parent.parent / "CHANGELOG.md").read_text()
    heading = re.search(r"^## (\S+?),", text, re.MULTILINE)
    assert heading is not None
    assert heading[1] == __version__
