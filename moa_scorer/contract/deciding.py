"""How an answer was decided, for the rationale to ask what other scores would have come to."""

from moa_scorer.aggregation.flip import Deciding
from moa_scorer.domain.record import Record
from moa_scorer.domain.verdict import Ruling, Verdict
from moa_scorer.policy.floor import rule_on
from moa_scorer.scoring.brought import Reconciled


def deciding(of: Record | Reconciled) -> Deciding | None:
    """The policy and the floor that were in force; None where there was neither."""
    policy, floor = of.plan.policy, of.plan.floor
    in_force = [each for each in (policy, floor) if each is not None]
    if not in_force:
        return None

    def decide(verdict: Verdict) -> Ruling:
        return rule_on(verdict, policy, floor, of.facts)

    return Deciding(rules=[rule for each in in_force for rule in each.rules], decide=decide)
