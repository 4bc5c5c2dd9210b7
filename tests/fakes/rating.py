"""Texts, rubrics and sessions that the tests of rating share."""

from collections.abc import Sequence

from moa_scorer.app.cli.rating.questions import questions_of
from moa_scorer.app.cli.rating.session import Session, press
from moa_scorer.domain.rubric import Criterion, Rubric
from moa_scorer.learning.planning.candidates import Candidate

RUBRIC = Rubric(
    name="two",
    version=1,
    title="Two questions",
    kinds=("story",),
    criteria=(
        Criterion(name="fluency", description="It reads well.", anchors=((1.0, "broken"), (5.0, "perfect"))),
        Criterion(name="surprise", description="The end surprises."),
    ),
    scale_min=1.0,
    scale_max=5.0,
)


def item(name: str, text: str = "", context: str = "", **said: object) -> Candidate:
    usual = {
        "dataset": "d",
        "item": name,
        "group": f"g{name}",
        "kind": "story",
        "text": text or f"text {name}",
    }
    return Candidate(**(usual | {"context": context} | said))  # type: ignore[arg-type]


def session(*items: Candidate, rubric: Rubric = RUBRIC, earlier: tuple[float, ...] = ()) -> Session:
    return Session(
        questions=questions_of(rubric), items=items or (item("a"), item("b"), item("c")), earlier=earlier
    )


def pressed(start: Session, keys: Sequence[str], *, every: float = 1.0, pages: int = 1) -> Session:
    """The state after the keys, one every so many seconds."""
    now = start.opened
    for key in keys:
        now += every
        start = press(start, key, now=now, pages=pages)
    return start
