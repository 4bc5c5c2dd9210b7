"""The protocol over one study: K rated items or all but a fold's, every method, figures, and what to do."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from moa_scorer.calibration.table import judge_of
from moa_scorer.learning.protocol.advice import advise
from moa_scorer.learning.protocol.arena import UNSCORED, Arena, Round, arena, run
from moa_scorer.learning.protocol.ceiling import barely, ceilings
from moa_scorer.learning.protocol.findings import BEST, PANEL, TEXT, Ceiling, Evaluation, OutOfFold
from moa_scorer.learning.protocol.metrics import METRICS
from moa_scorer.learning.protocol.tally import (
    RESAMPLES,
    RESAMPLES_OF_MANY,
    Array,
    Key,
    Yardstick,
    differences_of,
    figures_of,
    measure,
    tallied,
    yardstick,
)
from moa_scorer.learning.protocol.trials import Trial, trials
from moa_scorer.learning.study.study import Study

FEW: Final = 5
"""Repeats up to which the full number of bootstrap samples is drawn."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Result:
    """What is kept of one split."""

    repeat: int
    figures: Mapping[Key, Array]
    votes: float
    certificates: Mapping[str, int]
    best: Mapping[str, str]
    """Head -> the single judge that was chosen."""
    out_of_fold: tuple[OutOfFold, ...]
    """Of the first repeat only."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Protocol:
    """One study with its splits; `judge_trial` may run in any process that holds the same protocol."""

    ground: Arena
    by: Yardstick
    trials: tuple[Trial, ...]
    rated: int | None
    repeats: int
    seed: int

    def judge_trial(self, number: int) -> Result:
        """Runs and measures the split of this number."""
        trial = self.trials[number]
        found = run(self.ground, trial)
        return Result(
            repeat=trial.repeat,
            figures=measure(found.said, trial, self.ground, self.by),
            votes=found.votes,
            certificates=Counter(s.value if s else UNSCORED for s in found.predictions.statuses),
            best={h: s.judge for h, s in found.said.get(BEST, {}).items()},
            out_of_fold=_kept(found, trial, self.ground) if trial.repeat == 0 else (),
        )


def protocol(
    study: Study,
    *,
    rated: int | None,
    repeats: int,
    seed: int,
    measures: bool = True,
    text: bool = True,
    vectors: Mapping[str, Array] | None = None,
) -> Protocol:
    """Draws the splits and measures the texts; `vectors` as in `arena`. Raises ValueError where the study is
    too small."""
    groups = [item.group for item in study.items]
    drawn = trials(groups, rated, repeats, seed)
    ground = arena(study, measures=measures, text=text, vectors=vectors)
    return Protocol(
        ground=ground,
        by=yardstick(ground, resamples=RESAMPLES if repeats <= FEW else RESAMPLES_OF_MANY, seed=seed),
        trials=drawn,
        rated=rated,
        repeats=repeats,
        seed=seed,
    )


def evaluate(
    plan: Protocol,
    results: Iterable[Result] | None = None,
    *,
    progress: Callable[[], None] = lambda: None,
    code: str = "",
) -> Evaluation:
    """The evaluation from the results of all splits in any order; without them they are run here, in turn."""
    found = []
    for result in map(plan.judge_trial, range(len(plan.trials))) if results is None else results:
        found.append(result)
        progress()
    means, plain = tallied((r.repeat, r.figures) for r in found)
    return _evaluation(plan, found, means, plain, code)


def _evaluation(
    plan: Protocol,
    found: Sequence[Result],
    means: Mapping[Key, Array],
    plain: Mapping[Key, Sequence[float]],
    code: str,
) -> Evaluation:
    study, heads = plan.ground.study, plan.ground.heads
    figures, differences = figures_of(means, plain), differences_of(means, plain)
    primary = "accuracy" if (PANEL, heads[0], "accuracy") in means else "spearman"
    best = {h: _shares(Counter(r.best[h] for r in found if h in r.best)) for h in heads}
    people = ceilings(study, heads, plan.seed)
    return Evaluation(
        study=study.name,
        rated=plan.rated,
        repeats=plan.repeats,
        seed=plan.seed,
        items=len(study.items),
        groups=len(set(plan.ground.tables[PANEL].groups)),
        judges=study.judges,
        criteria=study.criteria,
        primary=primary,
        digests=study.digests,
        figures=figures,
        differences=differences,
        ceilings=people,
        votes=_median([r.votes for r in found]),
        certificates=_shares(sum((Counter(r.certificates) for r in found), Counter())),
        best=best,
        masks=_masks(plan.ground)[0],
        out_of_fold=_joined([o for r in found for o in r.out_of_fold]),
        advice=advise(
            figures,
            differences,
            primary=primary,
            judge=next(iter(best[heads[-1]]), ""),
            items=len(study.items),
            judges=len(study.judges),
        ),
        code=code,
        notes=(*study.notes, *_notes(plan, people)),
        metrics={m.name: "" if m.higher is None else "higher" if m.higher else "lower" for m in METRICS},
    )


def _notes(plan: Protocol, people: Sequence[Ceiling]) -> Iterable[str]:
    if plan.ground.texts is None:
        yield f"no {TEXT}: texts are not known, or were left out"
    low = [c.criterion for c in people if barely(c)]
    if low:
        yield f"single raters barely agree on {', '.join(low)}: no human ceiling there"


def _kept(found: Round, trial: Trial, ground: Arena) -> tuple[OutOfFold, ...]:
    methods = [m for m in (PANEL, BEST) if m in found.said]
    return tuple(
        _out_of_fold(m, h, found, trial, ground)
        for m in methods
        for h in ground.heads
        if not np.isnan(found.said[m][h].value).all()
    )


def _out_of_fold(method: str, head: str, found: Round, trial: Trial, ground: Arena) -> OutOfFold:
    table, said = ground.tables[PANEL], found.said[method][head]
    patterns = _masks(ground)[1]
    panel = method == PANEL
    statuses = [s.value if s and panel else "" for s in found.predictions.statuses]
    return OutOfFold(
        method=method,
        criterion=head,
        items=tuple(table.ids[i] for i in trial.new),
        groups=tuple(table.groups[i] for i in trial.new),
        human=tuple(ground.human[head][trial.new].tolist()),
        score=tuple((found.predictions.scores[head] if panel else said.value).tolist()),
        lower=tuple(said.lower.tolist()),
        upper=tuple(said.upper.tolist()),
        status=tuple(statuses),
        mask=tuple(patterns[i] for i in trial.new),
    )


def _masks(ground: Arena) -> tuple[tuple[tuple[str, ...], ...], list[int]]:
    """(patterns of judges that answered, the pattern of each item)."""
    table = ground.tables[PANEL]
    judges = [judge_of(c) for c in table.columns]
    known = ~np.isnan(table.values)
    sitting = ground.study.judges
    columns = {j: [k for k, name in enumerate(judges) if name == j] for j in sitting}
    answered = np.column_stack([known[:, columns[j]].any(axis=1) for j in sitting])
    seen: dict[tuple[str, ...], int] = {}
    each = [tuple(j for j, a in zip(sitting, row, strict=True) if a) for row in answered.tolist()]
    return tuple(dict.fromkeys(each)), [seen.setdefault(m, len(seen)) for m in each]


def _joined(parts: Sequence[OutOfFold]) -> tuple[OutOfFold, ...]:
    """The splits of one repeat after each other, per method and criterion."""
    found: dict[tuple[str, str], list[OutOfFold]] = {}
    for part in parts:
        found.setdefault((part.method, part.criterion), []).append(part)
    return tuple(
        OutOfFold(
            method=m,
            criterion=c,
            items=tuple(i for o in own for i in o.items),
            groups=tuple(g for o in own for g in o.groups),
            human=tuple(x for o in own for x in o.human),
            score=tuple(x for o in own for x in o.score),
            lower=tuple(x for o in own for x in o.lower),
            upper=tuple(x for o in own for x in o.upper),
            status=tuple(s for o in own for s in o.status),
            mask=tuple(k for o in own for k in o.mask),
        )
        for (m, c), own in found.items()
    )


def _shares(counts: Mapping[str, int]) -> dict[str, float]:
    total = sum(counts.values())
    return {k: n / total for k, n in sorted(counts.items(), key=lambda x: (-x[1], x[0]))}


def _median(values: Sequence[float]) -> float:
    """NaN where most are not known."""
    known = [v for v in values if v == v]
    return float(np.median(known)) if 2 * len(known) > len(values) else float("nan")
