"""Evidence of several judges as a few clusters of text, by how much weight stands behind each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from moa_scorer.domain.ballot import Abstention, Ballot, Evidence, Polarity

AGAINST_THE_SCORE = 0.5
"""Factor on the support of a span that speaks against the direction of the score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Overlapping spans of one polarity."""

    quote: str
    """The quote of the span that most weight stands behind."""
    start: int
    polarity: Polarity
    judges: tuple[str, ...]
    """Who cites it, in panel order."""
    notes: tuple[str, ...]
    """What they found, without repeats."""
    support: float
    """Sum of the judges' weights."""


def clusters(ballots: Sequence[Ballot], weights: Mapping[str, float]) -> tuple[Cluster, ...]:
    """Clusters of all spans, in text order. `weights` maps judge -> weight in the fusion."""
    cited = [
        (e, b.judge) for b in ballots if not isinstance(b.outcome, Abstention) for e in b.outcome.evidence
    ]
    found: list[Cluster] = []
    for polarity in (Polarity.AGAINST, Polarity.FOR):
        own = sorted((c for c in cited if c[0].polarity is polarity), key=lambda c: (c[0].start, c[0].end))
        found += [_cluster(part, polarity, weights) for part in _overlapping(own)]
    return tuple(sorted(found, key=lambda c: (c.start, c.polarity)))


def picked(found: Sequence[Cluster], direction: Polarity, most: int) -> tuple[Cluster, ...]:
    """The clusters worth showing: by support, those of the score's direction first, no quote twice."""
    chosen: list[Cluster] = []
    seen: set[str] = set()

    def worth(c: Cluster) -> tuple[float, bool, int]:
        agrees = c.polarity is direction
        return -c.support * (1.0 if agrees else AGAINST_THE_SCORE), not agrees, c.start

    for cluster in sorted(found, key=worth):
        key = " ".join(cluster.quote.casefold().split())
        if key not in seen and len(chosen) < most:
            seen.add(key)
            chosen.append(cluster)
    return tuple(chosen)


def _overlapping(cited: Sequence[tuple[Evidence, str]]) -> list[list[tuple[Evidence, str]]]:
    """Spans in order, cut wherever the next begins at or after the end of all before it."""
    parts: list[list[tuple[Evidence, str]]] = []
    reach = -1
    for evidence, judge in cited:
        if evidence.start >= reach:
            parts.append([])
        parts[-1].append((evidence, judge))
        reach = max(reach, evidence.end)
    return parts


def _cluster(
    part: Sequence[tuple[Evidence, str]], polarity: Polarity, weights: Mapping[str, float]
) -> Cluster:
    judges = tuple(dict.fromkeys(judge for _, judge in part))
    best, _ = max(part, key=lambda c: (weights.get(c[1], 0.0), -c[0].start, c[0].end))
    return Cluster(
        quote=best.quote,
        start=min(e.start for e, _ in part),
        polarity=polarity,
        judges=judges,
        notes=tuple(dict.fromkeys(e.note for e, _ in part if e.note)),
        support=sum(weights.get(j, 0.0) for j in judges),
    )
