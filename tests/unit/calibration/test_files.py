"""Snapshots and reference quantiles on disk."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from moa_scorer.calibration.decode import Undecodable, decode
from moa_scorer.calibration.files import read_reference, read_snapshot, write_reference, write_snapshot
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.reference import fit_reference
from moa_scorer.calibration.snapshot import Rows, Snapshot
from moa_scorer.domain.errors import ConfigurationError
from tests.fakes.ratings import fitted, simulate


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return fitted(simulate(items=90), reservoir=60)


def test_what_is_read_is_what_was_written(snapshot: Snapshot, tmp_path: Path) -> None:
    path = tmp_path / "one.json.gz"
    write_snapshot(snapshot, path)
    again = read_snapshot(path)
    assert again == snapshot
    assert again.digest == snapshot.digest
    assert fit_mask(again, (0, 1)) == fit_mask(snapshot, (0, 1))
    assert again.revision == "essay.essay.trio@1"


def test_the_same_snapshot_makes_the_same_bytes(snapshot: Snapshot, tmp_path: Path) -> None:
    write_snapshot(snapshot, tmp_path / "one.json.gz")
    write_snapshot(read_snapshot(tmp_path / "one.json.gz"), tmp_path / "two.json.gz")
    assert (tmp_path / "one.json.gz").read_bytes() == (tmp_path / "two.json.gz").read_bytes()


def _set(*path: Any, value: Any) -> Callable[[Any], None]:
    def change(plain: Any) -> None:
        for part in path[:-1]:
            plain = plain[part]
        plain[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_set("format", value=2), "format: expected 1, found 2"),
        (_set("kinds", value=[]), "kinds: at least one"),
        (_set("kinds", value="essay"), "kinds: expected a list"),
        (_set("items", value=1.5), "items: expected a whole number"),
        (_set("colour", value=1), "colour: unknown key"),
        (
            _set("columns", 0, "knots", value=[0.5, 0.5]),
            "columns[0].knots: at least two, strictly increasing",
        ),
        (_set("heads", 1, "curves", 0, value=[0.1]), "heads[1].curves"),
        (_set("heads", 0, "mean", value="high"), "heads[0].mean: expected a finite number, found 'high'"),
        (
            _set("columns", 0, "kind", value="guess"),
            "columns[0].kind: expected one of single, samples, logprobs, found 'guess'",
        ),
        (_set("rows", "folds", value=[0]), "rows.folds: 1 entries"),
        (_set("weights", "clarity", value=0.9), "weights: must sum to 1"),
        (_set("columns", 0, "mean", value=10**400), "columns[0].mean: expected a finite number"),
        (_set("coverage", value=5.0), "coverage: must lie in (0, 1), found 5"),
        (_set("items", value=0), "items: must be above zero"),
        (_set("rubric", value="essay"), "rubric: expected name@version, found 'essay'"),
        (_set("panel", value="trio@new"), "panel: expected name@version, found 'trio@new'"),
        (
            _set("scales", value={"ann": {"low": 1.0, "high": 1.0, "declared": True}}),
            "scales['ann']: its ends must differ",
        ),
        (_set("columns", 1, "name", value="ann/clarity"), "columns: names must be unique"),
        (_set("rows", "targets", "clarity", 0, value=7.0), "rows.targets: must lie in [0, 1]"),
        (
            _set("heads", 0, "kernel", value={"reach": -1.0, "measures": 1.0, "pull": 1.0}),
            "heads[0].kernel: reach and pull must be above zero",
        ),
        (
            _set("heads", 0, "kernel", value={"reach": 1.0, "measures": 1.0, "pull": 1.0, "left_out": [99]}),
            "heads[0].kernel.left_out: positions in `columns`",
        ),
        (_set("heads", 0, "ranks", 0, value=1.5), "heads[0].ranks, start: must lie in [0, 1]"),
        (_set("heads", 0, "coins", value={"ann": -1.0}), "heads[0].coins: must be at least zero"),
        (_set("heads", 0, "equal_pull", value=-5.0), "heads[0].equal_pull, line_pull: must be at least zero"),
        (_set("provenance", "seed", value=8), "digest: does not match"),
    ],
)
def test_every_mistake_is_named_with_file_and_path(
    snapshot: Snapshot, tmp_path: Path, change: Callable[[Any], None], message: str
) -> None:
    path = tmp_path / "bad.json.gz"
    write_snapshot(snapshot, path)
    plain = json.loads(gzip.decompress(path.read_bytes()))
    change(plain)
    path.write_bytes(gzip.compress(json.dumps(plain).encode()))
    with pytest.raises(ConfigurationError) as error:
        read_snapshot(path)
    assert any(f"{path}: {message}" in m for m in error.value.mistakes)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not gzip",
        gzip.compress(b"{"),
        gzip.compress(b"[]"),
        b"\x1f\x8b\x08",
        gzip.compress(b"[" * 100_000),
        gzip.compress(b'{"format": ' + b"9" * 5000 + b"}"),
    ],
)
def test_broken_files_are_configuration_errors(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.json.gz"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"broken\.json\.gz"):
        read_snapshot(path)


def test_a_file_that_is_not_there_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_snapshot(tmp_path / "none.json.gz")


def test_the_reference_survives_the_way_to_disk(tmp_path: Path) -> None:
    reference = fit_reference(simulate(items=100), corpus="test")
    write_reference(reference, tmp_path / "reference.json")
    assert read_reference(tmp_path / "reference.json") == reference


def test_all_mistakes_are_listed_at_once() -> None:
    with pytest.raises(Undecodable) as error:
        decode(Rows, {"values": [[0.5, True]], "targets": [], "folds": [0.5]})
    assert len(error.value.mistakes) == 4
