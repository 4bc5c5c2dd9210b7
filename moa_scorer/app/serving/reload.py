"""A catalogue that changed on disk: read and checked as a whole, then put in place of the one in force."""

import asyncio
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Final

from moa_scorer.app.chosen import make_catalog
from moa_scorer.app.compose import STUDENT, Application
from moa_scorer.app.files.catalogue import CatalogFiles, newest_file, read_catalog
from moa_scorer.app.files.stamps import Stamp, differing, stamps
from moa_scorer.app.network import build_network
from moa_scorer.app.serving.changes import changes
from moa_scorer.app.settings import Settings, Source
from moa_scorer.app.settings_quotas import quotas_of
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.usual_masks import warm as warm_masks
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.seats import seated
from moa_scorer.telemetry import events

LIVE: Final = (
    *("panel", "rubrics", "floor_policy", "quotas"),
    *("shadow_policies", "shadow_snapshots", "shadow_panels", "shadow_budget", "shadow_at_once"),
)
"""Settings that a reload takes over; the others are read at the start."""


class Reloader:
    """Keeps an application at what its files say. Requests in flight end by the plan they began with."""

    def __init__(self, application: Application, source: Source | None = None) -> None:
        """Without a source the settings are never read again."""
        self._application = application
        self._source = source
        self._asked = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._seen: Mapping[str, Stamp] = self._stamps()
        self._told: tuple[str, ...] = ()

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        """Listens to SIGHUP, where there is such a signal."""
        if hasattr(signal, "SIGHUP"):
            loop.add_signal_handler(signal.SIGHUP, self.ask)

    def ask(self) -> None:
        """Asks for a reload, whether or not a file changed."""
        self._asked.set()

    async def run(self) -> None:
        """Reloads when asked to, and when a look at the files' stamps finds a change; until cancelled."""
        while True:
            asked = await self._wait()
            now = await asyncio.to_thread(self._stamps)
            if asked or now != self._seen:
                changed, self._seen = differing(self._seen, now), now
                await self._reload_or_go_on(changed)

    async def reload(self, changed: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Puts what the files say in force; names of what came, went or changed.

        `changed` are paths of files that are known to have changed, for what a reload cannot take over.
        Raises ConfigurationError with every mistake, which the log has then too; all stays as it is.
        """
        async with self._one_at_a_time:
            started, old = monotonic(), self._application.catalog
            try:
                said = self._source.read() if self._source else self._application.settings
                settings = self._with_live(said)
                files = await asyncio.to_thread(self._read, settings)
                told = await self._swap(files, settings, old)
            except ConfigurationError as error:
                events.reload_refused(mistakes=error.mistakes)
                raise
            events.catalog_reloaded(changes=told, seconds=monotonic() - started)
            self._tell_restart(said, changed)
            return told

    async def _reload_or_go_on(self, changed: tuple[str, ...]) -> None:
        """A mistake in a file or a bug in a reload costs that reload, not the ones after it."""
        try:
            await self.reload(changed)
        except ConfigurationError:
            pass  # the log has it
        except Exception as error:
            events.reload_crashed(error=type(error).__name__)

    async def _wait(self) -> bool:
        """Until a reload is asked for, or it is time to look at the files again: whether it was asked for."""
        seconds = self._application.settings.reload_seconds
        with suppress(TimeoutError):
            await asyncio.wait_for(self._asked.wait(), seconds or None)
        asked = self._asked.is_set()
        self._asked.clear()
        return asked

    def _stamps(self) -> dict[str, Stamp]:
        config = self._source.file() if self._source else None
        return stamps(self._application.settings.catalog_dir, [config])

    def _with_live(self, said: Settings) -> Settings:
        """The settings in force, with those that may change while serving as they are said now."""
        return self._application.settings.model_copy(update={key: getattr(said, key) for key in LIVE})

    def _read(self, settings: Settings) -> CatalogFiles:
        try:
            app = self._application
            app.snapshots.forget_gone()
            return read_catalog(settings.catalog_dir, app.kept_judges, app.snapshots)
        except OSError as error:  # a file went while it was read
            raise ConfigurationError((f"{error.filename}: cannot be read: {error.strerror}",)) from None

    async def _swap(self, files: CatalogFiles, settings: Settings, old: Catalog) -> tuple[str, ...]:
        """Builds and warms the new catalogue, then puts it in force; what differs from the old one, which was
        in force when the files were read. Raises ConfigurationError."""
        app = self._application
        network = build_network(files, settings.workers, app.pipeline.clock, app.network)
        files = replace(files, snapshots=_as_known(files.snapshots, old.snapshots))
        catalog = make_catalog(settings, {**app.kept_judges, **network.judges}, files)
        await _warmed(catalog, old)
        catalog = _with_found(catalog, old, app.catalog, in_memory=settings.catalog_dir is None)
        app.settings, app.network, app.pipeline.catalog = settings, network, catalog
        app.pipeline.quotas.of = quotas_of(settings.quotas)
        return changes(old, catalog)

    def _tell_restart(self, said: Settings, changed: tuple[str, ...]) -> None:
        """Says, once, what changed and is only read at the start."""
        old = self._application.settings
        student = newest_file(STUDENT, old.catalog_dir)
        keys = [key for key in Settings.model_fields if getattr(old, key) != getattr(said, key)]
        waiting = (*keys, *(path for path in changed if Path(path) == student))
        if waiting and waiting != self._told:
            events.restart_needed(what=waiting)
        self._told = waiting


def _as_known(new: tuple[Snapshot, ...], old: tuple[Snapshot, ...]) -> tuple[Snapshot, ...]:
    """Snapshots that are the same as before keep what was worked out for them."""
    known = {(each.revision, each.digest): each for each in old}
    return tuple(known.get((each.revision, each.digest), each) for each in new)


def _with_found(catalog: Catalog, old: Catalog, now: Catalog, *, in_memory: bool) -> Catalog:
    """The catalogue with what no file says of judges and snapshots: what a server without a folder of its own
    has found, and what was found since the files were read."""
    found = {name: state for name, state in now.states.items() if in_memory or state != old.states.get(name)}
    return replace(catalog, states={**catalog.states, **found}, judge_states=now.judge_states)


async def _warmed(catalog: Catalog, old: Catalog) -> None:
    """Loads and works out what the first request to the new catalogue would wait for."""
    for judge in seated(catalog.panel(DEFAULT_TENANT, ""), catalog):
        await judge.warm()
    known = set(map(id, old.snapshots))
    for snapshot in catalog.snapshots:
        if id(snapshot) not in known:
            await asyncio.to_thread(warm_masks, snapshot)
