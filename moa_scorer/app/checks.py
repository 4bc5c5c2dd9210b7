"""Everything that can be wrong with the configuration, found without starting anything."""

from collections.abc import Iterator, Sized
from dataclasses import dataclass
from pathlib import Path

from moa_scorer.app.compose import Application, compose
from moa_scorer.app.endpoint_report import endpoint_reports
from moa_scorer.app.quotas import quota_lines
from moa_scorer.app.serving.memory import database_words
from moa_scorer.app.settings import Settings, load_settings
from moa_scorer.app.start_checks import ENCRYPT, clear_text_words, start_mistakes
from moa_scorer.domain.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a check found."""

    mistakes: tuple[str, ...]
    """One line each, with source and path."""
    found: str = ""
    """What was read, in words."""
    endpoints: tuple[str, ...] = ()
    """Lines on every endpoint: place, key, and where the default panel asks it, prices and mechanisms."""
    quotas: tuple[str, ...] = ()
    """Lines on what tenants may use, and who counts."""
    warnings: tuple[str, ...] = ()
    """Lines on what a server would start with, and may not be meant."""


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
    mistakes += start_mistakes(settings)
    try:
        application = compose(settings)
    except ConfigurationError as error:
        return Report(mistakes=(*mistakes, *error.mistakes))
    application.close()
    return Report(
        mistakes=tuple(mistakes),
        found=f"{_counted(application)}; records: {database_words(settings)}",
        endpoints=tuple(_endpoints(application)),
        quotas=tuple(quota_lines(settings)),
        warnings=tuple(f"{words}: {ENCRYPT}" for words in clear_text_words(settings)),
    )


def _endpoints(application: Application) -> Iterator[str]:
    """Everything about those that the default panel asks, a line about each other one."""
    asked = application.endpoints()
    for report in endpoint_reports(application.network):
        if report.name in asked:
            yield from report.lines()
        else:
            yield f"endpoint {report.name}: {report.brief()}"


def _counted(application: Application) -> str:
    catalog = application.catalog
    counts: dict[str, Sized] = {
        "endpoint": application.network.endpoints,
        "judge": catalog.judges,
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
