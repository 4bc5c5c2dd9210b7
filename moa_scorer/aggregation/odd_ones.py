"""Ballots without judges that stand out from all others on the item, where a snapshot asks for that."""

from collections.abc import Mapping
from dataclasses import replace

from moa_scorer.calibration.apply import mask_of_values
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot, Judgment, Score

WHY = Abstention(
    reason=AbstentionReason.TAMPER_MASKED, detail="stands out from all others as no judge did when rated"
)


def without_odd_ones(
    ballots: tuple[Ballot, ...], values: Mapping[str, float], snapshot: Snapshot
) -> tuple[Ballot, ...]:
    """The ballots with every score of an odd judge turned into an abstention; the same where nobody is odd.

    `values` are the columns of these ballots and the measures. The mask of all of them has to be worked out.
    """
    if not snapshot.robust:
        return ballots
    fit = fit_mask(snapshot, mask_of_values(snapshot, values))
    if fit.odd_judges is None or fit.support is None:
        return ballots
    odd = fit.odd_judges.odd_ones(fit.support, [values[snapshot.columns[k].name] for k in fit.columns])
    return tuple(_masked(ballot) if ballot.judge in odd else ballot for ballot in ballots) if odd else ballots


def _masked(ballot: Ballot) -> Ballot:
    if not isinstance(ballot.outcome, Judgment):
        return ballot
    answers = {c: WHY if isinstance(a, Score) else a for c, a in ballot.outcome.answers.items()}
    return replace(ballot, outcome=replace(ballot.outcome, answers=answers))
