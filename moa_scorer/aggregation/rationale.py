"""The default writer: a verdict in words, from its numbers alone, so that it cannot contradict them."""

from collections.abc import Iterable, Iterator

from moa_scorer.aggregation.flip import Deciding, smallest_flip
from moa_scorer.aggregation.prose import prose_of
from moa_scorer.aggregation.spans import Cluster, clusters, picked
from moa_scorer.calibration.table import is_measure, judge_of
from moa_scorer.domain.ballot import Abstention, Ballot, Polarity
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.verdict import (
    CertificateStatus,
    Contribution,
    CriterionScore,
    CriterionUnscored,
    Decision,
    Ruling,
    Scored,
    Unscored,
    Verdict,
)

MOST_SPANS = 3
MOST_COLUMNS = 3
"""Contributions named on each side."""
MOST_ABSTENTIONS = 6
LONGEST_QUOTE = 80
"""Characters of a quote."""
LEAST_AMOUNT = 0.005
"""Smaller contributions are not worth a word."""
UNUSUAL = 2.0
"""A judge dissents when it stands this many times its usual distance from the fused score."""


def explain(
    verdict: Verdict, ruling: Ruling, rubric: Rubric, deciding: Deciding | None, writer: str = ""
) -> str:
    """At most fourteen lines on the score, what drove it, evidence, dissent, doubt, and what would change it.

    Deterministic. Quotes are those of the ballots' evidence, cut to 80 characters and freed of control
    characters. The critique of the judge `writer`, where it passes the checks, stands for what drove the
    score, evidence and dissent.
    """
    if isinstance(verdict.outcome, Unscored):
        lines: Iterable[str] = _unscored_lines(verdict.outcome, ruling)
    else:
        prose = prose_of(verdict, writer, rubric) if writer else ""
        lines = _scored_lines(verdict, verdict.outcome, ruling, rubric, deciding, prose)
    return "\n".join(line for line in lines if line)


def _unscored_lines(outcome: Unscored, ruling: Ruling) -> Iterator[str]:
    yield f"No score: {outcome.reason.value.replace('_', ' ')}."
    yield _abstention_line(outcome.abstentions)
    yield _decision_line(ruling)


def _scored_lines(
    verdict: Verdict, scored: Scored, ruling: Ruling, rubric: Rubric, deciding: Deciding | None, prose: str
) -> Iterator[str]:
    yield _headline(scored, rubric)
    yield _criteria_line(scored)
    if prose:
        yield prose
    else:
        yield from _contribution_lines(scored.overall)
        yield from _evidence_lines(verdict, scored.overall)
        yield _dissent_line(scored.overall)
    yield _doubt_line(scored)
    yield verdict.degraded[:1].upper() + verdict.degraded[1:]
    yield _abstention_line(_abstained(verdict))
    yield _decision_line(ruling)
    yield _flip_line(verdict, ruling, deciding)


def _headline(scored: Scored, rubric: Rubric) -> str:
    overall = scored.overall
    scale = (
        ""
        if (rubric.scale_min, rubric.scale_max) == (0, 1)
        else (f" ({overall.value:.2f} on {rubric.scale_min:g} to {rubric.scale_max:g})")
    )
    return f"Overall {overall.score:.2f}{scale}."


def _criteria_line(scored: Scored) -> str:
    words = [
        f"{c.name} unscored" if isinstance(c, CriterionUnscored) else f"{c.name} {c.score:.2f}"
        for c in scored.criteria
    ]
    return f"Criteria: {', '.join(words)}."


def _contribution_lines(overall: CriterionScore) -> Iterator[str]:
    """Raised and lowered by; without a fit every column only adds, and the mean is said instead."""
    ranked = sorted(overall.contributions, key=lambda c: (-abs(c.amount), c.column))
    if not ranked:
        yield "No column carries weight here: this is the mean of the rated items."
        return
    if all(c.deviation is None for c in ranked):
        shown = ", ".join(f"{c.column} {c.alone or 0.0:.2f}" for c in _extremes(ranked))
        yield f"Mean of {len(ranked)} columns; furthest from it: {shown}."
        return
    for word, sign in (("Raised", 1), ("Lowered", -1)):
        named = [c for c in ranked if c.amount * sign >= LEAST_AMOUNT][:MOST_COLUMNS]
        if named:
            yield f"{word} by {', '.join(f'{c.column} {c.amount:+.2f}' for c in named)}."


def _extremes(contributions: Iterable[Contribution]) -> list[Contribution]:
    known = list(contributions)
    middle = sum(c.alone or 0.0 for c in known) / len(known)
    return sorted(known, key=lambda c: (-abs((c.alone or 0.0) - middle), c.column))[:MOST_COLUMNS]


def _evidence_lines(verdict: Verdict, overall: CriterionScore) -> Iterator[str]:
    weights: dict[str, float] = {}
    for c in overall.contributions:
        weights[judge_of(c.column)] = weights.get(judge_of(c.column), 0.0) + c.weight
    direction = Polarity.FOR if overall.score >= (overall.baseline or 0.5) else Polarity.AGAINST
    for cluster in picked(clusters(verdict.ballots, weights), direction, MOST_SPANS):
        yield _evidence_line(cluster)


def _evidence_line(cluster: Cluster) -> str:
    note = f": {'; '.join(_clean(n, LONGEST_QUOTE) for n in cluster.notes[:2])}" if cluster.notes else ""
    word = "For" if cluster.polarity is Polarity.FOR else "Against"
    return f"{word}: “{_clean(cluster.quote, LONGEST_QUOTE)}” ({', '.join(cluster.judges)}{note})."


def _dissent_line(overall: CriterionScore) -> str:
    found = [
        c
        for c in overall.contributions
        if not is_measure(c.column) and c.deviation is not None and abs(c.deviation) >= UNUSUAL
    ]
    if not found:
        return ""
    most = max(found, key=lambda c: (abs(c.deviation or 0.0), c.column))
    return (
        f"Dissent: {most.column} alone would give {most.alone or 0.0:.2f}, "
        f"{abs(most.deviation or 0.0):.1f} times its usual distance from the panel."
    )


def _doubt_line(scored: Scored) -> str:
    certificate, interval = scored.certificate, scored.overall.interval
    if certificate.status is not CertificateStatus.VALID or interval is None:
        status = certificate.status.value.replace("_", " ").capitalize()
        return f"{status}: {certificate.detail.rstrip('.')}."
    return (
        f"Calibrated: {interval.coverage:.0%} of such items are rated between {interval.lower:.2f} and "
        f"{interval.upper:.2f} by the mean of about {certificate.raters:.3g} people."
    )


def _abstained(verdict: Verdict) -> tuple[tuple[str, Abstention], ...]:
    """Whole abstentions, and those on single criteria."""
    found = []
    for ballot in verdict.ballots:
        found += [(name, reason) for name, reason in _of_ballot(ballot)]
    return tuple(found)


def _of_ballot(ballot: Ballot) -> Iterator[tuple[str, Abstention]]:
    if isinstance(ballot.outcome, Abstention):
        yield ballot.judge, ballot.outcome
        return
    for criterion, answer in ballot.outcome.answers.items():
        if isinstance(answer, Abstention):
            yield (ballot.judge if criterion == ballot.judge else f"{ballot.judge}/{criterion}"), answer


def _abstention_line(abstentions: Iterable[tuple[str, Abstention]]) -> str:
    words = [f"{name} ({a.reason.value.replace('_', ' ')})" for name, a in abstentions]
    more = f" and {len(words) - MOST_ABSTENTIONS} more" if len(words) > MOST_ABSTENTIONS else ""
    return f"No answer from {', '.join(words[:MOST_ABSTENTIONS])}{more}." if words else ""


def _decision_line(ruling: Ruling) -> str:
    return "" if ruling.decision is Decision.NONE else f"Decision: {ruling.decision.value} ({ruling.rule})."


def _flip_line(verdict: Verdict, ruling: Ruling, deciding: Deciding | None) -> str:
    flip = smallest_flip(verdict, ruling, deciding) if deciding is not None else None
    if flip is None:
        return ""
    change = f"{max(abs(flip.shift), 0.001):.3f} {'higher' if flip.shift > 0 else 'lower'}"
    return f"It would be {flip.decision.value} if {flip.criterion} were {change}."


def _clean(text: str, longest: int) -> str:
    """One line of printable characters, cut with an ellipsis."""
    line = "".join(c if c.isprintable() else " " for c in text)
    line = " ".join(line.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
