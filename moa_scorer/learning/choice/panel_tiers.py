"""The tiers of a panel of the catalogue over rated items, as the server would ask them."""

from collections.abc import Callable

from moa_scorer.calibration.fit import Origin, fit
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.panel import Panel, When
from moa_scorer.learning.choice.tiers import Tiered, Tiers, tiered
from moa_scorer.learning.fitting.purpose import Purpose, fitted_to
from moa_scorer.learning.study.severity import without_severity
from moa_scorer.learning.study.study import Study, table_of


def tiers_of(panel: Panel) -> Tiers:
    """What is asked together at most: first all layers before the first tier, then each tier."""
    found: list[tuple[str, ...]] = [()]
    for layer in panel.in_layers():
        if layer.when is When.UNDECIDED:
            found.append(layer.judges)
        else:
            found[-1] += layer.judges
    return tuple(found)


def panel_study(
    study: Study, purpose: Purpose, *, seed: int = 0, progress: Callable[[], None] = lambda: None
) -> Tiered:
    """Every beginning of the panel's cascade on the study's items, by fits as `fit_study` makes them.

    `progress` is called five times. Raises ValueError for a study that does not fit, or has too few items.
    """
    given = without_severity(fitted_to(study, purpose))
    kind, languages = given.kind or given.name, (given.language,) if given.language else ()

    def fit_on(table: RatedTable) -> Snapshot:
        return fit(
            table,
            rubric=purpose.rubric,
            kinds=(kind,),
            languages=languages,
            panel=purpose.panel,
            judge_revisions={},
            seed=seed,
            origin=Origin(created="", code=""),
        )

    return tiered(
        table_of(given, rubric=purpose.rubric),
        rubric=purpose.rubric,
        panel=purpose.panel,
        kind=kind,
        language=given.language or "en",
        fit_on=fit_on,
        tiers_of=lambda _: tiers_of(purpose.panel),
        costs=given.micro_usd or None,
        seed=seed,
        progress=progress,
    )
