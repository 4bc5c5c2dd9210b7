"""policies/*.yaml: thresholds that turn a verdict into an action."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from moa_scorer.app.file_parts import Identifier, Number, Part, RevisionedFile, checked, known
from moa_scorer.domain.policy import Policy, Rule, Test
from moa_scorer.domain.verdict import Decision


def _criterion(name: str, info: ValidationInfo) -> str:
    return checked(name, known(info).criteria, "no rubric asks for")


class RuleModel(Part):
    test: Test
    then: Decision
    threshold: Annotated[Number, Field(ge=0, le=1)] | None = None
    criterion: Annotated[Identifier, AfterValidator(_criterion)] | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.test is Test.NOT_VALID and not (self.threshold is None and self.criterion is None):
            raise ValueError("not_valid takes neither threshold nor criterion")
        if self.test is not Test.NOT_VALID and self.threshold is None:
            raise ValueError(f"{self.test} needs a threshold in [0, 1]")
        return self

    def value(self) -> Rule:
        """The domain's rule."""
        threshold = None if self.threshold is None else float(self.threshold)
        return Rule(test=self.test, then=self.then, threshold=threshold, criterion=self.criterion or "")


class PolicyFile(RevisionedFile):
    """policies/*.yaml"""

    rules: tuple[RuleModel, ...] = ()
    otherwise: Decision
    on_unscored: Decision

    def value(self) -> Policy:
        """The domain's policy."""
        return Policy(
            name=self.name,
            version=self.version,
            title=self.title,
            rules=tuple(rule.value() for rule in self.rules),
            otherwise=self.otherwise,
            on_unscored=self.on_unscored,
        )
