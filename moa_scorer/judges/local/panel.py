"""The embedded judges, all of them."""

from collections.abc import Mapping

from moa_scorer.judges.local.civility import civility_spec
from moa_scorer.judges.local.coherence import coherence_spec
from moa_scorer.judges.local.detector import DetectorSpec, LocalJudge
from moa_scorer.judges.local.encoder_source import EncoderSource
from moa_scorer.judges.local.fluency import fluency_spec
from moa_scorer.judges.local.integrity import integrity_spec
from moa_scorer.judges.local.lexical import lexical_spec
from moa_scorer.judges.local.mechanics import mechanics_spec
from moa_scorer.judges.local.models import ModelStore
from moa_scorer.judges.local.pool import Pool
from moa_scorer.judges.local.relevance import relevance_spec


def local_specs(store: ModelStore) -> tuple[DetectorSpec, ...]:
    """Every embedded judge, in the order of the catalogue; loads nothing. They share one encoder."""
    encoder = EncoderSource(store)
    return (
        mechanics_spec(),
        lexical_spec(),
        relevance_spec(encoder),
        coherence_spec(encoder),
        civility_spec(store),
        integrity_spec(),
        fluency_spec(store),
    )


def local_judges(store: ModelStore, pool: Pool) -> Mapping[str, LocalJudge]:
    """Name -> judge for every embedded judge; loads nothing, a missing model shows in the ballots."""
    return {spec.profile.name: LocalJudge(spec, pool) for spec in local_specs(store)}
