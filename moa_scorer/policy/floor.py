"""A policy that no request can loosen: the stricter of its decision and the request's."""

from collections.abc import Mapping
from typing import Final

from moa_scorer.domain.facts import Facts
from moa_scorer.domain.policy import Policy
from moa_scorer.domain.verdict import Decision, Ruling, Verdict
from moa_scorer.policy.decide import decide

STRICTNESS: Final[Mapping[Decision, int]] = {
    Decision.NONE: 0,
    Decision.ACCEPT: 1,
    Decision.REVIEW: 2,
    Decision.REJECT: 3,
}
"""A decision may be replaced by one that stands higher."""


def rule_on(verdict: Verdict, policy: Policy | None, floor: Policy | None, facts: Facts | None) -> Ruling:
    """What to do with an item: the policy's decision, or the floor's where that is stricter.

    A rule of the floor is named `floor:RULE`. Without a floor the policy decides, without a policy the floor.
    """
    ruling = decide(verdict, policy, facts)
    if floor is None:
        return ruling
    least = decide(verdict, floor, facts)
    if stricter(ruling.decision, least.decision) is ruling.decision:
        return ruling
    return Ruling(decision=least.decision, rule=f"floor:{least.rule}")


def stricter(one: Decision, other: Decision) -> Decision:
    """The one that stands higher."""
    return max(one, other, key=lambda decision: STRICTNESS[decision])
