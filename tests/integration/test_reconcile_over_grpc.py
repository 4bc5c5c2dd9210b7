"""One's own judges' ballots over a real socket, with the client and without a server."""

from dataclasses import replace

import pytest

from moa_scorer.aggregation.own import reconcile_own
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import RatedTable
from moa_scorer.client import AsyncClient, Client, InvalidRequest, NotFound, OwnBallots, Unscored
from moa_scorer.domain.content import Content
from moa_scorer.domain.verdict import Scored
from moa_scorer.scoring.pipeline import Pipeline
from tests.fakes.judges import five_judges, make_pipeline
from tests.fakes.own import own_snapshot, own_table, raw_ballots
from tests.fakes.servers import serving_in_thread

TEXT = "It was a dark and stormy night. The rain fell in torrents, except at occasional intervals."


@pytest.fixture(scope="module")
def table() -> RatedTable:
    return own_table()


@pytest.fixture(scope="module")
def snapshot(table: RatedTable) -> Snapshot:
    return own_snapshot(table)


@pytest.fixture
def pipeline(snapshot: Snapshot) -> Pipeline:
    made = make_pipeline(five_judges())
    return Pipeline(replace(made.catalog, snapshots=(snapshot,)), made.clock)


def mine(table: RatedTable, **over: object) -> OwnBallots:
    judges = {
        b.judge: {c: s.score for c, s in b.outcome.items()}  # type: ignore[union-attr]
        for b in raw_ballots(table, 0)
    }
    fields: dict[str, object] = {"judges": judges, "snapshot": "essay.essay.trio", "id": "7", "kind": "essay"}
    return OwnBallots(**{**fields, "language": "en", **over})  # type: ignore[arg-type]


def test_the_server_says_what_the_function_says(
    pipeline: Pipeline, table: RatedTable, snapshot: Snapshot
) -> None:
    here = reconcile_own(
        raw_ballots(table, 0), snapshot, content=Content(text="", kind="essay", language="en")
    )
    with serving_in_thread(pipeline) as target, Client(target) as client:
        there = client.reconcile(mine(table), view="full")

    assert isinstance(here.outcome, Scored)
    assert there.score == here.outcome.overall.score
    assert (there.content_id, there.scored.certificate, there.snapshot) == (
        "7",
        "valid",
        "snapshots/essay.essay.trio@1",
    )
    assert [c.amount for c in there.scored.contributions] == [
        c.amount for c in here.outcome.overall.contributions
    ]
    assert len(there.ballots) == 3
    assert there.rationale
    assert (there.plan, there.cost, there.elapsed, there.facts) == (None, None, None, None)


async def test_a_text_adds_its_facts(pipeline: Pipeline, table: RatedTable) -> None:
    with serving_in_thread(pipeline) as target:
        async with AsyncClient(target) as client:
            found = await client.reconcile(mine(table, text=TEXT, language=""), view="ballots")

    assert found.facts is not None
    assert found.facts.language == "en"


def test_scores_off_their_scales_leave_the_item_unscored_with_the_reason(
    pipeline: Pipeline, table: RatedTable
) -> None:
    with serving_in_thread(pipeline) as target, Client(target) as client:
        found = client.reconcile(mine(table, judges={"ann": {"clarity": 11}, "bob": "timeout"}))

    assert not found.is_scored
    with pytest.raises(Unscored) as raised:
        _ = found.score
    assert {a.judge: a.reason for a in raised.value.abstentions} == {
        "ann": "unparseable",
        "bob": "timeout",
        "cid": "cancelled",
    }


def test_mistakes_come_back_all_at_once(pipeline: Pipeline, table: RatedTable) -> None:
    with serving_in_thread(pipeline) as target, Client(target) as client:
        with pytest.raises(InvalidRequest) as raised:
            client.reconcile(mine(table, judges={"dan": {"clarity": 1}, "ann": {"wit": float("nan")}}))
        with pytest.raises(NotFound):
            client.reconcile(mine(table, snapshot="nobody"))

    assert [v.field for v in raised.value.violations] == [
        "ballots[1].answers[0].score",
        "ballots[0].judge",
        "ballots[1].answers[0].criterion",
    ]
