"""The options of every command that means stored records: which they are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from moa_scorer.app.cli.exits import Exit, fail
from moa_scorer.app.cli.options import taking
from moa_scorer.app.cli.records.stored_options import OfPanel, OfPolicy, OfRubric, Since, in_utc

if TYPE_CHECKING:
    from moa_scorer.client import RecordQuery

AsJson = Annotated[bool, typer.Option("--json", help="JSON, for machines.")]
Name = Annotated[
    str, typer.Argument(metavar="RECORD", help="`records/ID`, or the ID alone.", show_default=False)
]


def _option(name: str, metavar: str | None, what: str) -> Any:
    return typer.Option(name, metavar=metavar, help=what, show_default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """What the command line says about which records; one option a field. `takes_which` makes them."""

    since: Since = None
    until: Annotated[
        datetime | None,
        typer.Option(
            "--until",
            metavar="DATE",
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"],
            help="Records before this day or instant, UTC.",
        ),
    ] = None
    panel: OfPanel = ""
    rubric: OfRubric = ""
    policy: OfPolicy = ""
    snapshot: Annotated[str, _option("--of-snapshot", "SNAPSHOT", "Records of this snapshot.")] = ""
    decision: Annotated[
        Literal["accept", "review", "reject", "none"] | None,
        _option("--decision", None, "Records with this decision."),
    ] = None
    completion: Annotated[
        Literal["complete", "partial", "decided", "unscored"] | None,
        _option("--completion", None, "Records that ended so."),
    ] = None
    item: Annotated[str, _option("--item", "ID", "Records of the item of this id.")] = ""
    subject: Annotated[str, _option("--subject", "SUBJECT", "Records about this subject.")] = ""
    tag: Annotated[list[str] | None, _option("--tag", "KEY=VALUE", "With this tag; repeat for more.")] = None
    audited: Annotated[
        bool | None, typer.Option("--audited/--not-audited", help="Drawn for the random audit, or not.")
    ] = None


def takes_which(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for each field of its parameter of type `Which`."""
    return taking(Which, command)


def query_of(which: Which, *, oldest_first: bool = False) -> "RecordQuery":
    """The same as a query; ends the command where a tag has no value or the times are in reverse."""
    from moa_scorer.client import RecordQuery

    if which.since and which.until and which.since >= which.until:
        fail("--until must be after --since", Exit.USAGE)
    return RecordQuery(
        panel=which.panel,
        rubric=which.rubric,
        policy=which.policy,
        snapshot=which.snapshot,
        decision=which.decision or "",
        completion=which.completion or "",
        content_id=which.item,
        subject=which.subject,
        tags=dict(_tag(each) for each in which.tag or ()),
        since=in_utc(which.since),
        until=in_utc(which.until),
        audited=which.audited,
        oldest_first=oldest_first,
    )


def _tag(said: str) -> tuple[str, str]:
    key, equals, value = said.partition("=")
    if not equals:
        fail(f"--tag {said}: should be KEY=VALUE", Exit.USAGE)
    return key, value
