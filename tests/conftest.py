"""Fixtures for all tests."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says more of the machine than of the code.
settings.register_profile("walkout", deadline=None)
settings.load_profile("walkout")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real recordings beside the checkout; the test is skipped by name where it is not there."""
    folder = Path(os.environ.get("WALKOUT_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the real recordings are not here: no folder {folder} (set WALKOUT_SHARED_DATA)")
    return folder
