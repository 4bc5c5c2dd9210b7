import os
from collections.abc import Callable
from pathlib import Path

import pytest

JUDGES = ("mechanics", "lexical", "relevance", "coherence", "civility", "integrity", "fluency", "student")

PANEL = """\
name: mine
version: 2
title: A panel
judges: [lexical, civility]
quorum: 1
default_rubric: general
rubrics: {comment: comment}
"""
RUBRIC = """\
name: mine
version: 1
title: A rubric
scale: {min: 1, max: 5}
criteria:
  - {name: clarity, description: Clear., weight: 2}
  - {name: depth, description: Deep.}
"""
POLICY = """\
name: mine
version: 1
title: A policy
rules:
  - {test: score_below, threshold: 0.5, then: reject}
otherwise: accept
on_unscored: review
"""

Write = Callable[[str, str], Path]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings from outside: an empty working directory, no variables of ours."""
    for name in list(os.environ):
        if name.startswith("MOA_SCORER_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def judges() -> tuple[str, ...]:
    return JUDGES


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """A user's catalogue with one panel, one rubric and one policy."""
    folder = tmp_path / "conf"
    for kind, text in (("panels", PANEL), ("rubrics", RUBRIC), ("policies", POLICY)):
        (folder / kind).mkdir(parents=True)
        (folder / kind / "mine.yaml").write_text(text)
    return folder


@pytest.fixture
def edit(catalogue: Path) -> Callable[[str, str, str], None]:
    """Replaces a piece of one of the catalogue's files."""

    def replace(file: str, old: str, new: str) -> None:
        path = catalogue / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return replace
