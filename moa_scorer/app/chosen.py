"""The catalogue on disk with the settings' choices in it: default panel, rubrics, floor and shadows."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from moa_scorer.app.files.catalogue import CatalogFiles
from moa_scorer.app.mistakes import did_you_mean
from moa_scorer.app.settings import Settings
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.domain.judge import Judge
from moa_scorer.domain.panel import Panel
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.shadows import NO_SHADOWS, Shadows


class _Revisioned(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def revision(self) -> str: ...


R = TypeVar("R", bound=_Revisioned)


def make_catalog(settings: Settings, judges: Mapping[str, Judge], files: CatalogFiles) -> Catalog:
    """The catalogue in force; raises ConfigurationError with every name in the settings that is unknown."""
    if mistakes := tuple(_mistakes(settings, files)):
        raise ConfigurationError(mistakes)
    return Catalog(
        panels=tuple(_with_rubrics(panel, settings) for panel in files.panels),
        rubrics=files.rubrics,
        policies=files.policies,
        judges=judges,
        snapshots=files.snapshots,
        reference=files.reference,
        default_panel=settings.panel,
        states=files.states,
        stoppings=files.stoppings,
        floor=named(settings.floor_policy, files.policies) if settings.floor_policy else None,
        shadows=_shadows(settings, files),
    )


def named(reference: str, resources: Iterable[R]) -> R:
    """What is known to be there under that `name` (its highest version, be it the serving one or not) or
    `name@version`."""
    return max((r for r in resources if reference in (r.name, r.revision)), key=lambda r: r.version)


def _with_rubrics(panel: Panel, settings: Settings) -> Panel:
    return replace(panel, rubrics={**panel.rubrics, **settings.rubrics})


def _shadows(settings: Settings, files: CatalogFiles) -> Shadows:
    shadows = Shadows(
        policies=tuple(named(name, files.policies) for name in settings.shadow_policies),
        snapshots=tuple(named(name, files.snapshots) for name in settings.shadow_snapshots),
        panels={named(name, files.panels).revision: share for name, share in settings.shadow_panels.items()},
        budget=settings.shadow_budget,
        at_once=settings.shadow_at_once,
    )
    return shadows if shadows.policies or shadows.snapshots or shadows.panels else NO_SHADOWS


def _mistakes(settings: Settings, files: CatalogFiles) -> Iterator[str]:
    """Names in the settings that nothing goes by."""
    panels, rubrics = _all(files.panels), _all(files.rubrics)
    policies, snapshots = _all(files.policies), _all(files.snapshots)
    yield from _unknown("panel", "panel", settings.panel, panels)
    for kind, rubric in settings.rubrics.items():
        yield from _unknown(f"rubrics.{kind}", "rubric", rubric, rubrics)
    if settings.floor_policy:
        yield from _unknown("floor_policy", "policy", settings.floor_policy, policies)
    for policy in settings.shadow_policies:
        yield from _unknown("shadow_policies", "policy", policy, policies)
    for snapshot in settings.shadow_snapshots:
        yield from _unknown("shadow_snapshots", "snapshot", snapshot, snapshots)
    for panel in settings.shadow_panels:
        yield from _unknown(f"shadow_panels.{panel}", "panel", panel, panels)


def _all(resources: Sequence[_Revisioned]) -> set[str]:
    """`name` and `name@version` of each."""
    return {name for each in resources for name in (each.name, each.revision)}


def _unknown(key: str, noun: str, reference: str, names: Collection[str]) -> Iterator[str]:
    if reference not in names:
        near = [name for name in names if "@" not in name]
        yield f"settings: {key}: unknown {noun} '{reference}'{did_you_mean(reference, near)}"
