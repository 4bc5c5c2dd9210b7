"""policies/*.yaml: thresholds that turn a verdict into an action."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from moa_scorer.app.files.parts import (
    Identifier,
    Number,
    Part,
    RevisionedFile,
    checked,
    known,
    some_and_no_repeats,
)
from moa_scorer.domain.policy import OF_THE_ITEM, WITHOUT_THRESHOLD, Policy, Rule, Test
from moa_scorer.domain.verdict import CertificateStatus, Completion, Decision


def _criterion(name: str, info: ValidationInfo) -> str:
    return checked(name, known(info).criteria, "no rubric asks for")


def _scored(completion: Completion) -> Completion:
    if completion is Completion.UNSCORED:
        raise ValueError("no rule sees what has no score: say on_unscored")
    return completion


class RuleModel(Part):
    test: Test
    then: Decision
    threshold: Annotated[Number, Field(ge=0, le=1)] | None = None
    criterion: Annotated[Identifier, AfterValidator(_criterion)] | None = None

    certificate: tuple[CertificateStatus, ...] = ()
    completion: tuple[Annotated[Completion, AfterValidator(_scored)], ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.test in WITHOUT_THRESHOLD and self.threshold is not None:
            raise ValueError(f"{self.test} takes no threshold")
        if self.test not in WITHOUT_THRESHOLD and self.threshold is None:
            raise ValueError(f"{self.test} needs a threshold in [0, 1]")
        if self.test in OF_THE_ITEM and self.criterion is not None:
            raise ValueError(f"{self.test} is of the whole item: it takes no criterion")
        self._listed(Test.CERTIFICATE, self.certificate)
        self._listed(Test.COMPLETION, self.completion)
        return self

    def _listed(self, test: Test, values: Sequence[str]) -> None:
        """A list belongs to its own test, and that has at least one entry."""
        if self.test is test:
            some_and_no_repeats(values)
        elif values:
            raise ValueError(f"{test} is a list for test: {test}")

    def value(self) -> Rule:
        """The domain's rule."""
        return Rule(
            test=self.test,
            then=self.then,
            threshold=None if self.threshold is None else float(self.threshold),
            criterion=self.criterion or "",
            certificates=self.certificate,
            completions=self.completion,
        )


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
