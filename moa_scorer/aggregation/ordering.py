"""Without a fit: the mean of the judges' places among reference scores."""

import math
from collections.abc import Collection, Mapping

from moa_scorer.calibration.coins import shares_of
from moa_scorer.calibration.reference import NO_COINS, Reference, standing_columns
from moa_scorer.calibration.snapshot import OVERALL
from moa_scorer.calibration.table import judge_of
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.verdict import Contribution, CriterionScore


def ordered(
    name: str,
    values: Mapping[str, float],
    reference: Reference,
    rubric: Rubric,
    *,
    offset: float = 0.0,
    turned: Collection[str] = (),
    coins: Mapping[str, float] = NO_COINS,
) -> CriterionScore:
    """One criterion (or the overall) as the mean over judges, each averaging its own columns first.

    A judge stands by its column of that name, else by the one it is named after, else by all its own.
    `values` are judges' columns, at least one. Direction: all higher = better but for the judges that are
    `turned`; measures do not enter. With `coins` (judge -> log-odds that it is right) judges
    count as these say.
    """
    terms = []
    judges = standing_columns(values, name)
    shares = shares_of(judges, coins)
    for judge, named in judges.items():
        weight = shares[judge] / len(named)
        places = {c: reference.place(c, values[c], turned=judge in turned) for c in named}
        terms += [_term(c, values[c], place, weight) for c, place in places.items()]
    score = min(max(offset + math.fsum(t.amount for t in terms), 0.0), 1.0)
    shown = tuple(terms) if name == OVERALL else ()
    return CriterionScore(
        name=name, score=score, value=rubric.on_scale(score), baseline=offset, contributions=shown
    )


def ordering_words(
    values: Mapping[str, float],
    reference: Reference,
    *,
    turned: Collection[str] = (),
    undeclared: Collection[str] = (),
    weighted: bool = False,
) -> str:
    """What such a score is, whose scores have no reference, who was `turned` round, and of whom nobody said
    which way they score; a judge's name stands for all its columns. `weighted` = with coins."""
    raw = [c for c in values if c not in reference.quantiles]
    mixed = {judge_of(c) for c in values if c in reference.quantiles}
    named = dict.fromkeys(c if judge_of(c) in mixed else judge_of(c) for c in raw)
    tail = f" (raw scores of {', '.join(named)})" if named else ""
    judges = dict.fromkeys(map(judge_of, values))
    if other := [j for j in judges if j in turned]:
        tail += f"; found in the ratings to score the other way, and read so: {', '.join(other)}"
    if unsure := [j for j in judges if j in undeclared]:
        tail += f"; nobody declared that higher is better, and it is taken so: {', '.join(unsure)}"
    how = ", each judge counting as often as it was right on the rated items" if weighted else ""
    return f"each criterion is the mean over all judges of their places among reference scores{how}{tail}"


def _term(column: str, value: float, place: float, weight: float) -> Contribution:
    return Contribution(column=column, value=value, amount=weight * place, weight=weight, alone=place)
