"""The embedded judges, all of them."""

from collections.abc import Callable, Mapping
from typing import Final

from moa_scorer.judges.local.civility import civility_spec
from moa_scorer.judges.local.detector import DetectorSpec, LocalJudge
from moa_scorer.judges.local.integrity import integrity_spec
from moa_scorer.judges.local.lexical import lexical_spec
from moa_scorer.judges.local.mechanics import mechanics_spec
from moa_scorer.judges.local.models import ModelStore
from moa_scorer.judges.local.pool import Pool

SPECS: Final[tuple[Callable[[ModelStore], DetectorSpec], ...]] = (
    lambda _: mechanics_spec(),
    lambda _: lexical_spec(),
    civility_spec,
    lambda _: integrity_spec(),
)
"""How each embedded judge is made, in the order of the catalogue."""


def local_judges(store: ModelStore, pool: Pool) -> Mapping[str, LocalJudge]:
    """Name -> judge for every embedded judge; loads nothing, a missing model shows in the ballots."""
    specs = [make(store) for make in SPECS]
    return {spec.profile.name: LocalJudge(spec, pool) for spec in specs}
