"""Kappas and alpha against constants derived by hand."""

import numpy as np
import pytest

from moa_scorer.learning.protocol.metrics import krippendorff_alpha
from moa_scorer.learning.protocol.metrics_of_error import kappa, qwk
from moa_scorer.learning.protocol.sheet import Array, Sheet


def _sheet(value: Array, human: Array, levels: int) -> Sheet:
    return Sheet(
        order=value,
        value=value,
        lower=value,
        upper=value,
        human=human,
        groups=np.arange(value.size),
        levels=levels,
    )


def test_cohens_kappa() -> None:
    """Of 50 items both say yes to 20 and no to 15; only the score says yes to 5, only people to 10.

    Seen: (20 + 15) / 50 = .7. Yes is said by the score to 25 / 50 = .5, by people to 30 / 50 = .6; by chance
    they agree on .5 * .6 + .5 * .4 = .5. Kappa: (.7 - .5) / (1 - .5) = .4.
    """
    value, human = (
        np.repeat([1.0, 1.0, 0.0, 0.0], [20, 5, 10, 15]),
        np.repeat([1.0, 0.0, 1.0, 0.0], [20, 5, 10, 15]),
    )

    assert kappa(_sheet(value, human, 2), np.ones((1, 50)))[0] == pytest.approx(0.4)


def test_cohens_kappa_of_weighted_items() -> None:
    """The same table as four items that count 20, 5, 10 and 15 times."""
    sheet = _sheet(np.array([1.0, 1.0, 0.0, 0.0]), np.array([1.0, 0.0, 1.0, 0.0]), 2)

    assert kappa(sheet, np.array([[20.0, 5.0, 10.0, 15.0]]))[0] == pytest.approx(0.4)


def test_kappa_with_quadratic_weights() -> None:
    """Steps (score, people): (0, 0), (0, 1), (2, 1), (2, 2).

    Seen: squares 0, 1, 1, 0, on average .5. By chance a score of 0 (half of them) meets people's 0, 1, 2
    (1/4, 1/2, 1/4) at 0 + 1/2 + 4/4 = 1.5, a score of 2 at 4/4 + 1/2 + 0 = 1.5: on average 1.5.
    Kappa: 1 - .5 / 1.5 = 2/3.
    """
    sheet = _sheet(np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.0, 0.5, 0.5, 1.0]), 3)

    assert qwk(sheet, np.ones((1, 4)))[0] == pytest.approx(2 / 3)


def test_krippendorffs_alpha_of_intervals() -> None:
    """Items rated {1, 2}, {3, 3}, {1, 3, 2}, and {4} by one person, who cannot be paired.

    Ordered pairs within items, each item's by its people less one: (1 + 1) / 1 = 2, 0, and
    2 (4 + 1 + 1) / 2 = 6; over the 7 ratings that is 8 / 7. Among all 7, of sum 15 and sum of squares 37,
    the ordered pairs come to 2 (7 * 37 - 15²) = 68, over 7 * 6. Alpha: 1 - (8 / 7) / (68 / 42) = 5 / 17.
    """
    ratings = [np.array(r, dtype=float) for r in ([1, 2], [3, 3], [1, 3, 2], [4])]

    assert krippendorff_alpha(ratings) == pytest.approx(5 / 17)
