"""What has become of a snapshot since it was fitted: whether its intervals may still be stated."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlarm:
    """A judge was found to answer unlike it did in the ratings, and nobody has closed the matter."""

    judge: str
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Why a snapshot's certificates are STALE today."""

    alarms: Mapping[str, str] = field(default_factory=dict)
    """Judge -> what was found, in words; it matters where the judge answered."""
    expired: str = ""
    """Why it is too old, in words; empty = it is not."""
    doubt: str = ""
    """Why it does not hold for the items at hand, in words; empty = nothing speaks against it."""

    def why_stale(self, answered: Collection[str]) -> str:
        """The reason, for a number that rests on these judges; empty where there is none."""
        if self.doubt or self.expired:
            return self.doubt or self.expired
        found = [f"{judge} {what}" for judge, what in self.alarms.items() if judge in answered]
        return f"a drift alarm is open: {'; '.join(found)}" if found else ""


IN_FORCE = Standing()
"""Of a snapshot that nothing is known against."""


def standing_of(state: SnapshotState, created: str, today: date) -> Standing:
    """The standing of a snapshot fitted at `created` (ISO 8601; one that cannot be read is too old)."""
    return Standing(
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
