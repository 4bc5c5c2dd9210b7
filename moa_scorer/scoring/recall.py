"""Answers that are given again: what makes two items one, what is remembered, which request was the same."""

from dataclasses import asdict, replace
from functools import lru_cache
from typing import Final

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot
from moa_scorer.domain.policy import Policy
from moa_scorer.domain.record import CacheUse, Record, Unrecorded
from moa_scorer.domain.request import CacheControl, Retention, ScoreRequest
from moa_scorer.domain.ruler import digest
from moa_scorer.domain.standing import Standing
from moa_scorer.domain.verdict import Completion
from moa_scorer.scoring.plan import Plan

_FOR_MONEY: Final = frozenset({AbstentionReason.BUDGET, AbstentionReason.NOT_NEEDED})
_OUT_OF_REACH: Final = frozenset({Unrecorded.OUT_OF_TIME, Unrecorded.STORAGE_DOWN})
"""Its record may be on disk later, under a name that the answer does not have: whoever erases that record
would not reach the answer."""
_WHOLE: Final = frozenset({Completion.COMPLETE, Completion.DECIDED})


def cache_key(plan: Plan) -> str:
    """The digest of everything that affects the number, and of the tenant.

    The content counts as it was received, to the byte: judges see the raw text, and evidence points into it.
    Neither its id nor the policy counts, but where a tier waits for what the policy makes of the others.
    Judges that a cost ceiling leaves out do not count either: what is remembered costs nothing.
    """
    request, content = plan.request, plan.request.content
    return digest(
        [
            request.tenant,
            [content.text, content.title, content.context, content.kind, content.language, content.producer],
            [plan.panel.revision, plan.rubric.revision, plan.ruler, plan.quorum],
            [request.sensitivity, request.seed],
            [ballot.judge for ballot in plan.left_out if not _for_money(ballot)],
            _stopping(plan),
        ]
    )


def takes_remembered(request: ScoreRequest) -> bool:
    """Whether an answer that is there already, or about to be, will do."""
    return request.cache is CacheControl.DEFAULT


def is_to_remember(record: Record) -> bool:
    """Whether an answer may be given again: whole, by the judges' own models, of a request that lets its
    content be kept and be remembered, and within reach of an erasure."""
    return (
        record.verdict.completion in _WHOLE
        and record.cache in (CacheUse.MISS, CacheUse.BYPASSED)
        and record.request.cache is not CacheControl.NONE
        and record.request.retention is Retention.FULL
        and record.unrecorded not in _OUT_OF_REACH
        and not any(ballot.stand_in for ballot in record.verdict.ballots)
    )


def holds_today(remembered: Record, standing: Standing) -> bool:
    """Whether its ballots make an answer today: tiers stopped at a certificate that was in force then."""
    return remembered.standing == standing or remembered.verdict.completion is Completion.COMPLETE


def is_same_answer(first: Record, again: Record) -> bool:
    """Whether the first record answers the other's request as well, so that it needs none of its own."""
    return (
        first.name != ""
        and first.standing == again.standing
        and first.ruling == again.ruling
        and first.plan.policy == again.plan.policy
        and first.plan.floor == again.plan.floor
        and _bare(first.request) == _bare(again.request)
    )


def _bare(request: ScoreRequest) -> ScoreRequest:
    """The request without its id and without how it used the cache."""
    return replace(request, request_id="", scope="", cache=CacheControl.DEFAULT)


def _for_money(ballot: Ballot) -> bool:
    return isinstance(ballot.outcome, Abstention) and ballot.outcome.reason in _FOR_MONEY


def _stopping(plan: Plan) -> list[object]:
    """What decides whether a tier is asked, where that is not a matter of course."""
    if plan.stopping is None:
        return []
    return [
        asdict(plan.stopping),
        *(_policy_digest(policy) for policy in (plan.policy, plan.floor) if policy),
    ]


@lru_cache(maxsize=256)
def _policy_digest(policy: Policy) -> str:
    """Of all of it: a reload may change the rules of a revision."""
    return digest(asdict(policy))
