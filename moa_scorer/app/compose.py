"""Settings -> everything that scores."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from moa_scorer.app.chosen import make_catalog
from moa_scorer.app.clock import SystemClock
from moa_scorer.app.files.catalogue import newest_file, read_catalog
from moa_scorer.app.files.snapshots import SnapshotReader
from moa_scorer.app.model_store import model_store
from moa_scorer.app.network import Network, build_network
from moa_scorer.app.own_judges import own_judges
from moa_scorer.app.settings import Settings
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.usual_masks import masks_when_late, masks_without
from moa_scorer.calibration.usual_masks import warm as warm_masks
from moa_scorer.contract.limits import Limits
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Judge
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.judges.local.detector import LocalJudge
from moa_scorer.judges.local.models import ModelStore
from moa_scorer.judges.local.panel import local_judges
from moa_scorer.judges.local.pool import Pool, Stop
from moa_scorer.judges.local.student import student_spec
from moa_scorer.measures.language import warm as warm_language
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.scoring.seats import seated
from moa_scorer.scoring.tiers import spared_at_stops

STUDENT: Final = "snapshots/student-comment.npz"
"""What the comment student has learned, beside the snapshots that were fitted with it."""


TYPICAL_LENGTH: Final = 1_000
"""Characters; only the order of the judges' estimates counts."""
HASTE: Final = 4
"""Slowest judges whose absence is prepared for."""
PAUSE: Final = 0.05
"""Seconds between two preparations, for requests to get on."""


@dataclass(slots=True, kw_only=True)
class Application:
    """What a server, a command or a test scores with. Close it at the end: `aclose` where calls were made.

    A reload replaces the settings, the network and the pipeline's catalogue, nothing else does.
    """

    settings: Settings
    pipeline: Pipeline
    kept_judges: Mapping[str, Judge]
    """Judges that need no file, by name: the same ones over every reload."""
    snapshots: SnapshotReader
    """Knows the snapshots that were read, for a reload to read the others."""
    pool: Pool
    store: ModelStore
    network: Network
    limits: Limits

    @property
    def catalog(self) -> Catalog:
        """The one in force at this instant."""
        return self.pipeline.catalog

    async def warm(self, panel: str = "") -> None:
        """Loads and works out what the first request to a panel (empty: the default one) would wait for."""
        for judge in self.judges(panel):
            await judge.warm()
        chosen = self.catalog.panel(DEFAULT_TENANT, panel)

        def work_out(_: Stop) -> None:
            warm_language()
            for snapshot in self.catalog.snapshots:
                if snapshot.panel == chosen.revision:
                    warm_masks(snapshot)
                    for mask in masks_without(snapshot, spared_at_stops(chosen)):
                        fit_mask(snapshot, mask)

        await self.pool.run(work_out)

    async def prepare_for_haste(self) -> None:
        """Works out, a little at a time, what requests to the default panel need whose budget ends early."""
        panel = self.catalog.panel(DEFAULT_TENANT, "")
        typical = Content(text=" " * TYPICAL_LENGTH)
        slowest = sorted(self.judges(), key=lambda judge: -judge.estimate(typical).seconds)[:HASTE]
        names = [judge.profile.name for judge in slowest]
        for snapshot in self.catalog.snapshots:
            for mask in masks_when_late(snapshot, names) if snapshot.panel == panel.revision else ():
                await asyncio.to_thread(fit_mask, snapshot, mask)
                await asyncio.sleep(PAUSE)

    async def missing(self, panel: str = "") -> dict[str, str]:
        """Judge of the panel that must abstain -> what it lacks: a model or a key. Loads the models."""
        return await self._missing(self.sitting(panel))

    def sitting(self, panel: str = "") -> tuple[str, ...]:
        """The judges of a panel by their names in the catalogue, each once."""
        chosen = self.catalog.panel(DEFAULT_TENANT, panel)
        return tuple(dict.fromkeys(chosen.seats.get(name, name) for name in chosen.judges))

    async def missing_judges(self) -> dict[str, str]:
        """The same for every judge that is configured."""
        return await self._missing(self.catalog.judges)

    async def _missing(self, names: Iterable[str]) -> dict[str, str]:
        keyless = self.network.keyless()
        found: dict[str, str] = {}
        for name in names:
            judge = self.catalog.judge(name)
            found[name] = await judge.missing() if isinstance(judge, LocalJudge) else keyless.get(name, "")
        return {name: detail for name, detail in found.items() if detail}

    def judges(self, panel: str = "") -> tuple[Judge, ...]:
        """The judges of a panel, in panel order, under their names in it."""
        return seated(self.catalog.panel(DEFAULT_TENANT, panel), self.catalog)

    def endpoints(self, panel: str = "") -> frozenset[str]:
        """Names of the endpoints that a panel's judges ask."""
        return frozenset(judge.profile.endpoint for judge in self.judges(panel) if judge.profile.endpoint)

    async def aclose(self) -> None:
        """Ends what outlived its request, closes the connections, then as `close`."""
        await self.pipeline.aclose()
        await self.network.aclose()
        self.close()

    def close(self) -> None:
        """Ends the worker threads; running jobs end at their next look at the clock."""
        self.pool.close()


def compose(settings: Settings) -> Application:
    """Builds the application; loads no model yet. Raises ConfigurationError with every mistake."""
    store, clock, snapshots = model_store(settings), SystemClock(), SnapshotReader()
    pool = Pool(threads=settings.threads(), queue=settings.local_queue)
    try:
        judges: dict[str, Judge] = dict(local_judges(store, pool))
        student = student_spec(newest_file(STUDENT, settings.catalog_dir))
        judges[student.profile.name] = LocalJudge(student, pool)
        judges |= own_judges(settings.judge_modules)
        files = read_catalog(settings.catalog_dir, judges, snapshots)
        network = build_network(files, settings.workers, clock)
        catalog = make_catalog(settings, {**judges, **network.judges}, files)
    except BaseException:
        pool.close()
        raise
    return Application(
        settings=settings,
        pipeline=Pipeline(catalog, clock),
        kept_judges=judges,
        snapshots=snapshots,
        pool=pool,
        store=store,
        network=network,
        limits=limits_of(settings),
    )


def catalog_of(settings: Settings) -> Catalog:
    """The catalogue of the settings alone; loads no model. Raises ConfigurationError with every mistake."""
    application = compose(settings)
    application.close()
    return application.catalog


def limits_of(settings: Settings) -> Limits:
    """The settings' limits as the contract takes them."""
    return Limits(
        **settings.limits.model_dump(),
        latency_budget_seconds=settings.max_latency_budget,
        default_budget_seconds=min(settings.default_budget, settings.max_latency_budget),
    )
