"""Which answers a snapshot's number may rest on: those that its curves were fitted for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot, Judgment, Score, ScoreKind
from moa_scorer.domain.panel import Panel


def counting(ballots: tuple[Ballot, ...], panel: Panel, snapshot: Snapshot) -> tuple[Ballot, ...]:
    """The ballots as the number takes them.

    A judge has curves for its own model, not for one that stood in; of a later layer, only for having read
    every judge before it; and a score only for the kind that was rated. Any other answer becomes an
    abstention here, and still informs the rationale.
    """
    kinds = snapshot.memory.recall("kinds", lambda: {c.name: c.kind for c in snapshot.columns})
    if not panel.layers and all(_as_rated(ballot, kinds) for ballot in ballots):
        return ballots
    why = {ballot.judge: _unfitted(ballot, panel, kinds) for ballot in ballots}
    return tuple(_without(ballot, why[ballot.judge]) for ballot in ballots)


def left_out_words(cast: Sequence[Ballot], counted: Sequence[Ballot]) -> str:
    """A sentence on the answers that were cast and do not count; empty when all do."""
    found: dict[str, None] = {}
    for given, taken in zip(cast, counted, strict=True):
        for criterion in given.scores():
            answer = taken.answer(criterion)
            if isinstance(answer, Abstention):
                found[f"{given.judge} ({answer.detail})"] = None
    return f"Not in the number: {', '.join(found)}." if found else ""


def _as_rated(ballot: Ballot, kinds: Mapping[str, ScoreKind]) -> bool:
    """Whether all scores are the judge's own and of the kinds that were rated: true of nearly all."""
    if isinstance(ballot.outcome, Abstention):
        return True
    return not ballot.stand_in and all(
        isinstance(answer, Abstention) or kinds.get(f"{ballot.judge}/{criterion}", answer.kind) is answer.kind
        for criterion, answer in ballot.outcome.answers.items()
    )


def _unfitted(ballot: Ballot, panel: Panel, kinds: Mapping[str, ScoreKind]) -> dict[str, str]:
    """Criterion -> why its score does not count."""
    scores = ballot.scores()
    if not scores:
        return {}
    if ballot.stand_in:
        return dict.fromkeys(scores, f"{ballot.stand_in} stood in, whose scores were not rated")
    if panel.layers and (why := _read_too_little(ballot, panel)):
        return dict.fromkeys(scores, why)
    return {
        criterion: f"its scores are {score.kind.value}, those that were rated {kinds[column].value}"
        for criterion, score in scores.items()
        if (column := f"{ballot.judge}/{criterion}") in kinds and kinds[column] is not score.kind
    }


def _read_too_little(ballot: Ballot, panel: Panel) -> str:
    before = panel.before(ballot.judge)
    read = ballot.outcome.read if isinstance(ballot.outcome, Judgment) else ()
    count = sum(judge in read for judge in before)
    return "" if count == len(before) else f"read {count} of the {len(before)} ballots before it"


def _without(ballot: Ballot, why: Mapping[str, str]) -> Ballot:
    if not why or isinstance(ballot.outcome, Abstention):
        return ballot
    answers: dict[str, Score | Abstention] = dict(ballot.outcome.answers)
    for criterion, words in why.items():
        answers[criterion] = Abstention(reason=AbstentionReason.NOT_APPLICABLE, detail=words)
    return replace(ballot, outcome=replace(ballot.outcome, answers=answers))
