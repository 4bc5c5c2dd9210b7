"""Which requests are one item, what is remembered, and how it is told again."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.money import NOTHING_USED
from moa_scorer.domain.record import CacheUse, Record, Unrecorded
from moa_scorer.domain.request import CacheControl, Retention, ScoreRequest, Sensitivity
from moa_scorer.domain.standing import Standing
from moa_scorer.domain.stores import RecordFilter
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant
from moa_scorer.domain.verdict import Decision
from moa_scorer.scoring.keeping import Memory
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.scoring.recall import is_to_remember
from moa_scorer.storage.cache_memory import MemoryCache
from tests.fakes.judges import ScriptedJudge, SystemClock, abstaining, make_catalog, scoring
from tests.fakes.memory_stores import MemoryRecords

REQUEST = ScoreRequest(content=Content(text="a text to judge", language="en", kind="comment"))
JUDGES = (ScriptedJudge("a", scoring("a", 0.25), cost=30), ScriptedJudge("b", scoring("b", 0.75), cost=12))
PIPELINE = Pipeline(make_catalog(JUDGES), SystemClock())

Change = Callable[[ScoreRequest], ScoreRequest]


def soon() -> Budget:
    return Budget.starting(time.monotonic(), 5)


def content(**changes: str) -> Change:
    return lambda request: replace(request, content=replace(request.content, **changes))


def option(**changes: object) -> Change:
    return lambda request: replace(request, **changes)


MAKES_THE_NUMBER: dict[str, Change] = {
    "text": content(text="a text to judge."),
    "space": content(text="a text to  judge"),
    "composed": content(text="a te\N{COMBINING ACUTE ACCENT}xt to judge"),
    "title": content(title="a title"),
    "context": content(context="a context"),
    "kind": content(kind="summary"),
    "language": content(language="de"),
    "producer": content(producer="gpt"),
    "panel": option(panel="scripted@1"),
    "quorum": option(quorum=2),
    "sensitivity": option(sensitivity=Sensitivity.LOCAL_ONLY),
    "seed": option(seed=1),
    "tenant": option(tenant=Tenant("other")),
}
DOES_NOT: dict[str, Change] = {
    "content id": content(id="c-1"),
    "policy": option(policy="strict"),
    "pinned name": option(panel="scripted@2"),
    "ruler": lambda request: replace(request, expected_ruler=PIPELINE.plan(request).ruler),
    "cost ceiling": option(cost_ceiling=20),
    "request id": option(request_id="r-1", scope="ScoreContent"),
    "cache": option(cache=CacheControl.REFRESH),
    "retention": option(retention=Retention.NUMBERS),
    "subject": option(subject="s-1"),
    "tags": option(tags={"queue": "new"}),
}


def changed(names: Sequence[str], table: dict[str, Change], request: ScoreRequest) -> ScoreRequest:
    for name in names:
        request = table[name](request)
    return request


@given(
    plain=st.lists(st.sampled_from(sorted(DOES_NOT.keys() - {"ruler", "pinned name"})), unique=True),
    made=st.lists(st.sampled_from(sorted(MAKES_THE_NUMBER)), unique=True, min_size=1),
)
def test_what_makes_the_number_makes_the_key(plain: list[str], made: list[str]) -> None:
    other = changed(made, MAKES_THE_NUMBER, REQUEST)
    assert PIPELINE.key(other) != PIPELINE.key(REQUEST)
    assert PIPELINE.key(changed(plain, DOES_NOT, other)) == PIPELINE.key(other)


@given(names=st.lists(st.sampled_from(sorted(DOES_NOT)), unique=True))
def test_what_does_not_keeps_it(names: list[str]) -> None:
    assert PIPELINE.key(changed(names, DOES_NOT, REQUEST)) == PIPELINE.key(REQUEST)


@given(one=st.text(min_size=1), other=st.text(min_size=1))
def test_two_texts_have_one_key_only_when_they_are_the_same(one: str, other: str) -> None:
    keys = [PIPELINE.key(content(text=text)(REQUEST)) for text in (one, other)]
    assert (keys[0] == keys[1]) == (one == other)


def test_the_borders_between_the_parts_of_a_content_count() -> None:
    moved = replace(REQUEST, content=Content(text="a", title="b"))
    assert PIPELINE.key(moved) != PIPELINE.key(replace(REQUEST, content=Content(text="ab")))


# What happens on a hit


class Scene:
    """A pipeline with a memory, and its judges."""

    def __init__(self, *judges: ScriptedJudge) -> None:
        self.judges = judges or (
            ScriptedJudge("a", scoring("a", 0.25), cost=30),
            ScriptedJudge("b", scoring("b", 0.75), cost=12),
        )
        self.records = MemoryRecords()
        self.cache = MemoryCache(100, 60)
        memory = Memory(records=self.records, cache=self.cache)
        self.pipeline = Pipeline(make_catalog(self.judges), SystemClock(), memory)

    async def score(self, **options: object) -> Record:
        return await self.pipeline.score(replace(REQUEST, **options), soon())

    @property
    def asked(self) -> int:
        return self.judges[0].started

    async def kept(self) -> int:
        return await self.records.count(RecordFilter(tenant=DEFAULT_TENANT))


async def test_the_very_same_request_names_the_first_record_and_writes_nothing() -> None:
    scene = Scene()
    first, again = await scene.score(), await scene.score()
    assert (first.cache, again.cache) == (CacheUse.MISS, CacheUse.HIT)
    assert (again.name, again.origin) == (first.name, "")
    assert again.verdict.outcome == first.verdict.outcome
    assert (scene.asked, await scene.kept()) == (1, 1)


@pytest.mark.parametrize(
    "other",
    [
        {"policy": "strict"},
        {"tags": {"a": "b"}},
        {"subject": "s"},
        {"content": replace(REQUEST.content, id="x")},
    ],
)
async def test_another_request_for_the_same_item_has_a_record_of_its_own_and_says_whose_ballots_it_has(
    other: dict[str, object],
) -> None:
    scene = Scene()
    first, again = await scene.score(), await scene.score(**other)
    assert again.cache is CacheUse.HIT
    assert again.name not in ("", first.name)
    assert again.origin == first.name
    assert again.ruling.decision is (Decision.ACCEPT if "policy" in other else Decision.NONE)
    assert (scene.asked, await scene.kept()) == (1, 2)


async def test_nobody_was_asked_so_nothing_is_paid() -> None:
    scene = Scene()
    first, again = await scene.score(), await scene.score()
    assert sum(ballot.usage.micro_usd for ballot in first.verdict.ballots) == 42
    assert all(ballot.usage == NOTHING_USED for ballot in again.verdict.ballots)


async def test_a_ceiling_that_the_judges_do_not_fit_under_is_no_reason_to_forget_what_they_said() -> None:
    scene = Scene()
    first, again = await scene.score(), await scene.score(cost_ceiling=0)
    assert again.cache is CacheUse.HIT
    assert again.verdict.outcome == first.verdict.outcome


async def test_no_tenant_is_given_another_ones_answer() -> None:
    scene = Scene()
    await scene.score()
    other = await scene.score(tenant=Tenant("other"))
    assert (other.cache, scene.asked) == (CacheUse.MISS, 2)


async def test_refresh_asks_anew_and_is_remembered_and_none_is_neither() -> None:
    scene = Scene()
    await scene.score()
    refreshed = await scene.score(cache=CacheControl.REFRESH)
    bypassed = await scene.score(cache=CacheControl.NONE)
    again = await scene.score()
    assert [r.cache for r in (refreshed, bypassed, again)] == [
        CacheUse.MISS,
        CacheUse.BYPASSED,
        CacheUse.HIT,
    ]
    assert (scene.asked, again.name) == (3, refreshed.name)


async def test_partial_and_unscored_answers_are_never_remembered() -> None:
    partial = Scene(ScriptedJudge("a", scoring("a", 0.2)), ScriptedJudge("b", abstaining()))
    unscored = Scene(ScriptedJudge("a", abstaining()))
    for scene in (partial, unscored):
        assert [(await scene.score()).cache for _ in range(2)] == [CacheUse.MISS, CacheUse.MISS]


@pytest.mark.parametrize("retention", [Retention.NUMBERS, Retention.NOTHING])
async def test_what_may_not_be_kept_is_not_remembered_either_but_may_be_told_what_is(
    retention: Retention,
) -> None:
    scene = Scene()
    assert not is_to_remember(await scene.score(retention=retention))
    await scene.score()
    again = await scene.score(retention=retention)
    assert again.cache is CacheUse.HIT
    assert (again.unrecorded is Unrecorded.RETENTION) == (retention is Retention.NOTHING)


async def test_an_answer_of_a_stand_in_is_not_remembered() -> None:
    record = await Scene().score()
    ballots = (replace(record.verdict.ballots[0], stand_in="elsewhere"), *record.verdict.ballots[1:])
    assert is_to_remember(record)
    assert not is_to_remember(replace(record, verdict=replace(record.verdict, ballots=ballots)))


@pytest.mark.parametrize(
    ("why", "remembered"),
    [
        (Unrecorded.STORAGE_OFF, True),
        (Unrecorded.STORAGE_DOWN, False),
        (Unrecorded.OUT_OF_TIME, False),
    ],
)
async def test_an_answer_that_no_erasure_could_reach_is_not_remembered(
    why: Unrecorded, remembered: bool
) -> None:
    record = await Scene().score()
    assert is_to_remember(replace(record, name="", unrecorded=why)) is remembered


async def test_a_stream_takes_nothing_and_its_answer_is_remembered() -> None:
    scene = Scene()
    for asked in (1, 2):
        told = [event async for event in scene.pipeline.stream(REQUEST, soon())]
        last = told[-1]
        assert isinstance(last, Record)
        assert (last.cache, scene.asked) == (CacheUse.BYPASSED, asked)
    assert (await scene.score()).name == last.name


async def test_an_erased_record_is_not_told_again() -> None:
    scene = Scene()
    first = await scene.score()
    await scene.cache.forget([first.name])
    assert (await scene.score()).cache is CacheUse.MISS


async def test_without_records_an_answer_is_remembered_all_the_same() -> None:
    pipeline = Pipeline(make_catalog(JUDGES), SystemClock(), Memory(cache=MemoryCache(10, 60)))
    first, again = [await pipeline.score(REQUEST, soon()) for _ in range(2)]
    assert (again.cache, again.name, again.unrecorded) == (CacheUse.HIT, "", Unrecorded.STORAGE_OFF)
    assert again.verdict.outcome == first.verdict.outcome


async def test_when_something_speaks_against_the_snapshot_by_now_the_ballots_are_reconciled_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = Scene()
    first = await scene.score()
    alarmed = Standing(alarms={"a": "has drifted"})
    monkeypatch.setattr(type(scene.pipeline.catalog), "standing", lambda *_: alarmed)
    again = await scene.score()
    assert (again.cache, again.standing, again.origin) == (CacheUse.HIT, alarmed, first.name)
    assert (scene.asked, await scene.kept()) == (1, 2)
