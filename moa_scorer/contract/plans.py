"""Plans as messages."""

from moa_scorer.api.v1 import plan_pb2
from moa_scorer.contract.ballots import judge_abstentions
from moa_scorer.contract.durations import duration
from moa_scorer.contract.money import cost_message
from moa_scorer.domain.ballot import Abstention
from moa_scorer.domain.panel import When
from moa_scorer.domain.record import LayerPlan, PlanRecord
from moa_scorer.domain.stopping import Stopping


def plan_message(plan: PlanRecord, budget: float) -> plan_pb2.Plan:
    """What is going to be done; `budget` is what the judges are allowed, in seconds."""
    layers = [_layer(layer, budget) for layer in plan.layers]
    left_out = [(b.judge, b.outcome) for b in plan.left_out if isinstance(b.outcome, Abstention)]
    return plan_pb2.Plan(
        panel=f"panels/{plan.panel.revision}",
        rubric=f"rubrics/{plan.rubric.revision}",
        policy=f"policies/{plan.policy.revision}" if plan.policy else "",
        floor=f"policies/{plan.floor.revision}" if plan.floor else "",
        snapshot=f"snapshots/{plan.snapshot}" if plan.snapshot else "",
        judges=[judge for layer in layers for judge in layer.judges],
        quorum=plan.quorum,
        ruler=plan.ruler,
        expected_time=duration(plan.estimate.seconds),
        layers=layers,
        most_cost=cost_message(plan.estimate.micro_usd),
        left_out=judge_abstentions(left_out),
        stopping=_stopping(plan.stopping) if plan.stopping else None,
    )


def _layer(planned: LayerPlan, budget: float) -> plan_pb2.PlannedLayer:
    return plan_pb2.PlannedLayer(
        judges=[name for name in planned.layer.judges if name in planned.judges],
        expected_time=duration(planned.estimate.seconds),
        budget=duration(planned.share * budget),
        most_cost=cost_message(planned.estimate.micro_usd),
        only_if_undecided=planned.layer.when is When.UNDECIDED,
    )


def _stopping(rule: Stopping) -> plan_pb2.StoppingRule:
    """What it was seen to do only where somebody looked."""
    message = plan_pb2.StoppingRule(margin=rule.margin, calibrated=rule.calibrated)
    if rule.calibrated:
        message.bound, message.confidence, message.items = rule.bound, rule.confidence, rule.items
    return message
