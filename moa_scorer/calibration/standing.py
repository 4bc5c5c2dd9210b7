"""What has become of a snapshot since it was fitted: whether its intervals may still be stated."""

from dataclasses import dataclass
from datetime import date

from moa_scorer.domain.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlarm:
    """A judge was found to answer unlike it did in the ratings, and nobody has closed the matter."""

    judge: str
    since: str
    """ISO 8601 date or time of the finding."""
    what: str
    """What was found, in words without a full stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDoubt:
    """Items of a source were found to be unlike the rated ones, and nobody has closed the matter."""

    source: str
    """As `source_of` names it; empty = items that say no source."""
    since: str
    """ISO 8601 date or time of the finding."""
    what: str
    """What was found, in words without a full stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotState:
    """What people and sentinels decided about the snapshots of one name (`rubric.kind.panel`)."""

    serving: int | None = None
    """Version that unpinned callers get; None = the newest."""
    age_limit_days: int | None = None
    """Days after its fit for which a snapshot is believed, > 0; None = no limit."""
    accepted: tuple[str, ...] = ()
    """Judges whose scores the other way round a person has accepted."""
    alarms: tuple[OpenAlarm, ...] = ()
    doubts: tuple[OpenDoubt, ...] = ()
    """At most one a source."""


def standing_of(state: SnapshotState, created: str, today: date, source: str = "") -> Standing:
    """The standing, for items of a source, of a snapshot fitted at `created` (ISO 8601; one that cannot be
    read is too old)."""
    return Standing(
        doubt="; ".join(f"{d.what} (since {d.since})" for d in state.doubts if d.source == source),
        alarms={a.judge: f"{a.what} (since {a.since})" for a in state.alarms},
        expired=_expired(state.age_limit_days, created, today),
    )


def _expired(limit: int | None, created: str, today: date) -> str:
    if limit is None:
        return ""
    try:
        age = (today - date.fromisoformat(created[:10])).days
    except ValueError:
        return f"nobody knows when it was fitted ('{created}'), and it may be {limit} days old at most"
    return f"fitted {age} days ago, on {created[:10]}, and the limit is {limit}" if age > limit else ""
