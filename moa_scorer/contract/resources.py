"""What the catalogue holds, as messages."""

from collections.abc import Mapping
from typing import Final

from moa_scorer.api.v1 import judge_pb2, panel_pb2, policy_pb2, rubric_pb2, snapshot_pb2
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.contract.durations import duration
from moa_scorer.contract.verdicts import CERTIFICATES, COMPLETIONS, DECISIONS
from moa_scorer.domain.judge import Judge
from moa_scorer.domain.panel import Layer, Panel, When
from moa_scorer.domain.policy import Policy, Rule, Test
from moa_scorer.domain.rubric import Rubric

TESTS: Final[Mapping[Test, policy_pb2.PolicyTest.ValueType]] = {
    test: policy_pb2.PolicyTest.Value(f"POLICY_TEST_{test.name}") for test in Test
}


def panel_message(panel: Panel, *, is_default: bool) -> panel_pb2.Panel:
    """A panel; `is_default` when requests that name none get it."""
    return panel_pb2.Panel(
        name=f"panels/{panel.revision}",
        title=panel.title,
        judges=panel.judges,
        quorum=panel.quorum,
        default_rubric=f"rubrics/{panel.default_rubric}",
        kind_rubrics=[
            panel_pb2.KindRubric(kind=kind, rubric=f"rubrics/{rubric}")
            for kind, rubric in panel.rubrics.items()
        ],
        is_default=is_default,
        layers=[_layer(layer, first=not n) for n, layer in enumerate(panel.in_layers())],
        seats=[panel_pb2.Seat(name=name, judge=f"judges/{judge}") for name, judge in panel.seats.items()],
        writer=panel.writer,
        routes=[
            panel_pb2.PanelRoute(
                panel=f"panels/{route.panel}",
                kinds=route.kinds,
                languages=route.languages,
                sensitivity=route.sensitivity,
            )
            for route in panel.routes
        ],
    )


def rubric_message(rubric: Rubric) -> rubric_pb2.Rubric:
    """A rubric, its weights normalised."""
    weights = rubric.weights()
    return rubric_pb2.Rubric(
        name=f"rubrics/{rubric.revision}",
        title=rubric.title,
        kinds=rubric.kinds,
        criteria=[
            rubric_pb2.Criterion(name=each.name, description=each.description, weight=weights[each.name])
            for each in rubric.criteria
        ],
        scale_min=rubric.scale_min,
        scale_max=rubric.scale_max,
    )


def policy_message(policy: Policy) -> policy_pb2.Policy:
    """A policy with its rules in order."""
    return policy_pb2.Policy(
        name=f"policies/{policy.revision}",
        title=policy.title,
        rules=[_rule(rule) for rule in policy.rules],
        otherwise=DECISIONS[policy.otherwise],
        on_unscored=DECISIONS[policy.on_unscored],
    )


def judge_message(judge: Judge) -> judge_pb2.Judge:
    """A judge, as its profile has it."""
    profile = judge.profile
    return judge_pb2.Judge(
        name=f"judges/{profile.name}",
        title=profile.title,
        revision=profile.revision,
        criteria=profile.criteria,
        languages=profile.languages,
        local=profile.local,
        detector=profile.detector,
        family=profile.family,
        endpoint=profile.endpoint,
        model=profile.model,
    )


def snapshot_message(snapshot: Snapshot) -> snapshot_pb2.Snapshot:
    """A snapshot, without its fitted parameters."""
    return snapshot_pb2.Snapshot(
        name=f"snapshots/{snapshot.revision}",
        rubric=f"rubrics/{snapshot.rubric}",
        panel=f"panels/{snapshot.panel}",
        kinds=snapshot.kinds,
        languages=snapshot.languages,
        digest=snapshot.digest,
        items=snapshot.items,
        groups=snapshot.groups,
        raters=snapshot.raters,
        coverage=snapshot.coverage,
        created=snapshot.provenance.created,
        metrics=[
            snapshot_pb2.Metric(name=name, value=value) for name, value in sorted(snapshot.metrics.items())
        ],
    )


def _layer(layer: Layer, *, first: bool) -> panel_pb2.Layer:
    return panel_pb2.Layer(
        judges=layer.judges,
        quorum=layer.quorum,
        grace=duration(layer.grace),
        share=layer.share,
        shows_content=first or layer.shows_content or not layer.reads,
        only_undecided=layer.when is When.UNDECIDED,
        reads_ballots=layer.reads and not first,
    )


def _rule(rule: Rule) -> policy_pb2.PolicyRule:
    return policy_pb2.PolicyRule(
        test=TESTS[rule.test],
        threshold=rule.threshold,
        criterion=rule.criterion,
        certificates=[CERTIFICATES[each] for each in rule.certificates],
        completions=[COMPLETIONS[each] for each in rule.completions],
        decision=DECISIONS[rule.then],
    )
