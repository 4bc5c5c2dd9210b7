"""JSON values -> dataclasses, long lists of plain values at once."""

import json
from dataclasses import dataclass

import pytest

from moa_scorer.calibration.decode import Undecodable, decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Lists of every plain kind."""

    gaps: tuple[tuple[float | None, ...], ...] = ()
    numbers: tuple[float, ...] = ()
    folds: tuple[int, ...] = ()
    names: tuple[str, ...] = ()


def test_lists_of_plain_values_stay_as_they_are_and_whole_numbers_become_floats() -> None:
    plain = {"gaps": [[0.5, None], [1, 0.25]], "numbers": [1, 2.5], "folds": [0, 3], "names": ["a"]}
    found = decode(Rows, plain)

    assert found == Rows(gaps=((0.5, None), (1.0, 0.25)), numbers=(1.0, 2.5), folds=(0, 3), names=("a",))
    assert type(found.gaps[1][0]) is type(found.numbers[0]) is float


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"gaps": [[0.5, NaN]]}', r"gaps\[0\]\[1\]: expected a finite number"),
        ('{"gaps": [[null, "x"]]}', r"gaps\[0\]\[1\]: expected a finite number"),
        ('{"numbers": [0.5, Infinity]}', r"numbers\[1\]: expected a finite number"),
        ('{"numbers": [0.5, null]}', r"numbers\[1\]: expected a finite number"),
        ('{"folds": [1, true]}', r"folds\[1\]: expected a whole number"),
        ('{"folds": [1, 1.0]}', r"folds\[1\]: expected a whole number"),
        ('{"names": ["a", 1]}', r"names\[1\]: expected a text"),
    ],
)
def test_one_wrong_value_in_a_long_list_is_told_with_its_place(text: str, where: str) -> None:
    with pytest.raises(Undecodable, match=where):
        decode(Rows, json.loads(text))
