"""PostgreSQL, where it is here."""

from tests.checkout.conftest import postgres, postgres_ready

__all__ = ["postgres", "postgres_ready"]
