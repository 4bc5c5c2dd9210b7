"""Whatever stands in a file, a mistake of it is a line and never a traceback."""

from pathlib import Path

import pytest

from moa_scorer.app.files.panels import PanelFile
from moa_scorer.app.files.prices import read_prices
from moa_scorer.app.files.yaml_file import read_yaml

PRICE = "prices:\n  - {model: m, input: 1, output: 2, as_of: DAY, source: somewhere}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 5000, "is nested too deeply"),
        ("name: x\nversion: " + "9" * 5000, "holds a number or date that cannot be read"),
        ("name: !!timestamp 2026-02-30", "holds a number or date that cannot be read"),
    ],
)
def test_what_the_parser_cannot_take_is_a_mistake(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    mistakes: list[str] = []

    assert read_yaml(path, PanelFile, mistakes) is None
    assert mistakes == [f"{path}: {words}"]


def test_a_day_that_no_calendar_has_is_told_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "prices.yaml").write_text(PRICE.replace("DAY", "2026-02-30"))
    mistakes: list[str] = []
    read_prices([tmp_path], mistakes)

    (mistake,) = mistakes
    assert mistake.startswith(f"{tmp_path / 'prices.yaml'}: prices[0].as_of: ")


def test_aliases_within_aliases_are_not_unfolded(tmp_path: Path) -> None:
    levels = "".join(f"a{k + 1}: &a{k + 1} [{', '.join([f'*a{k}'] * 9)}]\n" for k in range(30))
    path = tmp_path / "mine.yaml"
    path.write_text(f"a0: &a0 [x]\n{levels}judges: *a30\n")
    mistakes: list[str] = []

    assert read_yaml(path, PanelFile, mistakes) is None
    assert mistakes
