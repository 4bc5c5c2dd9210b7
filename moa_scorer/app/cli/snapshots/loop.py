"""`moa-scorer snapshots gate|promote|rollback|alarms|flips`: how one snapshot takes over from another."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from moa_scorer.app.cli.exits import Exit, fail, told
from moa_scorer.app.cli.options import Config
from moa_scorer.app.cli.snapshots.audit import noted
from moa_scorer.app.cli.snapshots.shelf_choice import ShelfFolder, shelf_of
from moa_scorer.app.cli.study.loading import load_studies
from moa_scorer.app.cli.study.options import Data, StudyOptions, takes_study

if TYPE_CHECKING:
    from moa_scorer.calibration.snapshot import Snapshot
    from moa_scorer.domain.policy import Policy
    from moa_scorer.learning.loop.gate import Gate
    from moa_scorer.learning.loop.promotion import Act
    from moa_scorer.learning.study.study import Study

GATE_EXAMPLES: Final = """\
[bold]Examples[/bold]

  moa-scorer snapshots gate audit.jsonl --candidate new.json.gz --against mine.json.gz

[bold]Exit status[/bold]

  1 when the candidate does not pass: it is worse, or the audit is too small to tell
"""
PROMOTE_EXAMPLES: Final = """\
[bold]Examples[/bold]

  moa-scorer snapshots promote audit.jsonl --candidate new.json.gz --shelf snapshots --who ada

  moa-scorer snapshots promote audit.csv --candidate new.json.gz --shelf . --who ada --accept-polarity tox
"""
ROLLBACK_EXAMPLES: Final = """\
[bold]Examples[/bold]

  moa-scorer snapshots rollback comment.comment.embedded --who ada --note "complaints"

  moa-scorer snapshots rollback news.summary.mine --shelf snapshots --who ada
"""
ALARMS_EXAMPLES: Final = """\
[bold]Examples[/bold]

  moa-scorer snapshots alarms news.summary.mine --shelf snapshots

  moa-scorer snapshots alarms news.summary.mine --shelf snapshots --close gpt --who ada --note "refitted"

  moa-scorer snapshots alarms news.summary.mine --shelf snapshots --age-limit 180 --who ada
"""
FLIPS_EXAMPLES: Final = """\
[bold]Examples[/bold]

  moa-scorer snapshots flips ballots.jsonl --candidate new.json.gz --against mine.json.gz --policy house.yaml
"""

Candidate = Annotated[
    Path, typer.Option("--candidate", metavar="SNAPSHOT", help="The snapshot that may take over.")
]
Against = Annotated[Path, typer.Option("--against", metavar="SNAPSHOT", help="The snapshot that serves now.")]
Who = Annotated[str, typer.Option("--who", metavar="NAME", help="Who answers for it; kept in the lineage.")]
At = Annotated[
    str, typer.Option("--at", metavar="DATE", help="Kept in the lineage. Default: now.", show_default=False)
]
Note = Annotated[str, typer.Option("--note", metavar="WORDS", help="Why; kept in the lineage.")]
Accept = Annotated[
    list[str] | None,
    typer.Option(
        "--accept-polarity", metavar="JUDGE", help="It is right that this judge scores the other way; repeat."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of lines.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="rubric.kind.panel", show_default=False)]


@takes_study
def gate(
    data: Data, options: StudyOptions, candidate: Candidate, against: Against, as_json: AsJson = False
) -> None:
    """Says whether a candidate may take over: both snapshots on an audit that neither was fitted on.

    DATA needs the judges' scores and ratings of items drawn at random, marked by the column `audit`; other
    items are not looked at. The candidate passes when its error is not worse by more than 1 % with 90 %
    confidence, its intervals cover what they say, and no group of 30 items or more is worse by 5 %.
    """
    from moa_scorer.app.threads import cap

    cap(1)
    with told():
        new, old = _read(candidate), _read(against)
    found = _gate(old, new, _audit(data, options))
    _print_gate(found, as_json=as_json)
    if found.reasons:
        raise typer.Exit(Exit.REJECTED)


@takes_study
def promote(
    data: Data,
    options: StudyOptions,
    candidate: Candidate,
    who: Who,
    shelf: ShelfFolder = None,
    at: At = "",
    accept_polarity: Accept = None,
    note: Note = "",
    config: Config = None,
) -> None:
    """Lets a candidate that passes the gate serve, as the next version; the one before it is kept.

    Whoever pinned a revision keeps it. A candidate in which a judge was found to score the other way waits
    until a person accepts that. The first snapshot of a name needs no gate, and DATA is not read then.
    """
    from moa_scorer.app.threads import cap

    cap(1)
    from moa_scorer.domain.audit_log import AuditAction
    from moa_scorer.learning.loop.promotion import promote as take_over

    with told():
        new = _read(candidate)
    with told(), shelf_of(new.name, shelf, config) as opened:
        found = _gate(opened.serving, new, _audit(data, options)) if opened.serving else None
        if found:
            _print_gate(found, as_json=False)
        noted(
            AuditAction.SNAPSHOT_PROMOTED,
            opened,
            f"candidate {candidate.name}",
            who=who,
            why=note,
            config=config,
        )
        after = take_over(opened, new, found, _act(who, at, note), accepted=accept_polarity or ())
    typer.echo(f"{after.serving.revision if after.serving else after.name} serves now")


def rollback(
    name: Name, who: Who, shelf: ShelfFolder = None, at: At = "", note: Note = "", config: Config = None
) -> None:
    """Lets the snapshot serve again that the present one replaced. No file is removed.

    Alarms that were open then do not open again: what drifts is found once more.
    """
    from moa_scorer.domain.audit_log import AuditAction
    from moa_scorer.learning.loop.promotion import rollback as step_back

    with told(), shelf_of(name, shelf, config) as opened:
        action = AuditAction.SNAPSHOT_ROLLED_BACK
        noted(action, opened, "the version that it replaced", who=who, why=note, config=config)
        after = step_back(opened, _act(who, at, note))
    typer.echo(f"{after.serving.revision if after.serving else name} serves now")


def alarms(
    name: Name,
    shelf: ShelfFolder = None,
    close: Annotated[
        list[str] | None, typer.Option("--close", metavar="JUDGE", help="Close its alarm; repeat.")
    ] = None,
    close_source: Annotated[
        list[str] | None,
        typer.Option("--close-source", metavar="SOURCE", help="Close the doubt about a source; repeat."),
    ] = None,
    age_limit: Annotated[
        int | None, typer.Option("--age-limit", min=0, help="Days until STALE; 0 = no limit.")
    ] = None,
    who: Who = "",
    at: At = "",
    note: Note = "",
    config: Config = None,
) -> None:
    """Lists the open drift alarms of the snapshots of a name; closes them, or sets the age limit.

    While a judge's alarm is open a server asks the others alone; numbers that rest on the judge are STALE,
    and so are those of a source in doubt. A promotion closes all. Running servers see it when they reload.
    """
    from moa_scorer.learning.loop.promotion import close_alarms, close_doubts, limit_age

    if (close or close_source or age_limit is not None) and not who:
        fail("--who is needed: somebody has to answer for it", Exit.USAGE)
    with told(), shelf_of(name, shelf, config) as opened:
        if close:
            opened = close_alarms(opened, close, _act(who, at, note))
        if close_source:
            opened = close_doubts(opened, close_source, _act(who, at, note))
        if age_limit is not None:
            opened = limit_age(opened, age_limit or None, _act(who, at, note))
    limit = opened.state.age_limit_days
    typer.echo(f"age limit: {f'{limit} days' if limit else 'none'}")
    for alarm in opened.state.alarms:
        typer.echo(f"{alarm.judge} {alarm.what} (since {alarm.since})")
    for doubt in opened.state.doubts:
        typer.echo(f"source '{doubt.source}': {doubt.what} (since {doubt.since})")
    if not (opened.state.alarms or opened.state.doubts):
        typer.echo("no alarm is open")


@takes_study
def flips(
    data: Data,
    options: StudyOptions,
    candidate: Candidate,
    against: Against,
    policy: Annotated[Path, typer.Option("--policy", metavar="POLICY.yaml", help="The thresholds.")],
    as_json: AsJson = False,
) -> None:
    """Shows which decisions a promotion would change: the same ballots under both snapshots and a policy."""
    from moa_scorer.app.threads import cap

    cap(1)
    from moa_scorer.aggregation.own import own_panel, own_rubric
    from moa_scorer.learning.loop.flips import flips as compare
    from moa_scorer.learning.loop.on_scales import table_for

    with told():
        new, old, rules = _read(candidate), _read(against), _policy(policy)
    (study,) = _one(load_studies(data, options), data)
    try:
        table = table_for(study, new)
        found = compare(old, new, table, own_rubric(new), own_panel(new), rules, kind=new.kinds[0])
    except ValueError as error:
        fail(str(error), Exit.REJECTED)
    if as_json:
        typer.echo(json.dumps(_flips_plain(found), indent=2))
        return
    typer.echo(f"{len(found.flips)} of {found.items} items ({found.share:.1%}) would be decided otherwise")
    for (before, after), count in sorted(found.counts.items()):
        typer.echo(f"{before:>8} → {after:<8} {count:6d}{'' if before == after else '  changed'}")
    for flip in found.flips:
        typer.echo(
            f"{flip.item}: {flip.before.decision} ({flip.before.rule}, {_number(flip.score_before)}) → "
            f"{flip.after.decision} ({flip.after.rule}, {_number(flip.score_after)})"
        )


def add_to(commands: typer.Typer, prose: Callable[[str | None], str]) -> None:
    """Makes commands of the functions here; `prose` turns a docstring into help."""
    for command, examples in (
        (gate, GATE_EXAMPLES),
        (promote, PROMOTE_EXAMPLES),
        (rollback, ROLLBACK_EXAMPLES),
        (alarms, ALARMS_EXAMPLES),
        (flips, FLIPS_EXAMPLES),
    ):
        commands.command(help=prose(command.__doc__), epilog=examples)(command)


def _read(path: Path) -> "Snapshot":
    from moa_scorer.calibration.files import read_snapshot

    return read_snapshot(path)


def _act(who: str, at: str, note: str) -> "Act":
    from datetime import UTC, datetime

    from moa_scorer.learning.loop.promotion import Act

    return Act(who=who, at=at or datetime.now(UTC).isoformat(timespec="seconds"), note=note)


def _one(studies: "tuple[Study, ...]", data: Path) -> "tuple[Study]":
    if len(studies) != 1:
        names = ", ".join(s.name for s in studies)
        fail(f"{data}: holds several studies ({names}); choose with --criteria", Exit.USAGE)
    return (studies[0],)


def _audit(data: Path, options: StudyOptions) -> "Study":
    """The items that were drawn at random to check snapshots; ends the command where there are none."""
    (study,) = _one(load_studies(data, options), data)
    drawn = [item.id for item in study.items if item.audit]
    if not drawn:
        fail(
            f"{data}: no item is marked as a random audit: add a column `audit`, or name yours by --audit",
            Exit.REJECTED,
        )
    return study.take(drawn)


def _gate(old: "Snapshot", new: "Snapshot", audit: "Study") -> "Gate":
    from moa_scorer.aggregation.own import own_panel, own_rubric
    from moa_scorer.learning.loop.audit_groups import groups_of
    from moa_scorer.learning.loop.gate import gate as measure
    from moa_scorer.learning.loop.on_scales import table_for

    if (old.panel, old.rubric) != (new.panel, new.rubric):
        fail(f"{new.revision} was not fitted for the rubric and panel of {old.revision}", Exit.REJECTED)
    try:
        table = table_for(audit, new)
    except ValueError as error:
        fail(str(error), Exit.REJECTED)
    language = new.languages[0] if new.languages else ""
    return measure(
        old,
        new,
        table,
        own_rubric(new),
        own_panel(new),
        kind=new.kinds[0],
        language=language,
        groups=groups_of(audit.items),
    )


def _print_gate(found: "Gate", *, as_json: bool) -> None:
    from moa_scorer.learning.loop.promotion import figures

    if as_json:
        plain = {"outcome": found.outcome, "reasons": found.reasons, "needed": found.needed, **figures(found)}
        typer.echo(json.dumps(plain, indent=2))
        return
    from moa_scorer.app.cli.snapshots.gate_lines import gate_lines
    from moa_scorer.contract.calibrations import gate_message

    for line in gate_lines(gate_message(found)):
        typer.echo(line)


def _policy(path: Path) -> "Policy":
    from moa_scorer.app.files.policy_file import read_policy

    return read_policy(path)


def _flips_plain(found: Any) -> dict[str, Any]:
    return {
        "policy": found.policy,
        "items": found.items,
        "counts": [{"before": a, "after": b, "items": n} for (a, b), n in sorted(found.counts.items())],
        "flips": [
            {
                "item": f.item,
                "before": f.before.decision,
                "after": f.after.decision,
                "rule_before": f.before.rule,
                "rule_after": f.after.rule,
                "score_before": f.score_before,
                "score_after": f.score_after,
            }
            for f in found.flips
        ],
    }


def _number(score: float | None) -> str:
    return "unscored" if score is None else f"{score:.3f}"
