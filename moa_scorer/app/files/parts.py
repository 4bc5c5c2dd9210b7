"""What the catalogue's files are made of: names, references, and how a mistake in them is said."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from moa_scorer.app.mistakes import did_you_mean

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
"""Of a resource: lower case, digits and hyphens."""
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""Of a criterion, judge or kind: lower case, digits and underscores."""
Reference = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}(@[1-9][0-9]{0,8})?$")]
"""`name`, or `name@version`."""
Number = Annotated[float, Field(strict=True)]
Line = Annotated[str, Field(min_length=1, max_length=500)]
Mistake = tuple[str, str]
"""(path inside the file, what is wrong there)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a file may refer to; None = not known, anything goes. The context of validation."""

    judges: Collection[str] | None = None
    readers: Collection[str] | None = None
    """Of the judges, those that can read the ballots of earlier layers."""
    rubrics: Collection[str] | None = None
    """`name` and `name@version`."""
    criteria: Collection[str] | None = None
    """Of any rubric."""
    endpoints: Collection[str] | None = None
    templates: Collection[str] | None = None


def checked(name: str, names: Collection[str] | None, problem: str) -> str:
    """The name when it is known; else raises ValueError with the nearest one."""
    if names is not None and name not in names:
        near = names if "@" in name else [known for known in names if "@" not in known]
        raise ValueError(f"{problem} '{name}'{did_you_mean(name, near)}")
    return name


def known(info: ValidationInfo) -> Known:
    """What the file may refer to."""
    return info.context if isinstance(info.context, Known) else Known()


def _rubric(reference: str, info: ValidationInfo) -> str:
    return checked(reference, known(info).rubrics, "unknown rubric")


RubricReference = Annotated[Reference, AfterValidator(_rubric)]
"""A rubric that exists."""


def some_and_no_repeats(names: Iterable[str]) -> None:
    """Raises ValueError when there are none, or naming what stands twice."""
    names = list(names)
    if not names:
        raise ValueError("should name at least one")
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f"should not repeat {', '.join(map(repr, twice))}")


class Part(BaseModel):
    """A mapping inside a file: unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class RevisionedFile(Part):
    """The head of every file that others pin as `name@version`."""

    name: Name
    version: Annotated[int, Field(strict=True, ge=1)]
    title: Line
