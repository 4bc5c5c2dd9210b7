"""Rated texts whose truth is known."""

import numpy as np

from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.rubric import Criterion, Rubric
from moa_scorer.learning.embedded.evaluate import Task
from moa_scorer.learning.study.ratings import RatedItem

RUBRIC = Rubric(
    name="r", version=1, title="", kinds=("note",), criteria=(Criterion(name="q", description=""),)
)
PANEL_OF_FOUR = Panel(
    name="p", version=1, title="", judges=("a", "b", "c", "d"), quorum=2, default_rubric="r"
)


def simulated_task() -> Task:
    """300 texts in 100 groups, four judges that see the truth through noise, three raters."""
    rng = np.random.default_rng(3)
    n = 300
    truth = rng.random(n)
    values = np.clip(truth[:, None] + rng.normal(0, 0.25, (n, 4)), 0, 1)
    votes = np.clip(truth[:, None] + rng.normal(0, 0.15, (n, 3)), 0, 1)
    groups = tuple(f"g{i // 3}" for i in range(n))
    items = tuple(
        RatedItem(
            dataset=f"d{i % 2}",
            id=str(i),
            group=groups[i],
            system=f"s{i % 4}",
            kind="note",
            text="word " * int(rng.integers(3, 30)),
            context="",
            ratings={"q": tuple(votes[i])},
            mentions=("somebody",),
        )
        for i in range(n)
    )
    table = RatedTable(
        columns=("a/q", "b/q", "c/q", "d/q"),
        values=values,
        targets={"q": votes.mean(axis=1)},
        ids=tuple(i.id for i in items),
        groups=groups,
        sources=tuple(f"s{i % 4}" for i in range(n)),
        raters=np.full(n, 3.0),
    )
    return Task(
        name="simulated",
        items=items,
        table=table,
        split=lambda train, test: (table.take(train), table.take(test)),
        rubric=RUBRIC,
        panel=PANEL_OF_FOUR,
        kind="note",
        single_raters=True,
    )
