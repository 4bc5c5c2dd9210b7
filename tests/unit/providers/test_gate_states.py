"""Whatever happens to requests, in whatever order: nothing that was taken is kept, nothing is exceeded."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.domain.budget import Budget
from moa_scorer.providers.breaker import Circuit
from moa_scorer.providers.failures import Failed, Retry, failed
from moa_scorer.providers.model import ModelFailure, ModelReply
from moa_scorer.providers.spec import EndpointSpec
from moa_scorer.providers.wire import HttpAnswer, HttpCall
from tests.fakes.endpoints import REPLY, BookTab, endpoint, model, prompt
from tests.fakes.virtual_time import LoopClock, VirtualLoop

CONCURRENCY, QUEUE = 3, 4
ENDINGS: dict[str, HttpAnswer | Failed] = {
    "good": HttpAnswer(status=200, headers={}, body=REPLY),
    "busy": HttpAnswer(status=429, headers={"retry-after": "1"}, body=b"{}"),
    "used up": HttpAnswer(
        status=200,
        headers={"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2s"},
        body=REPLY,
    ),
    "broken": HttpAnswer(status=500, headers={}, body=b"{}"),
    "refused": HttpAnswer(status=400, headers={}, body=b"{}"),
    "garbage": HttpAnswer(status=200, headers={}, body=b"]"),
    "cut": failed("cut", retry=Retry.TRANSIENT, may_cost=True),
}


@dataclass
class Stage:
    """A sender whose answers come when they are called for."""

    open: list[asyncio.Future[HttpAnswer | Failed]] = field(default_factory=list)
    sends: int = 0

    async def send(self, spec: EndpointSpec, call: HttpCall, seconds: float) -> HttpAnswer | Failed:
        answer: asyncio.Future[HttpAnswer | Failed] = asyncio.get_running_loop().create_future()
        self.open.append(answer)
        self.sends += 1
        try:
            async with asyncio.timeout(seconds):
                return await answer
        except TimeoutError:
            return failed("late", reason=AbstentionReason.TIMEOUT, retry=Retry.TRANSIENT, may_cost=True)
        finally:
            self.open.remove(answer)


class Requests(RuleBasedStateMachine):
    """Requests begin, are answered, cancelled, or run out of time."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualLoop()
        self.stage = Stage()
        self.tabs: list[BookTab] = []
        self.asking: list[asyncio.Task[Any]] = []
        self.runner = asyncio.Runner(loop_factory=lambda: self.loop)
        self.runner.run(self.build())

    async def build(self) -> None:
        self.endpoint = endpoint(
            self.stage,
            clock=LoopClock(self.loop),
            concurrency=CONCURRENCY,
            queue=QUEUE,
            requests_per_minute=120,
            tokens_per_minute=20_000,
            breaker_failures=3,
            breaker_pause=5.0,
            timeout=8.0,
        )
        for _ in range(60):
            self.endpoint.first_sent()
            self.endpoint.hedging.answered(0.5)
        self.model = model(self.endpoint)

    def step(self, seconds: float = 0.0) -> None:
        """Lets everything happen that is due within so long."""
        self.runner.run(asyncio.sleep(seconds))
        self.runner.run(asyncio.sleep(0))

    @rule(seconds=st.sampled_from([0.2, 1.0, 6.0, 20.0]), samples=st.integers(1, 2))
    def ask(self, seconds: float, samples: int) -> None:
        async def begin() -> None:
            tab = BookTab(ceiling=2000)
            budget = Budget(self.loop.time() + seconds)
            asking = asyncio.ensure_future(self.model.ask(prompt(samples=samples), budget, tab))
            self.tabs.append(tab)
            self.asking.append(asking)
            await asyncio.sleep(0)

        self.runner.run(begin())

    def turn(self, times: int) -> None:
        """So many turns of the loop, so that what comes next may fall between any two callbacks."""
        for _ in range(times):
            self.loop.call_soon(self.loop.stop)
            self.loop.run_forever()

    @rule(which=st.integers(0, 20), ending=st.sampled_from(sorted(ENDINGS)), turns=st.integers(0, 6))
    def answer(self, which: int, ending: str, turns: int) -> None:
        if self.stage.open:
            future = self.stage.open[which % len(self.stage.open)]
            if not future.done():
                future.set_result(ENDINGS[ending])
            self.turn(turns)

    @rule(which=st.integers(0, 20), turns=st.integers(0, 6))
    def cancel(self, which: int, turns: int) -> None:
        going = [task for task in self.asking if not task.done()]
        if going:
            going[which % len(going)].cancel()
            self.turn(turns)

    @rule(seconds=st.sampled_from([0.1, 0.6, 1.5, 6.0]))
    def pass_time(self, seconds: float) -> None:
        self.step(seconds)

    @invariant()
    def limits_hold(self) -> None:
        assert 0 <= len(self.stage.open) <= self.endpoint.gate.in_flight <= CONCURRENCY
        assert 0 <= self.endpoint.gate.waiting <= QUEUE

    @invariant()
    def money_is_within_the_ceiling(self) -> None:
        assert all(tab.reserved >= 0 and tab.reserved + tab.usage.micro_usd <= 2000 for tab in self.tabs)

    def teardown(self) -> None:
        """Everything ends by itself; then nothing is in use, and a probe still finds its way."""
        try:
            self.step(100.0)
            assert all(task.done() for task in self.asking)
            for task in self.asking:
                assert task.cancelled() or isinstance(task.result(), ModelReply | ModelFailure)
            statistics = self.endpoint.statistics()
            assert (statistics.in_flight, statistics.waiting) == (0, 0)
            assert statistics.sends == self.stage.sends
            assert statistics.sends <= statistics.first_sends - 60 + statistics.retries + statistics.hedges
            assert all(tab.open == tab.reserved == 0 for tab in self.tabs)
            assert sum(tab.usage.calls for tab in self.tabs) == self.stage.sends
            self.recovers()
        finally:
            self.runner.close()

    def recovers(self) -> None:
        self.ask(seconds=20.0, samples=1)
        assert len(self.stage.open) == 1
        self.answer(which=0, ending="good", turns=9)
        assert isinstance(self.asking[-1].result(), ModelReply)
        assert self.endpoint.gate.circuit is Circuit.CLOSED


TestRequests = Requests.TestCase
TestRequests.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
