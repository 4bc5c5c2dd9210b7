import asyncio
from collections.abc import AsyncGenerator, Iterator

import grpc
import pytest

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.app.cli.exits import Exit
from moa_scorer.app.cli.score.items import Line
from moa_scorer.app.cli.score.scorers import Outcome, Watched, score_all
from moa_scorer.app.cli.score.scoring import Tally
from moa_scorer.client import Event, Item, Result, Unreachable, View
from moa_scorer.client.messages import event_of, result_of
from moa_scorer.domain.errors import BudgetTooSmall, InvalidRequest, NotFound, Violation


class Scripted:
    """Answers by the text: slow ones late, known words with their error."""

    at_once = 3

    def __init__(self) -> None:
        self.flying = 0
        self.most = 0
        self.cancelled = 0

    async def score(self, item: Item, view: View) -> Result:
        self.flying += 1
        self.most = max(self.most, self.flying)
        try:
            await asyncio.sleep(0.02 if item.text.startswith("slow") else 0)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.flying -= 1
        if item.text in ERRORS:
            raise ERRORS[item.text]
        return result_of(pb.ScoreContentResponse(content_id=item.text, completion=1))


ERRORS: dict[str, Exception] = {
    "gone": Unreachable(grpc.StatusCode.UNAVAILABLE, "nobody there"),
    "short": BudgetTooSmall(),
    "bad": InvalidRequest((Violation("content.text", "is odd"), Violation("panel", "is odder"))),
    "lost": NotFound("panels", "x", ("a", "b")),
}


def _lines(*texts: str) -> Iterator[Line]:
    return (Line(number=n, item=Item(text=text)) for n, text in enumerate(texts, start=1))


async def _all(*texts: str) -> list[Outcome]:
    return [outcome async for outcome in score_all(_lines(*texts), Scripted(), "score")]


async def test_outcomes_come_in_the_order_of_the_lines() -> None:
    texts = ["slow1", "a", "slow2", "b", "c", "slow3", "d"]

    assert [o.result.content_id for o in await _all(*texts) if o.result] == texts


async def test_never_more_than_so_many_are_worked_on_at_a_time() -> None:
    scorer = Scripted()
    lines = _lines(*(f"slow{i}" for i in range(10)))

    assert len([o async for o in score_all(lines, scorer, "score")]) == 10
    assert scorer.most == scorer.at_once


async def test_an_item_that_is_rejected_says_every_violation_and_stops_no_other() -> None:
    first, second, third = await _all("bad", "lost", "fine")

    assert first.mistake == "content.text: is odd; panel: is odder"
    assert second.mistake == "panels/x does not exist; known: a, b"
    assert third.result is not None


async def test_a_bad_line_is_an_outcome_without_being_scored() -> None:
    lines = iter([Line(number=4, item=None, mistake="is not JSON")])
    (outcome,) = [o async for o in score_all(lines, Scripted(), "score")]

    assert (outcome.result, outcome.mistake) == (None, "is not JSON")


async def test_an_unreachable_server_ends_the_run_and_cancels_what_is_in_flight() -> None:
    scorer = Scripted()
    told = [o async for o in score_all(_lines("a", "gone", "slow", "b", "c"), scorer, "score")]

    assert [o.line.number for o in told] == [1, 2]
    assert told[-1].unreachable
    assert scorer.cancelled == 1


async def test_leaving_early_cancels_what_is_in_flight() -> None:
    scorer = Scripted()
    outcomes = score_all(_lines("a", "slow1", "slow2"), scorer, "score")
    await anext(outcomes)
    await asyncio.sleep(0)
    await outcomes.aclose()

    assert scorer.flying == 0


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (["fine"], Exit.OK),
        (["fine", "bad"], Exit.REJECTED),
        (["bad", "gone"], Exit.UNREACHABLE),
        (["short", "bad"], Exit.UNREACHABLE),
        ([], Exit.OK),
    ],
)
async def test_the_exit_status_is_the_worst_of_what_happened(texts: list[str], code: Exit) -> None:
    tally = Tally()
    for outcome in await _all(*texts):
        tally.add(outcome)

    assert tally.code() is code


def test_an_unscored_item_has_an_exit_status_of_its_own() -> None:
    tally = Tally()
    unscored = result_of(pb.ScoreContentResponse(completion=3))
    tally.add(Outcome(line=Line(number=1, item=None), result=unscored))

    assert tally.code() is Exit.UNSCORED


class Telling(Scripted):
    """Tells a plan, a provisional result and a verdict; then more than anybody should wait for."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = False

    async def stream(self, item: Item, view: View) -> AsyncGenerator[Event, None]:
        events = [pb.StreamScoreContentResponse() for _ in range(4)]
        events[0].plan.judges.append("a")
        events[1].provisional.completion = 4
        events[2].verdict.content_id = item.text
        events[2].verdict.completion = 1
        events[3].plan.judges.append("never")
        try:
            for message in events:
                event = event_of(message)
                assert event is not None
                yield event
        finally:
            self.closed = True


async def test_whoever_watches_hears_every_event_and_the_verdict_is_the_result() -> None:
    heard: list[Event] = []
    scorer = Telling()
    (outcome,) = [
        o async for o in score_all(_lines("x"), Watched(scorer=scorer, heard=heard.append), "ballots")
    ]

    assert outcome.result is not None
    assert outcome.result.content_id == "x"
    assert len(heard) == 3
    assert heard[-1] is outcome.result
    assert scorer.closed


async def test_a_violation_is_told_with_the_items_own_field_where_it_was_streamed() -> None:
    class Rejecting(Telling):
        async def stream(self, item: Item, view: View) -> AsyncGenerator[Event, None]:
            raise InvalidRequest((Violation("request.content.text", "is odd"),))
            yield

    watched = Watched(scorer=Rejecting(), heard=lambda _: None)
    (outcome,) = [o async for o in score_all(_lines("x"), watched, "ballots")]

    assert outcome.mistake == "content.text: is odd"
