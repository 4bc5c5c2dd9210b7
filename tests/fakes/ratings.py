"""Simulated ratings with a known truth, and the ballots that belong to them."""

from collections.abc import Mapping, Sequence

import numpy as np

from moa_scorer.calibration.fit import Origin, fit
from moa_scorer.calibration.reference import Reference
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.ballot import Abstention, Ballot, Judgment, Score
from moa_scorer.domain.facts import Facts
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.rubric import Criterion, Rubric

CRITERIA = ("clarity", "depth")
SKILLS = {"ann": 1.0, "bob": 0.7, "cid": 0.4}
"""Judge -> how much of the truth its scores hold."""


def make_rubric(criteria: Sequence[str] = CRITERIA, weights: Sequence[float] | None = None) -> Rubric:
    shares = weights or [1.0] * len(criteria)
    return Rubric(
        name="essay",
        version=1,
        title="Essays",
        kinds=("essay",),
        criteria=tuple(
            Criterion(name=c, description=c, weight=w) for c, w in zip(criteria, shares, strict=True)
        ),
        scale_min=1.0,
        scale_max=5.0,
    )


def make_panel(judges: Sequence[str] = tuple(SKILLS), quorum: int = 2) -> Panel:
    return Panel(
        name="trio", version=1, title="Three", judges=tuple(judges), quorum=quorum, default_rubric="essay"
    )


def simulate(
    items: int = 300,
    *,
    group_size: int = 3,
    skills: Mapping[str, float] | None = None,
    noise: float = 0.6,
    group_noise: float = 0.0,
    criteria: Sequence[str] = CRITERIA,
    measures: bool = True,
    seed: int = 0,
) -> RatedTable:
    """Items whose truth every judge sees through its skill; `measures/words` helps, `measures/hum`
    is noise. `group_noise` is the part of the error that the items of a group share."""
    rng = np.random.default_rng(seed)
    skills = SKILLS if skills is None else skills
    groups = np.arange(items) // group_size
    common = rng.normal(size=items)
    truth = {c: 0.7 * common + 0.7 * rng.normal(size=items) for c in criteria}
    shared = group_noise * rng.normal(size=groups.max() + 1)[groups]
    columns, values = [], []
    for judge, skill in skills.items():
        for criterion in criteria:
            columns.append(f"{judge}/{criterion}")
            values.append(unit(skill * truth[criterion] + noise * rng.normal(size=items) + shared))
    if measures:
        columns += ["measures/words", "measures/hum"]
        values += [np.exp(4 - 0.4 * common + 0.3 * rng.normal(size=items)), rng.normal(size=items)]
    targets = {c: unit(truth[c] + 0.3 * rng.normal(size=items) + shared) for c in criteria}
    return RatedTable(
        columns=tuple(columns),
        values=np.column_stack(values),
        targets=targets,
        ids=tuple(f"item{i}" for i in range(items)),
        groups=tuple(f"group{g}" for g in groups),
        sources=tuple(f"writer{i % 5}" for i in range(items)),
        raters=np.full(items, 3.0),
        rater_variance={"overall": np.full(items, 0.01)},
    )


def unit(x: np.ndarray) -> np.ndarray:
    """Real numbers squeezed into [0, 1]."""
    return 1.0 / (1.0 + np.exp(-x))


def fitted(
    table: RatedTable,
    *,
    seed: int = 7,
    reservoir: int = 2000,
    reference: Reference | None = None,
    **over: object,
) -> Snapshot:
    """A snapshot of the table for `make_rubric` and `make_panel`."""
    arguments: dict[str, object] = {
        "rubric": make_rubric(),
        "kinds": ("essay",),
        "languages": ("en",),
        "panel": make_panel(),
        "judge_revisions": dict.fromkeys(SKILLS, "r1"),
        "origin": Origin(created="2026-01-01", code="test"),
        **over,
    }
    return fit(table, seed=seed, reservoir=reservoir, reference=reference, **arguments)


def ballots_of(
    table: RatedTable, item: int, without: Mapping[str, Abstention] | None = None
) -> tuple[Ballot, ...]:
    """One item's ballots; judges in `without` abstain."""
    answers: dict[str, dict[str, Score]] = {}
    for column, value in zip(table.columns, table.values[item].tolist(), strict=True):
        judge, _, criterion = column.partition("/")
        if judge != "measures":
            answers.setdefault(judge, {})[criterion] = Score(value=value)
    absent = without or {}
    return tuple(
        Ballot(judge=j, outcome=absent[j] if j in absent else Judgment(answers=a)) for j, a in answers.items()
    )


def facts_of(table: RatedTable, item: int, *, kind: str = "essay", language: str = "en") -> Facts:
    """One item's facts, with the measures of the table."""
    row = zip(table.columns, table.values[item].tolist(), strict=True)
    measures = {c.partition("/")[2]: x for c, x in row if c.startswith("measures/")}
    return Facts(kind=kind, language=language, language_declared=True, tamper_risk=0.0, measures=measures)
