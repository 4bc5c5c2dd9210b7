"""What a report is made from: read from files or worked out, study by study."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from moa_scorer.app.cli.exits import Exit, fail, say
from moa_scorer.app.cli.progress import Progress
from moa_scorer.app.protocol_pool import evaluated
from moa_scorer.calibration.fit import with_overall
from moa_scorer.calibration.polarity import Polarity, polarities
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.learning.choice.card import ReportCard, report_card
from moa_scorer.learning.protocol.findings import Evaluation, read_evaluations
from moa_scorer.learning.protocol.trials import FOLDS
from moa_scorer.learning.report.drift import watched
from moa_scorer.learning.report.found import Found
from moa_scorer.learning.report.learning_curve import REPEATS, learning_runs, possible_counts
from moa_scorer.learning.report.plots import rated_of
from moa_scorer.learning.study.study import Study, rubric_of, table_of

CARD_STEPS = 7
"""Calls of `report_card`'s progress."""

Tick = Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the command line asks for."""

    counts: tuple[int, ...]
    """Rated items of the learning curve's points, ascending."""
    seed: int
    processes: int
    measures: bool
    text: bool
    """Whether the TF-IDF model is among the rivals."""
    command: str
    """As typed."""


def read_found(path: Path) -> tuple[Evaluation, ...]:
    """The evaluations of a file; ends the command where it holds none."""
    try:
        return read_evaluations(path)
    except OSError as error:
        fail(f"{path}: cannot be read: {error.strerror}", Exit.REJECTED)
    except (ValueError, KeyError, TypeError):
        fail(f"{path}: holds no evaluation; `moa-scorer evaluate … --json {path}` writes one", Exit.REJECTED)


def found_of(study: Study, known: Sequence[Evaluation], snapshot: Snapshot | None, wanted: Wanted) -> Found:
    """Everything of one study; what is not among the known evaluations is run, with a bar."""
    from importlib.metadata import version

    own = [_same(one, study) for one in known if one.study == study.name]
    if known and not own:
        fail(f"--evaluation: holds {_names(known)}, not {study.name}", Exit.REJECTED)
    counts = () if len(own) > 1 else possible_counts(study, wanted.counts)
    splits = REPEATS * len(counts) + (0 if own else FOLDS)
    with Progress(splits + CARD_STEPS + 1, f"reporting on {study.name}") as bar:
        runs = sorted(own or [_run(study, wanted, bar.advance)], key=rated_of)
        runs = [*_curve(study, counts, runs[-1].primary, wanted, bar.advance), *runs]
        card = _card(study, wanted.seed, bar.advance)
        fitted = _fits(snapshot, study)
        drift = watched(study, fitted, seed=wanted.seed)
        bar.advance()
    return Found(
        evaluation=runs[-1],
        curve=tuple(runs[:-1]),
        card=card,
        polarities=_polarities(study, wanted.seed),
        snapshot=fitted,
        drift=drift,
        sources={item.id: item.system for item in study.items if item.system},
        mentions={item.id: item.mentions for item in study.items if item.mentions is not None},
        scale=study.rating_scale,
        command=wanted.command,
        version=version("moa-scorer"),
    )


def _same(evaluation: Evaluation, study: Study) -> Evaluation:
    """The evaluation, where it was made from the study's own data."""
    if evaluation.digests != study.digests or set(evaluation.judges) != set(study.judges):
        fail(
            f"--evaluation: {study.name} was evaluated on other data or other judges; "
            "leave the option out to evaluate it here",
            Exit.REJECTED,
        )
    return evaluation


def _names(known: Sequence[Evaluation]) -> str:
    return ", ".join(dict.fromkeys(one.study for one in known))


def _run(study: Study, wanted: Wanted, tick: Tick) -> Evaluation:
    try:
        return evaluated(
            study,
            rated=None,
            repeats=1,
            seed=wanted.seed,
            processes=wanted.processes,
            measures=wanted.measures,
            text=wanted.text,
            progress=tick,
        )
    except (ValueError, ImportError) as error:
        fail(f"{study.name}: {error}", Exit.REJECTED)


def _curve(
    study: Study, counts: Sequence[int], primary: str, wanted: Wanted, tick: Tick
) -> tuple[Evaluation, ...]:
    """No curve, and a line that says why, where the draws do not hold enough items."""
    try:
        return learning_runs(
            study, counts, primary=primary, seed=wanted.seed, measures=wanted.measures, progress=tick
        )
    except ValueError as error:
        say(f"{study.name}: no learning curve: {error}")
        return ()


def _card(study: Study, seed: int, tick: Tick) -> ReportCard | None:
    """The judges' report card; None, and a line that says why, where it cannot be made."""
    try:
        return report_card(study, seed=seed, progress=tick)
    except ValueError as error:
        say(f"{study.name}: no report cards: {error}")
        return None


def _polarities(study: Study, seed: int) -> tuple[Polarity, ...]:
    table = table_of(study, measures=False)
    targets = with_overall(table, rubric_of(study))
    values = np.asarray(table.values)
    return polarities(table.columns, values, targets, table.groups, table.scales, seed)


def _fits(snapshot: Snapshot | None, study: Study) -> Snapshot | None:
    """The snapshot, where it is of the study's judges and criteria."""
    if snapshot is None:
        return None
    strangers = [j for j in study.judges if j not in snapshot.judges]
    if strangers or set(snapshot.weights) != set(study.criteria):
        say(f"{study.name}: {snapshot.revision} is of other judges or criteria, and is left out")
        return None
    return snapshot
