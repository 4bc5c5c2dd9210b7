"""Other weights of the criteria: the overall as their mean, which nobody has calibrated."""

import math
from collections.abc import Mapping
from dataclasses import replace

from moa_scorer.aggregation.certify import uncalibrated
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.verdict import CriterionScore, CriterionUnscored, Scored, Verdict

WHY = "the overall is the mean of the criteria by weights that nobody has fitted"


def reweighed(verdict: Verdict, rubric: Rubric, weights: Mapping[str, float]) -> Verdict:
    """The verdict with the weighted mean of its criteria for the overall, UNCALIBRATED and without intervals.

    Every criterion with a weight above 0 must have a score; an unscored verdict stays as it is.
    """
    scored = verdict.outcome
    if not isinstance(scored, Scored):
        return verdict
    total = math.fsum(weights.values())
    criteria = tuple(
        replace(c, interval=None) if isinstance(c, CriterionScore) else c for c in scored.criteria
    )
    score = math.fsum(
        weights[c.name] / total * c.score
        for c in criteria
        if isinstance(c, CriterionScore) and weights[c.name]
    )
    overall = CriterionScore(name=scored.overall.name, score=score, value=rubric.on_scale(score))
    return replace(
        verdict,
        outcome=replace(scored, overall=overall, criteria=criteria, certificate=uncalibrated(WHY)),
    )


def unweighable(verdict: Verdict, weights: Mapping[str, float]) -> str:
    """The criterion that has a weight and no score, whose share cannot be made up; empty = there is none."""
    if not isinstance(verdict.outcome, Scored):
        return ""
    missing = (
        c.name for c in verdict.outcome.criteria if isinstance(c, CriterionUnscored) and weights[c.name]
    )
    return next(missing, "")
