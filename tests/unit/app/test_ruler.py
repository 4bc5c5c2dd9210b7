"""The ruler in force sees every part that makes the number, on the real catalogue."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from moa_scorer.app.compose import STUDENT, compose
from moa_scorer.app.files.catalogue import defaults_dir
from moa_scorer.app.settings import load_settings
from moa_scorer.domain.content import Content
from moa_scorer.domain.request import ScoreRequest

REQUEST = ScoreRequest(content=Content(text="Some comment.", kind="comment"))


def ruler(request: ScoreRequest = REQUEST, **settings: Any) -> str:
    application = compose(load_settings(overrides=settings))
    try:
        return application.pipeline.plan(request).ruler
    finally:
        application.close()


def own_file(tmp_path: Path, folder: str, name: str, old: str = "", new: str = "") -> Path:
    """A catalogue of one's own with one packaged file in it, changed."""
    (tmp_path / folder).mkdir(parents=True)
    target = tmp_path / folder / name
    shutil.copy(defaults_dir() / folder / name, target)
    if old:
        text = target.read_text(encoding="utf-8")
        assert old in text
        target.write_text(text.replace(old, new), encoding="utf-8")
    return target


def test_the_content_is_no_part_of_it() -> None:
    assert ruler() == ruler(ScoreRequest(content=Content(text="Another one.", kind="comment")))


def test_another_model_file_changes_it(tmp_path: Path) -> None:
    other = tmp_path / "civility.npz"
    other.write_bytes(b"other weights")
    assert ruler(model_files={"civility.npz": other}) != ruler()


def test_other_weights_of_the_student_change_it(tmp_path: Path) -> None:
    target = own_file(tmp_path, "snapshots", Path(STUDENT).name)
    assert ruler(catalog_dir=tmp_path) == ruler()
    target.write_bytes(target.read_bytes() + b"\0")
    assert ruler(catalog_dir=tmp_path) != ruler()


@pytest.mark.parametrize(
    ("folder", "name", "old", "new"),
    [
        ("rubrics", "comment.yaml", "description: ", "description: Really. "),
        ("panels", "embedded.yaml", "version: 1", "version: 2"),
    ],
)
def test_a_rubrics_words_and_a_panels_version_change_it(
    tmp_path: Path, folder: str, name: str, old: str, new: str
) -> None:
    own_file(tmp_path, folder, name, old, new)
    assert ruler(catalog_dir=tmp_path) != ruler()


def test_another_snapshot_changes_it() -> None:
    summary = ScoreRequest(content=Content(text="Some summary.", kind="summary"))
    assert ruler(summary) != ruler()
