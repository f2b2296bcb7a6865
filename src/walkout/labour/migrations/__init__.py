"""How the time and pay ledger's tables came to be (Alembic, a branch of its own)."""
