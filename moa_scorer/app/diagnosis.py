"""What is installed, what is missing, and how to mend it."""

import platform
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final, Literal

from moa_scorer.app.clock import SystemClock
from moa_scorer.app.compose import Application, compose
from moa_scorer.app.cores import cores
from moa_scorer.app.edge_findings import (
    MEND,
    address_findings,
    redis_findings,
    security_findings,
    start_findings,
)
from moa_scorer.app.endpoint_report import endpoint_reports
from moa_scorer.app.finding import Finding
from moa_scorer.app.model_store import model_store
from moa_scorer.app.probe import probe
from moa_scorer.app.quotas import NO_REDIS, is_loose, quota_lines
from moa_scorer.app.serving.memory import database_url
from moa_scorer.app.settings import Settings, config_path, load_settings
from moa_scorer.app.storage_report import is_to_be_made
from moa_scorer.domain.errors import ConfigurationError, StorageUnavailable
from moa_scorer.domain.judge import Judge
from moa_scorer.storage.database import Database
from moa_scorer.storage.migrate import revision_of

OLDEST_PYTHON: Final = (3, 11)
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EXTRA: Final = re.compile(r"extra\s*==\s*['\"]([a-z-]+)['\"]")


async def diagnose(
    config: Path | None, catalog_dir: Path | None = None, *, ask: bool = False
) -> list[Finding]:
    """Everything that can be looked at, in the order in which it should be mended.

    `catalog_dir` is looked at instead of the one in the settings; `ask` puts a question to each model of the
    default panel, and may cost a little.
    """
    findings = [_python(), _machine(), *_packages()]
    try:
        settings = load_settings(config, {"catalog_dir": catalog_dir})
    except ConfigurationError as error:
        return [*findings, *_configuration(error, "settings")]
    findings += [_settings(config), *_models(settings), await _database(settings)]
    findings += [*quota_findings(settings), *[found async for found in redis_findings(settings)]]
    refused = [*start_findings(settings)]
    findings += refused or [*security_findings(settings, SystemClock().now())]
    try:
        application = compose(settings)
    except ConfigurationError as error:
        return [*findings, *_configuration(error, "catalogue")]
    except ImportError as error:
        return [*findings, _broken(error)]
    try:
        findings += [_catalogue(application), *await _judges(application), *_endpoints(application)]
        findings += [*(await _probed(application) if ask else ()), *address_findings(settings)]
    finally:
        await application.aclose()
    return findings


def _python() -> Finding:
    version = platform.python_version()
    if sys.version_info < OLDEST_PYTHON:
        return Finding(topic="python", state="bad", words=version, remedy="install Python 3.11 or newer")
    return Finding(topic="python", state="ok", words=f"{version} in {sys.prefix}")


def _machine() -> Finding:
    words = f"{platform.system()} {platform.machine()}, {cores()} cores for this process"
    return Finding(topic="machine", state="ok", words=words)


def _packages() -> Iterator[Finding]:
    wanted: dict[str, list[str]] = {"": [], "embedded": []}
    for requirement in metadata.requires("moa-scorer") or []:
        extra = _EXTRA.search(requirement)
        names = wanted.get(extra[1] if extra else "")
        if names is not None and (name := _NAME.match(requirement)) and _applies(requirement):
            names.append(name[0])
    yield _installed("packages", wanted[""], "pip install moa-scorer")
    yield _installed("packages of the local judges", wanted["embedded"], 'pip install "moa-scorer[embedded]"')


def _applies(requirement: str) -> bool:
    """Whether the requirement holds on this platform; the only platform marker in use is about Windows."""
    return not (sys.platform == "win32" and "sys_platform != 'win32'" in requirement.replace('"', "'"))


def _installed(topic: str, names: list[str], remedy: str) -> Finding:
    missing = [name for name in names if not _has(name)]
    if missing:
        return Finding(topic=topic, state="bad", words=f"missing: {', '.join(missing)}", remedy=remedy)
    return Finding(topic=topic, state="ok", words=", ".join(f"{n} {metadata.version(n)}" for n in names))


def _has(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


async def _database(settings: Settings) -> Finding:
    """Whether it can be reached; nothing in it is changed, and a file that is not there yet is made later."""
    url = database_url(settings)
    if not url:
        return Finding(topic="records", state="note", words="none are kept: `database` is off")
    remedy = "start it, or set `database` (MOA_SCORER_DATABASE) to another one or to `off`"
    try:
        database = Database(url)
        if is_to_be_made(database):
            return Finding(topic="records", state="ok", words=f"in {database}, made when a server starts")
        version = await revision_of(database)
        await database.aclose()
    except ConfigurationError as error:
        return Finding(topic="records", state="bad", words=str(error), remedy=remedy)
    except StorageUnavailable:
        return Finding(topic="records", state="bad", words=f"{database} cannot be reached", remedy=remedy)
    return Finding(topic="records", state="ok", words=f"in {database}, tables of version {version or 'none'}")


def quota_findings(settings: Settings) -> Iterator[Finding]:
    """What tenants may use, where there are quotas."""
    lines = [line.strip() for line in quota_lines(settings)]
    if lines:
        state: Literal["ok", "note"] = "note" if is_loose(settings) else "ok"
        remedy = NO_REDIS if is_loose(settings) else ""
        yield Finding(topic="quotas", state=state, words="; ".join(lines), remedy=remedy)


def _broken(error: ImportError) -> Finding:
    return Finding(
        topic="local judges",
        state="bad",
        words=f"cannot be loaded: {error}",
        remedy='pip install "moa-scorer[embedded]"',
    )


def _configuration(error: ConfigurationError, topic: str) -> Iterator[Finding]:
    for mistake in error.mistakes:
        yield Finding(topic=topic, state="bad", words=mistake, remedy=MEND)


def _settings(config: Path | None) -> Finding:
    path = config_path(config)
    return Finding(
        topic="settings", state="ok", words=f"from {path}" if path else "defaults, no settings file"
    )


def _models(settings: Settings) -> Iterator[Finding]:
    store = model_store(settings)
    states = store.listing()
    wrong = [f"{state.name} ({state.state})" for state in states if not state.usable]
    if wrong:
        remedy = f"moa-scorer models fetch    (into {store.directory})"
        yield Finding(
            topic="model files", state="bad", words=f"not usable: {', '.join(wrong)}", remedy=remedy
        )
    else:
        size = sum(state.size for state in states) / 1e6
        yield Finding(
            topic="model files", state="ok", words=f"{len(states)} in {store.directory}, {size:.0f} MB"
        )


def _catalogue(application: Application) -> Finding:
    catalog = application.catalog
    if catalog.snapshots:
        fitted = ", ".join(snapshot.revision for snapshot in catalog.snapshots)
        return Finding(topic="calibration", state="ok", words=f"snapshots {fitted}")
    return Finding(
        topic="calibration",
        state="note",
        words="no snapshots: every score will be UNCALIBRATED, an ordering",
        remedy="moa-scorer fit-embedded",
    )


async def _judges(application: Application) -> list[Finding]:
    missing = await application.missing_judges()
    wanted = {judge.profile.name for judge in application.judges()}
    ready = [
        name for name, judge in application.catalog.judges.items() if _local(judge) and name not in missing
    ]
    findings = [Finding(topic="judges", state="ok", words=f"ready: {', '.join(ready)}")] if ready else []
    for name, detail in missing.items():
        if not _local(application.catalog.judge(name)):
            continue  # said with its endpoint
        state: Literal["note", "bad"] = "bad" if name in wanted else "note"
        findings.append(
            Finding(
                topic=f"judge {name}", state=state, words="will abstain: its model is missing", remedy=detail
            )
        )
    return findings


def _local(judge: Judge) -> bool:
    """Whether the judge asks no endpoint."""
    return not judge.profile.endpoint


def _endpoints(application: Application) -> Iterator[Finding]:
    """Where each endpoint is and whether its key can be had: without it its judges abstain. In full where the
    default panel asks it, else in a line."""
    asked = application.endpoints()
    for report in endpoint_reports(application.network):
        topic = f"endpoint {report.name}"
        if report.name not in asked:
            yield Finding(topic=topic, state="note" if report.keyless else "ok", words=report.brief())
            continue
        words = "; ".join((report.place, report.key, *report.judges, *report.mechanisms))
        remedy = "set it, or its judges abstain" if report.keyless else ""
        yield Finding(topic=topic, state="bad" if report.keyless else "ok", words=words, remedy=remedy)


async def _probed(application: Application) -> list[Finding]:
    answers = await probe(application.network, application.sitting(), application.pipeline.clock)
    return [
        Finding(
            topic=f"probe of judge {probed.judge}",
            state="ok" if probed.answered else "bad",
            words=probed.words,
            remedy="" if probed.answered else "look at its endpoint above",
        )
        for probed in answers
    ]
