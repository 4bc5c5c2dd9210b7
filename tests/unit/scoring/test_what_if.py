"""Stored ballots under other thresholds, weights, snapshots and subsets of judges."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from moa_scorer.domain.ballot import Abstention
from moa_scorer.domain.policy import Policy, Rule, Test
from moa_scorer.domain.record import Record
from moa_scorer.domain.verdict import CertificateStatus, Decision, Scored
from moa_scorer.scoring.artefacts import Artefacts, Calibration
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.what_if import Change, changed, what_if
from moa_scorer.scoring.what_if_tally import WhatIf
from tests.fakes.records import STRICT, many_records, rated, recorded_catalog, request_of, scored, snapshot_of


async def streamed(records: Sequence[Record]) -> AsyncIterator[Record]:
    for record in records:
        yield record


async def asked(catalog: Catalog, records: Sequence[Record], change: Change, examples: int = 5) -> WhatIf:
    return await what_if(streamed(records), change, Artefacts(lambda: catalog), examples=examples)


def threshold(value: float) -> Policy:
    rules = (Rule(test=Test.SCORE_BELOW, threshold=value, then=Decision.REJECT),)
    return replace(STRICT, name="moved", rules=rules)


@pytest.mark.parametrize(
    "change",
    [Change(), Change(quorum=2), Change(without=frozenset({"nobody"}))],
    ids=["none", "same", "idle"],
)
async def test_no_change_changes_nothing(change: Change) -> None:
    catalog, records = await many_records(60)
    found = await asked(catalog, records, change)
    assert (found.records, found.changed, found.mean_change) == (60, 0, 0.0)
    assert sum(moved.share for moved in found.moves) == pytest.approx(1)


async def test_another_policy_decides_on_the_stored_verdicts() -> None:
    table = rated(60)
    catalog = recorded_catalog(table, snapshots=(snapshot_of(table),))
    records = await scored(catalog, [request_of(item, policy="strict") for item in table.ids])
    found = await asked(catalog, records, Change(policy=threshold(0.6)))
    between = [r for r in records if 0.5 <= (r.verdict.score or 0.0) < 0.6]
    assert found.changed == len(between) > 0
    assert found.mean_change == 0.0
    assert [(m.before, m.after) for m in found.moves if m.before is not m.after] == [
        (Decision.ACCEPT, Decision.REJECT)
    ]
    assert [e.record for e in found.examples] == [r.name for r in between[:5]]
    assert found.examples[0].after.rule == "score_below:0.60"


async def test_a_policy_alone_needs_no_snapshot() -> None:
    catalog, records = await many_records(10)
    found = await asked(replace(catalog, snapshots=()), records, Change(policy=threshold(0.6)))
    assert (found.records, found.untold) == (10, {})


async def test_without_a_judge_the_score_is_that_of_the_others() -> None:
    table = rated(60)
    catalog = recorded_catalog(table, snapshots=(snapshot_of(table),))
    whole = await scored(catalog, [request_of(item) for item in table.ids[:20]])
    absent = {f"{item}/cid": Abstention(reason="not_needed") for item in table.ids}  # type: ignore[arg-type]
    fewer = await scored(
        recorded_catalog(table, snapshots=catalog.snapshots, absent=absent),
        [request_of(item) for item in table.ids[:20]],
    )
    calibration = Calibration(snapshot=catalog.snapshots[0], reference=catalog.reference)
    for change in (Change(without=frozenset({"cid"})), Change(only=frozenset({"ann", "bob"}))):
        scores = [changed(record, change, calibration)[0].score for record in whole]
        assert scores == [record.verdict.score for record in fewer]


async def test_too_few_judges_leave_items_unscored_and_the_policy_says_what_then() -> None:
    table = rated(60)
    catalog = recorded_catalog(table, snapshots=(snapshot_of(table),))
    records = await scored(catalog, [request_of(item, policy="strict") for item in table.ids])
    found = await asked(catalog, records, Change(only=frozenset({"ann"})))
    assert (found.lost, found.gained, found.scored_both, found.mean_change) == (60, 0, 0, None)
    assert {moved.after for moved in found.moves} == {Decision.REVIEW}


async def test_a_lower_quorum_scores_what_was_not() -> None:
    catalog, records = await many_records(60, share=0.6)
    unscored = sum(r.verdict.score is None for r in records)
    nobody = sum(r.verdict.answered == 0 for r in records)
    found = await asked(catalog, records, Change(quorum=1))
    assert found.gained == unscored - nobody > 0
    assert found.lost == 0


async def test_another_snapshot_is_what_the_server_would_have_said_with_it() -> None:
    table = rated(120)
    old, new = snapshot_of(table), snapshot_of(rated(90), seed=3, version=2)
    requests = [request_of(item, k) for k, item in enumerate(table.ids[:40])]
    catalog = recorded_catalog(table, snapshots=(old,))
    before = await scored(catalog, requests)
    after = await scored(recorded_catalog(table, snapshots=(new,)), requests)
    found = await asked(catalog, before, Change(snapshot=new))
    assert found.changed == sum(
        b.ruling.decision is not a.ruling.decision for b, a in zip(before, after, strict=True)
    )
    distances = [
        abs((a.verdict.score or 0.0) - (b.verdict.score or 0.0)) for b, a in zip(before, after, strict=True)
    ]
    assert found.mean_change == pytest.approx(sum(distances) / len(distances))
    assert found.mean_change > 0


async def test_a_snapshot_for_other_records_tells_nothing_of_these() -> None:
    catalog, records = await many_records(10)
    found = await asked(catalog, records, Change(snapshot=replace(catalog.snapshots[0], panel="other@1")))
    assert found.records == 0
    assert list(found.untold.values()) == [10]


async def test_other_weights_are_the_mean_of_the_criteria_and_uncalibrated() -> None:
    catalog, records = await many_records(20, share=0.0)
    calibration = Calibration(snapshot=catalog.snapshots[0], reference=catalog.reference)
    verdict, _ = changed(records[0], Change(weights={"clarity": 3.0, "depth": 1.0}), calibration)
    outcome, old = verdict.outcome, records[0].verdict.outcome
    assert isinstance(outcome, Scored)
    assert isinstance(old, Scored)
    clarity, depth = (c.score for c in old.criteria)  # type: ignore[union-attr]
    assert outcome.overall.score == pytest.approx(0.75 * clarity + 0.25 * depth)
    assert outcome.overall.interval is None
    assert outcome.certificate.status is CertificateStatus.UNCALIBRATED


async def test_weights_for_other_criteria_tell_nothing() -> None:
    catalog, records = await many_records(10)
    found = await asked(catalog, records, Change(weights={"beauty": 1.0}))
    assert (found.records, sum(found.untold.values())) == (0, 10)


async def test_records_whose_snapshot_is_gone_are_counted_apart() -> None:
    catalog, records = await many_records(10)
    found = await asked(replace(catalog, snapshots=()), records, Change(quorum=1))
    assert found.records == 0
    assert list(found.untold.values()) == [10]


async def test_progress_adds_up_and_a_cancellation_is_heeded() -> None:
    catalog, records = await many_records(70)
    done: list[int] = []
    await what_if(streamed(records), Change(quorum=1), Artefacts(lambda: catalog), progress=done.append)
    assert sum(done) == 70

    async def endless() -> AsyncIterator[Record]:
        while True:
            yield records[0]
            await asyncio.sleep(0)

    task = asyncio.create_task(what_if(endless(), Change(quorum=1), Artefacts(lambda: catalog)))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)


async def test_without_records_there_is_nothing_to_tell() -> None:
    catalog, _ = await many_records(1)
    found = await asked(catalog, [], Change(quorum=1))
    assert (found.records, found.share_changed, found.mean_change) == (0, 0.0, None)
