"""Run by Alembic: the connection comes from storage.py, in a transaction that is already open."""

from alembic import context

from walkout.checkout.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
