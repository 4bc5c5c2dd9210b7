"""What an evaluation found, as plain values: for tables, for reports, for files."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

PANEL: Final = "panel"
"""The product's fit on everything it is given, measures of the text among it."""
SCORES_ONLY: Final = "panel, scores only"
WITH_STUDENT: Final = "panel, with student"
"""And with a model of the words of rated texts as one more judge."""
"""The product's fit on the judges' scores alone."""
CONSTANT: Final = "constant"
BEST: Final = "best single judge"
MEAN: Final = "mean"
Z_MEAN: Final = "z-mean"
MEDIAN: Final = "median"
RIDGE: Final = "ridge stack"
RIDGE_MEASURES: Final = "ridge stack with measures"
LENGTH: Final = "text length"
MAJORITY: Final = "majority vote"
DAWID_SKENE: Final = "Dawid-Skene"
TEXT: Final = "TF-IDF ridge"

AVERAGE: Final = "average"
"""Stands for a criterion: the mean over all criteria of the rubric, the overall not among them."""
FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure averaged over folds and repeats; NaN = not known."""

    value: float
    low: float
    """Lower end of the 95 % bootstrap interval over groups."""
    high: float
    fifth: float
    """5th percentile over repeats; NaN with fewer than five."""
    sd: float
    """Standard deviation over repeats; NaN with one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One figure of one method."""

    method: str
    criterion: str
    """A criterion, `overall`, or `average`."""
    metric: str
    """A name of `metrics.METRICS`."""
    estimate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The panel's figure less a rival's, on the same items and the same resampled groups."""

    rival: str
    criterion: str
    metric: str
    estimate: Estimate
    better: bool | None
    """Whether the interval says that the panel is better (True) or worse (False); None = it holds zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """One person against the mean of the others."""

    criterion: str
    alpha: float
    """Krippendorff's alpha (interval) of single ratings."""
    raters: float
    """Mean number of people an item."""
    spearman: float
    """NaN where there are no single ratings, or they barely agree."""
    rmse: float
    """In units of the scale [0, 1]; NaN as above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfFold:
    """What a method said of items whose ratings its fit never saw, for one criterion. Arrays run alike."""

    method: str
    criterion: str
    """A criterion or `overall`."""
    items: tuple[str, ...]
    groups: tuple[str, ...]
    human: tuple[float, ...]
    """Mean rating in [0, 1]."""
    score: tuple[float, ...]
    """In [0, 1]; NaN = unscored."""
    lower: tuple[float, ...]
    """Of the 90 % interval; NaN = none."""
    upper: tuple[float, ...]
    status: tuple[str, ...]
    """Certificate's word; empty = unscored, or a method without certificates."""
    mask: tuple[int, ...]
    """Position in `Evaluation.masks`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What to do, in words."""

    choice: str
    """`panel`, `judge` or `collect`."""
    judge: str
    """The best single judge."""
    more: int | None
    """Rated items to collect before the question is settled; None unless `collect`."""
    words: str
    """Why, in a few sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One study under the protocol, with one number of rated items."""

    study: str
    rated: int | None
    """Rated items that each fit got; None = all but those of a fold (grouped 5-fold)."""
    repeats: int
    seed: int
    items: int
    groups: int
    judges: tuple[str, ...]
    criteria: tuple[str, ...]
    primary: str
    """The metric that the advice rests on."""
    digests: Mapping[str, str]
    """File name -> sha256 of what was read."""
    figures: tuple[Measured, ...]
    differences: tuple[Difference, ...]
    ceilings: tuple[Ceiling, ...]
    votes: float
    """Median effective votes of the full panel over the fits; NaN = not estimable."""
    certificates: Mapping[str, float]
    """Certificate's word, or `unscored` -> share of the panel's verdicts."""
    best: Mapping[str, Mapping[str, float]]
    """Criterion -> judge -> share of the fits that chose it as the best single one."""
    masks: tuple[tuple[str, ...], ...]
    """Judges that answered, for each pattern that was met."""
    out_of_fold: tuple[OutOfFold, ...]
    """Panel and best single judge: every item once with all ratings, else the first repeat's."""
    advice: Advice
    code: str = ""
    """Version of the product."""
    notes: tuple[str, ...] = ()
    """What was left out, and why: a sentence each."""
    seconds: float = math.nan
    """Wall time of the run."""
    metrics: Mapping[str, str] = field(default_factory=dict)
    """Metric -> `higher` or `lower`: which is better."""

    def figure(self, method: str, criterion: str, metric: str) -> Estimate | None:
        """None where the method, criterion or metric was not measured."""
        for one in self.figures:
            if (one.method, one.criterion, one.metric) == (method, criterion, metric):
                return one.estimate
        return None

    def difference(self, rival: str, criterion: str, metric: str) -> Difference | None:
        """None where it was not measured."""
        for one in self.differences:
            if (one.rival, one.criterion, one.metric) == (rival, criterion, metric):
                return one
        return None

    @property
    def methods(self) -> tuple[str, ...]:
        """As measured, the panel first."""
        return tuple(dict.fromkeys(one.method for one in self.figures))

    @property
    def heads(self) -> tuple[str, ...]:
        """Criteria in rubric order, then `overall` and `average`, as measured."""
        return tuple(dict.fromkeys(one.criterion for one in self.figures))


def document(evaluation: Evaluation) -> dict[str, Any]:
    """Plain JSON values; what is not known is null."""
    return {"format": FORMAT, **plain_values(evaluation)}


def plain_values(value: "DataclassInstance") -> dict[str, Any]:
    """The fields of a value as plain JSON; numbers that are not known are null."""
    fields: dict[str, Any] = _plain(asdict(value))
    return fields


def from_document(plain: Mapping[str, Any]) -> Evaluation:
    """The inverse of `document`; raises ValueError for another layout."""
    if plain.get("format") != FORMAT:
        raise ValueError(f"an evaluation of format {plain.get('format')}; this version reads {FORMAT}")
    known = {k: v for k, v in plain.items() if k != "format"}
    return Evaluation(
        **known
        | {
            "judges": tuple(known["judges"]),
            "criteria": tuple(known["criteria"]),
            "notes": tuple(known["notes"]),
            "figures": tuple(Measured(**_estimated(m)) for m in known["figures"]),
            "differences": tuple(Difference(**_estimated(d)) for d in known["differences"]),
            "ceilings": tuple(Ceiling(**_known(c, "alpha", "spearman", "rmse")) for c in known["ceilings"]),
            "masks": tuple(map(tuple, known["masks"])),
            "out_of_fold": tuple(_out_of_fold(o) for o in known["out_of_fold"]),
            "advice": Advice(**known["advice"]),
            "votes": _number(known["votes"]),
            "seconds": _number(known["seconds"]),
        }
    )


def write_evaluations(path: Path, evaluations: tuple[Evaluation, ...]) -> None:
    """One JSON array; the same evaluations make the same bytes."""
    plain = [document(e) for e in evaluations]
    path.write_text(json.dumps(plain, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def read_evaluations(path: Path) -> tuple[Evaluation, ...]:
    """What `write_evaluations` wrote."""
    return tuple(map(from_document, json.loads(path.read_text(encoding="utf-8"))))


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, (tuple, list)) else value


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _known(plain: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {**plain, **{n: _number(plain[n]) for n in names}}


def _estimated(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {**plain, "estimate": Estimate(**{k: _number(v) for k, v in plain["estimate"].items()})}


def _out_of_fold(plain: Mapping[str, Any]) -> OutOfFold:
    numbers: dict[str, Any] = {k: tuple(map(_number, plain[k])) for k in ("human", "score", "lower", "upper")}
    names: dict[str, Any] = {k: tuple(plain[k]) for k in ("items", "groups", "status", "mask")}
    return OutOfFold(method=plain["method"], criterion=plain["criterion"], **numbers, **names)
