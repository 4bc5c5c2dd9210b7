"""How a file is to be read as studies: which column is what, on which scales, and what of it is wanted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatchcase
from pathlib import Path

from moa_scorer.calibration.table import Scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which column of a table holds what. An empty name means: the first usual name that the table has."""

    item: str = ""
    """The item's id; the only one that every table needs."""
    group: str = ""
    """Source document, prompt or thread; without one each item is its own group."""
    source: str = ""
    """Who wrote the content."""
    content: str = ""
    """The text itself."""
    context: str = ""
    """What the text answers or condenses."""
    criterion: str = ""
    """The criterion that a line's ratings and scores are about."""
    ratings: tuple[str, ...] = ()
    """`COLUMN` or `CRITERION=COLUMN`; a cell may hold several ratings: `3;4` or `[3, 4]`."""
    rater: str = ""
    """Who rated; several lines may rate the same item only where it is given."""
    saw_score: str = ""
    """Whether the rater knew a score of the product before rating: such ratings are not used."""
    propensity: str = ""
    """Probability in (0, 1] with which the item was chosen to be rated."""
    audit: str = ""
    """Whether the item was drawn at random to check snapshots."""
    judge: str = ""
    """Long form, a line a judge: the judge's name."""
    score: str = ""
    """Long form: the judge's score."""
    judges: Mapping[str, str] = field(default_factory=dict)
    """Wide form: judge, or `judge.criterion` -> its column."""
    judge_pattern: str = "judge.*"
    """Wide form: a glob with one `*`, which stands for the judge's name in the names of columns."""

    def without(self, columns: Collection[str]) -> "Columns":
        """The same, as if nobody had named these columns."""
        single = {f.name: "" for f in fields(self) if f.type is str and getattr(self, f.name) in columns}
        return replace(
            self,
            **single,
            ratings=tuple(r for r in self.ratings if r.rpartition("=")[2] not in columns),
            judges={judge: column for judge, column in self.judges.items() if column not in columns},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything about a file that it does not say itself."""

    columns: Columns = field(default_factory=Columns)
    scales: Mapping[str, Scale] = field(default_factory=dict)
    """Glob of judges' names -> their declared scale; the first that fits holds."""
    rating_scale: tuple[float, float] | None = None
    """(lowest, highest) rating of the people's scale; None = as the file says, else as its values look."""
    name: str = ""
    """The studies' name; empty = the file's `dataset`, else the file's name."""
    kind: str = ""
    """Kind of content; empty = as the file says, else the study's name."""
    language: str = ""
    """ISO 639-1 code; empty = as the file says, else unknown."""
    judges: tuple[str, ...] = ()
    """Globs of the judges wanted; empty = all."""
    criteria: tuple[str, ...] = ()
    """Globs of the criteria wanted; empty = all."""
    where: tuple[tuple[str, str], ...] = ()
    """(column, glob): only lines whose column fits are read; all must fit."""
    ratings: Path | None = None
    """A second file with the ratings, joined to the first by the items' ids."""
    micro_usd: Mapping[str, float] = field(default_factory=dict)
    """Judge -> cost of one item in millionths of a dollar, in place of what the file says."""

    def scale_of(self, judge: str) -> Scale | None:
        """The declared scale of a judge; None where nobody declared one."""
        return next((scale for glob, scale in self.scales.items() if fnmatchcase(judge, glob)), None)

    def wants_judge(self, judge: str) -> bool:
        """Whether a judge is to be read."""
        return not self.judges or any(fnmatchcase(judge, glob) for glob in self.judges)

    def wants_criterion(self, criterion: str) -> bool:
        """Whether a criterion is to be read."""
        return not self.criteria or any(fnmatchcase(criterion, glob) for glob in self.criteria)
