"""Ratings and ballots of the same items -> what fitting reads."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.snapshot import OVERALL
from moa_scorer.calibration.table import MEASURES, RatedTable
from moa_scorer.domain.ballot import ScoreKind
from moa_scorer.domain.rubric import Rubric
from moa_scorer.learning.study.ratings import RatedItem, overall
from moa_scorer.learning.study.rows import WHOLE, BallotRow, Rows
from moa_scorer.measures.facts import observe

Array = NDArray[np.float64]
Measure = Callable[[RatedItem], Mapping[str, float]]
"""Item -> measures by name."""


def measures_of(item: RatedItem) -> Mapping[str, float]:
    """The measures of an item's text, as the product takes them."""
    return observe(item.content()).measures


def usable_items(
    items: Iterable[RatedItem], rows: Rows, rubric: Rubric, judges: Sequence[str]
) -> list[RatedItem]:
    """Items with a rating of every criterion and a ballot, judgment or abstention, of every judge."""
    names = [c.name for c in rubric.criteria]
    return [
        item
        for item in items
        if all(item.ratings.get(n) for n in names) and all(j in rows.get(item.id, {}) for j in judges)
    ]


def rated_table(
    items: Sequence[RatedItem],
    rows: Rows,
    rubric: Rubric,
    judges: Sequence[str],
    measures: Measure = measures_of,
) -> RatedTable:
    """One line an item. Needs `usable_items`; columns stand in panel order, measures last.

    A judge's abstention is NaN, never a number; its reasons are counted by column. NaN is also a score of
    another kind than most of its column, and one of a later layer's judge that read less than it ever does.
    """
    cast = [[rows[item.id][j] for j in judges] for item in items]
    judged = _judge_columns(cast)
    kinds, readings = _usual_kinds(cast), _fullest_readings(cast)
    observed = [measures(item) for item in items]
    measured = tuple(dict.fromkeys(name for found in observed for name in found))
    values = np.full((len(items), len(judged) + len(measured)), np.nan)
    for i, ballots in enumerate(cast):
        scores = _comparable(ballots, kinds, readings)
        found = [scores.get(c, np.nan) for c in judged]
        values[i] = found + [observed[i].get(m, np.nan) for m in measured]
    return RatedTable(
        columns=(*judged, *(f"{MEASURES}/{m}" for m in measured)),
        values=values,
        targets=_targets(items, rubric),
        ids=tuple(item.id for item in items),
        groups=tuple(item.group for item in items),
        sources=tuple(_source(item) for item in items),
        raters=np.array([float(min(map(len, item.ratings.values()))) for item in items]),
        rater_variance={OVERALL: _rater_variance(items, rubric)},
        abstentions=_abstentions(cast, judged),
        kinds={column: kind for column, kind in kinds.items() if kind is not ScoreKind.SINGLE},
    )


def _judge_columns(cast: Sequence[Sequence[BallotRow]]) -> tuple[str, ...]:
    """`judge/criterion` of every score that was ever given: judges in panel order, criteria as first met."""
    judges: dict[str, dict[str, None]] = {b.judge: {} for ballots in cast for b in ballots}
    for ballots in cast:
        for ballot in ballots:
            judges[ballot.judge].update(dict.fromkeys(ballot.scores))
    return tuple(f"{judge}/{criterion}" for judge, found in judges.items() for criterion in found)


def _usual_kinds(cast: Sequence[Sequence[BallotRow]]) -> dict[str, ScoreKind]:
    """Column -> the kind of most of its scores, of equals the first met."""
    counts: dict[str, Counter[ScoreKind]] = {}
    for ballot in chain.from_iterable(cast):
        for criterion in ballot.scores:
            kind = ballot.kinds.get(criterion, ScoreKind.SINGLE)
            counts.setdefault(f"{ballot.judge}/{criterion}", Counter())[kind] += 1
    return {column: found.most_common(1)[0][0] for column, found in counts.items()}


def _fullest_readings(cast: Sequence[Sequence[BallotRow]]) -> dict[str, frozenset[str]]:
    """Judge -> everybody whose ballots it has read on any item."""
    found: dict[str, frozenset[str]] = {}
    for ballot in chain.from_iterable(cast):
        found[ballot.judge] = found.get(ballot.judge, frozenset()) | frozenset(ballot.read)
    return found


def _comparable(
    ballots: Sequence[BallotRow], kinds: Mapping[str, ScoreKind], readings: Mapping[str, frozenset[str]]
) -> dict[str, float]:
    """Column -> score, of one item, where it means the same as on the other items."""
    found = {}
    for ballot in ballots:
        if frozenset(ballot.read) != readings[ballot.judge]:
            continue
        for criterion, value in ballot.scores.items():
            column = f"{ballot.judge}/{criterion}"
            if ballot.kinds.get(criterion, ScoreKind.SINGLE) is kinds[column]:
                found[column] = value
    return found


def _targets(items: Sequence[RatedItem], rubric: Rubric) -> dict[str, Array]:
    weights = rubric.weights()
    targets = {c: np.array([_known(item.mean(c)) for item in items]) for c in weights}
    targets[OVERALL] = np.array([_known(overall(item, tuple(weights), weights)) for item in items])
    return targets


def _known(mean: float | None) -> float:
    if mean is None:
        raise ValueError("an item lacks a rating: take usable_items only")
    return mean


def _source(item: RatedItem) -> str:
    """Who wrote the text, else the data set it is of."""
    return f"{item.dataset}/{item.system}" if item.system else item.dataset


def _rater_variance(items: Sequence[RatedItem], rubric: Rubric) -> Array:
    """Variance between raters of an item's rubric-weighted mean; NaN where raters cannot be told apart."""
    weights = rubric.weights()
    found = []
    for item in items:
        votes = [item.ratings[c] for c in weights]
        aligned = len({len(v) for v in votes}) == 1 and len(votes[0]) > 1
        found.append(_variance(votes, tuple(weights.values())) if aligned else np.nan)
    return np.array(found)


def _variance(votes: Sequence[Sequence[float]], weights: Sequence[float]) -> float:
    each = [sum(w * v[k] for w, v in zip(weights, votes, strict=True)) for k in range(len(votes[0]))]
    return float(np.var(each, ddof=1))


def _abstentions(cast: Sequence[Sequence[BallotRow]], columns: Sequence[str]) -> dict[str, dict[str, float]]:
    """Column -> reason -> share of the items."""
    counts: dict[str, Counter[str]] = {column: Counter() for column in columns}
    for ballots in cast:
        for ballot in ballots:
            for column in (c for c in columns if c.startswith(f"{ballot.judge}/")):
                criterion = column.partition("/")[2]
                reason = ballot.abstained.get(criterion) or ballot.abstained.get(WHOLE)
                if reason is not None:
                    counts[column][reason.value] += 1
    return {c: {r: n / len(cast) for r, n in found.items()} for c, found in counts.items() if found}
