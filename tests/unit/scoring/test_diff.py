"""Which stored decisions flip between two policies, two snapshots, two catalogues."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace

import pytest

from moa_scorer.domain.policy import Policy
from moa_scorer.domain.record import Record
from moa_scorer.domain.verdict import Decision
from moa_scorer.scoring.artefacts import Artefacts
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.diff import Side, diff
from moa_scorer.scoring.what_if_tally import WhatIf
from tests.fakes.judges import STRICT
from tests.fakes.records import CAREFUL, many_records, rated, snapshot_of

REJECTING = Policy(
    name="strict", version=2, title="", rules=(), otherwise=Decision.REJECT, on_unscored=Decision.REVIEW
)


async def each(records: Iterable[Record]) -> AsyncIterator[Record]:
    for record in records:
        yield record


async def compared(records: list[Record], old: Side, new: Side, catalog: Catalog) -> WhatIf:
    return await diff(each(records), old, new, Artefacts(lambda: catalog), examples=1000)


async def test_two_policies_decide_on_the_stored_verdicts() -> None:
    catalog, records = await many_records(40)
    found = await compared(
        records, Side(name="old", policy=STRICT), Side(name="new", policy=CAREFUL), catalog
    )
    assert found.records == 40
    assert sum(move.count for move in found.moves) == 40
    assert found.changed == len(found.examples) > 0
    assert all(one.score_before == one.score_after for one in found.examples)


async def test_a_policy_against_itself_flips_nothing() -> None:
    catalog, records = await many_records(20)
    side = Side(name="same", policy=CAREFUL)
    assert (await compared(records, side, side, catalog)).changed == 0


async def test_a_snapshot_scores_the_stored_ballots_anew_and_says_where_it_does_not_fit() -> None:
    catalog, records = await many_records(30)
    serving = catalog.snapshots[0]
    other = replace(snapshot_of(rated(80)), version=2)
    found = await compared(
        records, Side(name="old", snapshot=serving), Side(name="new", snapshot=other), catalog
    )
    assert found.records == 30
    assert found.mean_change is not None
    assert found.mean_change > 0

    foreign = replace(other, panel="somebody-else@1")
    none = await compared(
        records, Side(name="old", snapshot=serving), Side(name="new", snapshot=foreign), catalog
    )
    assert (none.records, sum(none.untold.values())) == (0, 30)


async def test_the_catalogue_that_made_the_records_gives_them_again() -> None:
    catalog, records = await many_records(40)
    same = Side(name="same", catalog=catalog)
    for record in records:
        assert record.provisional is False
    found = await compared(records, same, same, catalog)
    assert (found.changed, found.mean_change) == (0, 0)


async def test_another_catalogue_resolves_the_requests_as_a_server_would() -> None:
    catalog, records = await many_records(40)
    newer = replace(catalog, policies=(*catalog.policies, REJECTING))
    found = await compared(
        records, Side(name="old", catalog=catalog), Side(name="new", catalog=newer), catalog
    )
    strict = [r for r in records if r.request.policy == "strict"]
    assert found.changed == sum(r.ruling.decision is Decision.ACCEPT for r in strict) > 0

    asking_others = replace(catalog, panels=(replace(catalog.panels[0], judges=("a", "b")),))
    none = await compared(
        records, Side(name="old", catalog=catalog), Side(name="new", catalog=asking_others), catalog
    )
    assert (none.records, sum(none.untold.values())) == (0, 40)


async def test_the_floor_of_a_record_holds_for_either_policy() -> None:
    catalog, records = await many_records(20)
    floored = [replace(r, plan=replace(r.plan, floor=REJECTING)) for r in records]
    lax = replace(STRICT, rules=())
    found = await compared(floored, Side(name="old", policy=STRICT), Side(name="new", policy=lax), catalog)
    assert {move.after for move in found.moves} <= {Decision.REJECT, Decision.REVIEW}


@pytest.mark.parametrize(
    ("side", "kind"), [(Side(name="p", policy=STRICT), "policy"), (Side(name="c"), "catalogue")]
)
def test_a_side_says_what_it_is(side: Side, kind: str) -> None:
    assert side.kind == kind
