"""The catalogue's files as written by people, and the domain values they stand for."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from moa_scorer.app.mistakes import did_you_mean
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.policy import Policy, Rule, Test
from moa_scorer.domain.rubric import Criterion, Rubric
from moa_scorer.domain.verdict import Decision

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
"""Of a resource: lower case, digits and hyphens."""
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""Of a criterion, judge or kind: lower case, digits and underscores."""
Reference = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}(@[1-9][0-9]{0,8})?$")]
"""`name`, or `name@version`."""
Number = Annotated[float, Field(strict=True)]
Line = Annotated[str, Field(min_length=1, max_length=500)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a file may refer to; None = not known, anything goes. The context of validation."""

    judges: Collection[str] | None = None
    rubrics: Collection[str] | None = None
    """`name` and `name@version`."""
    criteria: Collection[str] | None = None
    """Of any rubric."""


def _checked(name: str, names: Collection[str] | None, problem: str) -> str:
    if names is not None and name not in names:
        near = names if "@" in name else [known for known in names if "@" not in known]
        raise ValueError(f"{problem} '{name}'{did_you_mean(name, near)}")
    return name


def _judge(name: str, info: ValidationInfo) -> str:
    return _checked(name, info.context.judges, "unknown judge") if info.context else name


def _rubric(reference: str, info: ValidationInfo) -> str:
    return _checked(reference, info.context.rubrics, "unknown rubric") if info.context else reference


def _criterion(name: str, info: ValidationInfo) -> str:
    return _checked(name, info.context.criteria, "no rubric asks for") if info.context else name


def _some_and_no_repeats(names: Iterable[str]) -> None:
    """Raises ValueError when there are none, or naming what stands twice."""
    names = list(names)
    if not names:
        raise ValueError("should name at least one")
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f"should not repeat {', '.join(map(repr, twice))}")


def _unique(names: tuple[str, ...]) -> tuple[str, ...]:
    _some_and_no_repeats(names)
    return names


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class _File(_Part):
    name: Name
    version: Annotated[int, Field(strict=True, ge=1)]
    title: Line


class ScaleModel(_Part):
    """The rubric's own scale."""

    min: Number = 0.0
    max: Number = 1.0

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.max > self.min:
            raise ValueError("max should lie above min")
        return self


class CriterionModel(_Part):
    name: Identifier
    description: Line
    weight: Annotated[Number, Field(gt=0)] = 1.0


def _distinct(criteria: tuple[CriterionModel, ...]) -> tuple[CriterionModel, ...]:
    _some_and_no_repeats(c.name for c in criteria)
    if any(c.name == "overall" for c in criteria):
        raise ValueError("the name 'overall' is the whole rubric's own")
    return criteria


class RubricFile(_File):
    """rubrics/*.yaml"""

    kinds: tuple[Identifier, ...] = ()
    scale: ScaleModel = ScaleModel()
    criteria: Annotated[tuple[CriterionModel, ...], AfterValidator(_distinct)]

    def value(self) -> Rubric:
        """The domain's rubric."""
        return Rubric(
            name=self.name,
            version=self.version,
            title=self.title,
            kinds=self.kinds,
            criteria=tuple(
                Criterion(name=c.name, description=c.description, weight=float(c.weight))
                for c in self.criteria
            ),
            scale_min=float(self.scale.min),
            scale_max=float(self.scale.max),
        )


class PanelFile(_File):
    """panels/*.yaml"""

    judges: Annotated[
        tuple[Annotated[Identifier, AfterValidator(_judge)], ...],
        Field(min_length=1),
        AfterValidator(_unique),
    ]
    quorum: Annotated[int, Field(strict=True, ge=1)]
    default_rubric: Annotated[Reference, AfterValidator(_rubric)]
    rubrics: dict[Identifier, Annotated[Reference, AfterValidator(_rubric)]] = {}

    @field_validator("quorum")
    @classmethod
    def _reachable(cls, quorum: int, info: ValidationInfo) -> int:
        judges = info.data.get("judges")
        if judges is not None and quorum > len(judges):
            raise ValueError(f"should be at most {len(judges)}, the number of judges")
        return quorum

    def value(self) -> Panel:
        """The domain's panel."""
        return Panel(
            name=self.name,
            version=self.version,
            title=self.title,
            judges=self.judges,
            quorum=self.quorum,
            default_rubric=self.default_rubric,
            rubrics=dict(self.rubrics),
        )


class RuleModel(_Part):
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


class PolicyFile(_File):
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
