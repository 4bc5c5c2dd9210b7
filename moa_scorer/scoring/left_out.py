"""Who is not asked, settled before anybody is: each an abstention that says why."""

from collections.abc import Mapping, Sequence
from typing import Final

from moa_scorer.domain.ballot import Abstention, AbstentionReason
from moa_scorer.domain.families import same_family
from moa_scorer.domain.judge import Estimate, Judge, JudgeProfile
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.request import ScoreRequest, Sensitivity

NOBODY: Final[Mapping[str, Abstention]] = {}


def left_out(
    judges: Sequence[Judge],
    estimates: Mapping[str, Estimate],
    request: ScoreRequest,
    panel: Panel,
    quorum: int,
    masked: Mapping[str, Abstention] = NOBODY,
) -> dict[str, Abstention]:
    """Judge -> why it is not asked, in no order.

    The dearest judges go until the estimates fit the ceiling. When those that stay cannot make the quorum,
    nobody is asked: it would be money for nothing. Of those `masked` a judge that only drifts is asked all
    the same where the quorum hangs on it: its open alarm says what its answer is worth.
    """
    if not masked and not _is_choosy(request):
        return {}
    out = {
        judge.profile.name: why for judge in judges if (why := _barred(judge.profile, request)) is not None
    }
    out |= _masked(masked, out, panel, quorum)
    costs = {name: e.micro_usd for name, e in estimates.items() if name not in out}
    if (ceiling := request.cost_ceiling) is not None:
        out |= {name: _too_dear(costs[name], ceiling) for name in beyond(costs, ceiling)}
    if _within_reach(panel, out) < quorum:
        out |= {name: _out_of_reach(quorum) for name in panel.judges if name not in out}
    return out


def _masked(
    masked: Mapping[str, Abstention], out: Mapping[str, Abstention], panel: Panel, quorum: int
) -> dict[str, Abstention]:
    """Those quarantined, and those drifting as far as the quorum does without them."""
    gone = {name: why for name, why in masked.items() if why.reason is AbstentionReason.QUARANTINED}
    for name, why in masked.items():
        if name not in gone and _within_reach(panel, {**out, **gone, name: why}) >= quorum:
            gone[name] = why
    return gone


def _is_choosy(request: ScoreRequest) -> bool:
    return (
        request.cost_ceiling is not None
        or request.content.producer != ""
        or request.sensitivity is not Sensitivity.VENDORS_ALLOWED
    )


def beyond(costs: Mapping[str, int], ceiling: int) -> list[str]:
    """The dearest, of equals the last, until the sum of the others is within the ceiling.

    Whoever costs nothing always stays, for ceilings from 0.
    """
    total, found = sum(costs.values()), []
    for _, name in sorted(enumerate(costs), key=lambda at: (costs[at[1]], at[0]), reverse=True):
        if total <= ceiling:
            break
        total -= costs[name]
        found.append(name)
    return found


def _barred(profile: JudgeProfile, request: ScoreRequest) -> Abstention | None:
    if request.sensitivity is Sensitivity.LOCAL_ONLY and not profile.local:
        return Abstention(
            reason=AbstentionReason.SENSITIVITY,
            detail="the content may not leave the operator's machines, and this judge asks a vendor",
        )
    if request.content.producer and same_family(request.content.producer, profile.family):
        return Abstention(
            reason=AbstentionReason.SAME_FAMILY,
            detail=f"a model of this judge's own family, {profile.family}, wrote the content",
        )
    return None


def _within_reach(panel: Panel, out: Mapping[str, Abstention]) -> int:
    """Judges that can still answer: whoever reads ballots needs one of an earlier layer."""
    reached = 0
    for position, layer in enumerate(panel.in_layers()):
        if position == 0 or not layer.reads or reached:
            reached += sum(name not in out for name in layer.judges)
    return reached


def _too_dear(cost: int, ceiling: int) -> Abstention:
    most, all_in_all = (f"${micro_usd / 1_000_000:.6f}" for micro_usd in (cost, ceiling))
    return Abstention(
        reason=AbstentionReason.BUDGET,
        detail=f"asking may cost {most}, for which the cost ceiling of {all_in_all} has no room",
    )


def _out_of_reach(quorum: int) -> Abstention:
    return Abstention(
        reason=AbstentionReason.NOT_NEEDED,
        detail=f"the quorum of {quorum} is out of reach without those left out, so nobody is asked",
    )
