"""How the review desk's tables came to be (Alembic, a branch of its own)."""
