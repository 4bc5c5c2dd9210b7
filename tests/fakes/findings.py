"""Findings of a report that nobody had to fit: any number of judges, criteria and items."""

import math
from dataclasses import replace

import numpy as np

from moa_scorer.calibration.polarity import Polarity
from moa_scorer.calibration.snapshot import OVERALL
from moa_scorer.learning.choice.between import Between
from moa_scorer.learning.choice.card import JudgeCard, ReportCard
from moa_scorer.learning.choice.forward import Path
from moa_scorer.learning.choice.frontier import Point
from moa_scorer.learning.choice.selection import Selection
from moa_scorer.learning.choice.worth import Mean
from moa_scorer.learning.plots.curves import Curve
from moa_scorer.learning.protocol.findings import (
    AVERAGE,
    BEST,
    MEAN,
    PANEL,
    RIDGE,
    Advice,
    Ceiling,
    Difference,
    Estimate,
    Evaluation,
    Measured,
    OutOfFold,
)
from moa_scorer.learning.report.drift import Drift
from moa_scorer.learning.report.found import Found

METRICS = {"spearman": "higher", "rmse": "lower", "coverage": "higher", "width": "lower"}
NOTHING = Mean(value=0.01, low=-0.01, high=0.03)


def findings(judges: list[str], criteria: list[str], items: int, *, seed: int = 0, **others: object) -> Found:
    """A study of that size, its figures drawn at random."""
    found = Found(
        evaluation=evaluation(judges, criteria, items, rated=None, seed=seed),
        curve=tuple(evaluation(judges, criteria, items, rated=n, seed=seed) for n in (20, 50, 100)),
        card=report_card(judges, items, seed),
        polarities=tuple(_polarity(j, 0.4) for j in judges),
        sources={f"item-{i}": f"system-{i % 5}" for i in range(items)},
        drift=Drift(
            curves=tuple(_walk(j, k) for k, j in enumerate(judges)), against="the first half of the file"
        ),
        scale=(1.0, 5.0),
        command="moa-scorer report ratings.jsonl --out report.html",
        version="1.0",
    )
    return replace(found, **others)


def evaluation(
    judges: list[str], criteria: list[str], items: int, *, rated: int | None, seed: int
) -> Evaluation:
    rng = np.random.default_rng(seed)
    heads = [*criteria, *([OVERALL] if len(criteria) > 1 else [])]
    methods = (PANEL, BEST, MEAN, RIDGE)
    rise = 0.02 * math.log(rated or items)
    return Evaluation(
        study="letters",
        rated=rated,
        repeats=3,
        seed=seed,
        items=items,
        groups=max(items // 4, 1),
        judges=tuple(judges),
        criteria=tuple(criteria),
        primary="spearman",
        digests={"ratings.jsonl": "ab" * 32},
        figures=tuple(
            Measured(method=m, criterion=h, metric=k, estimate=_around(0.5 + rise - 0.03 * n))
            for n, m in enumerate(methods)
            for h in (*heads, AVERAGE)
            for k in METRICS
        ),
        differences=tuple(
            Difference(rival=m, criterion=h, metric="spearman", estimate=_around(0.02 * n), better=None)
            for n, m in enumerate(methods[1:])
            for h in (*heads, AVERAGE)
        ),
        ceilings=tuple(Ceiling(criterion=h, alpha=0.5, raters=3.0, spearman=0.6, rmse=0.1) for h in heads),
        votes=1.4,
        certificates={"valid": 0.97, "out_of_support": 0.03},
        best={h: {judges[0]: 1.0} for h in heads},
        masks=(tuple(judges), tuple(judges[1:])),
        out_of_fold=tuple(_said(h, items, rng) for h in heads),
        advice=Advice(choice="panel", judge=judges[0], more=None, words=f"Use the panel. Not {judges[0]}."),
        metrics=METRICS,
        notes=("nothing else",),
    )


def _said(head: str, items: int, rng: np.random.Generator) -> OutOfFold:
    human = np.round(rng.beta(4, 2, items) * 12) / 12
    score = (0.7 * human + 0.15 + rng.normal(0, 0.08, items)).clip(0, 1)
    return OutOfFold(
        method=PANEL,
        criterion=head,
        items=tuple(f"item-{i}" for i in range(items)),
        groups=tuple(f"group-{i // 4}" for i in range(items)),
        human=tuple(human.tolist()),
        score=tuple(score.tolist()),
        lower=tuple((score - 0.2).clip(0, 1).tolist()),
        upper=tuple((score + 0.2).clip(0, 1).tolist()),
        status=("valid",) * items,
        mask=tuple(int(i % 3 == 0) for i in range(items)),
    )


def report_card(judges: list[str], items: int, seed: int) -> ReportCard:
    rng = np.random.default_rng(seed)
    matrix = np.atleast_2d(np.corrcoef(rng.normal(size=(len(judges), 30)) + rng.normal(size=30)))
    panels = [
        Point(name=f"first {k}", judges=tuple(judges[:k]), size=float(k), **_point(k)) for k in range(2, 7)
    ]
    alone = [Point(name=j, judges=(j,), size=1.0, **_point(k / len(judges))) for k, j in enumerate(judges)]
    path = Path(steps=(), panel=tuple(judges[:2]))
    selection = Selection(
        path=path,
        points=(*alone, *panels),
        chosen_in={},
        over_everyone=NOTHING,
        over_best=NOTHING,
        by_cost=True,
    )
    return ReportCard(
        study="letters",
        items=items,
        groups=items,
        people_spread=0.8,
        judges=tuple(_card(j) for j in judges),
        between=Between(judges=tuple(judges), matrix=matrix),
        selection=selection,
    )


def _point(size: float) -> dict[str, float]:
    return {"cost": 10.0 + 300 * size, "error": 0.1, "agreement": 0.4 + 0.03 * size, "votes": 1.2}


def _card(judge: str) -> JudgeCard:
    return JudgeCard(
        judge=judge,
        polarity=_polarity(judge, 0.4),
        severity=NOTHING,
        spread=0.7,
        agreement=0.5,
        error=0.6,
        others=0.4,
        nearest="",
        consistency=None,
        answered=0.99,
        abstentions={},
        micro_usd=120.0,
        seconds=None,
        left_out=NOTHING,
        added=NOTHING,
        weight=0.2,
    )


def _polarity(judge: str, correlation: float) -> Polarity:
    return Polarity(
        judge=judge, correlation=correlation, lower=correlation - 0.1, upper=correlation + 0.1, declared=False
    )


def _walk(judge: str, seed: int) -> Curve:
    rng = np.random.default_rng(seed)
    return Curve(
        name=judge,
        x=tuple(np.arange(1.0, 301.0).tolist()),
        y=tuple(np.exp(np.cumsum(rng.normal(-0.01, 0.08, 300))).tolist()),
    )


def _around(value: float) -> Estimate:
    return Estimate(value=value, low=value - 0.04, high=value + 0.04, fifth=math.nan, sd=math.nan)
