"""A database server for tests of other rooms than the checkout: the same fixture, under the same name."""

from tests.checkout.conftest import _new_database as new_database
from tests.checkout.conftest import postgres

__all__ = ["new_database", "postgres"]
