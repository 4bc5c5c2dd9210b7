"""What a job is asked to do: plain values that are kept with it and mean the same after a restart."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from moa_scorer.domain.request import Retention, Sensitivity
from moa_scorer.domain.stores import RecordFilter


class FileFormat(StrEnum):
    """How the items stand in a file."""

    JSONL = "jsonl"
    """A JSON object a line."""
    CSV = "csv"
    """RFC 4180 with a line of column names."""
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which key or column of a row is which part of the content; a missing one is empty."""

    text: str = "text"
    id: str = "id"
    kind: str = "kind"
    language: str = "language"
    title: str = "title"
    context: str = "context"
    producer: str = "producer"
    subject: str = "subject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file of items."""

    path: str
    """Absolute."""
    format: FileFormat
    gzipped: bool = False
    columns: Columns = Columns()
    fingerprint: str = ""
    """Size and digest of head and tail when the job was made; empty = not taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """Score every item of a file."""

    source: Source
    output: str
    """Absolute path of the results; made when the job has ended, whole or not at all."""
    panel: str = ""
    """As in ScoreRequest, and so are the next ones; they hold for every item."""
    rubric: str = ""
    policy: str = ""
    sensitivity: Sensitivity = Sensitivity.VENDORS_ALLOWED
    retention: Retention = Retention.FULL
    seed: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    """Of items that do not say theirs."""
    language: str = ""
    """Of items that do not say theirs."""
    item_budget: float | None = None
    """Seconds that an item may take, > 0; None = the server's default."""
    item_cost: int | None = None
    """Micro-USD that one item may cost; None = no ceiling."""
    max_cost: int | None = None
    """Micro-USD that all items together may cost; None = no ceiling."""
    concurrency: int = 4
    """Items worked on at a time, >= 1."""
    attempts: int = 3
    """Times that an item is tried before it is set aside, >= 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Fit a candidate on people's ratings of records, measure it, and let it serve if it is not worse."""

    panel: str
    """`name` or `name@version`; empty = the default."""
    rubric: str
    """Empty = the panel's for the kind."""
    kind: str
    language: str = ""
    """ISO 639-1 code; empty = any."""
    accepted: tuple[str, ...] = ()
    """Judges whose scores the other way round are accepted."""
    even_if_not_due: bool = False
    seed: int = 0
    who: str = ""
    """Who asked for it; kept in the lineage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """Decide stored records again under a change, asking nobody."""

    records: RecordFilter
    policy: str = ""
    """`name` or `name@version`; empty = each record's own. The same for the next."""
    snapshot: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    """Criterion -> weight, >= 0."""
    without: tuple[str, ...] = ()
    """Judges whose ballots do not count."""
    only: tuple[str, ...] = ()
    """Judges whose ballots alone count; empty = all."""
    quorum: int | None = None


Order: TypeAlias = Backfill | Calibration | WhatIf
