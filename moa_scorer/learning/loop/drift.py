"""Does each judge still answer as it did in the ratings? Sentinels on anchors, in the order of time.

An anchor is an item whose expected score is known, because people rated it. Where a judge's score leaves the
line that it kept to in the ratings, a detector bets against it. Refusals and unreadable replies are counted;
another model behind the judge's name is an alarm by itself.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.exchange import LEVEL, detect, p_values, rate_gains, shift_bets
from moa_scorer.calibration.snapshot import OVERALL, Column, Snapshot
from moa_scorer.calibration.standing import OpenAlarm
from moa_scorer.calibration.table import Array, RatedTable, criterion_of, is_measure, judge_of
from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.learning.study.rows import Rows

WATCHED = (AbstentionReason.REFUSED, AbstentionReason.UNPARSEABLE)
"""Reasons whose rate is watched."""
LAG = 150
"""Anchors that wait before they count as known: a drift would else hide behind itself."""
LAG_FROM = 400
"""Rated documents from which anchors wait; with fewer, waiting raises false alarms above the stated rate."""
CAUTION = 2.0
"""With a lag p-values are not quite independent, so a detector's capital counts this much less. Simulated:
0.6 to 0.9 % false alarms per 1,000 anchors, and a drift of 0.5 sd found within 150 in 91 to 94 of 100."""
LEAST_RATED = 50
"""Rated documents below which a column has no sentinel."""
LEAST_RATE = 0.005
"""Lower rates than this are taken for it: one refusal in a thousand is no drift."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentinel:
    """One judge on one of its criteria, or one kind of its failures."""

    judge: str
    what: str
    """The criterion, or the reason of abstention."""
    anchors: int
    """Items watched, one a source document for scores."""
    trace: tuple[float, ...]
    """log10 of the detector's capital after each; 5 is the alarm."""
    alarm_at: int | None
    """Number of the first anchor, from 1, at which there was an alarm."""
    change: float
    """Mean departure of the scores in standard deviations of the ratings', or the rate's difference."""

    @property
    def words(self) -> str:
        """What was found, to follow the judge's name."""
        if self.what in {reason.value for reason in WATCHED}:
            verb = "refuses" if self.what == AbstentionReason.REFUSED else "answers unreadably"
            return f"{verb} more often than in the ratings ({self.change:+.1%})"
        place = "higher" if self.change > 0 else "lower"
        return f"scores {self.what} {place} than in the ratings, by {abs(self.change):.2f} sd"


def sentinels(snapshot: Snapshot, anchors: RatedTable, *, seed: int = 0) -> tuple[Sentinel, ...]:
    """A sentinel for each judge's column that both have; `anchors` stand in the order of time.

    Of each source document the first anchor is watched, against one rated item of each. An alarm comes within
    150 anchors after a shift by half a standard deviation nine times of ten, given 400 rated documents and no
    less, and at most once in a hundred runs of 1,000 anchors without one.
    """
    place = {name: k for k, name in enumerate(anchors.columns)}
    rated = _rated(snapshot, seed)
    _, first = np.unique(np.asarray(anchors.groups), return_index=True)
    order = np.sort(first)
    found = []
    for k, column in enumerate(snapshot.columns):
        if is_measure(column.name) or column.name not in place:
            continue
        head = _head(snapshot, criterion_of(column.name))
        usual = _points(snapshot, k, head, rated)
        new = np.column_stack([anchors.values[order, place[column.name]], _target(anchors, head)[order]])
        if usual.shape[0] >= LEAST_RATED:
            rng = np.random.default_rng([seed, k])
            found.append(sentinel(column.name, usual, new[~np.isnan(new[:, 0])], rng))
    return tuple(found)


def failure_sentinels(snapshot: Snapshot, rows: Rows, items: Sequence[str]) -> tuple[Sentinel, ...]:
    """A sentinel for each judge's rate of each watched failure; `items` stand in the order of time."""
    found = []
    for judge in dict.fromkeys(judge_of(c.name) for c in snapshot.columns if not is_measure(c.name)):
        own = [c for c in snapshot.columns if judge_of(c.name) == judge]
        asked = [rows[i][judge] for i in items if judge in rows.get(i, {})]
        for reason in WATCHED:
            usual = usual_rate(own, reason, snapshot.items)
            happened = np.array([reason in row.abstained.values() for row in asked], dtype=bool)
            if usual is not None and asked:
                found.append(_failures(judge, reason, happened, usual))
    return tuple(found)


def model_changes(
    known: Mapping[str, str], reported: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, str]]:
    """(judge, what changed) where a judge's answers report another model than it had, at once.

    `reported` holds ids in the order of time; an empty id says nothing, and neither does an unknown judge.
    """
    for judge, seen in reported.items():
        usual = known.get(judge, "")
        other = next((model for model in seen if usual and model and model != usual), "")
        if other:
            yield judge, f"is answered by another model, {other} instead of {usual}"


def alarms(
    found: Sequence[Sentinel], changed: Sequence[tuple[str, str]] = (), *, since: str
) -> tuple[OpenAlarm, ...]:
    """What was found, one alarm a judge."""
    words: dict[str, list[str]] = {}
    for judge, what in changed:
        words.setdefault(judge, []).append(what)
    for one in found:
        if one.alarm_at is not None:
            words.setdefault(one.judge, []).append(one.words)
    return tuple(OpenAlarm(judge=j, since=since, what=", ".join(w)) for j, w in words.items())


def _rated(snapshot: Snapshot, seed: int) -> NDArray[np.intp]:
    """Positions of one rated item of each source document; chosen by weight where items were not equal."""
    rng = np.random.default_rng(seed)
    weights = np.array(snapshot.rows.weights or [1.0] * len(snapshot.rows.values))
    order = rng.permutation(np.flatnonzero(rng.random(weights.size) < weights / weights.max(initial=1e-9)))
    _, first = np.unique(np.array(snapshot.rows.groups, dtype=np.intp)[order], return_index=True)
    chosen: NDArray[np.intp] = order[first]
    return chosen


def _points(snapshot: Snapshot, k: int, head: str, rated: NDArray[np.intp]) -> Array:
    """(score, rating) of the rated items with a score, shape (items, 2)."""
    scores = [snapshot.rows.values[i][k] for i in rated]
    ratings = [snapshot.rows.targets[head][i] for i in rated]
    kept = [(x, y) for x, y in zip(scores, ratings, strict=True) if x is not None]
    return np.array(kept, dtype=np.float64).reshape(-1, 2)


def _head(snapshot: Snapshot, criterion: str) -> str:
    """The people's criterion that a judge's is compared with: of the same name, else the overall."""
    return criterion if criterion in snapshot.weights else OVERALL


def _target(anchors: RatedTable, head: str) -> Array:
    if head in anchors.targets:
        return anchors.targets[head]
    mean: Array = np.mean(list(anchors.targets.values()), axis=0)
    return mean


def sentinel(name: str, usual: Array, new: Array, rng: np.random.Generator) -> Sentinel:
    """The detector on departures from the line through the rated items of a column `judge/criterion`.

    `usual` and `new` hold (score, rating) of independent items, shape (items, 2).
    """
    slope, start = _line(usual)
    old, fresh = (np.round(x[:, 0] - start - slope * x[:, 1], 9) for x in (usual, new))
    lag = LAG if old.size >= LAG_FROM else 0
    capital = detect(shift_bets(p_values(old, fresh, rng.random(fresh.size), lag=lag)))
    trace = (capital - (math.log(CAUTION) if lag else 0.0)) / math.log(10)
    spread = max(float(old.std()), 1e-9)
    at = _first(trace)
    since = fresh[max((at or 0) - LAG, 0) : at]
    return Sentinel(
        judge=judge_of(name),
        what=criterion_of(name),
        anchors=fresh.size,
        trace=tuple(np.round(trace, 4).tolist()),
        alarm_at=at,
        change=float(since.mean()) / spread if since.size else 0.0,
    )


def _line(points: Array) -> tuple[float, float]:
    """(slope, start) of least squares of scores on ratings; a flat line where the ratings are all one."""
    x, y = points[:, 0], points[:, 1]
    variance = float(y.var())
    slope = float(np.mean((x - x.mean()) * (y - y.mean()))) / variance if variance > 0 else 0.0
    return slope, float(x.mean()) - slope * float(y.mean())


def _failures(judge: str, reason: AbstentionReason, happened: NDArray[np.bool_], usual: float) -> Sentinel:
    trace = detect(rate_gains(happened, usual)) / math.log(10)
    return Sentinel(
        judge=judge,
        what=reason.value,
        anchors=happened.size,
        trace=tuple(np.round(trace, 4).tolist()),
        alarm_at=_first(trace),
        change=float(happened.mean()) - usual,
    )


def usual_rate(columns: Sequence[Column], reason: AbstentionReason, items: int) -> float | None:
    """Upper 95 % bound (Wilson 1927) of the judge's rate in the ratings; None where it was not recorded."""
    shares = [c.reasons.get(reason.value, 0.0) for c in columns if c.reasons or c.missing == 0]
    if len(shares) < len(columns):
        return None
    share, z = max(shares, default=0.0), 1.645
    centre = share + z * z / (2 * items)
    spread = z * math.sqrt(share * (1 - share) / items + z * z / (4 * items * items))
    return min(max((centre + spread) / (1 + z * z / items), LEAST_RATE), 0.95)


def _first(trace: Array) -> int | None:
    over = np.flatnonzero(trace >= math.log10(LEVEL))
    return int(over[0]) + 1 if over.size else None
