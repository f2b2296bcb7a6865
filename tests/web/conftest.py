"""A browser over the mock, for the tests of pages."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.browser import Seen, chromium
from tests.web.mock.knobs import Mock
from tests.web.mock.known import WORKER
from tests.web.mock.serving import serving


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture
def mock() -> Mock:
    return Mock(signed_in=True)


@pytest.fixture
def reviewing(mock: Mock) -> Mock:
    """A reviewer is signed in, has accepted two purposes, and is on shift."""
    mock.role = "reviewer"
    for purpose in ("settle", "audit"):
        mock.desk.books.accept(WORKER, purpose)
    mock.desk.happen("shift_started")
    return mock


@pytest.fixture
def url(mock: Mock) -> Iterator[str]:
    with serving(mock) as address:
        yield address


@pytest.fixture
def seen() -> Iterator[Seen]:
    found = Seen()
    yield found
    assert found.errors == []


@pytest.fixture
def page(browser: Any, seen: Seen) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(15_000)
    found = context.new_page()
    seen.watch(found)
    yield found
    context.close()
