"""Files and functions stay small enough to be read in one go."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

MOST_LINES_OF_A_FILE = 500
MOST_LINES_OF_A_FUNCTION = 50


@pytest.fixture(scope="module")
def sources(root: Path, tracked: list[Path]) -> dict[Path, str]:
    """The text of every module of the package but the generated ones."""
    ours = [p for p in tracked if p.suffix == ".py" and p.parts[0] == "moa_scorer" and p.parts[1] != "api"]
    return {path: (root / path).read_text() for path in ours}


def _functions(text: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_is_longer_than_500_lines(sources: dict[Path, str]) -> None:
    long = {str(path): n for path, text in sources.items() if (n := text.count("\n")) > MOST_LINES_OF_A_FILE}

    assert sources
    assert long == {}


def test_no_function_is_longer_than_50_lines(sources: dict[Path, str]) -> None:
    long = {
        f"{path}:{name}": lines
        for path, text in sources.items()
        for name, lines in _functions(text)
        if lines > MOST_LINES_OF_A_FUNCTION
    }

    assert long == {}


def test_nothing_is_left_unfinished(sources: dict[Path, str]) -> None:
    marks = ("NotImplementedError", "TODO", "FIXME", "XXX")
    left = [f"{path}: {mark}" for path, text in sources.items() for mark in marks if mark in text]

    assert left == []
