"""What a call that failed comes to: the reason of an abstention, and whether to try again."""

from dataclasses import dataclass
from enum import StrEnum

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.providers.model import ModelFailure


class Retry(StrEnum):
    """The three answers to "try again?"."""

    NO = "no"
    """The same request would fail again."""
    TRANSIENT = "transient"
    """Worth another try soon, elsewhere or here."""
    RATE_LIMITED = "rate_limited"
    """Worth another try later, and a sign to send less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """One send that brought no reply."""

    failure: ModelFailure
    retry: Retry = Retry.NO
    after: float | None = None
    """Seconds that the vendor asks to wait, >= 0; None = it says nothing."""
    may_cost: bool = False
    """Whether the vendor may bill the send all the same: it got the request, and its outcome is unknown."""
    unsent: bool = False
    """Whether nothing was sent, for a fault on this side: no call is booked, and nothing was learnt."""


def failed(
    detail: str,
    *,
    reason: AbstentionReason = AbstentionReason.PROVIDER_ERROR,
    retry: Retry = Retry.NO,
    after: float | None = None,
    may_cost: bool = False,
    unsent: bool = False,
) -> Failed:
    """A failure in words of ours; `detail` holds nothing that a vendor or a caller wrote."""
    failure = ModelFailure(reason=reason, detail=detail)
    return Failed(failure=failure, retry=retry, after=after, may_cost=may_cost, unsent=unsent)


def malformed(what: str) -> Failed:
    """A reply that is not of the wire's form: `what` names the part, without its content."""
    return failed(f"the reply is not of the form: {what}", retry=Retry.TRANSIENT, may_cost=True)
