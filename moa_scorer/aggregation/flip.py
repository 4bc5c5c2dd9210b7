"""The smallest change of one score that would change the decision."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from moa_scorer.domain.policy import Rule
from moa_scorer.domain.verdict import CriterionScore, Decision, Interval, Ruling, Scored, Verdict

STEP = 1e-6
"""What "just below" means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """How the item was decided, to be asked what it would have been for other scores."""

    rules: Sequence[Rule]
    """Every rule that had a say: their thresholds are where decisions change."""
    decide: Callable[[Verdict], Ruling]
    """The ruling on a verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """A change of one score, its interval moving along."""

    criterion: str
    """Criterion, or `overall`."""
    shift: float
    """Signed change of the score."""
    decision: Decision
    """What the decision would be then."""


def smallest_flip(verdict: Verdict, ruling: Ruling, deciding: Deciding) -> Flip | None:
    """The flip of the least absolute shift; None when no score in [0, 1] changes the decision."""
    scored = verdict.outcome
    if not isinstance(scored, Scored) or deciding.decide(verdict).decision is not ruling.decision:
        return None
    flips = []
    for subject in _subjects(scored, deciding.rules):
        for shift in _candidates(subject, deciding.rules):
            if 0.0 <= subject.score + shift <= 1.0:
                moved = replace(verdict, outcome=_with(scored, _moved(subject, shift)))
                decision = deciding.decide(moved).decision
                flips.append(Flip(criterion=subject.name, shift=shift, decision=decision))
    changing = [f for f in flips if f.decision is not ruling.decision]
    return min(changing, key=lambda f: (abs(f.shift), f.criterion), default=None)


def _subjects(scored: Scored, rules: Sequence[Rule]) -> Iterator[CriterionScore]:
    """What the rules look at and is scored."""
    named = {rule.criterion for rule in rules if rule.threshold is not None}
    if "" in named:
        yield scored.overall
    for criterion in scored.criteria:
        if criterion.name in named and isinstance(criterion, CriterionScore):
            yield criterion


def _candidates(subject: CriterionScore, rules: Sequence[Rule]) -> Iterator[float]:
    """Shifts that bring the score or a bound to a threshold, or just below it."""
    points = [subject.score]
    if subject.interval is not None:
        points += [subject.interval.lower, subject.interval.upper]
    for rule in rules:
        if rule.threshold is not None:
            for point in points:
                yield rule.threshold - point
                yield rule.threshold - point - STEP


def _moved(subject: CriterionScore, shift: float) -> CriterionScore:
    old = subject.interval
    interval: Interval | None = None
    if old is not None:
        interval = replace(old, lower=old.lower + shift, upper=old.upper + shift)
    return replace(subject, score=subject.score + shift, interval=interval)


def _with(scored: Scored, subject: CriterionScore) -> Scored:
    if subject.name == scored.overall.name:
        return replace(scored, overall=subject)
    criteria = tuple(subject if c.name == subject.name else c for c in scored.criteria)
    return replace(scored, criteria=criteria)
