"""One's own judges: panel and rubric out of their snapshot, raw scores on its scales, and the verdict."""

import math
from collections.abc import Mapping, Sequence
from operator import mul
from typing import Final

from moa_scorer.aggregation.reconcile import reconcile
from moa_scorer.calibration.reference import EMPTY_REFERENCE, Reference
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import Scale, criterion_of, is_measure, judge_of
from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot, Judgment, Score, ScoreKind
from moa_scorer.domain.content import Content
from moa_scorer.domain.facts import Facts
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.raw_ballot import RawBallot, RawScore
from moa_scorer.domain.rubric import Criterion, Rubric
from moa_scorer.domain.verdict import Verdict
from moa_scorer.measures.facts import observe

UNIT: Final = Scale(low=0.0, high=1.0)
"""Of a judge for which a snapshot names no other."""


def reconcile_own(
    ballots: Sequence[RawBallot],
    snapshot: Snapshot,
    *,
    content: Content,
    quorum: int = 1,
    reference: Reference = EMPTY_REFERENCE,
) -> Verdict:
    """The verdict of one item on ballots of one's own judges: layer 2 without layer 1, and without a server.

    `snapshot` is what `moa-scorer fit` made of ratings and the same judges' ballots, read by
    `calibration.files.read_snapshot`. `content` says the kind (without it the certificate is OUT_OF_DOMAIN)
    and may hold text and context, for the measures that the snapshot uses. Raises ValueError for a judge
    that the snapshot does not know, and for a second ballot of one.

        snapshot = read_snapshot(Path("mine.json.gz"))
        ballots = [RawBallot(judge="gpt", outcome={"fluency": RawScore(score=4)})]
        verdict = reconcile_own(ballots, snapshot, content=Content(text="", kind="summary"))
    """
    return reconcile(
        unit_ballots(ballots, snapshot),
        snapshot,
        rubric=own_rubric(snapshot),
        panel=own_panel(snapshot),
        quorum=quorum,
        facts=facts_of(content),
        reference=reference,
    )


def is_own(snapshot: Snapshot) -> bool:
    """Whether it was fitted on judges of somebody's own: no revision of any judge is known."""
    return not any(snapshot.judges.values())


def own_panel(snapshot: Snapshot) -> Panel:
    """The judges that a snapshot was fitted for, in one layer, in the order of its columns; quorum one."""
    name, _, version = snapshot.panel.rpartition("@")
    return Panel(
        name=name,
        version=int(version),
        title=f"The judges that {snapshot.revision} was fitted on",
        judges=tuple(_columns(snapshot)),
        quorum=1,
        default_rubric=snapshot.rubric,
    )


def own_rubric(snapshot: Snapshot) -> Rubric:
    """The criteria that people rated, with their weights, on the scale from 0 to 1."""
    name, _, version = snapshot.rubric.rpartition("@")
    return Rubric(
        name=name,
        version=int(version),
        title=f"What {snapshot.revision} was fitted on",
        kinds=snapshot.kinds,
        criteria=tuple(Criterion(name=c, description=c, weight=w) for c, w in snapshot.weights.items()),
    )


def criteria_by_judge(snapshot: Snapshot) -> Mapping[str, Sequence[str]]:
    """Judge -> the criteria that it was seen to score, those included that told nothing; panel order."""
    return _columns(snapshot)


def _columns(snapshot: Snapshot) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {judge: [] for judge in snapshot.judges}
    for name in (*(c.name for c in snapshot.columns), *snapshot.provenance.dropped):
        if not is_measure(name):
            found.setdefault(judge_of(name), []).append(criterion_of(name))
    return found


def facts_of(content: Content, *, measured: bool = True) -> Facts:
    """The facts of a content, with its measures where they are wanted; without a text, what was declared."""
    if content.text.strip():
        return observe(content, measured=measured)
    return Facts(
        kind=content.kind,
        language=content.language,
        language_declared=bool(content.language),
        tamper_risk=0.0,
        measures={},
    )


def unit_ballots(ballots: Sequence[RawBallot], snapshot: Snapshot | None) -> tuple[Ballot, ...]:
    """The ballots with their scores in [0, 1], higher = better, by the scales of the fit.

    Whatever lies outside the judge's scale becomes an abstention, never a number.
    """
    scales = snapshot.scales if snapshot else {}
    return tuple(_unit_ballot(ballot, scales.get(ballot.judge, UNIT)) for ballot in ballots)


def _unit_ballot(ballot: RawBallot, scale: Scale) -> Ballot:
    if isinstance(ballot.outcome, Abstention):
        return Ballot(judge=ballot.judge, outcome=ballot.outcome)
    answers = {
        c: said if isinstance(said, Abstention) else _on_unit(said, scale)
        for c, said in ballot.outcome.items()
    }
    return Ballot(judge=ballot.judge, outcome=Judgment(answers=answers, read=ballot.read))


def _on_unit(said: RawScore, scale: Scale) -> Score | Abstention:
    """The number that stands for what was said, where all of it lies on the scale."""
    parts = said.distribution or tuple((x, 1.0) for x in said.samples)
    units = [scale.to_unit(x) for x, _ in parts]
    own = None if said.score is None else scale.to_unit(said.score)
    known = [x for x in units if x is not None]
    if len(known) < len(units) or (own is None and (said.score is not None or not units)):
        return Abstention(reason=AbstentionReason.UNPARSEABLE, detail=_outside(scale))
    masses = [p for _, p in parts]
    return Score(
        value=_mean(known, masses) if own is None else own,
        kind=_kind(said),
        distribution=tuple(sorted(zip(known, masses, strict=True))) if said.distribution else (),
    )


def _mean(units: Sequence[float], masses: Sequence[float]) -> float:
    mean = math.fsum(map(mul, masses, units)) / math.fsum(masses)
    return min(max(mean, 0.0), 1.0)


def _kind(said: RawScore) -> ScoreKind:
    if said.distribution:
        return ScoreKind.LOGPROBS
    return ScoreKind.SAMPLES if len(said.samples) > 1 else ScoreKind.SINGLE


def _outside(scale: Scale) -> str:
    return f"outside the judge's scale, {scale.low:g} (worst) to {scale.high:g} (best)"
