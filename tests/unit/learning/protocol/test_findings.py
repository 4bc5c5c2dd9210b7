"""What an evaluation found survives a file."""

import math
from pathlib import Path

import pytest

from moa_scorer.learning.protocol.findings import (
    BEST,
    PANEL,
    Advice,
    Ceiling,
    Difference,
    Estimate,
    Evaluation,
    Measured,
    OutOfFold,
    document,
    from_document,
    read_evaluations,
    write_evaluations,
)

HALF = Estimate(value=0.5, low=0.25, high=0.75, fifth=math.nan, sd=math.nan)


def evaluation() -> Evaluation:
    return Evaluation(
        study="letters",
        rated=50,
        repeats=3,
        seed=0,
        items=200,
        groups=40,
        judges=("ann", "bob"),
        criteria=("clarity",),
        primary="spearman",
        digests={"letters.jsonl": "ab" * 32},
        figures=(Measured(method=PANEL, criterion="clarity", metric="spearman", estimate=HALF),),
        differences=(
            Difference(rival=BEST, criterion="clarity", metric="spearman", estimate=HALF, better=True),
        ),
        ceilings=(Ceiling(criterion="clarity", alpha=0.1, raters=3.0, spearman=math.nan, rmse=math.nan),),
        votes=math.nan,
        certificates={"valid": 1.0},
        best={"clarity": {"ann": 1.0}},
        masks=(("ann", "bob"), ("ann",)),
        out_of_fold=(
            OutOfFold(
                method=PANEL,
                criterion="clarity",
                items=("a", "b"),
                groups=("g", "h"),
                human=(0.5, 0.75),
                score=(0.25, math.nan),
                lower=(0.0, math.nan),
                upper=(0.5, math.nan),
                status=("valid", ""),
                mask=(0, 1),
            ),
        ),
        advice=Advice(choice="panel", judge="ann", more=None, words="Use the panel."),
        metrics={"spearman": "higher"},
    )


def test_a_file_gives_back_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "found.json"
    write_evaluations(path, (evaluation(),))
    (back,) = read_evaluations(path)
    assert document(back) == document(evaluation())
    assert back.figure(PANEL, "clarity", "spearman").value == 0.5
    assert back.difference(BEST, "clarity", "spearman").better
    assert isinstance(back.out_of_fold[0].mask, tuple)


def test_what_is_not_known_is_null_in_the_file_and_nan_again_when_read() -> None:
    plain = document(evaluation())
    assert plain["votes"] is None
    assert plain["ceilings"][0]["spearman"] is None
    back = from_document(plain)
    assert math.isnan(back.votes)
    assert math.isnan(back.out_of_fold[0].score[1])


def test_another_layout_is_refused() -> None:
    with pytest.raises(ValueError, match="format 2"):
        from_document({**document(evaluation()), "format": 2})


def test_what_was_not_measured_is_none() -> None:
    assert evaluation().figure("mean", "clarity", "spearman") is None
    assert evaluation().difference("mean", "clarity", "spearman") is None
    assert evaluation().methods == (PANEL,)
    assert evaluation().heads == ("clarity",)
