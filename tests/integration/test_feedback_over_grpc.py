"""Ratings over a real server: from a score to the snapshot that they calibrate."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2, status_pb2

from moa_scorer.api.v1 import feedback_service_pb2 as pb
from moa_scorer.api.v1 import scoring_service_pb2 as scoring
from moa_scorer.api.v1 import verdict_pb2
from moa_scorer.calibration.files import read_snapshot
from moa_scorer.calibration.standing import SnapshotState
from moa_scorer.calibration.table import RatedTable
from moa_scorer.client import AsyncClient, InvalidRequest, StoredRating
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant
from moa_scorer.learning.loop.online import CalibrationOrder, Step, calibrate
from moa_scorer.learning.loop.promotion import open_shelf
from moa_scorer.scoring.keeping import Memory
from moa_scorer.scoring.pipeline import Pipeline
from tests.fakes.feedback import NOON, memory_on, sqlite_in
from tests.fakes.judges import SystemClock
from tests.fakes.ratings import SKILLS, make_panel, make_rubric
from tests.fakes.records import CAREFUL, rated, recorded_catalog
from tests.fakes.servers import Served, serving


def pipeline_over(memory: Memory, table: RatedTable) -> Pipeline:
    return Pipeline(recorded_catalog(table), SystemClock(), memory)


async def score(served: Served, table: RatedTable, items: Sequence[int]) -> list[str]:
    """Names of the records of these items."""
    names = []
    for i in items:
        request = scoring.ScoreContentRequest(policy="careful")
        request.content.id, request.content.kind = table.ids[i], "essay"
        request.content.text = f"The essay {table.ids[i]} says a thing or two."
        names.append((await served.scoring.ScoreContent(request)).record)
    return names


def ratings(table: RatedTable, names: Sequence[str], items: Sequence[int]) -> list[pb.Rating]:
    """On the rubric's scale of 1 to 5."""
    return [
        pb.Rating(record=name, rater="ada", criterion=c, value=1 + 4 * float(y[i]))
        for name, i in zip(names, items, strict=True)
        for c, y in table.targets.items()
    ]


def reason(status: status_pb2.Status) -> str:
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    return info.reason


async def test_ratings_calibrate_and_the_new_snapshot_serves_whoever_pins_none(tmp_path: Path) -> None:
    table, items = rated(60), range(60)
    async with memory_on(sqlite_in(tmp_path)) as memory:
        pipeline = pipeline_over(memory, table)
        async with serving(pipeline) as served:
            names = await score(served, table, items)
            given = pb.SubmitRatingsRequest(ratings=ratings(table, names, items))
            first = await served.feedback.SubmitRatings(given)
            again = await served.feedback.SubmitRatings(given)
            assert (first.stored, again.stored) == (120, 0)
            assert all(o.rating.repeated for o in again.outcomes)

            order = CalibrationOrder(
                rubric=make_rubric(),
                panel=make_panel(),
                kind="essay",
                folder=tmp_path,
                revisions=dict.fromkeys(SKILLS, "1"),
                policies=(CAREFUL,),
            )
            assert memory.records is not None
            assert memory.ratings is not None
            outcome = await calibrate(memory.records, memory.ratings, order, NOON)
            assert outcome.step is Step.PROMOTED, outcome
            before = await score_one(served, table)
            reload(pipeline, tmp_path)
            after = await score_one(served, table)

    assert (before.snapshot, after.snapshot) == ("", "snapshots/essay.essay.trio@1")
    assert before.ruler != after.ruler, "who expects the old ruler is told, not moved"


async def score_one(served: Served, table: RatedTable) -> scoring.ScoreContentResponse:
    request = scoring.ScoreContentRequest()
    request.content.id, request.content.kind, request.content.text = table.ids[0], "essay", "Once more."
    answer: scoring.ScoreContentResponse = await served.scoring.ScoreContent(request)
    return answer


def reload(pipeline: Pipeline, folder: Path) -> None:
    """What a reload of the catalogue does with what a promotion has written."""
    shelf = open_shelf(folder, "essay.essay.trio")
    snapshots = tuple(read_snapshot(path) for path in folder.glob("*.json.gz"))
    states: dict[str, SnapshotState] = {shelf.name: shelf.state}
    pipeline.catalog = replace(pipeline.catalog, snapshots=snapshots, states=states)


async def test_one_bad_rating_loses_no_other(tmp_path: Path) -> None:
    table = rated(30)
    late = Timestamp()
    late.FromDatetime(NOON.replace(year=2027, tzinfo=None))
    async with memory_on(sqlite_in(tmp_path)) as memory, serving(pipeline_over(memory, table)) as served:
        (name,) = await score(served, table, [0])
        sound = {"record": name, "rater": "ada", "criterion": "depth", "value": 3.0}
        bad: list[dict[str, Any]] = [
            {"value": 5.5},
            {"value": float("nan")},
            {"criterion": "wit"},
            {"rater": ""},
            {"propensity": 0.0},
            {"stream": pb.RATING_STREAM_AUDIT},
            {"stream": pb.RATING_STREAM_PLAN},
            {"stream": 99},
            {"rated_at": late},
            {"record": ""},
        ]
        wrong = [pb.Rating(**{**sound, **each}) for each in bad]
        missing = pb.Rating(**{**sound, "record": "records/01J00000000000000000000000"})
        answer = await served.feedback.SubmitRatings(
            pb.SubmitRatingsRequest(ratings=[*wrong, missing, pb.Rating(**sound)])
        )
        conflict = await served.feedback.SubmitRatings(
            pb.SubmitRatingsRequest(ratings=[pb.Rating(**{**sound, "value": 4.0})])
        )

    reasons = [reason(outcome.error) for outcome in answer.outcomes[:-1]]
    assert reasons == ["INVALID_REQUEST"] * len(bad) + ["RESOURCE_NOT_FOUND"]
    assert answer.outcomes[-1].rating.record == name
    assert answer.stored == 1
    assert reason(conflict.outcomes[0].error) == "RATING_ID_REUSED"


async def test_a_content_id_means_its_newest_record(tmp_path: Path) -> None:
    table = rated(30)
    async with memory_on(sqlite_in(tmp_path)) as memory, serving(pipeline_over(memory, table)) as served:
        names = [*await score(served, table, [0]), *await score(served, table, [0])]
        rating = pb.Rating(content_id=table.ids[0], rater="ada", value=3.0)
        answer = await served.feedback.SubmitRatings(pb.SubmitRatingsRequest(ratings=[rating]))

    assert answer.outcomes[0].rating.record == max(names)


async def test_a_record_of_another_tenant_is_not_found(tmp_path: Path) -> None:
    table = rated(30)
    async with memory_on(sqlite_in(tmp_path)) as memory, serving(pipeline_over(memory, table)) as served:
        (name,) = await score(served, table, [0])
        assert memory.records is not None
        own = await memory.records.get(DEFAULT_TENANT, name.partition("/")[2])
        other = replace(own, name="01J00000000000000000000009")
        await memory.records.put(replace(other, request=replace(own.request, tenant=Tenant("acme"))))
        rating = pb.Rating(record="records/01J00000000000000000000009", rater="ada", value=3.0)
        answer = await served.feedback.SubmitRatings(pb.SubmitRatingsRequest(ratings=[rating]))

    assert reason(answer.outcomes[0].error) == "RESOURCE_NOT_FOUND"


async def test_an_appeal_ends_once_and_may_bring_a_rating(tmp_path: Path) -> None:
    table = rated(30)
    async with memory_on(sqlite_in(tmp_path)) as memory, serving(pipeline_over(memory, table)) as served:
        (name,) = await score(served, table, [0])
        end = pb.SubmitAppealOutcomeRequest(
            record=name,
            outcome=pb.APPEAL_OUTCOME_OVERTURNED,
            decision=verdict_pb2.DECISION_ACCEPT,
            decided_by="bob",
            value=4.5,
        )
        first = await served.feedback.SubmitAppealOutcome(end)
        again = await served.feedback.SubmitAppealOutcome(end)
        end.decision = verdict_pb2.DECISION_REJECT
        with pytest.raises(grpc.aio.AioRpcError) as other:
            await served.feedback.SubmitAppealOutcome(end)

    assert (first.repeated, again.repeated) == (False, True)
    assert first.rating.stream == pb.RATING_STREAM_APPEAL
    assert other.value.code() is grpc.StatusCode.ALREADY_EXISTS


async def test_a_plan_names_audits_first_with_their_chance_and_no_score(tmp_path: Path) -> None:
    table = rated(100)
    async with memory_on(sqlite_in(tmp_path), audit_share=0.3) as memory:
        pipeline = pipeline_over(memory, table)
        async with serving(pipeline) as served:
            names = await score(served, table, range(100))
            wanted = pb.PlanRatingsRequest(kind="essay", count=20, seed=3, include_content=True)
            plan = await served.feedback.PlanRatings(wanted)
            same = await served.feedback.PlanRatings(wanted)
            echoed = [
                pb.Rating(
                    record=p.record,
                    rater="ada",
                    value=3,
                    criterion="depth",
                    plan=plan.plan,
                    propensity=p.propensity,
                )
                for p in plan.ratings
            ]
            answer = await served.feedback.SubmitRatings(pb.SubmitRatingsRequest(ratings=echoed))
            following = await served.feedback.PlanRatings(wanted)

    assert plan == same
    assert (plan.unrated, len(plan.ratings)) == (100, 20)
    streams = [p.stream for p in plan.ratings]
    assert streams == [pb.RATING_STREAM_AUDIT] * 10 + [pb.RATING_STREAM_PLAN] * 10
    assert [o.rating.stream for o in answer.outcomes] == streams
    assert plan.ratings[0].propensity == pytest.approx(0.3 * 10 / plan.unrated_audits)
    assert all(0 < p.propensity <= 1 and p.content.text and p.record in names for p in plan.ratings)
    assert not {p.record for p in plan.ratings} & {p.record for p in following.ratings}
    assert "score" not in str(plan.ratings[0]).replace("scores", "")


async def test_a_server_without_records_says_so(tmp_path: Path) -> None:
    async with serving(Pipeline(recorded_catalog(rated(30)), SystemClock())) as served:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await served.feedback.PlanRatings(pb.PlanRatingsRequest())

    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION


async def test_the_client_rates_what_it_planned(tmp_path: Path) -> None:
    table = rated(30)
    async with memory_on(sqlite_in(tmp_path)) as memory, serving(pipeline_over(memory, table)) as served:
        await score(served, table, range(30))
        async with AsyncClient(served.target) as client:
            plan = await client.feedback.plan(kind="essay", count=3)
            first, *_ = plan.ratings
            given = [first.rated(4.0, "ada", c, plan=plan.name) for c in first.criteria]
            stored = await client.feedback.rate([*given, first.rated(9.0, "ada", "depth", plan=plan.name)])
            again = await client.feedback.rate(given)
            news = await client.feedback.appeal(first.record, "upheld", decided_by="bob")

    assert (len(plan.ratings), first.scale, bool(first.text)) == (3, (1.0, 5.0), True)
    kept = [outcome for outcome in stored if isinstance(outcome, StoredRating)]
    assert [outcome.stream for outcome in kept] == ["plan", "plan"]
    assert isinstance(stored[-1], InvalidRequest)
    assert all(isinstance(outcome, StoredRating) and outcome.repeated for outcome in again)
    assert news
