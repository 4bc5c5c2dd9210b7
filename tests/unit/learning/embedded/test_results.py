"""The parts of an evaluation and their tables, on simulated ratings."""

import numpy as np
import pytest

from moa_scorer.learning.embedded.evaluate import BEST, PANEL, PERSON, TEXT, WORDS
from moa_scorer.learning.embedded.report import markdown
from moa_scorer.learning.embedded.results import (
    comment_figures,
    coverage_of,
    cross_validated,
    final_split,
    placebo,
    unseen_sources,
)
from tests.fakes.tasks import simulated_task


@pytest.fixture(scope="module")
def found() -> dict[str, object]:
    task = simulated_task()
    folds = np.array([int(g[1:]) % 2 for g in task.table.groups])
    return {
        "cross-validated": cross_validated(task, folds),
        "final": final_split(task, folds == 1),
        "coverage": coverage_of(task, 3),
        "placebo": placebo(task, folds),
        "unseen sources": unseen_sources(task),
        "comments": comment_figures(task, folds),
    }


def test_the_lead_is_the_difference_of_the_two_figures(found) -> None:
    part = found["cross-validated"]
    for rival in (BEST, WORDS, TEXT):
        lead = part["panel less"][rival]["overall"]
        both = part["overall"][PANEL]["value"] - part["overall"][rival]["value"]
        assert lead["value"] == pytest.approx(both)
        assert lead["low"] <= lead["value"] <= lead["high"]
    assert PERSON not in part["panel less"]


def test_final_and_cross_validated_count_their_own_items(found) -> None:
    assert found["cross-validated"]["items"] == 300
    assert found["final"]["items"] == 150


def test_every_source_and_the_way_from_one_to_the_other_is_measured(found) -> None:
    assert set(found["comments"]["sources"]) == {"d0", "d1"}
    assert sum(s["items"] for s in found["comments"]["sources"].values()) == 300
    for across in found["comments"]["from one to the other"].values():
        assert across["methods"][PANEL] > 0.5
        assert sum(across["certificates"].values()) == pytest.approx(1.0)
    assert found["unseen sources"]["parts"] == 4


def test_the_tables_name_every_method_and_mark_a_clear_lead(found) -> None:
    text = markdown({"data": {"x": "0" * 64}, "splits": 3, "tasks": {"simulated": found}, "noise": []})
    for word in (PANEL, BEST, WORDS, TEXT, PERSON, "Comments: simulated", "somebody"):
        assert word in text
    assert "**+" in text
    assert "nan" not in text
