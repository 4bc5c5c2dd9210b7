"""Without a fit: the mean of the judges' places among reference scores."""

import math
from collections.abc import Mapping

from moa_scorer.calibration.reference import Reference
from moa_scorer.calibration.snapshot import OVERALL
from moa_scorer.calibration.table import criterion_of, judge_of
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.verdict import Contribution, CriterionScore


def ordered(
    name: str, values: Mapping[str, float], reference: Reference, rubric: Rubric, offset: float = 0.0
) -> CriterionScore:
    """One criterion (or the overall) as the mean over judges, each judge averaging its own columns first.

    A judge stands by its column of that name, else by the one it is named after, else by all its own.
    `values` are judges' columns, at least one. Direction: all higher = better; measures do not enter.
    """
    judges: dict[str, list[str]] = {}
    for column in values:
        judges.setdefault(judge_of(column), []).append(column)
    terms = []
    for judge, own in judges.items():
        named = _standing(judge, own, name)
        weight = 1.0 / (len(named) * len(judges))
        terms += [_term(c, values[c], reference.place(c, values[c]), weight) for c in named]
    score = min(max(offset + math.fsum(t.amount for t in terms), 0.0), 1.0)
    shown = tuple(terms) if name == OVERALL else ()
    return CriterionScore(
        name=name, score=score, value=rubric.on_scale(score), baseline=offset, contributions=shown
    )


def _standing(judge: str, own: list[str], name: str) -> list[str]:
    for wanted in (name, judge):
        if named := [c for c in own if criterion_of(c) == wanted]:
            return named
    return own


def ordering_words(values: Mapping[str, float], reference: Reference) -> str:
    """What such a score is, and whose scores have no reference: a judge's name stands for all its columns."""
    raw = [c for c in values if c not in reference.quantiles]
    mixed = {judge_of(c) for c in values if c in reference.quantiles}
    named = dict.fromkeys(c if judge_of(c) in mixed else judge_of(c) for c in raw)
    tail = f" (raw scores of {', '.join(named)})" if named else ""
    return f"each criterion is the mean over all judges of their places among reference scores{tail}"


def _term(column: str, value: float, place: float, weight: float) -> Contribution:
    return Contribution(column=column, value=value, amount=weight * place, weight=weight, alone=place)
