import pytest

from moa_scorer.app.cli.rating.questions import Choice, questions_of
from moa_scorer.domain.rubric import Criterion, Rubric


def choices(low: float, high: float, *anchors: tuple[float, str]) -> list[tuple[str, float]]:
    criterion = Criterion(name="c", description="d", anchors=anchors)
    rubric = Rubric(
        name="r", version=1, title="t", kinds=(), criteria=(criterion,), scale_min=low, scale_max=high
    )
    return [(c.key, c.value) for c in questions_of(rubric)[0].choices]


def test_a_few_whole_numbers_are_their_own_keys() -> None:
    assert choices(1, 5) == [("1", 1), ("2", 2), ("3", 3), ("4", 4), ("5", 5)]
    assert choices(0, 2) == [("0", 0), ("1", 1), ("2", 2)]


def test_ten_has_a_key_too() -> None:
    assert choices(0, 10)[-2:] == [("9", 9), ("t", 10)]


def test_anchors_are_the_values_of_a_scale_that_is_not_counted() -> None:
    assert choices(0, 1, (0.0, "no"), (1.0, "yes")) == [("1", 0.0), ("2", 1.0)]


def test_without_anchors_such_a_scale_has_five_even_values() -> None:
    assert choices(0, 1) == [("1", 0.0), ("2", 0.25), ("3", 0.5), ("4", 0.75), ("5", 1.0)]
    assert [value for _, value in choices(0, 100)] == [0, 25, 50, 75, 100]


def test_scales_below_zero_are_counted_from_one() -> None:
    assert choices(-1, 1) == [("1", -1), ("2", 0), ("3", 1)]


def test_an_anchor_stands_beside_its_value_and_a_key_for_nothing_is_none() -> None:
    rubric = Rubric(
        name="r",
        version=1,
        title="t",
        kinds=(),
        criteria=(Criterion(name="c", description="d", anchors=((1.0, "bad"),)),),
        scale_min=1,
        scale_max=3,
    )
    (question,) = questions_of(rubric)

    assert question.choices[0] == Choice(key="1", value=1.0, words="bad")
    assert question.choice("7") is None
    assert question.key_of(3.0) == "3"


@pytest.mark.parametrize(("low", "high"), [(0, 1), (1, 5), (0, 10), (1, 7), (0, 100), (-2, 2), (0.5, 3.5)])
def test_every_scale_is_offered_from_end_to_end_by_distinct_keys_of_one_character(
    low: float, high: float
) -> None:
    found = choices(low, high)

    assert (found[0][1], found[-1][1]) == (low, high)
    assert len({key for key, _ in found}) == len(found)
    assert {len(key) for key, _ in found} == {1}
