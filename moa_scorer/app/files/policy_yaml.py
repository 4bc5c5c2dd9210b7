"""Thresholds as a policy file: what `policies/*.yaml` holds, with the evidence as its comments."""

import math
import re
from collections.abc import Iterator

from moa_scorer.calibration.snapshot import OVERALL
from moa_scorer.learning.choice.thresholds import Side, Threshold, Thresholds


def policy_yaml(
    found: Thresholds, *, study: str, good: str, criterion: str = OVERALL, interval: bool = False
) -> str:
    """A policy that rejects, accepts, and leaves the rest to people; `good` says in words what is good.

    A side that the ratings cannot support has no rule, so that people look there.
    """
    return "\n".join((*_comments(found, good), *_policy(found, study, criterion, interval=interval))) + "\n"


def policy_name(study: str) -> str:
    """The study's name as policies may be called."""
    plain = re.sub(r"[^a-z0-9]+", "-", study.lower()).strip("-")
    return (plain if plain[:1].isalpha() else f"policy-{plain}".rstrip("-"))[:60].rstrip("-")


def _comments(found: Thresholds, good: str) -> Iterator[str]:
    yield f"# From {found.items} rated items, {found.good:.0%} of them good: {good}."
    yield f"# With {found.confidence:.0%} confidence both errors are within bounds, on content like this."
    for side in (found.reject, found.accept):
        yield f"# {_side(side)}"
    yield f"# {found.review:.0%} of the items are left to people."


def _side(side: Threshold) -> str:
    verb, of = ("Rejected", "good") if side.side is Side.REJECT else ("Accepted", "other")
    if side.threshold is None:
        return (
            f"{verb} is nothing: these ratings hold {side.trials} independent {of} items, too few or too "
            f"badly told apart to show an error of at most {side.allowed:.1%}; "
            f"it takes at least {side.needed} rated items like these."
        )
    wrong = "" if math.isnan(side.wrong) else f", {side.wrong:.1%} of them wrongly"
    return (
        f"{verb}: {side.seen:.1%} of the {of} items, at most {side.bound:.1%} (allowed {side.allowed:.1%}); "
        f"{side.decided:.0%} of all items{wrong}."
    )


def _policy(found: Thresholds, study: str, criterion: str, *, interval: bool) -> Iterator[str]:
    tests = ("upper_below", "lower_at_least") if interval else ("score_below", "score_at_least")
    of = "" if criterion == OVERALL else f", criterion: {criterion}"
    yield f"name: {policy_name(study)}"
    yield "version: 1"
    yield "title: Reject and accept what the ratings allow, people look at the rest"
    yield "rules:"
    yield "  - {test: not_valid, then: review}"
    for test, side in zip(tests, (found.reject, found.accept), strict=True):
        if side.threshold is not None:
            yield f"  - {{test: {test}, threshold: {side.threshold:.2f}{of}, then: {side.side}}}"
    yield "otherwise: review"
    yield "on_unscored: review"
