"""The same ballots and the same ruler give the same number."""

from dataclasses import replace

import pytest

from moa_scorer.calibration.reference import EMPTY_REFERENCE
from moa_scorer.domain.ballot import Abstention, Ballot, Judgment, Score
from moa_scorer.domain.panel import Layer, When
from moa_scorer.domain.record import Record
from moa_scorer.domain.verdict import Completion, Decision, Ruling, Unscored, UnscoredReason
from moa_scorer.scoring.artefacts import Artefacts
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.replay import replayed
from tests.fakes.records import (
    many_records,
    rated,
    recorded_catalog,
    request_of,
    scored,
    snapshot_of,
)


def artefacts_of(catalog: Catalog) -> Artefacts:
    return Artefacts(lambda: catalog)


def with_score(record: Record, judge: str, value: float) -> Record:
    """The record with one score of one ballot changed, as if the database had been edited."""

    def edited(ballot: Ballot) -> Ballot:
        if ballot.judge != judge or isinstance(ballot.outcome, Abstention):
            return ballot
        answers = {**ballot.outcome.answers, "clarity": Score(value=value)}
        return replace(ballot, outcome=Judgment(answers=answers))

    return replace(
        record, verdict=replace(record.verdict, ballots=tuple(map(edited, record.verdict.ballots)))
    )


async def test_records_of_many_masks_kinds_and_policies_come_out_to_the_bit() -> None:
    catalog, records = await many_records(120)
    artefacts = artefacts_of(catalog)
    replays = [await replayed(record, artefacts) for record in records]
    assert [r.difference for r in replays if not r.same] == []
    assert {r.verdict.completion for r in records} >= {
        Completion.COMPLETE,
        Completion.PARTIAL,
        Completion.UNSCORED,
    }
    assert {r.ruling.decision for r in records} == set(Decision)


@pytest.mark.parametrize("items", [0, 10, 30])
async def test_records_without_a_fit_of_few_items_and_of_straight_lines_do_too(items: int) -> None:
    table = rated(60)
    few = (snapshot_of(rated(items), reference=EMPTY_REFERENCE),) if items else ()
    catalog = recorded_catalog(table, snapshots=few)
    records = await scored(catalog, [request_of(item, k) for k, item in enumerate(table.ids)])
    assert all([(await replayed(record, artefacts_of(catalog))).same for record in records])


async def test_layers_and_their_readings_are_replayed() -> None:
    table = rated()
    layers = (Layer(judges=("ann", "bob")), Layer(judges=("cid",)))
    catalog = recorded_catalog(table, snapshots=(snapshot_of(table),), layers=layers)
    records = await scored(catalog, [request_of(item, k) for k, item in enumerate(table.ids[:30])])
    assert all([(await replayed(record, artefacts_of(catalog))).same for record in records])


async def test_weights_that_were_late_leave_the_item_unscored_again() -> None:
    catalog, (record,) = await many_records(1, share=0.0)
    outcome = Unscored(reason=UnscoredReason.BUDGET_EXHAUSTED, abstentions=())
    verdict = replace(record.verdict, outcome=outcome, completion=Completion.UNSCORED)
    ruling = Ruling(decision=Decision.REVIEW, rule="on_unscored")
    late = replace(record, in_time=False, verdict=verdict, ruling=ruling)
    assert (await replayed(late, artefacts_of(catalog))).same


async def test_tiers_that_stopped_decided_are_decided_again() -> None:
    table = rated()
    layers = (
        Layer(judges=("ann", "bob"), reads=False),
        Layer(judges=("cid",), when=When.UNDECIDED, reads=False),
    )
    catalog = recorded_catalog(table, snapshots=(snapshot_of(table),), layers=layers)
    requests = [request_of(item, policy="strict", quorum=1) for item in table.ids[:40]]
    records = await scored(catalog, requests)
    assert Completion.DECIDED in {record.verdict.completion for record in records}
    assert all([(await replayed(record, artefacts_of(catalog))).same for record in records])


async def test_a_ballot_that_was_changed_is_found_in_the_number() -> None:
    catalog, (record,) = await many_records(1, share=0.0)
    replay = await replayed(with_score(record, "ann", 0.987), artefacts_of(catalog))
    assert not replay.same
    assert replay.difference is not None
    assert replay.difference.path == "verdict.outcome.overall.score"


async def test_a_decision_that_was_changed_is_named_with_both_words() -> None:
    catalog, (record,) = await many_records(1, share=0.0)
    other = Decision.REJECT if record.ruling.decision is not Decision.REJECT else Decision.ACCEPT
    edited = replace(record, ruling=replace(record.ruling, decision=other))
    replay = await replayed(edited, artefacts_of(catalog))
    assert replay.difference is not None
    assert replay.difference.path == "ruling.decision"
    assert (replay.difference.stored, replay.difference.recomputed) == (other, record.ruling.decision)


async def test_a_snapshot_that_is_nowhere_is_named() -> None:
    catalog, (record,) = await many_records(1, share=0.0)
    replay = await replayed(record, artefacts_of(replace(catalog, snapshots=())))
    assert not replay.same
    assert replay.missing is not None
    assert replay.missing.name == f"snapshots/{record.plan.snapshot}"
    assert replay.missing.digest == record.plan.calibration


async def test_reference_quantiles_that_are_nowhere_are_named() -> None:
    table = rated(60)
    catalog = recorded_catalog(table)
    (record,) = await scored(catalog, [request_of(table.ids[0])])
    changed = replace(catalog, reference=replace(EMPTY_REFERENCE, version=2))
    replay = await replayed(record, artefacts_of(changed))
    assert replay.missing is not None
    assert replay.missing.name == "reference quantiles"


async def test_another_panel_or_policy_of_the_catalogue_changes_nothing() -> None:
    catalog, (record,) = await many_records(1, share=0.0)
    changed = replace(catalog, panels=(), policies=(), rubrics=(), judges={})
    assert (await replayed(record, artefacts_of(changed))).same
