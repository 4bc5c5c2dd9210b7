"""`moa-scorer next-judge`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Final

import typer

from moa_scorer.app.cli.exits import Exit, fail, say, told
from moa_scorer.app.cli.options import CatalogDir, Config, settings_of

if TYPE_CHECKING:
    from moa_scorer.app.cli.reconcile.ballot_lines import BallotLine
    from moa_scorer.calibration.next_judge import NextJudge
    from moa_scorer.scoring.catalog import Catalog

EXAMPLES: Final = """\
[bold]Examples[/bold]

  echo '{"id": "7", "judges": {"mistral": {"fluency": 4}}}' \\
    | moa-scorer next-judge - --snapshot mine.json.gz --cost gpt=2100 --cost claude=3000
"""
SHOWN: Final = 3
"""Judges named for an item without --json."""
Ballots = Annotated[
    str,
    typer.Argument(
        metavar="BALLOTS.jsonl",
        help="A line an item, as for reconcile, or - for stdin; an item may have no ballot yet.",
        show_default=False,
    ),
]
By = Annotated[
    str,
    typer.Option("--snapshot", help="A file that fit wrote, or the name of one in the catalogue."),
]
Costs = Annotated[
    list[str] | None,
    typer.Option("--cost", metavar="JUDGE=MICRO_USD", help="Cost of an item in millionths of a dollar."),
]
Of = Annotated[str, typer.Option("--of", metavar="CRITERION", help="Whose interval shall shrink.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, every judge in it.")]


def next_judge(
    ballots: Ballots,
    snapshot: By,
    cost: Costs = None,
    of: Of = "overall",
    as_json: AsJson = False,
    config: Config = None,
    catalog_dir: CatalogDir = None,
) -> None:
    """Says for each item which judge to ask next: how much narrower its interval would become, and the price.

    Expected over what each judge said of rated items with scores like this one's. Judges come in the order of
    shrink per cost; those whose cost is not given stand last, by shrink. Nobody is asked.
    """
    costs = _costs(cost or [])
    from moa_scorer.app.threads import cap

    cap(1)
    from moa_scorer.app.cli.reconcile.ballot_lines import ballot_lines
    from moa_scorer.app.cli.score.items import BadInput
    from moa_scorer.app.cli.snapshots.choice import with_snapshot
    from moa_scorer.app.compose import catalog_of
    from moa_scorer.client import OwnBallots

    bad = 0
    try:
        with told(), ballot_lines(ballots, OwnBallots(judges={})) as lines:
            catalog, name = with_snapshot(catalog_of(settings_of(config, catalog_dir=catalog_dir)), snapshot)
            for each in lines:
                bad += not _line(each, catalog, name, costs, of, as_json=as_json)
    except (BadInput, ValueError) as error:
        fail(str(error), Exit.REJECTED)
    if bad:
        raise typer.Exit(Exit.REJECTED)


def _costs(given: Sequence[str]) -> dict[str, float]:
    costs = {}
    for one in given:
        judge, _, amount = one.rpartition("=")
        try:
            costs[judge] = float(amount)
        except ValueError:
            fail(f"--cost {one}: should be JUDGE=MICRO_USD, such as gpt=2100", Exit.USAGE)
    return costs


def _line(
    each: "BallotLine",
    catalog: "Catalog",
    snapshot: str,
    costs: Mapping[str, float],
    of: str,
    *,
    as_json: bool,
) -> bool:
    """Writes what one line's item is worth asking; False for a line that is told to be wrong."""
    from moa_scorer.calibration.next_judge import next_judges
    from moa_scorer.domain.errors import InvalidRequest

    if each.ballots is None:
        say(f"line {each.line.number}: {each.line.mistake}")
        return False
    fitted = catalog.snapshot(snapshot)
    try:
        values = _values(each, catalog, snapshot)
        found = next_judges(fitted, values, asked=each.ballots.judges, micro_usd=costs, head=of)
    except InvalidRequest as error:
        say(f"line {each.line.number}: {error}")
        return False
    except KeyError:
        fail(f"{fitted.revision} has no criterion {of}", Exit.REJECTED)
    name = each.ballots.id or f"line {each.line.number}"
    typer.echo(_json(name, found) if as_json else _words(name, found))
    return True


def _values(each: "BallotLine", catalog: "Catalog", snapshot: str) -> dict[str, float]:
    """Columns of the item: what its judges said, on their scales, and the measures of its text.

    Raises InvalidRequest for names and answers that the snapshot cannot take.
    """
    from moa_scorer.aggregation.columns import column_values, in_panel_order
    from moa_scorer.aggregation.own import facts_of, own_panel, unit_ballots
    from moa_scorer.calibration.table import MEASURES
    from moa_scorer.client.own_ballots import reconcile_message
    from moa_scorer.contract.brought import brought
    from moa_scorer.domain.errors import InvalidRequest
    from moa_scorer.scoring.brought import strange_names

    assert each.ballots is not None, "bad lines were told"
    fitted = catalog.snapshot(snapshot)
    request = brought(reconcile_message(replace(each.ballots, snapshot=snapshot)), catalog)
    if strange := tuple(strange_names(request, catalog)):
        raise InvalidRequest(strange)
    judged = in_panel_order(unit_ballots(request.ballots, fitted), own_panel(fitted))
    measures = facts_of(request.content).measures
    return {**column_values(judged), **{f"{MEASURES}/{n}": x for n, x in measures.items()}}


def _json(name: str, found: Sequence["NextJudge"]) -> str:
    width = found[0].width + found[0].shrink if found else None
    rows = [{"judge": n.judge, "width": n.width, "shrink": n.shrink, "micro_usd": n.micro_usd} for n in found]
    return json.dumps({"item": name, "width": width, "next": rows})


def _words(name: str, found: Sequence["NextJudge"]) -> str:
    if not found:
        return f"{name}: every judge has been asked"
    parts = [f"{n.judge} {-n.shrink:+.3f}{_price(n)}" for n in found[:SHOWN]]
    return f"{name}: interval {found[0].width + found[0].shrink:.3f} wide; with {', '.join(parts)}"


def _price(one: "NextJudge") -> str:
    return "" if one.micro_usd is None else f" for ${one.micro_usd / 1e6:.6f}"
