"""What a snapshot of the catalogue's own judges is fitted for: panel, rubric, revisions, and its number."""

from pathlib import Path
from typing import TYPE_CHECKING

from moa_scorer.app.cli.exits import Exit, fail, told
from moa_scorer.app.cli.options import log_quietly, settings_of

if TYPE_CHECKING:
    from moa_scorer.learning.fitting.purpose import Purpose
    from moa_scorer.learning.study.study import Study
    from moa_scorer.scoring.catalog import Catalog


def purpose_of(
    study: "Study", panel: str, rubric: str, config: Path | None, catalog_dir: Path | None
) -> "tuple[Purpose, int]":
    """The purpose of a fit for a panel of the catalogue, and the number that its snapshot gets.

    The ballots are taken to be of the judges as they are now. A name that the catalogue lacks ends the
    command, and so does a study that does not say what its items are.
    """
    from moa_scorer.app.compose import compose

    if study.kind == study.name:
        fail(
            "--kind: say what the items are, such as comment: the snapshot serves this kind alone", Exit.USAGE
        )
    settings = settings_of(config, catalog_dir=catalog_dir)
    log_quietly(settings)
    with told():
        application = compose(settings)
        try:
            return _found(application.catalog, study, panel, rubric)
        finally:
            application.close()


def _found(catalog: "Catalog", study: "Study", panel: str, rubric: str) -> "tuple[Purpose, int]":
    from moa_scorer.domain.tenant import DEFAULT_TENANT
    from moa_scorer.learning.fitting.purpose import Purpose

    planned = catalog.panel(DEFAULT_TENANT, panel)
    asked = catalog.rubric(DEFAULT_TENANT, rubric or planned.rubric_for(study.kind))
    seats = {j: catalog.judge(planned.seats.get(j, j)) for j in planned.judges}
    purpose = Purpose(
        rubric=asked,
        panel=planned,
        revisions={j: judge.profile.calibrated_as for j, judge in seats.items()},
        reference=catalog.reference,
    )
    name = f"{asked.name}.{study.kind}.{planned.name}"
    there = [s.version for s in catalog.snapshots if s.name == name]
    return purpose, max(there, default=0) + 1
