"""`moa-scorer stopping fit`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from moa_scorer.app.cli.exits import Exit, fail, told
from moa_scorer.app.cli.options import CatalogDir, Config, log_quietly, settings_of
from moa_scorer.app.cli.study.loading import load_studies
from moa_scorer.app.cli.study.options import Data, StudyOptions, takes_study

if TYPE_CHECKING:
    from moa_scorer.domain.policy import Policy
    from moa_scorer.learning.choice.stopping import StoppingFit, Stops
    from moa_scorer.learning.fitting.purpose import Purpose
    from moa_scorer.learning.study.study import Study

FIT_EXAMPLES: Final = """\
[bold]Examples[/bold]

  moa-scorer stopping fit rated.jsonl --panel house --policy comments -o catalogue/stopping/house.json

  moa-scorer stopping fit rated.jsonl --panel house --policy comments --error 0.02 -o house.json

[bold]Exit status[/bold]

  1 when the ratings support no margin: the file then says that every tier is always asked
"""
FOLDS: Final = 5
"""Calls of the study's progress."""

Out = Annotated[
    Path,
    typer.Option("--out", "-o", metavar="FILE.json", help="Where the rule goes: a catalogue's stopping/."),
]
PanelName = Annotated[str, typer.Option("--panel", "-p", help="Panel of the catalogue that has tiers.")]
PolicyName = Annotated[str, typer.Option("--policy", help="Policy of the catalogue that decides.")]
RubricName = Annotated[str, typer.Option("--rubric", "-r", help="Default: the panel's for the kind.")]
Error = Annotated[
    float,
    typer.Option(
        "--error",
        min=0.0001,
        max=0.5,
        help="Share of the items that may be decided otherwise than by the whole panel.",
    ),
]
Confidence = Annotated[float, typer.Option("--confidence", min=0.5, max=0.999, help="That it is no more.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Of the folds.")]

stopping = typer.Typer(help="When the tiers of a panel are spared.", no_args_is_help=True)


def add_stopping_to(app: typer.Typer, prose: Callable[[str | None], str], heading: str) -> None:
    """The group of commands, under its heading."""
    stopping.command("fit", help=prose(fit.__doc__), epilog=FIT_EXAMPLES)(fit)
    app.add_typer(stopping, name="stopping", rich_help_panel=heading)


@stopping.callback()
def _group() -> None:
    """When the tiers of a panel are spared: a group, though it has one command."""


@takes_study
def fit(
    data: Data,
    study: StudyOptions,
    out: Out,
    panel: PanelName,
    policy: PolicyName,
    rubric: RubricName = "",
    error: Error = 0.05,
    confidence: Confidence = 0.9,
    seed: Seed = 0,
    config: Config = None,
    catalog_dir: CatalogDir = None,
) -> None:
    """Finds how sure a decision must be for the next tier of a panel not to be asked.

    DATA holds rated items with the scores of every tier. Each item is scored by fits that never saw it, once
    for every beginning of the cascade. Margins (the interval times so much) are tried from the safest on,
    each by an exact binomial test, up to the last whose decisions differ from the whole panel's on at most
    `--error` of the items with the stated confidence.

    The rule holds for this version of the panel and of the policy, and for the snapshot in force. In the
    folder stopping/ of the catalogue the server takes it up; without one the margin is 1, and plans say that
    it is not calibrated.
    """
    from moa_scorer.app.threads import cap

    cap(1)
    one = _only(load_studies(data, study))
    named = _named(one, panel, policy, rubric, config, catalog_dir)
    found = _fitted(one, named, error=error, confidence=confidence, seed=seed)
    typer.echo(table(found))
    _write(named, found, len(one.items), out)
    if found.chosen.margin is None:
        fail(f"no margin keeps an error of {error:g}: rate some {found.needed:,} items", Exit.REJECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """What the rule is for, found in the catalogue."""

    purpose: "Purpose"
    policy: "Policy"
    snapshot: str


def _only(studies: "tuple[Study, ...]") -> "Study":
    if len(studies) != 1:
        names = ", ".join(study.name for study in studies)
        fail(f"{len(studies)} studies ({names}): say which one with --where or --name", Exit.USAGE)
    return studies[0]


def _named(
    study: "Study", panel: str, policy: str, rubric: str, config: Path | None, catalog_dir: Path | None
) -> _Named:
    from moa_scorer.app.compose import catalog_of
    from moa_scorer.domain.tenant import DEFAULT_TENANT
    from moa_scorer.learning.fitting.purpose import Purpose

    settings = settings_of(config, catalog_dir=catalog_dir)
    log_quietly(settings)
    with told():
        catalog = catalog_of(settings)
        planned = catalog.panel(DEFAULT_TENANT, panel)
        asked = catalog.rubric(DEFAULT_TENANT, rubric or planned.rubric_for(study.kind))
        ruling = catalog.policy(DEFAULT_TENANT, policy)
        snapshot = catalog.snapshot_for(asked, planned, study.kind)
    if not planned.tiers:
        fail(f"panels/{planned.revision} has no tiers: a layer with only_if_undecided is one", Exit.REJECTED)
    if snapshot is None:
        words = f"no snapshot for rubrics/{asked.revision} and panels/{planned.revision}"
        fail(f"{words}: without intervals every tier is asked; `moa-scorer fit` makes one", Exit.REJECTED)
    purpose = Purpose(rubric=asked, panel=planned, reference=catalog.reference)
    return _Named(purpose=purpose, policy=ruling, snapshot=snapshot.revision)


def _fitted(study: "Study", named: _Named, *, error: float, confidence: float, seed: int) -> "StoppingFit":
    from moa_scorer.app.cli.progress import Progress
    from moa_scorer.learning.choice.panel_tiers import panel_study
    from moa_scorer.learning.choice.stopping import fit_stopping

    with Progress(FOLDS, f"scoring {study.name}") as bar:
        try:
            tiers = panel_study(study, named.purpose, seed=seed, progress=bar.advance)
        except ValueError as error_:
            fail(str(error_), Exit.REJECTED)
    return fit_stopping(tiers, named.policy, error=error, confidence=confidence)


def table(found: "StoppingFit") -> str:
    """What each margin would do, the chosen one marked."""
    head = ("margin", "stopped", "calls saved", "unlike all", "at most", "unlike people", "at most")
    rows = [head, *(_cells(each) for each in (found.everybody, *found.tried))]
    marks = ["", *("<" if each is found.chosen else "" for each in (found.everybody, *found.tried))]
    lines = [
        "  ".join(f"{cell:>13}" for cell in row) + f"  {mark}" for row, mark in zip(rows, marks, strict=True)
    ]
    worth = f"{found.confidence:.0%} confidence; the items are worth {found.trials:,} independent ones"
    return "\n".join([*(line.rstrip() for line in lines), f"at most: with {worth}"])


def _cells(stops: "Stops") -> tuple[str, ...]:
    margin = "always ask" if stops.margin is None else f"{stops.margin:g}"
    shares = (stops.stopped, stops.saved, stops.differs, stops.bound, stops.wrong, stops.wrong_bound)
    return (margin, *(f"{share:.1%}" for share in shares))


def _write(named: _Named, found: "StoppingFit", items: int, out: Path) -> None:
    from moa_scorer.app.files.stopping import write_stopping
    from moa_scorer.domain.stopping import Stopping

    rule = Stopping(
        margin=found.chosen.margin,
        panel=named.purpose.panel.revision,
        policy=named.policy.revision,
        snapshot=named.snapshot,
        error=found.error,
        bound=found.chosen.bound,
        confidence=found.confidence,
        items=items,
    )
    try:
        write_stopping(rule, out)
    except OSError as error:
        fail(f"--out: {out} cannot be written: {error.strerror}", Exit.USAGE)
    typer.echo(f"{out}: panels/{rule.panel} under policies/{rule.policy}, by snapshots/{rule.snapshot}")
