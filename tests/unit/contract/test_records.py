"""What the methods about records answer, over records in memory."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from moa_scorer.api.v1 import record_pb2, verdict_pb2
from moa_scorer.api.v1 import record_service_pb2 as pb
from moa_scorer.api.v1 import scoring_service_pb2 as scoring_pb
from moa_scorer.contract import record_pages
from moa_scorer.contract.access import calling
from moa_scorer.contract.records import (
    delete_records,
    explain_record,
    get_record,
    list_records,
    replay_record,
)
from moa_scorer.contract.translate import asked
from moa_scorer.domain.audit_log import AuditAction
from moa_scorer.domain.caller import ANYONE, Caller, Role
from moa_scorer.domain.errors import DamagedRecord, InvalidRequest, NotFound, Precondition
from moa_scorer.domain.record import Record
from moa_scorer.domain.request import CacheControl, Retention, Sensitivity
from moa_scorer.domain.stores import RecordFilter
from moa_scorer.domain.tenant import Tenant
from moa_scorer.domain.verdict import Scored
from moa_scorer.scoring.artefacts import Artefacts
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.keeping import Memory
from tests.fakes.memory_stores import MemoryAuditLog, MemoryRecords
from tests.fakes.records import many_records, recorded_catalog, request_of, scored, snapshot_of
from tests.fakes.records import rated as rated_items

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


async def kept(count: int = 6, **over: Any) -> tuple[Catalog, list[Record], Memory]:
    """So many records of one minute each, and the memory that holds them."""
    table = rated_items()
    catalog = recorded_catalog(table, snapshots=(snapshot_of(table),))
    requests = [request_of(table.ids[k], k, **over) for k in range(count)]
    found = await scored(catalog, requests)
    records = [
        replace(record, name=f"{k:026d}", created=NOON + timedelta(minutes=k))
        for k, record in enumerate(found)
    ]
    return catalog, records, Memory(records=MemoryRecords(*records))


class Damaged(MemoryRecords):
    """Records of which some cannot be read."""

    def __init__(self, *records: Record, bad: set[str]) -> None:
        super().__init__(*records)
        self.bad = bad

    async def get(self, tenant: Tenant, name: str) -> Record:
        if name in self.bad:
            raise DamagedRecord(name, "ballots")
        return await super().get(tenant, name)

    async def page(
        self,
        where: RecordFilter,
        size: int,
        after: str = "",
        *,
        newest_first: bool = True,
        damaged: Callable[[DamagedRecord], None] | None = None,
    ) -> list[Record]:
        rows = await super().page(where, size, after, newest_first=newest_first)
        for row in rows:
            if row.name in self.bad and damaged is not None:
                damaged(DamagedRecord(row.name, "ballots"))
        return [row for row in rows if row.name not in self.bad]


async def test_a_record_is_told_in_the_view_that_was_asked_for() -> None:
    _, (record,), memory = await kept(1, policy="careful", tags={"team": "a"}, subject="u-1")
    shown = (await get_record(memory, pb.GetRecordRequest(name=f"records/{record.name}"))).record
    assert shown.name == f"records/{record.name}"
    assert shown.answer.record == shown.name
    assert shown.create_time.ToDatetime(tzinfo=UTC) == record.created
    assert shown.answer.scored.score == record.verdict.outcome.overall.score  # type: ignore[union-attr]
    assert not shown.answer.ballots
    assert (shown.request.subject, dict(shown.request.tags)) == ("u-1", {"team": "a"})
    assert shown.content_digest.startswith("sha256:")
    assert shown.quorum == 2


@pytest.mark.parametrize(
    ("view", "text"),
    [
        (scoring_pb.VIEW_DECISION, False),
        (scoring_pb.VIEW_SCORE, False),
        (scoring_pb.VIEW_BALLOTS, False),
        (scoring_pb.VIEW_FULL, True),
    ],
)
async def test_the_text_is_sent_in_view_full_only(view: Any, text: bool) -> None:
    _, (record,), memory = await kept(1)
    request = pb.GetRecordRequest(name=record.name, view=view)
    shown = (await get_record(memory, request)).record
    assert bool(shown.request.content.text) is text
    assert shown.request.content.id == record.request.content.id
    assert bool(shown.answer.ballots) is (view >= scoring_pb.VIEW_BALLOTS)


async def test_a_request_comes_back_as_it_was_asked() -> None:
    over: dict[str, Any] = {
        "panel": "trio@1",
        "quorum": 2,
        "cost_ceiling": 0,
        "sensitivity": Sensitivity.LOCAL_ONLY,
        "seed": 7,
        "scope": "ScoreContent",
        "cache": CacheControl.REFRESH,
        "retention": Retention.NUMBERS,
        "subject": "u-1",
        "tags": {"a": "b"},
    }
    _, (record,), _ = await kept(1, **over)
    record = replace(record, request=replace(record.request, request_id="r-1"))
    memory = Memory(records=MemoryRecords(record))
    request = pb.GetRecordRequest(name=record.name, view=scoring_pb.VIEW_FULL)
    shown = (await get_record(memory, request)).record
    assert asked(shown.request).request == record.request


async def test_a_record_that_is_not_there_or_anothers_is_not_found() -> None:
    _, (record,), memory = await kept(1)
    with pytest.raises(NotFound):
        await get_record(memory, pb.GetRecordRequest(name=f"records/{'Z' * 26}"))
    with pytest.raises(NotFound), calling(replace(ANYONE, tenant=Tenant("other"))):
        await get_record(memory, pb.GetRecordRequest(name=record.name))


async def test_a_server_without_records_says_so() -> None:
    with pytest.raises(Precondition, match="keeps no records"):
        await list_records(Memory(), pb.ListRecordsRequest())


def pages_of(pages: list[pb.ListRecordsResponse]) -> list[list[str]]:
    return [[each.name.removeprefix("records/").lstrip("0") or "0" for each in p.records] for p in pages]


async def all_pages(memory: Memory, **over: Any) -> list[pb.ListRecordsResponse]:
    pages = [await list_records(memory, pb.ListRecordsRequest(**over))]
    while token := pages[-1].next_page_token:
        pages.append(await list_records(memory, pb.ListRecordsRequest(**over, page_token=token)))
    return pages


async def test_records_come_newest_first_page_by_page() -> None:
    _, _, memory = await kept(5)
    assert pages_of(await all_pages(memory, page_size=2)) == [["4", "3"], ["2", "1"], ["0"]]
    assert pages_of(await all_pages(memory, page_size=5)) == [["4", "3", "2", "1", "0"]]


async def test_or_oldest_first() -> None:
    _, _, memory = await kept(3)
    pages = await all_pages(memory, page_size=2, order=pb.RECORD_ORDER_OLDEST_FIRST)
    assert pages_of(pages) == [["0", "1"], ["2"]]


@pytest.mark.parametrize("newest_first", [True, False])
async def test_damaged_records_are_named_on_their_page_and_none_is_lost(newest_first: bool) -> None:
    _, records, _ = await kept(6)
    bad = {records[k].name for k in (0, 2, 3)}
    order = pb.RECORD_ORDER_NEWEST_FIRST if newest_first else pb.RECORD_ORDER_OLDEST_FIRST
    pages = await all_pages(Memory(records=Damaged(*records, bad=bad)), page_size=2, order=order)
    assert sorted(name for page in pages_of(pages) for name in page) == ["1", "4", "5"]
    damaged = [each for page in pages for each in page.damaged]
    assert {each.record.removeprefix("records/") for each in damaged} == bad
    assert {each.part for each in damaged} == {"ballots"}
    assert [len(page.records) + len(page.damaged) for page in pages] == [2, 2, 2]


async def test_a_page_that_grows_large_ends_early(monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, memory = await kept(4)
    monkeypatch.setattr(record_pages, "PAGE_BYTES", 1)
    assert [len(page.records) for page in await all_pages(memory)] == [1, 1, 1, 1]


async def test_a_token_holds_nothing_that_a_database_would_stumble_over() -> None:
    _, _, memory = await kept()
    given = (await list_records(memory, pb.ListRecordsRequest(page_size=1))).next_page_token
    listed, _, _ = base64.urlsafe_b64decode(given).decode().partition("/")
    for name in ("a\0b", "", "\n", "x" * 200):
        token = base64.urlsafe_b64encode(f"{listed}/{name}".encode()).decode()
        with pytest.raises(InvalidRequest, match="page_token"):
            await list_records(memory, pb.ListRecordsRequest(page_token=token))


async def test_a_token_of_another_list_is_refused() -> None:
    _, _, memory = await kept(3)
    token = (await list_records(memory, pb.ListRecordsRequest(page_size=1))).next_page_token
    other = pb.ListRecordsRequest(page_token=token, filter=record_pb2.RecordFilter(subject="u-1"))
    for request in (other, pb.ListRecordsRequest(page_token="nonsense")):
        with pytest.raises(InvalidRequest):
            await list_records(memory, request)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"panel": "panels/trio"}, 6),
        ({"panel": "trio@2"}, 0),
        ({"rubric": "rubrics/essay@1"}, 6),
        ({"policy": "policies/careful"}, 2),
        ({"snapshot": "essay.essay.trio"}, 6),
        ({"snapshot": "snapshots/essay.essay.trio@1"}, 6),
        ({"decision": verdict_pb2.DECISION_NONE}, 2),
        ({"completion": verdict_pb2.COMPLETION_COMPLETE}, 6),
        ({"completion": verdict_pb2.COMPLETION_UNSCORED}, 0),
        ({"content_id": "item3"}, 1),
        ({"subject": "u-1"}, 6),
        ({"subject": "u-2"}, 0),
        ({"tags": {"team": "a"}}, 6),
        ({"tags": {"team": "a", "no": "b"}}, 0),
        ({"audited": False}, 6),
        ({"audited": True}, 0),
    ],
)
async def test_filters_find_what_they_name(wanted: dict[str, Any], found: int) -> None:
    _, _, memory = await kept(6, subject="u-1", tags={"team": "a"})
    listed = await list_records(memory, pb.ListRecordsRequest(filter=record_pb2.RecordFilter(**wanted)))
    assert len(listed.records) == found


async def test_a_time_range_begins_with_its_first_instant_and_ends_before_its_last() -> None:
    _, _, memory = await kept(5)
    wanted = record_pb2.RecordFilter()
    wanted.start_time.FromDatetime(NOON + timedelta(minutes=1))
    wanted.end_time.FromDatetime(NOON + timedelta(minutes=3))
    assert pages_of([await list_records(memory, pb.ListRecordsRequest(filter=wanted))]) == [["2", "1"]]


async def test_every_mistake_of_a_filter_is_told() -> None:
    wanted = record_pb2.RecordFilter(
        panel="panels/", decision=99, completion=99, subject="a b", content_digest="sha256:1"
    )
    wanted.start_time.seconds = 10**18
    request = pb.ListRecordsRequest(filter=wanted, page_size=-1, order=9, view=9)
    with pytest.raises(InvalidRequest) as caught:
        await list_records(Memory(), request)
    assert [violation.field for violation in caught.value.violations] == [
        "page_size",
        "filter.panel",
        "filter.decision",
        "filter.completion",
        "filter.subject",
        "filter.content_digest",
        "filter.start_time",
        "view",
        "order",
    ]


async def test_what_would_be_deleted_is_told_first_and_the_count_confirms_it() -> None:
    _, records, memory = await kept(5, subject="u-1")
    told = await delete_records(memory, pb.DeleteRecordsRequest(subject="u-1", validate_only=True))
    assert told.records == 5
    assert list(told.names) == [f"records/{record.name}" for record in records]
    assert not told.HasField("ratings")
    with pytest.raises(Precondition, match="5 records are meant, not 4; nothing was deleted"):
        await delete_records(memory, pb.DeleteRecordsRequest(subject="u-1", confirm_count=4))
    done = await delete_records(memory, pb.DeleteRecordsRequest(subject="u-1", confirm_count=5))
    assert (done.records, done.request_ids, done.ratings, done.job_items, done.cached_answers) == (
        5,
        0,
        0,
        0,
        0,
    )
    with pytest.raises(NotFound):
        await get_record(memory, pb.GetRecordRequest(name=records[0].name))


async def test_the_audit_log_says_who_deletes_how_many_records_and_not_whom_they_are_about() -> None:
    _, _, memory = await kept(2, subject="u-1")
    log = MemoryAuditLog()
    memory = replace(memory, audit_log=log)
    ann = Caller(name="ann", tenant=ANYONE.tenant, roles=frozenset({Role.ERASE}))
    with calling(ann):
        await delete_records(memory, pb.DeleteRecordsRequest(subject="u-1", validate_only=True))
        assert log.entries == []
        await delete_records(memory, pb.DeleteRecordsRequest(subject="u-1", confirm_count=2))
    (entry,) = log.entries
    assert (entry.who, entry.action, entry.before) == (
        "ann",
        AuditAction.RECORDS_DELETED,
        "2 chosen by subject",
    )
    assert "u-1" not in repr(entry)


async def test_records_are_deleted_by_name_and_by_the_digest_of_their_content() -> None:
    _, records, memory = await kept(4)
    shown = (await get_record(memory, pb.GetRecordRequest(name=records[0].name))).record
    by_digest = pb.DeleteRecordsRequest(content_digest=shown.content_digest, confirm_count=1)
    assert list((await delete_records(memory, by_digest)).names) == [shown.name]
    names = pb.RecordNames(names=[records[1].name, f"records/{records[2].name}", "Z" * 26])
    by_name = pb.DeleteRecordsRequest(records=names, confirm_count=2)
    assert (await delete_records(memory, by_name)).records == 2
    assert len((await list_records(memory, pb.ListRecordsRequest())).records) == 1


@pytest.mark.parametrize(
    ("request_", "fields"),
    [
        (pb.DeleteRecordsRequest(), ["selection", "confirm_count"]),
        (pb.DeleteRecordsRequest(subject="", confirm_count=0), ["subject"]),
        (pb.DeleteRecordsRequest(content_digest="x", confirm_count=-1), ["content_digest", "confirm_count"]),
        (pb.DeleteRecordsRequest(records=pb.RecordNames(), validate_only=True), ["records.names"]),
        (
            pb.DeleteRecordsRequest(records=pb.RecordNames(names=["a/b"]), validate_only=True),
            ["records.names[0]"],
        ),
    ],
)
async def test_deleting_needs_exactly_one_selection_and_a_count(
    request_: pb.DeleteRecordsRequest, fields: list[str]
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await delete_records(Memory(), request_)
    assert [violation.field for violation in caught.value.violations] == fields


async def test_a_replay_gives_the_same_number_and_decision() -> None:
    catalog, (record,), memory = await kept(1, policy="careful")
    artefacts = Artefacts(lambda: catalog)
    found = await replay_record(memory, artefacts, pb.ReplayRecordRequest(name=record.name))
    assert found.outcome == pb.REPLAY_OUTCOME_SAME
    assert isinstance(record.verdict.outcome, Scored)
    assert found.score == record.verdict.outcome.overall.score
    assert found.rule == record.ruling.rule
    assert not found.HasField("difference")


async def test_a_replay_names_the_difference_the_damage_or_the_gap() -> None:
    catalog, (record,), memory = await kept(1, policy="careful")
    request = pb.ReplayRecordRequest(name=f"records/{record.name}")
    edited = replace(record, ruling=replace(record.ruling, rule="otherwise?"))
    other = await replay_record(Memory(records=MemoryRecords(edited)), Artefacts(lambda: catalog), request)
    assert other.outcome == pb.REPLAY_OUTCOME_DIFFERENT
    assert other.difference.path == "ruling.rule"
    assert other.difference.stored == "'otherwise?'"
    gone = await replay_record(memory, Artefacts(lambda: replace(catalog, snapshots=())), request)
    assert gone.outcome == pb.REPLAY_OUTCOME_ARTEFACT_MISSING
    assert gone.missing.digest == record.plan.calibration
    assert not gone.HasField("score")
    bad = Memory(records=Damaged(record, bad={record.name}))
    damaged = await replay_record(bad, Artefacts(lambda: catalog), request)
    assert (damaged.outcome, damaged.damaged_part) == (pb.REPLAY_OUTCOME_DAMAGED, "ballots")


async def test_an_explanation_says_what_drove_the_score_and_what_would_change_the_decision() -> None:
    _, records, memory = await kept(9, policy="careful")
    found = [await explain_record(memory, pb.ExplainRecordRequest(name=r.name)) for r in records]
    for record, explained in zip(records, found, strict=True):
        assert explained.rationale.startswith("Overall 0.")
        assert f"Decision: {record.ruling.decision}" in explained.rationale
        amounts = [abs(c.amount) for c in explained.contributions]
        assert amounts == sorted(amounts, reverse=True)
        assert explained.HasField("baseline")
        assert explained.rule == record.ruling.rule
    flips = [explained.flip for explained in found if explained.HasField("flip")]
    assert flips
    assert all(flip.criterion == "overall" and flip.shift for flip in flips)


async def test_an_unscored_record_is_explained_by_its_abstentions() -> None:
    _, records = await many_records(60, share=0.7)
    unscored = next(r for r in records if not isinstance(r.verdict.outcome, Scored))
    memory = Memory(records=MemoryRecords(unscored))
    explained = await explain_record(memory, pb.ExplainRecordRequest(name=unscored.name))
    assert explained.rationale.startswith("No score")
    assert len(explained.abstentions) >= 2
    assert not explained.HasField("baseline")
