"""Everything that can be wrong with the configuration, found without starting anything."""

from dataclasses import dataclass
from pathlib import Path

from moa_scorer.app.compose import compose
from moa_scorer.app.settings import Settings, load_settings
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.scoring.catalog import Catalog


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a check found."""

    mistakes: tuple[str, ...]
    """One line each, with source and path."""
    found: str = ""
    """What was read, in words."""


def check_everything(config: Path | None, catalog_dir: Path | None) -> Report:
    """Reads settings and catalogue; wrong settings do not keep the catalogue from being checked."""
    mistakes: list[str] = []
    settings = Settings()
    try:
        settings = load_settings(config)
    except ConfigurationError as error:
        mistakes += error.mistakes
    if catalog_dir is not None:
        settings = settings.model_copy(update={"catalog_dir": catalog_dir})
    try:
        application = compose(settings)
    except ConfigurationError as error:
        return Report(mistakes=(*mistakes, *error.mistakes))
    application.close()
    return Report(mistakes=tuple(mistakes), found=_counted(application.catalog))


def _counted(catalog: Catalog) -> str:
    counts = {
        "panel": catalog.panels,
        "rubric": catalog.rubrics,
        "policy": catalog.policies,
        "snapshot": catalog.snapshots,
    }
    return ", ".join(f"{len(found)} {_plural(noun, len(found))}" for noun, found in counts.items())


def _plural(noun: str, count: int) -> str:
    if count == 1:
        return noun
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
