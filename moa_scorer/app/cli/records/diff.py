"""`moa-scorer diff`."""

import re
from typing import TYPE_CHECKING, Annotated, Final

import typer

from moa_scorer.app.cli.exits import Exit, fail, say, told
from moa_scorer.app.cli.options import CatalogDir, Config, log_quietly, settings_of
from moa_scorer.app.cli.records.left_out import tell_left_out
from moa_scorer.app.cli.records.run import OfTenant
from moa_scorer.app.cli.records.stored_options import (
    OfPanel,
    OfPolicy,
    OfRubric,
    Records,
    Since,
    in_utc,
)

if TYPE_CHECKING:
    from moa_scorer.scoring.what_if_tally import WhatIf

EXAMPLES: Final = """\
[bold]Examples[/bold]

  moa-scorer diff comments@1 comments-careful@1 --since 2026-11-01

  moa-scorer diff comments@1 ./policies/comments.yaml --max-flips 1%

  moa-scorer diff ./catalogue-main ./catalogue-branch --records week.jsonl.gz --markdown

[bold]Exit status[/bold]

  1 when more decisions flip than --max-flips allows, or records are damaged: they are named and left out
"""
_LIMIT: Final = re.compile(r"(\d+(?:\.\d+)?)%|(\d+)")

Old = Annotated[str, typer.Argument(metavar="OLD", help="What is in force.", show_default=False)]
New = Annotated[str, typer.Argument(metavar="NEW", help="What would be.", show_default=False)]
MaxFlips = Annotated[
    str | None, typer.Option("--max-flips", metavar="N|P%", help="More than so many, or such a share, fail.")
]
Shown = Annotated[int, typer.Option("--show", min=0, help="Flips that are listed at most.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON, for machines.")]
AsMarkdown = Annotated[bool, typer.Option("--markdown", help="Markdown, for a pull request.")]


def diff(
    old: Old,
    new: New,
    max_flips: MaxFlips = None,
    since: Since = None,
    panel: OfPanel = "",
    rubric: OfRubric = "",
    policy: OfPolicy = "",
    tenant: OfTenant = "default",
    records: Records = None,
    show: Shown = 20,
    as_json: AsJson = False,
    as_markdown: AsMarkdown = False,
    config: Config = None,
    catalog_dir: CatalogDir = None,
) -> None:
    """Lists the decisions on stored records that flip from OLD to NEW; no judge is asked.

    OLD and NEW are two policies, two snapshots or two catalogues. Policies and snapshots are names in the
    catalogue, or files; catalogues are folders. A policy decides on the stored verdicts, whatever policy they
    had; a snapshot scores the stored ballots anew; a catalogue does both, as if the requests came to it.
    """
    if as_json and as_markdown:
        fail("choose one of --json and --markdown", Exit.USAGE)
    limit = _limit(max_flips)
    settings = settings_of(config, catalog_dir=catalog_dir)
    log_quietly(settings)
    import asyncio

    from moa_scorer.app.cli.records import diff_tables
    from moa_scorer.app.diffing import diff_of
    from moa_scorer.domain.stores import RecordFilter
    from moa_scorer.domain.tenant import Tenant

    meant = RecordFilter(
        tenant=Tenant(tenant), since=in_utc(since), panel=panel, rubric=rubric, policy=policy
    )
    with told():
        compared = asyncio.run(diff_of(old, new, settings, meant, records, show))
    diff_tables.show(compared, as_json=as_json, as_markdown=as_markdown)
    if too_many := limit is not None and not _within(limit, compared.found):
        say(f"{compared.found.changed} of {compared.found.records} decisions flip, more than {max_flips}")
    tell_left_out(compared.damaged)
    if too_many:
        raise typer.Exit(Exit.REJECTED)


def _limit(said: str | None) -> tuple[float | None, int | None] | None:
    """Such a share or so many; None = no limit."""
    if said is None:
        return None
    match = _LIMIT.fullmatch(said)
    if match is None:
        fail(f"--max-flips {said}: should be a number such as 10, or a share such as 0.5%", Exit.USAGE)
    share, count = match.groups()
    return (float(share) / 100, None) if share else (None, int(count))


def _within(limit: tuple[float | None, int | None], found: "WhatIf") -> bool:
    share, count = limit
    return found.share_changed <= share if share is not None else found.changed <= (count or 0)
