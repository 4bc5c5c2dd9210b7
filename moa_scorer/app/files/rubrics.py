"""rubrics/*.yaml: what is asked, on which scale."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from moa_scorer.app.files.parts import (
    Identifier,
    Line,
    Mistake,
    Number,
    Part,
    RevisionedFile,
    some_and_no_repeats,
)
from moa_scorer.domain.rubric import Criterion, Rubric


class ScaleModel(Part):
    """The rubric's own scale."""

    min: Number = 0.0
    max: Number = 1.0

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.max > self.min:
            raise ValueError("max should lie above min")
        return self


class CriterionModel(Part):
    name: Identifier
    description: Line
    weight: Annotated[Number, Field(gt=0)] = 1.0
    anchors: dict[Number, Line] = Field(default_factory=dict)
    """Value on the rubric's own scale -> what it looks like; for judges that read words."""

    def value(self) -> Criterion:
        """The domain's criterion."""
        return Criterion(
            name=self.name,
            description=self.description,
            weight=float(self.weight),
            anchors=tuple((float(at), words) for at, words in sorted(self.anchors.items())),
        )


def _distinct(criteria: tuple[CriterionModel, ...]) -> tuple[CriterionModel, ...]:
    some_and_no_repeats(c.name for c in criteria)
    if any(c.name == "overall" for c in criteria):
        raise ValueError("the name 'overall' is the whole rubric's own")
    return criteria


class RubricFile(RevisionedFile):
    """rubrics/*.yaml"""

    kinds: tuple[Identifier, ...] = ()
    scale: ScaleModel = ScaleModel()
    criteria: Annotated[tuple[CriterionModel, ...], AfterValidator(_distinct)]

    def misfits(self) -> Iterator[Mistake]:
        """What is wrong although every part of the file is right by itself."""
        for number, criterion in enumerate(self.criteria):
            for at in criterion.anchors:
                if not self.scale.min <= at <= self.scale.max:
                    yield f"criteria[{number}].anchors", f"{at:g} lies outside the scale"

    def value(self) -> Rubric:
        """The domain's rubric."""
        return Rubric(
            name=self.name,
            version=self.version,
            title=self.title,
            kinds=self.kinds,
            criteria=tuple(criterion.value() for criterion in self.criteria),
            scale_min=float(self.scale.min),
            scale_max=float(self.scale.max),
        )
