"""Ballots -> columns: what each judge said, checked, in panel order."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot, Judgment, Score
from moa_scorer.domain.panel import Panel

INVALID_SCORE = Abstention(
    reason=AbstentionReason.PROVIDER_ERROR, detail="the score is not a number in [0, 1]"
)
NO_BALLOT = Abstention(reason=AbstentionReason.CANCELLED, detail="cast no ballot")


def in_panel_order(ballots: Iterable[Ballot], panel: Panel) -> tuple[Ballot, ...]:
    """The ballots in panel order, each invalid score turned into an abstention.

    Raises ValueError when a judge is not of the panel or has two ballots: that is a bug of the caller.
    """
    cast: dict[str, Ballot] = {}
    for ballot in ballots:
        if ballot.judge in cast or ballot.judge not in panel.judges:
            raise ValueError(f"judge {ballot.judge!r} has two ballots or is not in {panel.revision}")
        cast[ballot.judge] = _checked(ballot)
    return tuple(cast[j] for j in panel.judges if j in cast)


def column_values(ballots: Sequence[Ballot]) -> dict[str, float]:
    """`judge/criterion` -> score, for every criterion that was judged."""
    return {f"{b.judge}/{c}": s.value for b in ballots for c, s in b.scores().items()}


def usable(ballot: Ballot, criterion: str) -> bool:
    """Whether a ballot counts towards a criterion's quorum: it scored something and did not decline this.

    A judge that is not asked about the criterion (a detector) counts by its other scores, since every column
    may enter every criterion.
    """
    return ballot.judged() and not declined(ballot, criterion)


def declined(ballot: Ballot, criterion: str) -> bool:
    """Whether the judge abstained on this criterion, or on all."""
    outcome = ballot.outcome
    return isinstance(outcome, Abstention) or isinstance(outcome.answers.get(criterion), Abstention)


def abstentions(
    ballots: Sequence[Ballot], panel: Panel, criterion: str
) -> tuple[tuple[str, Abstention], ...]:
    """(judge, why) in panel order of those that do not count towards a criterion (empty: any)."""
    cast = {b.judge: b for b in ballots}
    found = []
    for judge in panel.judges:
        ballot = cast.get(judge)
        if ballot is None:
            found.append((judge, NO_BALLOT))
        elif not usable(ballot, criterion):
            found.append((judge, _reason(ballot, criterion)))
    return tuple(found)


def _reason(ballot: Ballot, criterion: str) -> Abstention:
    """The abstention on the criterion, else the first one of the ballot."""
    if isinstance(ballot.outcome, Abstention):
        return ballot.outcome
    own = ballot.outcome.answers.get(criterion)
    if isinstance(own, Abstention):
        return own
    given = (a for a in ballot.outcome.answers.values() if isinstance(a, Abstention))
    return next(given, Abstention(reason=AbstentionReason.NOT_APPLICABLE, detail="answered no criterion"))


def _checked(ballot: Ballot) -> Ballot:
    if isinstance(ballot.outcome, Abstention):
        return ballot
    wrong = [
        c for c, s in ballot.outcome.answers.items() if isinstance(s, Score) and not 0.0 <= s.value <= 1.0
    ]
    return _without(ballot, ballot.outcome, wrong) if wrong else ballot


def _without(ballot: Ballot, judgment: Judgment, wrong: Sequence[str]) -> Ballot:
    answers = {c: INVALID_SCORE if c in wrong else a for c, a in judgment.answers.items()}
    return replace(ballot, outcome=replace(judgment, answers=answers))
