"""The sentry of a process: what it sees, when it raises an alarm, and when it does not."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot, Judgment, Score
from moa_scorer.domain.record import CacheUse, Record
from moa_scorer.domain.tenant import Tenant
from moa_scorer.learning.loop.seen import seen_of
from moa_scorer.learning.loop.sentry import Found, Sentry
from tests.fakes.feedback import essays
from tests.fakes.records import rated, recorded_catalog, scored, snapshot_of

TABLE = rated(200)
SNAPSHOT = snapshot_of(TABLE.take(np.arange(100)))
KNOWN = {SNAPSHOT.revision: SNAPSHOT}


async def record_of(table: RatedTable = TABLE, snapshot: Snapshot = SNAPSHOT) -> Record:
    (record,) = await scored(recorded_catalog(table, snapshots=(snapshot,)), essays(table, [0]))
    return record


def saying(record: Record, shift: float, number: int, rng: np.random.Generator) -> Record:
    """Another text, scored like a rated item drawn by lot, or so much higher."""
    item = int(rng.integers(TABLE.items))
    ballots = [
        Ballot(judge=judge, outcome=Judgment(answers=_answers(judge, item, shift)))
        for judge in ("ann", "bob", "cid")
    ]
    content = replace(record.request.content, text=f"Text {number}.")
    return replace(
        record,
        request=replace(record.request, content=content),
        verdict=replace(record.verdict, ballots=tuple(ballots)),
    )


def _answers(judge: str, item: int, shift: float) -> dict[str, Score | Abstention]:
    columns = [c for c in TABLE.columns if c.startswith(f"{judge}/")]
    values = {c: TABLE.values[item, TABLE.columns.index(c)] for c in columns}
    return {c.partition("/")[2]: Score(value=min(max(float(v) + shift, 0.0), 1.0)) for c, v in values.items()}


def looked(sentry: Sentry, records: Sequence[Record]) -> Found:
    for record in records:
        sentry.witness(record)
    return sentry.look(KNOWN)


async def test_a_source_whose_scores_lie_elsewhere_is_found_and_one_like_the_rated_is_not() -> None:
    record, rng = await record_of(), np.random.default_rng(1)

    same = looked(Sentry(), [saying(record, 0.0, n, rng) for n in range(200)])
    other = looked(Sentry(), [saying(record, 0.3, n, rng) for n in range(200)])

    assert same.sources == ()
    assert [found.source for found in other.sources] == ["essay"]
    assert "unlike the rated ones" in other.sources[0].what


async def test_nothing_is_compared_before_a_hundred_documents_and_repeats_of_one_do_not_count() -> None:
    record, rng = await record_of(), np.random.default_rng(1)
    few = [saying(record, 0.4, n, rng) for n in range(99)]

    assert looked(Sentry(), [*few, *few]).sources == ()


async def test_what_was_given_again_or_rests_on_no_ratings_is_not_seen() -> None:
    record = await record_of()

    assert seen_of(record) is not None
    assert seen_of(replace(record, cache=CacheUse.HIT)) is None
    assert seen_of(replace(record, plan=replace(record.plan, snapshot=""))) is None


def refused(record: Record) -> Record:
    """The same with a first judge that refuses."""
    refusal = Ballot(judge="ann", outcome=Abstention(reason=AbstentionReason.REFUSED))
    return replace(record, verdict=replace(record.verdict, ballots=(refusal, *record.verdict.ballots[1:])))


def of(tenant: str, record: Record) -> Record:
    return replace(record, request=replace(record.request, tenant=Tenant(tenant)))


async def test_what_a_judge_refuses_of_one_tenant_takes_it_from_nobody_who_has_its_answers() -> None:
    record, sentry = await record_of(), Sentry()

    one = looked(sentry, [of("acme", record)] * 30 + [of("evil", refused(record))] * 60)
    two = looked(sentry, [of("acme", refused(record))] * 12)

    assert one.judges == ()
    assert [each.judge for each in two.judges] == ["ann"]


async def test_who_names_a_new_source_with_each_item_pushes_out_no_window_of_others() -> None:
    record, rng, sentry = await record_of(), np.random.default_rng(1), Sentry()
    looked(sentry, [saying(of("acme", record), 0.3, n, rng) for n in range(90)])
    flood = [
        replace(each, request=replace(each.request, tags={"source": f"s{n}"}))
        for n, each in enumerate([of("evil", record)] * 100)
    ]
    looked(sentry, flood)
    found = looked(sentry, [saying(of("acme", record), 0.3, n, rng) for n in range(90, 150)])

    assert [each.source for each in found.sources] == ["acme/essay"]


async def test_a_judge_that_refuses_is_found_once_and_not_the_others() -> None:
    record = await record_of()
    refusing = refused(record)
    sentry = Sentry()

    found = looked(sentry, [refusing] * 12)
    again = looked(sentry, [refusing])

    assert {each.judge for each in found.judges} == {"ann"}
    assert found.judges[0].what.startswith("refuses more often")
    assert again.judges == ()


async def test_judges_that_nobody_asked_are_not_counted_as_failing() -> None:
    record = await record_of()
    masked = Ballot(judge="ann", outcome=Abstention(reason=AbstentionReason.DRIFT_MASKED))
    left_out = replace(record.verdict, ballots=(masked, *record.verdict.ballots[1:]))

    seen = seen_of(replace(record, verdict=left_out))

    assert seen is not None
    assert [judge.judge for judge in seen.judges] == ["bob", "cid"]


async def test_another_model_behind_a_judges_name_is_found_at_once() -> None:
    record = await record_of()
    sentry = Sentry()

    first = looked(sentry, [by_model(record, "m-1")])
    same = looked(sentry, [by_model(record, "m-1"), by_model(record, "")])
    other = looked(sentry, [by_model(record, "m-2")])

    assert (first.judges, dict(first.models)) == ((), {"ann": "m-1"})
    assert (same.judges, dict(same.models)) == ((), {})
    assert other.judges[0].what == "is answered by another model, m-2 instead of m-1"
    assert dict(other.models) == {"ann": "m-2"}


async def test_a_model_that_another_process_knew_is_known() -> None:
    record = await record_of()
    sentry = Sentry()
    sentry.knows({"ann": "m-1"})

    assert len(looked(sentry, [by_model(record, "m-2")]).judges) == 1


def by_model(record: Record, model: str) -> Record:
    first, *others = record.verdict.ballots
    verdict = replace(record.verdict, ballots=(replace(first, model=model), *others))
    return replace(record, verdict=verdict)


async def test_what_one_tenant_sends_raises_no_doubt_about_anothers_source() -> None:
    record, rng = await record_of(), np.random.default_rng(1)
    theirs = replace(record, request=replace(record.request, tenant=Tenant("acme")))

    found = looked(Sentry(), [saying(theirs, 0.3, n, rng) for n in range(200)])

    assert [each.source for each in found.sources] == ["acme/essay"]
