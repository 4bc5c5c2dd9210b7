"""Makes the snapshot of the panel `load`: invented ratings, so that a load test runs the calibrated path."""

from pathlib import Path

import numpy as np

from deploy.loadtest.scripted import CRITERION, MODULE, NAMES, judges, opinion
from moa_scorer.app.compose import compose
from moa_scorer.app.settings import Settings
from moa_scorer.calibration.files import write_snapshot
from moa_scorer.calibration.fit import Origin, fit
from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.tenant import DEFAULT_TENANT

CATALOGUE = Path(__file__).resolve().parent / "catalogue"
ITEMS = 300


def main() -> None:
    """Writes it into the catalogue of the load test; the same every time."""
    application = compose(Settings(catalog_dir=CATALOGUE, judge_modules=(MODULE,)))
    application.close()
    panel = application.catalog.panel(DEFAULT_TENANT, "load")
    rubric = application.catalog.rubric(DEFAULT_TENANT, "comment")
    snapshot = fit(
        _ratings(),
        rubric=rubric,
        kinds=("comment",),
        languages=("en",),
        panel=panel,
        judge_revisions={judge.name: judge.profile.revision for judge in judges()},
        seed=1,
        origin=Origin(created="2026-01-01", code="load"),
    )
    write_snapshot(snapshot, CATALOGUE / "snapshots" / f"{snapshot.revision.rpartition('@')[0]}.json.gz")


def _ratings() -> RatedTable:
    draw = np.random.default_rng(1)
    said = np.array([[opinion(name, f"item {i}") for name in NAMES] for i in range(ITEMS)])
    rated = np.clip(said.mean(axis=1) + draw.normal(0, 0.1, ITEMS), 0, 1)
    return RatedTable(
        columns=tuple(f"{name}/{CRITERION}" for name in NAMES),
        values=said,
        targets={CRITERION: rated},
        ids=tuple(f"item-{i}" for i in range(ITEMS)),
        groups=tuple(f"item-{i}" for i in range(ITEMS)),
        sources=("",) * ITEMS,
        raters=np.full(ITEMS, 3.0),
    )


if __name__ == "__main__":
    main()
