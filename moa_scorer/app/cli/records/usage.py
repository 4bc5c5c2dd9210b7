"""`moa-scorer usage`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from moa_scorer.app.cli.exits import told
from moa_scorer.app.cli.options import Config, log_quietly, settings_of
from moa_scorer.app.cli.records.stored_options import Records, in_utc
from moa_scorer.domain.usage import By

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.table import Table

    from moa_scorer.app.usage import UsageReport
    from moa_scorer.domain.quota import Left
    from moa_scorer.domain.usage import Used

EXAMPLES: Final = """\
[bold]Examples[/bold]

  moa-scorer usage --since 2026-11-01

  moa-scorer usage --tenant acme --by day --by judge

  moa-scorer usage --json

[bold]Settings[/bold]

  quotas = {acme = [{meter = "items", amount = 10000, per = "hour"}]}
"""

NO_MODELS: Final = (
    "no judge took calls of models, tokens or money, and nothing else is counted by judge; "
    "--by tenant counts items"
)

Keys = Annotated[
    list[By] | None,
    typer.Option(
        "--by",
        help="What sums are told by; may be said again. By judge: those that ask models; local ones take no "
        "calls, tokens or money.",
        show_default="tenant",
    ),
]
Since = Annotated[
    datetime | None,
    typer.Option(
        "--since",
        metavar="DATE",
        formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"],
        help="From this day or hour on, UTC. Default: all.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON, for machines.")]


def usage(
    by: Keys = None,
    since: Since = None,
    tenant: Annotated[str, typer.Option("--tenant", help="Of this tenant only.", show_default="all")] = "",
    records: Records = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Shows what tenants have used: items, calls of models, tokens and money by the price table.

    The sums are written with the records, in the same transaction, and stay when records are deleted. What
    has no record is not in them: requests that ask for none, and those whose caller left. With a Redis in the
    settings it also says what each tenant has left of its quotas now.
    """
    settings = settings_of(config)
    log_quietly(settings)
    import asyncio

    from moa_scorer.app.usage import usage_report

    keys = list(dict.fromkeys(by or (By.TENANT,)))
    with told():
        report = asyncio.run(
            usage_report(settings, keys, since=in_utc(since), tenant=tenant, records=records)
        )
    if as_json:
        typer.echo(_json(report))
    elif report.used or report.left:
        _print(keys, report)
    else:
        typer.echo(NO_MODELS if By.JUDGE in keys else "nothing was used")


def _json(report: "UsageReport") -> str:
    import json

    used = [
        {each: _key(each, value) for each, value in row.by.items()}
        | {
            "items": row.items,
            "calls": row.calls,
            "input_tokens": row.input_tokens,
            "output_tokens": row.output_tokens,
            "micro_usd": row.micro_usd,
            "shadow_micro_usd": row.shadow_micro_usd,
        }
        for row in report.used
    ]
    return json.dumps({"used": used, "quotas": list(_quotas(report.left))}, indent=2)


def _quotas(left: "Mapping[str, Sequence[Left]]") -> "Iterator[dict[str, Any]]":
    for tenant, found in left.items():
        for each in found:
            yield {
                "tenant": tenant,
                "meter": each.quota.meter,
                "amount": each.quota.amount,
                "window_seconds": each.quota.seconds,
                "left": each.amount,
                "resets_in_seconds": round(each.resets_in),
            }


def _key(by: By, value: str) -> str:
    """What a row is told by, for people: a day is a date."""
    return f"{datetime.fromtimestamp(int(value) / 1e6, UTC):%Y-%m-%d}" if by is By.DAY else value


def _print(keys: "Sequence[By]", report: "UsageReport") -> None:
    from moa_scorer.app.cli.console import console_on, whole

    console = console_on()
    if report.used:
        console.print(whole(_used_table(keys, report.used), *keys))
    if report.left:
        console.print("\nleft of quotas now", style="bold")
        console.print(whole(_left_table(report.left), "tenant"))


def _used_table(keys: "Sequence[By]", used: "Sequence[Used]") -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for key in keys:
        table.add_column(key)
    for heading in ("items", "calls", "tokens in", "tokens out", "cost", "in shadows"):
        table.add_column(heading, justify="right")
    for row in used:
        counts = (row.items, row.calls, row.input_tokens, row.output_tokens)
        table.add_row(
            *(Text(_key(key, row.by[key])) for key in keys),
            *(f"{count:,}" for count in counts),
            *(f"${micro_usd / 1e6:,.6f}" for micro_usd in (row.micro_usd, row.shadow_micro_usd)),
        )
    return table


def _left_table(left: "Mapping[str, Sequence[Left]]") -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for heading in ("tenant", "meter", "left", "of", "new in"):
        table.add_column(heading, justify="right" if heading in ("left", "of", "new in") else "left")
    for row in _quotas(left):
        table.add_row(
            Text(row["tenant"]),
            row["meter"],
            f"{row['left']:,}",
            f"{row['amount']:,}",
            f"{row['resets_in_seconds']:,} s",
        )
    return table
