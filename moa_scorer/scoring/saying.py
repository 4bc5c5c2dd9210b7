"""What is logged and counted of every item that got its verdict."""

from moa_scorer.domain.record import Record
from moa_scorer.telemetry import events, metrics


def say_scored(record: Record, seconds: float) -> None:
    """One item was answered, after so many seconds."""
    events.item_scored(
        panel=record.plan.panel.revision,
        rubric=record.plan.rubric.revision,
        completion=record.verdict.completion,
        decision=record.ruling.decision,
        planned=record.verdict.planned,
        answered=record.verdict.answered,
        seconds=seconds,
        cache=record.cache,
    )
    metrics.item_concluded(record, seconds)
