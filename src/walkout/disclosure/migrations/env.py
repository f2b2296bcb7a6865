"""Run by Alembic: the connection comes from checkout/branch.py, in a transaction that is already open."""

from alembic import context

from walkout.disclosure.tables import metadata

given = context.config.attributes
context.configure(connection=given["connection"], target_metadata=metadata, version_table=given["version_table"])
with context.begin_transaction():
    context.run_migrations()
