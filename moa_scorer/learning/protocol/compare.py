"""Two snapshots, or two panels of the same judges' scores, on the same rated items: what is between them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from moa_scorer.aggregation.own import own_panel, own_rubric
from moa_scorer.calibration.fit import Origin, fit
from moa_scorer.calibration.reference import Reference
from moa_scorer.calibration.snapshot import OVERALL, Snapshot, Stage, stage_of
from moa_scorer.calibration.table import RatedTable
from moa_scorer.learning.predict import predict
from moa_scorer.learning.protocol.arena import Arena, arena, as_said
from moa_scorer.learning.protocol.comparison import A, B, Comparison, Flip, words_on
from moa_scorer.learning.protocol.lesson import Said
from moa_scorer.learning.protocol.tally import (
    RESAMPLES,
    Array,
    Key,
    differences_of,
    figures_of,
    measure,
    tallied,
    yardstick,
)
from moa_scorer.learning.protocol.trials import Trial, trials
from moa_scorer.learning.study.study import Study, panel_of, rubric_of, table_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contestant:
    """A snapshot as it is, or some judges whose panel is fitted anew on each split's rated items."""

    name: str
    """As the caller named it."""
    judges: tuple[str, ...] = ()
    """Of a panel; empty for a snapshot."""
    snapshot: Snapshot | None = None


def compare(
    study: Study,
    a: Contestant,
    b: Contestant,
    *,
    thresholds: Sequence[float] = (0.5,),
    rated: int | None = None,
    repeats: int = 1,
    seed: int = 0,
    measures: bool = True,
    progress: Callable[[], None] = lambda: None,
) -> Comparison:
    """Both on the same splits; two snapshots need none and score every item.

    Raises ValueError where the study lacks judges, criteria or items.
    """
    ground = arena(study, measures=measures, text=False)
    by = yardstick(ground, resamples=RESAMPLES, seed=seed)
    tables = {c: _table(c, ground, measures=measures) for c in (a, b)}
    results, flips = [], []
    splits = splits_of(study, a, b, rated, repeats, seed)
    for trial in splits:
        said = {A: _said(a, tables[a], ground, trial), B: _said(b, tables[b], ground, trial)}
        results.append((trial.repeat, measure(said, trial, ground, by)))
        if trial.repeat == 0:
            flips += _flips(said, trial, ground, thresholds)
        progress()
    means, plain = tallied(results)
    return _comparison(ground, (a, b), means, plain, thresholds, flips, _scored(splits))


def splits_of(
    study: Study, a: Contestant, b: Contestant, rated: int | None, repeats: int, seed: int
) -> tuple[Trial, ...]:
    """The splits that the two need."""
    if a.snapshot is not None and b.snapshot is not None:
        nothing = np.zeros(0, dtype=np.intp)
        return (Trial(repeat=0, rated=nothing, new=np.arange(len(study.items))),)
    return trials([item.group for item in study.items], rated, repeats, seed)


def _table(who: Contestant, ground: Arena, *, measures: bool) -> RatedTable:
    """A panel's own columns; a snapshot finds its own among all."""
    study = ground.study
    if who.snapshot is None:
        return table_of(study.with_judges(who.judges), measures=measures)
    lacking = [c for c in study.criteria if c not in who.snapshot.weights]
    if lacking:
        raise ValueError(
            f"{who.name} was not fitted for {', '.join(lacking)}: leave them out with --criteria"
        )
    return table_of(study, measures=True)


def _said(who: Contestant, table: RatedTable, ground: Arena, trial: Trial) -> Mapping[str, Said]:
    study, new = ground.study, table.take(trial.new)
    language = study.language or "en"
    if who.snapshot is not None:
        panel, rubric = own_panel(who.snapshot), own_rubric(who.snapshot)
        kind = who.snapshot.kinds[0]
        found = predict(who.snapshot, new, rubric, panel, kind=kind, language=language)
    else:
        snapshot = _fitted(who, table.take(trial.rated), ground, language) if trial.rated.size else None
        found = predict(
            snapshot,
            new,
            ground.rubric,
            panel_of(study.with_judges(who.judges)),
            kind=ground.rubric.kinds[0],
            language=language,
            reference=ground.reference,
        )
    return {
        h: as_said(found, h, calibrated=who.snapshot is not None or trial.rated.size > 0)
        for h in ground.heads
    }


def _fitted(who: Contestant, rated: RatedTable, ground: Arena, language: str) -> Snapshot:
    reference: Reference | None = ground.reference if stage_of(rated.items) is Stage.OFFSET else None
    return fit(
        rated,
        rubric=rubric_of(ground.study),
        kinds=ground.rubric.kinds,
        languages=(language,),
        panel=panel_of(ground.study.with_judges(who.judges)),
        judge_revisions={},
        seed=0,
        origin=Origin(created="", code=""),
        reference=reference,
    )


def _flips(
    said: Mapping[str, Mapping[str, Said]], trial: Trial, ground: Arena, thresholds: Sequence[float]
) -> list[Flip]:
    head = ground.heads[-1]
    a, b, human = said[A][head].value, said[B][head].value, ground.human[head][trial.new]
    ids = [ground.study.items[i].id for i in trial.new]
    return [
        Flip(item=ids[i], threshold=t, human=float(human[i]), a=float(a[i]), b=float(b[i]))
        for t in thresholds
        for i in np.flatnonzero((a >= t) != (b >= t))
    ]


def _comparison(
    ground: Arena,
    who: tuple[Contestant, Contestant],
    means: Mapping[Key, Array],
    plain: Mapping[Key, Sequence[float]],
    thresholds: Sequence[float],
    flips: Sequence[Flip],
    items: int,
) -> Comparison:
    primary = "accuracy" if (A, ground.heads[0], "accuracy") in means else "spearman"
    differences = differences_of(means, plain, of=B)
    return Comparison(
        study=ground.study.name,
        a=who[0].name,
        b=who[1].name,
        items=items,
        primary=primary,
        figures=figures_of(means, plain),
        differences=differences,
        thresholds=tuple(thresholds),
        head=ground.heads[-1] if ground.heads[-1] == OVERALL else ground.study.criteria[0],
        flips=tuple(flips),
        words=words_on(differences, primary, thresholds, flips, items),
        notes=tuple(_notes(ground.study, who)),
    )


def _notes(study: Study, who: Sequence[Contestant]) -> list[str]:
    found = []
    for one in who:
        seen = one.snapshot.provenance.ratings if one.snapshot else ""
        if seen and seen in study.digests.values():
            found.append(f"{one.name} was fitted on ratings of this very file: its figures flatter it")
    return found


def _scored(splits: Sequence[Trial]) -> int:
    return sum(t.new.size for t in splits if t.repeat == 0)
