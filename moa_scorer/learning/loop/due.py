"""Whether a candidate is worth fitting: new ratings, an open alarm, and whether people stepped back."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from moa_scorer.calibration.standing import SnapshotState
from moa_scorer.learning.loop.lineage import Action, read_lineage
from moa_scorer.learning.loop.promotion import RATINGS_TO_REFIT, lineage_path, refit_due


def due(new_ratings: int, state: SnapshotState, stepped_back: datetime | None) -> bool:
    """Whether a candidate should be fitted; after a step back only new ratings are a reason."""
    if stepped_back is not None:
        return new_ratings >= RATINGS_TO_REFIT
    return refit_due(new_ratings, state)


def why_not(new_ratings: int, stepped_back: datetime | None) -> str:
    """Why none is, in a sentence."""
    if stepped_back is None:
        return f"{new_ratings} new ratings, and {RATINGS_TO_REFIT} are worth a fit"
    return (
        f"people went back to an earlier snapshot on {stepped_back:%Y-%m-%d}: {new_ratings} ratings are "
        f"newer, and {RATINGS_TO_REFIT} are worth another fit"
    )


def stepped_back(folder: Path, name: str) -> datetime | None:
    """When the snapshot that serves was gone back to; None where it was promoted, or nothing was decided.

    Without it the candidate that people took out of service would be fitted and promoted once more, on the
    same ratings. Raises ConfigurationError.
    """
    chosen = (Action.PROMOTE, Action.ROLLBACK)
    decided = [entry for entry in read_lineage(lineage_path(folder, name)) if entry.action in chosen]
    if not decided or decided[-1].action is not Action.ROLLBACK:
        return None
    return instant_of(decided[-1].at)


def instant_of(said: str) -> datetime | None:
    """An ISO 8601 date or time in UTC; None where it is none."""
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def latest(instants: Iterable[datetime | None]) -> datetime | None:
    """The last of those that are known; None = none is."""
    return max((each for each in instants if each is not None), default=None)
