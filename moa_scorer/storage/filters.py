"""A RecordFilter as SQL, with the tenant in it always."""

from collections.abc import Iterator

from sqlalchemy import Column, ColumnElement, and_, exists, literal_column

from moa_scorer.domain.stores import RecordFilter
from moa_scorer.storage.records_table import RECORDS, TAGS
from moa_scorer.storage.schema import micros, plain

_ROW = RECORDS.c


def meant(where: RecordFilter) -> ColumnElement[bool]:
    """Whether a row of `records` is meant."""
    return and_(_ROW.tenant == where.tenant, *_resources(where), *_equal(where), *_others(where))


def _resources(where: RecordFilter) -> Iterator[ColumnElement[bool]]:
    versioned = (
        (where.panel, _ROW.panel, _ROW.panel_version),
        (where.rubric, _ROW.rubric, _ROW.rubric_version),
        (where.policy, _ROW.policy, _ROW.policy_version),
    )
    for reference, name, version in versioned:
        if reference:
            yield _is_resource(reference, name, version)
    if where.snapshot:
        pinned = "@" in where.snapshot
        wanted = where.snapshot
        yield _ROW.snapshot == wanted if pinned else _ROW.snapshot.startswith(f"{wanted}@", autoescape=True)


def _is_resource(reference: str, name: "Column[str]", version: "Column[int]") -> ColumnElement[bool]:
    wanted, pinned, number = reference.rpartition("@")
    if not pinned:
        return name == reference
    return and_(name == wanted, version == int(number)) if number.isdecimal() else literal_column("1 = 0")


def _equal(where: RecordFilter) -> Iterator[ColumnElement[bool]]:
    wanted = (
        (_ROW.decision, where.decision and where.decision.value),
        (_ROW.completion, where.completion and where.completion.value),
        (_ROW.content_id, plain(where.content_id) or None),
        (_ROW.content_digest, where.content_digest or None),
        (_ROW.subject, plain(where.subject) or None),
        (_ROW.audited, where.audited),
    )
    for column, value in wanted:
        if value is not None:
            yield column == value


def _others(where: RecordFilter) -> Iterator[ColumnElement[bool]]:
    if where.since is not None:
        yield _ROW.created >= micros(where.since)
    if where.until is not None:
        yield _ROW.created < micros(where.until)
    if where.names:
        yield _ROW.name.in_(where.names)
    for key, value in where.tags.items():
        yield exists().where(
            TAGS.c.tenant == _ROW.tenant,
            TAGS.c.record == _ROW.name,
            TAGS.c.key == plain(key),
            TAGS.c.value == plain(value),
        )
