"""The disclosure's table in the shop's database, and which of the other rooms' tables are there."""

from sqlalchemy import Engine, inspect

from walkout.checkout.branch import Branch

BRANCH = Branch("walkout.disclosure:migrations", "disclosure_version")


def tables_in(engine: Engine) -> frozenset[str]:
    """The names of the tables of a database: a shop without reviewers has none of the review's or the labour's."""
    return frozenset(inspect(engine).get_table_names())
