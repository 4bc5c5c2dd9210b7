"""What a panel has to beat, on tables small enough to check by hand."""

import numpy as np

from moa_scorer.calibration.table import RatedTable
from moa_scorer.learning.protocol.baselines import best_single, filled, plain_mean, word_count

NAN = float("nan")


def table(values: list[list[float]], columns: tuple[str, ...]) -> RatedTable:
    n = len(values)
    return RatedTable(
        columns=columns,
        values=np.array(values),
        targets={"q": np.linspace(0, 1, n)},
        ids=tuple(map(str, range(n))),
        groups=tuple(map(str, range(n))),
        sources=("",) * n,
        raters=np.ones(n),
    )


def test_the_best_single_column_is_a_judges_never_a_measure() -> None:
    made = table([[0.9, 0.1, 1], [0.8, 0.2, 2], [0.1, 0.3, 3], [0.0, 0.3, 4]], ("a/x", "b/x", "measures/m"))
    assert made.columns[best_single(made, made.targets["q"])] == "b/x"


def test_gaps_count_against_a_column() -> None:
    rows = [[NAN, 0.0], [NAN, 0.2], [0.1, 0.1], [0.2, 0.3], [0.3, 0.4], [NAN, 0.5]]
    made = table(rows, ("gappy/x", "whole/x"))
    assert made.columns[best_single(made, made.targets["q"])] == "whole/x"
    assert list(filled(made, made.values[:, 0], 0)) == [0.2, 0.2, 0.1, 0.2, 0.3, 0.2]


def test_the_plain_mean_weighs_judges_not_columns_and_leaves_out_who_abstains() -> None:
    made = table([[0.0, 1.0, 0.2], [NAN, 0.4, NAN], [NAN, NAN, NAN]], ("a/x", "a/y", "b/x"))
    np.testing.assert_allclose(plain_mean(made), [0.35, 0.4, NAN])


def test_words_are_counted_by_white_space() -> None:
    assert list(word_count(["a b\nc", "", "one"])) == [3, 0, 1]
