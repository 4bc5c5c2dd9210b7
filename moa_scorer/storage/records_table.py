"""The tables of records: what is asked by stands in columns, the rest in sealed parts."""

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKeyConstraint, Index, Integer, PrimaryKeyConstraint, Table

from moa_scorer.storage.schema import METADATA, Bytes, Micros, Name, RowId, Words

RECORDS: Final = Table(
    "records",
    METADATA,
    Column("tenant", Name, nullable=False),
    Column("name", Name, nullable=False),
    Column("created", Micros, nullable=False),
    Column("panel", Name, nullable=False),
    Column("panel_version", Integer, nullable=False),
    Column("rubric", Name, nullable=False),
    Column("rubric_version", Integer, nullable=False),
    Column("policy", Name, nullable=False, comment="empty = none"),
    Column("policy_version", Integer, nullable=False, comment="0 = none"),
    Column("snapshot", Name, nullable=False, comment="revision; empty = none"),
    Column("decision", Name, nullable=False),
    Column("completion", Name, nullable=False),
    Column("content_id", Words, nullable=False),
    Column("content_digest", Name, nullable=False),
    Column("subject", Words, nullable=False),
    Column("audited", Boolean, nullable=False),
    Column(
        "frame",
        Name,
        nullable=False,
        comment="digest of the artefact with the constant part of the plan",
    ),
    Column("request", Bytes, nullable=False),
    Column("plan", Bytes, nullable=False),
    Column("facts", Bytes, nullable=False),
    Column("ballots", Bytes, nullable=False),
    Column("verdict", Bytes, nullable=False),
    Column("way", Bytes, nullable=False, comment="how the result came about: times, cache, origin"),
    PrimaryKeyConstraint("tenant", "name"),
    Index(None, "tenant", "content_digest"),
    Index(None, "tenant", "subject"),
    Index(None, "tenant", "created"),
    Index(None, "created"),
)

TAGS: Final = Table(
    "record_tags",
    METADATA,
    Column("tenant", Name, nullable=False),
    Column("record", Name, nullable=False),
    Column("key", Words, nullable=False),
    Column("value", Words, nullable=False),
    PrimaryKeyConstraint("tenant", "record", "key"),
    ForeignKeyConstraint(["tenant", "record"], ["records.tenant", "records.name"], ondelete="CASCADE"),
    Index(None, "tenant", "key", "value", "record"),
)

ARTEFACTS: Final = Table(
    "artefacts",
    METADATA,
    Column("digest", Name, primary_key=True),
    Column("kind", Name, nullable=False),
    Column("bytes", Bytes, nullable=False),
)

ERASURES: Final = Table(
    "erasures",
    METADATA,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("created", Micros, nullable=False),
    Column("tenant", Name, nullable=False),
    Column("records", Words, nullable=False, comment="names of the records, joined by commas"),
)
