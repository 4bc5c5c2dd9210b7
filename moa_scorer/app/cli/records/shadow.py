"""`moa-scorer shadow`."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from moa_scorer.app.cli.exits import told
from moa_scorer.app.cli.options import Config, log_quietly, settings_of
from moa_scorer.app.cli.records.left_out import tell_left_out
from moa_scorer.app.cli.records.run import OfTenant
from moa_scorer.app.cli.records.stored_options import Records, Since, in_utc

if TYPE_CHECKING:
    from moa_scorer.scoring.shadow_table import ShadowRow

EXAMPLES: Final = """\
[bold]Examples[/bold]

  moa-scorer shadow --since 2026-11-01

  moa-scorer shadow --records week.jsonl.gz --json

[bold]Settings[/bold]

  shadow_policies = ["comments-careful"]

  shadow_snapshots = ["comment.comment.embedded@3"]

  shadow_panels = {frontier = 0.02}
"""

AsJson = Annotated[bool, typer.Option("--json", help="JSON, for machines.")]


def shadow(
    since: Since = None,
    tenant: OfTenant = "default",
    records: Records = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Shows how often the policies, snapshots and panels in the shadow would have decided otherwise.

    What the settings `shadow_policies`, `shadow_snapshots` and `shadow_panels` name is observed beside every
    answer and kept in its record; nothing of it is enforced. Compare at leisure, then put one in force. Exit
    status 1 where records are damaged: they are named and left out.
    """
    settings = settings_of(config)
    log_quietly(settings)
    import asyncio

    from moa_scorer.app.diffing import shadows_of
    from moa_scorer.domain.stores import RecordFilter
    from moa_scorer.domain.tenant import Tenant

    meant = RecordFilter(tenant=Tenant(tenant), since=in_utc(since))
    with told():
        rows, damaged = asyncio.run(shadows_of(settings, meant, records))
    if as_json:
        typer.echo(_json(rows))
    elif rows:
        _print(rows)
    else:
        typer.echo("no record observed a shadow; the settings that name some are shown by --help")
    tell_left_out(damaged)


def _json(rows: "tuple[ShadowRow, ...]") -> str:
    import json

    return json.dumps(
        [
            {
                "resource": row.resource,
                "items": row.items,
                "share_differing": row.differing,
                "mean_score_difference": row.mean_difference,
                "counts": [
                    {"enforced": enforced, "observed": observed, "items": count}
                    for (enforced, observed), count in sorted(row.counts.items())
                ],
            }
            for row in rows
        ],
        indent=2,
    )


def _print(rows: "tuple[ShadowRow, ...]") -> None:
    from rich.table import Table

    from moa_scorer.app.cli.console import console_on, whole

    table = Table(box=None, pad_edge=False)
    for heading in ("in the shadow", "items", "decide otherwise", "enforced → observed", "mean |difference|"):
        table.add_column(heading)
    for row in rows:
        moved = (
            f"{enforced} → {observed} {count}"
            for (enforced, observed), count in sorted(row.counts.items(), key=lambda found: -found[1])
        )
        mean = "-" if row.mean_difference is None else f"{row.mean_difference:.3f}"
        table.add_row(row.resource, str(row.items), f"{row.differing:.1%}", "\n".join(moved), mean)
    console_on().print(whole(table, "in the shadow"))
