from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from moa_scorer.app.files.catalogue import read_catalog
from moa_scorer.calibration.files import write_reference, write_snapshot
from moa_scorer.calibration.reference import Reference
from moa_scorer.calibration.snapshot import Column, Head, Provenance, Rows, Snapshot
from moa_scorer.domain.errors import ConfigurationError

SNAPSHOT = Snapshot(
    rubric="mine@1",
    weights={"clarity": 2 / 3, "depth": 1 / 3},
    kinds=("note",),
    languages=("en",),
    panel="mine@2",
    version=1,
    judges={"lexical": "a", "civility": "b"},
    columns=(Column(name="lexical/readability", knots=(0.0, 1.0), mean=0.5, spread=0.2, missing=0.0),),
    heads=tuple(Head(name=name, mean=0.5) for name in ("clarity", "depth", "overall")),
    rows=Rows(
        values=((0.5,),),
        targets=dict.fromkeys(("clarity", "depth", "overall"), (0.5,)),
        folds=(0,),
        groups=(0,),
    ),
    items=1,
    groups=1,
    raters=3.0,
    coverage=0.9,
    noise=None,
    provenance=Provenance(ratings="", seed=0, created="2026-01-01", code="1"),
)

Put = Callable[..., Path]


@pytest.fixture
def put(catalogue: Path) -> Put:
    """Writes a snapshot into the user's catalogue."""
    (catalogue / "snapshots").mkdir()

    def write(snapshot: Snapshot, name: str = "x.json.gz") -> Path:
        write_snapshot(snapshot, catalogue / "snapshots" / name)
        return catalogue / "snapshots" / name

    return write


def _mistakes(catalogue: Path, judges: tuple[str, ...]) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as raised:
        read_catalog(catalogue, judges)
    return raised.value.mistakes


def test_a_snapshot_that_fits_its_panel_and_rubric_is_read(
    catalogue: Path, judges: tuple[str, ...], put: Put
) -> None:
    put(SNAPSHOT)

    assert SNAPSHOT in read_catalog(catalogue, judges).snapshots


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        ({"panel": "mine@7"}, "panel: there is no panel mine@7"),
        ({"rubric": "yours@1"}, "rubric: there is no rubric yours@1"),
        ({"weights": {"clarity": 0.5, "depth": 0.5}}, "weights: not those of rubric mine@1"),
        ({"judges": {"fluency": "c"}}, "judges: panel mine@2 lacks 'fluency'"),
        ({"kinds": ()}, "kinds: at least one is needed"),
    ],
)
def test_a_snapshot_that_does_not_fit_is_told_with_file_and_path(
    catalogue: Path, judges: tuple[str, ...], put: Put, changes: dict[str, object], mistake: str
) -> None:
    path = put(replace(SNAPSHOT, **changes))  # type: ignore[arg-type]
    (found,) = _mistakes(catalogue, judges)

    assert found.startswith(f"{path}: {mistake}")


def test_two_snapshots_of_one_revision_are_a_mistake(
    catalogue: Path, judges: tuple[str, ...], put: Put
) -> None:
    first, second = put(SNAPSHOT), put(SNAPSHOT, "y.json.gz")

    assert _mistakes(catalogue, judges) == (f"{second}: version: mine.note.mine@1 stands in {first} too",)


def test_a_snapshot_is_not_blamed_for_a_panel_that_cannot_be_read(
    catalogue: Path, judges: tuple[str, ...], put: Put, edit: Callable[[str, str, str], None]
) -> None:
    put(SNAPSHOT)
    edit("panels/mine.yaml", "quorum: 1", "quorum: 5")

    assert [m.split(": ")[1] for m in _mistakes(catalogue, judges)] == ["quorum"]


def test_reference_quantiles_of_ones_own_replace_the_packaged_ones(
    catalogue: Path, judges: tuple[str, ...]
) -> None:
    own = Reference(
        version=9, corpus="mine", quantiles={"lexical/x": (0.0, 1.0)}, ranks={"lexical/x": (0.0, 1.0)}
    )
    (catalogue / "snapshots").mkdir()
    write_reference(own, catalogue / "snapshots" / "reference.json")

    assert read_catalog(catalogue, judges).reference == own


def test_a_snapshot_of_ones_own_judges_needs_no_panel_and_no_rubric(
    catalogue: Path, judges: tuple[str, ...], put: Put
) -> None:
    own = replace(SNAPSHOT, panel="ours@1", rubric="yours@1", judges={})
    put(own)

    assert own in read_catalog(catalogue, judges).snapshots
