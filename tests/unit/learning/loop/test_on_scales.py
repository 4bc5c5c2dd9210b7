"""The same raw score is the same number, whatever range a file happens to span."""

import numpy as np
import pytest

from moa_scorer.calibration.table import Scale
from moa_scorer.learning.loop.on_scales import table_for, table_on
from moa_scorer.learning.study.ratings import RatedItem
from moa_scorer.learning.study.rows import BallotRow
from moa_scorer.learning.study.study import Study
from tests.fakes.ratings import fitted, simulate

ITEMS = tuple(
    RatedItem(
        dataset="d", id=f"i{k}", group=f"g{k}", system="", kind="essay", text="", context="",
        ratings={"clarity": (0.5,)},
    )
    for k in range(3)
)  # fmt: skip
STUDY = Study(
    name="essays",
    items=ITEMS,
    rows={
        f"i{k}": {"ann": BallotRow(item=f"i{k}", judge="ann", revision="", scores={"clarity": k / 2})}
        for k in range(3)
    },
    judges=("ann",),
    criteria=("clarity",),
    scales={"ann": Scale(low=1, high=5)},
)


def test_scores_are_moved_to_the_scale_and_those_outside_are_missing() -> None:
    assert table_on(STUDY, {"ann": Scale(low=0, high=5)}).values[:, 0].tolist() == [0.2, 0.6, 1.0]
    moved = table_on(STUDY, {"ann": Scale(low=1, high=3)}).values[:, 0]
    assert moved[:2].tolist() == [0.0, 1.0]
    assert np.isnan(moved[2])


def test_a_scale_may_run_the_other_way() -> None:
    assert table_on(STUDY, {"ann": Scale(low=5, high=1)}).values[:, 0].tolist() == [1.0, 0.5, 0.0]


def test_a_criterion_without_ratings_is_named() -> None:
    with pytest.raises(ValueError, match="no ratings of depth"):
        table_for(STUDY, fitted(simulate(60)))
