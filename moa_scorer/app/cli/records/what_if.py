"""`moa-scorer records what-if`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from moa_scorer.app.cli.exits import Exit, fail, told
from moa_scorer.app.cli.options import CatalogDir, Config, log_quietly, settings_of
from moa_scorer.app.cli.records.left_out import tell_left_out
from moa_scorer.app.cli.records.options import AsJson, Which, query_of, takes_which
from moa_scorer.app.cli.records.run import OfTenant
from moa_scorer.app.cli.records.stored_options import Records

if TYPE_CHECKING:
    from moa_scorer.app.changing import Wanted
    from moa_scorer.app.compared import Compared
    from moa_scorer.app.settings import Settings
    from moa_scorer.client import RecordQuery

CHANGE = "What would be different"
EXAMPLES = """\
[bold]Examples[/bold]

  moa-scorer records what-if --policy ./strict.yaml --since 2026-11-01

  moa-scorer records what-if --without fluency --without relevance

  moa-scorer records what-if --weight fluency=1 --weight coherence=3 --of-rubric summary
"""


def _change(name: str, metavar: str, what: str, **more: Any) -> Any:
    return typer.Option(name, metavar=metavar, help=what, rich_help_panel=CHANGE, show_default=False, **more)


@takes_which
def what_if(
    which: Which,
    new_policy: Annotated[
        str, _change("--policy", "POLICY", "Decides: a name in the catalogue, or a file.")
    ] = "",
    new_snapshot: Annotated[
        str, _change("--snapshot", "SNAPSHOT", "Calibrates: a name in the catalogue, or a file.")
    ] = "",
    weight: Annotated[
        list[str] | None, _change("--weight", "CRITERION=W", "Weight of a criterion; say every one of them.")
    ] = None,
    without: Annotated[list[str] | None, _change("--without", "JUDGE", "Does not count; repeat.")] = None,
    only: Annotated[list[str] | None, _change("--only", "JUDGE", "Alone counts; repeat.")] = None,
    quorum: Annotated[int | None, _change("--quorum", "N", "Judges that must answer.", min=1)] = None,
    examples: Annotated[int, typer.Option("--show", min=0, help="Changed decisions that are listed.")] = 20,
    as_json: AsJson = False,
    backup: Records = None,
    tenant: OfTenant = "default",
    config: Config = None,
    catalog_dir: CatalogDir = None,
) -> None:
    """Tells which stored decisions would be others, from the stored ballots: no judge is asked.

    Weights give an uncalibrated score, the mean of the criteria by them. Exit status 1 where records are
    damaged: they are named and left out.
    """
    from moa_scorer.app.changing import Wanted
    from moa_scorer.app.cli.records.diff_tables import show

    wanted = Wanted(
        policy=new_policy,
        snapshot=new_snapshot,
        weights=dict(_weight(each) for each in weight or ()),
        without=frozenset(without or ()),
        only=frozenset(only or ()),
        quorum=quorum,
    )
    if wanted == Wanted():
        fail(
            "say what would be different: --policy, --snapshot, --weight, --without, --only or --quorum",
            Exit.USAGE,
        )
    settings = settings_of(config, catalog_dir=catalog_dir)
    log_quietly(settings)
    compared = _compared(wanted, query_of(which), tenant, settings, backup, examples)
    show(compared, as_json=as_json)
    tell_left_out(compared.damaged)


def _compared(
    wanted: "Wanted",
    query: "RecordQuery",
    tenant: str,
    settings: "Settings",
    backup: Path | None,
    examples: int,
) -> "Compared":
    import asyncio

    from moa_scorer.app.changing import what_if_of
    from moa_scorer.app.records_at import filter_of
    from moa_scorer.domain.tenant import Tenant

    with told():
        meant = filter_of(query, Tenant(tenant))
        return asyncio.run(what_if_of(wanted, meant, settings, backup, examples))


def _weight(said: str) -> tuple[str, float]:
    criterion, _, number = said.partition("=")
    try:
        weight = float(number)
    except ValueError:
        weight = -1.0
    if not criterion or not 0.0 <= weight < float("inf"):
        fail(f"--weight {said}: should be CRITERION=W, with a weight of 0 or more", Exit.USAGE)
    return criterion, weight
