"""Rows of jobs and items as values, and back."""

from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter

from moa_scorer.domain.job import (
    Begun,
    ItemState,
    Job,
    JobKind,
    JobState,
    Place,
    Position,
    Problem,
    Progress,
    RetryClass,
    Settled,
)
from moa_scorer.domain.job_order import Backfill, Calibration, Order, WhatIf
from moa_scorer.domain.tenant import Tenant
from moa_scorer.storage.schema import micros, moment, plain

_ORDERS: Final[dict[JobKind, TypeAdapter[Any]]] = {
    JobKind.BACKFILL: TypeAdapter(Backfill),
    JobKind.CALIBRATION: TypeAdapter(Calibration),
    JobKind.WHAT_IF: TypeAdapter(WhatIf),
}


def order_text(kind: JobKind, order: Order) -> str:
    """An order as JSON: the same order gives the same text."""
    return _ORDERS[kind].dump_json(order).decode()


def job_row(job: Job, request_id: str | None) -> dict[str, Any]:
    """A job that nobody holds."""
    return {
        "name": job.name,
        "tenant": job.tenant,
        "request_id": request_id,
        "kind": job.kind,
        "order": order_text(job.kind, job.order),
        "place": job.place,
        "state": job.state,
        "cancelling": job.cancelling,
        "token": "",
        "leased_until": 0,
        **progress_columns(job.progress),
        **position_columns(job.at),
        "created": micros(job.created),
        "started": None,
        "taken": None,
        "done_before": job.done_before,
        "updated": micros(job.updated),
        "ended": None,
        "problem": job.problem,
        "detail": job.detail,
        "result": job.result,
    }


def progress_columns(progress: Progress) -> dict[str, int | None]:
    """The counts of a job."""
    return {
        "total": progress.total,
        "scored": progress.scored,
        "unscored": progress.unscored,
        "failed": progress.failed,
        "set_aside": progress.set_aside,
        "calls": progress.calls,
        "micro_usd": progress.micro_usd,
    }


def position_columns(at: Position) -> dict[str, int]:
    """The place in its file up to which a job is settled."""
    return {"at_index": at.index, "at_line": at.line, "at_offset": at.offset}


def job_of(row: Any) -> Job:
    """The job of a row."""
    return Job(
        name=row.name,
        tenant=Tenant(row.tenant),
        order=_ORDERS[JobKind(row.kind)].validate_json(row.order),
        place=Place(row.place),
        state=JobState(row.state),
        cancelling=row.cancelling,
        progress=progress_of(row),
        at=Position(index=row.at_index, line=row.at_line, offset=row.at_offset),
        created=moment(row.created),
        started=_moment(row.started),
        taken=_moment(row.taken),
        done_before=row.done_before,
        updated=moment(row.updated),
        ended=_moment(row.ended),
        problem=Problem(row.problem) if row.problem else None,
        detail=row.detail,
        result=row.result,
    )


def progress_of(row: Any) -> Progress:
    """The counts of a job's row."""
    return Progress(
        total=row.total,
        scored=row.scored,
        unscored=row.unscored,
        failed=row.failed,
        set_aside=row.set_aside,
        calls=row.calls,
        micro_usd=row.micro_usd,
    )


def _moment(value: int | None) -> datetime | None:
    return None if value is None else moment(value)


def begun_row(job: str, item: Begun) -> dict[str, Any]:
    """An item that is about to be worked on."""
    return {
        "job": job,
        "item": item.index,
        "line": item.line,
        "id": plain(item.id),
        "state": ItemState.RUNNING,
        "crashes": 1,  # unless this process settles it or hands it back
        "attempts": 0,
        "retry": None,
        "reason": "",
        "record": "",
        "answer": "",
        "calls": 0,
        "micro_usd": 0,
    }


def settled_row(job: str, item: Settled) -> dict[str, Any]:
    """What became of an item."""
    return {
        "job": job,
        "item": item.index,
        "line": item.line,
        "id": plain(item.id),
        "state": item.state,
        "crashes": 0,
        "attempts": item.attempts,
        "retry": item.retry,
        "reason": plain(item.reason),
        "record": item.record,
        "answer": plain(item.answer),
        "calls": item.calls,
        "micro_usd": item.micro_usd,
    }


def settled_of(row: Any) -> Settled:
    """The outcome of an item's row."""
    return Settled(
        index=row.item,
        line=row.line,
        id=row.id,
        state=ItemState(row.state),
        retry=RetryClass(row.retry) if row.retry else None,
        reason=row.reason,
        attempts=row.attempts,
        record=row.record,
        answer=row.answer,
        calls=row.calls,
        micro_usd=row.micro_usd,
    )
