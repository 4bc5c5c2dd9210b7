"""A verdict as evaluations, by the conventions of OpenTelemetry for generative AI."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from moa_scorer.domain.record import Record
from moa_scorer.domain.verdict import CriterionScore, CriterionUnscored, Scored

Value = str | int | float | bool | Sequence[str]
Fields = Mapping[str, Value]

EVALUATION: Final = "gen_ai.evaluation.result"
NAME: Final = "gen_ai.evaluation.name"
VALUE: Final = "gen_ai.evaluation.score.value"
LABEL: Final = "gen_ai.evaluation.score.label"
EXPLANATION: Final = "gen_ai.evaluation.explanation"
ERROR: Final = "error.type"
ABSTAINED: Final = "abstained"
"""Error of a criterion that too few judges could answer."""


def evaluations(record: Record, *, explained: bool) -> Iterator[Fields]:
    """The whole under the rubric's name, then each criterion under `rubric.criterion`.

    Scores are in [0, 1], the label is the decision. What is unscored has an error and no value.
    `explained` adds the rationale, which quotes the content.
    """
    rubric, outcome = record.plan.rubric, record.verdict.outcome
    whole: dict[str, Value] = {NAME: rubric.name, LABEL: record.ruling.decision}
    if explained:
        from moa_scorer.aggregation.rationale import explain

        whole[EXPLANATION] = explain(record.verdict, record.ruling, rubric, None)
    if not isinstance(outcome, Scored):
        yield whole | {ERROR: outcome.reason}
        return
    yield whole | {VALUE: outcome.overall.score}
    for criterion in outcome.criteria:
        yield {NAME: f"{rubric.name}.{criterion.name}"} | _found(criterion)


def _found(criterion: CriterionScore | CriterionUnscored) -> dict[str, Value]:
    return {VALUE: criterion.score} if isinstance(criterion, CriterionScore) else {ERROR: ABSTAINED}
