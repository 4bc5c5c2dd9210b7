"""Judges of one's own are found by name, and a mistake in naming them is told."""

from collections.abc import Iterable

import pytest

from moa_scorer.app.own_judges import own_judges
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.domain.judge import Judge
from tests.fakes.judges import ScriptedJudge, scoring

HERE = "tests.unit.app.test_own_judges"


def two() -> Iterable[Judge]:
    return [ScriptedJudge(name, scoring(name, 0.5)) for name in ("mine", "yours")]


def failing() -> Iterable[Judge]:
    raise RuntimeError("no model here")


def test_the_function_of_a_module_gives_its_judges_by_name() -> None:
    assert list(own_judges([f"{HERE}:two"])) == ["mine", "yours"]
    assert own_judges([]) == {}


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("no.such.module:judges", "ModuleNotFoundError"),
        (f"{HERE}:nothing", "AttributeError"),
        (f"{HERE}:failing", "no model here"),
        (HERE, "AttributeError"),
    ],
)
def test_a_place_that_gives_no_judges_is_a_mistake_in_the_settings(place: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        own_judges([place])


def test_a_name_that_comes_twice_is_a_mistake() -> None:
    with pytest.raises(ConfigurationError, match="'mine' comes twice"):
        own_judges([f"{HERE}:two", f"{HERE}:two"])
