"""What the tables have in common: names of constraints, types, and which modules declare tables."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Final

from sqlalchemy import BigInteger, Integer, LargeBinary, MetaData, String, Text

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table hangs on this one; constraints have names, so that a migration can speak of them."""

TABLE_MODULES: Final = (
    "moa_scorer.storage.records_table",
    "moa_scorer.storage.ids",
    "moa_scorer.storage.leases",
    "moa_scorer.storage.jobs_table",
    "moa_scorer.storage.ratings",
    "moa_scorer.storage.judge_states",
    "moa_scorer.storage.api_keys",
    "moa_scorer.storage.audit_log",
    "moa_scorer.storage.usage",
)
"""Modules that declare tables. A new one joins here, and the migrations."""

Name: Final = String().with_variant(String(collation="C"), "postgresql")
"""Text that sorts by its bytes in every database: names that sort by time, digests, keys."""
Words: Final = Text()
"""Text that nothing is sorted by."""
Bytes: Final = LargeBinary()
Micros: Final = BigInteger()
"""An instant: microseconds since 1970 in UTC. Or a duration, in microseconds."""
RowId: Final = BigInteger().with_variant(Integer(), "sqlite")
"""A key that the database counts up by itself."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def declared() -> MetaData:
    """The metadata with the tables of every module in it."""
    for module in TABLE_MODULES:
        import_module(module)
    return METADATA


def micros(moment: datetime) -> int:
    """An aware instant as microseconds since 1970, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def micros_in(seconds: float) -> int:
    """A length of time in microseconds."""
    return round(seconds * 1e6)


def moment(value: int) -> datetime:
    """The instant, in UTC."""
    return _EPOCH + value * _MICROSECOND


def plain(text: str) -> str:
    """The text as every database takes it in a column: PostgreSQL has no NUL character."""
    return text.replace("\x00", "\N{SYMBOL FOR NULL}")
