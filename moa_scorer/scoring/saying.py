"""What is logged, counted and traced of every item that got its verdict."""

from collections.abc import Collection

from moa_scorer.domain.record import Record
from moa_scorer.telemetry import events, metrics, spans


def say_scored(record: Record, seconds: float, asked_before: Collection[str] = ()) -> None:
    """One item was answered, after so many seconds; some judges' ballots may be those of another record."""
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
    metrics.item_concluded(record, seconds, asked_before)
    if record.unrecorded is not None:
        metrics.answer_unrecorded(record.unrecorded)
    spans.evaluated(record)
