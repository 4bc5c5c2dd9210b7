"""Inserts that know what to do with a row that is there already."""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

Insert = sqlite.Insert | postgresql.Insert

_INSERTS: Final[Mapping[str, Callable[[Table], Insert]]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


def insert_into(dialect: str, table: Table) -> Insert:
    """An insert with `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return _INSERTS[dialect](table)
