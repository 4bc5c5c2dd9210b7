"""Panels that are asked in the background about a share of the items; their records are marked as shadows."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from moa_scorer.domain.budget import Budget, Clock
from moa_scorer.domain.content_digest import content_digest
from moa_scorer.domain.errors import MoaError
from moa_scorer.domain.record import CacheUse, Record
from moa_scorer.domain.request import CacheControl, Retention, ScoreRequest
from moa_scorer.domain.ruler import digest
from moa_scorer.scoring.background import Background
from moa_scorer.scoring.observing import difference
from moa_scorer.scoring.shadows import Shadows
from moa_scorer.telemetry import events

Score = Callable[[ScoreRequest, Budget], Awaitable[Record]]


class ShadowPanels:
    """Asks other panels after the answer has left, in a budget of their own. Close it at the end."""

    def __init__(self, score: Score, clock: Clock) -> None:
        self._score = score
        self._clock = clock
        self._background = Background()

    def ask(self, record: Record, shadows: Shadows) -> None:
        """Begins what the record's item was drawn for; returns at once."""
        if record.cache in (CacheUse.HIT, CacheUse.SHARED) or not may_be_shadowed(record.request):
            return
        for panel, share in shadows.panels.items():
            if panel == record.plan.panel.revision or not is_drawn(record.request, panel, share):
                continue
            key = (panel, record.name or id(record))
            if self._background.has_room_for(key, shadows.at_once):
                self._background.start(key, self._observe(record, panel, shadows.budget))
            else:
                events.shadow_left_out(resource=f"panels/{panel}")

    async def settled(self) -> None:
        """Until what was begun so far has ended."""
        await self._background.settled()

    async def aclose(self) -> None:
        """Cancels what is at work."""
        await self._background.aclose()

    async def _observe(self, record: Record, panel: str, seconds: float) -> None:
        """One panel about one item; whatever fails is told, and changes no answer."""
        budget = Budget.starting(self._clock.monotonic(), seconds)
        try:
            shadow = await self._score(shadow_request(record, panel), budget)
        except MoaError as error:
            events.shadow_failed(resource=f"panels/{panel}", error=error.reason)
        except Exception as error:
            events.shadow_failed(resource=f"panels/{panel}", error=type(error).__name__)
        else:
            _tell(record, shadow, panel)


def may_be_shadowed(request: ScoreRequest) -> bool:
    """Whether other panels may see the item: not where nothing of it may be kept, and not for a shadow."""
    return request.shadow_of is None and request.retention is not Retention.NOTHING


def is_drawn(request: ScoreRequest, panel: str, share: float) -> bool:
    """Whether the panel is asked about this item: always the same for the same content, panel and tenant."""
    drawn = digest([request.tenant, panel, content_digest(request.content)]).partition(":")[2]
    return int(drawn[:13], 16) / 16**13 < share


def shadow_request(record: Record, panel: str) -> ScoreRequest:
    """The same item for another panel, by the same rubric and policy; neither remembered nor retried."""
    policy = record.plan.policy
    return replace(
        record.request,
        panel=panel,
        rubric=record.plan.rubric.revision,
        policy=policy.revision if policy else "",
        expected_ruler="",
        quorum=None,
        request_id="",
        scope="",
        cache=CacheControl.NONE,
        shadow_of=record.name,
    )


def _tell(record: Record, shadow: Record, panel: str) -> None:
    events.shadow_ruled(
        resource=f"panels/{panel}",
        enforced=record.ruling.decision,
        decision=shadow.ruling.decision,
        difference=difference(record.verdict.score, shadow.verdict.score),
        micro_usd=sum(ballot.usage.micro_usd for ballot in shadow.verdict.ballots),
    )
