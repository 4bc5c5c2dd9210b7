"""The draw of the random audit."""

from math import sqrt

from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.scoring.audit import audited
from moa_scorer.scoring.keeping import new_name


@given(st.text(max_size=40), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_draws_all_that_a_smaller_one_does(name: str, one: float, other: float) -> None:
    smaller, larger = sorted((one, other))

    assert audited(name, larger) or not audited(name, smaller)


@given(st.text(max_size=40))
def test_nothing_is_drawn_at_none_and_all_at_all(name: str) -> None:
    assert audited(name, 1.0)
    assert not audited(name, 0.0)


def test_the_share_of_those_drawn_is_the_probability() -> None:
    names = [new_name() for _ in range(20_000)]
    drawn = sum(audited(name, 0.02) for name in names)

    assert abs(drawn - 400) < 4 * sqrt(20_000 * 0.02 * 0.98)
