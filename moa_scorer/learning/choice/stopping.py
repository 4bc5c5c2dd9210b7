"""How sure a decision must be before the next tier is spared: the margin that ratings support.

Fixed-sequence testing (Angelopoulos et al. 2021, Learn then Test): margins are tried from the safest on, each
by an exact binomial test, until the first whose error cannot be shown to be small enough.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.conformal import effective_items
from moa_scorer.domain.facts import Facts
from moa_scorer.domain.policy import Policy
from moa_scorer.domain.verdict import Scored, Verdict
from moa_scorer.learning.choice.bounds import least_trials, surely_at_most, upper_bound
from moa_scorer.learning.choice.tiers import Index, Tiered
from moa_scorer.policy.decide import decide
from moa_scorer.policy.undecided import settled

MARGINS: Final = (3.0, 2.5, 2.0, 1.75, 1.5, 1.25, 1.0, 0.85, 0.7, 0.55, 0.4, 0.3, 0.2, 0.1, 0.0)
"""Tried in this order."""
_FACTS: Final = Facts(kind="", language="", language_declared=False, tamper_risk=0.0, measures={})
"""Rated items are taken as not tampered with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stops:
    """What one margin does to the rated items."""

    margin: float | None
    """None = every tier is asked."""
    stopped: float
    """Share of the items that some tier is spared on."""
    saved: float
    """Share of the calls of judges that are spared, against asking all for every item."""
    differs: float
    """Share of the items whose decision is another than the whole panel's."""
    bound: float
    """That share is at most this, with the stated confidence."""
    wrong: float
    """Share of the items whose decision is another than on people's ratings."""
    wrong_bound: float
    """That share is at most this, with the stated confidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppingFit:
    """The margin that was chosen, with what every other one would have done."""

    chosen: Stops
    tried: tuple[Stops, ...]
    """In the order of `MARGINS`."""
    everybody: Stops
    """Where all tiers are always asked."""
    error: float
    confidence: float
    trials: int
    """How many independent items the rated ones are worth."""
    needed: int
    """Rated items of this kind below which no margin can be supported, however good the scores."""


def fit_stopping(study: Tiered, policy: Policy, *, error: float, confidence: float) -> StoppingFit:
    """The smallest margin whose decisions differ from the whole panel's on at most `error` of the items.

    `error` and `confidence` lie in (0, 1). Where the ratings support none, every tier is to be asked.
    """
    doubt = 1 - confidence
    trials = worth(study)
    tried = tuple(stops(study, policy, margin, doubt) for margin in MARGINS)
    everybody = stops(study, policy, None, doubt)
    chosen = everybody
    for each in tried:
        if not surely_at_most(each.differs * trials, trials, error, doubt):
            break
        chosen = each
    return StoppingFit(
        chosen=chosen,
        tried=tried,
        everybody=everybody,
        error=error,
        confidence=confidence,
        trials=trials,
        needed=math.ceil(least_trials(error, doubt) * study.items / trials),
    )


def stops(study: Tiered, policy: Policy, margin: float | None, doubt: float) -> Stops:
    """What a margin does to all items."""
    ends = ends_of(study, policy, margin)
    made = decisions_of(study, policy)
    items, last = np.arange(study.items), len(study.verdicts) - 1
    early, whole = made[ends, items], made[last]
    people = people_decide(study, policy)
    trials = worth(study)
    differs, wrong = float((early != whole).mean()), float((early != people).mean())
    return Stops(
        margin=margin,
        stopped=float((ends < last).mean()),
        saved=1 - float(study.calls[ends, items].sum() / study.calls[last].sum()),
        differs=differs,
        bound=upper_bound(differs * trials, trials, doubt),
        wrong=wrong,
        wrong_bound=upper_bound(wrong * trials, trials, doubt),
    )


def ends_of(study: Tiered, policy: Policy, margin: float | None) -> Index:
    """By item the tier after which nobody else is asked."""
    sure = settled_at(study, policy, margin)
    sure[-1] = True
    ends: Index = np.argmax(sure, axis=0)
    return ends


def settled_at(study: Tiered, policy: Policy, margin: float | None) -> NDArray[np.bool_]:
    """Shape (tiers, items): whether the decision is settled by then."""
    return np.array(
        [[settled(verdict, policy, None, _FACTS, margin) for verdict in said] for said in study.verdicts]
    )


def people_decide(study: Tiered, policy: Policy) -> NDArray[np.str_]:
    """By item what the policy decides on people's ratings."""
    return np.array([decide(verdict, policy, _FACTS).decision for verdict in study.people])


def decisions_of(study: Tiered, policy: Policy) -> NDArray[np.str_]:
    """Shape (tiers, items)."""
    return np.array(
        [[decide(verdict, policy, _FACTS).decision for verdict in said] for said in study.verdicts]
    )


def worth(study: Tiered) -> int:
    """How many independent items the rated ones are worth: those of a group err together."""
    scores = np.array([_score(verdict) for verdict in study.verdicts[-1]])
    known = ~np.isnan(scores)
    if not known.any():
        return 1
    share = float(known.mean())
    return max(math.floor(effective_items(scores[known], study.groups[known]) / share), 1)


def _score(verdict: Verdict) -> float:
    return verdict.outcome.overall.score if isinstance(verdict.outcome, Scored) else math.nan
