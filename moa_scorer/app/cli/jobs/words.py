"""Jobs in words and tables."""

import json
import sys
from collections.abc import Iterable
from datetime import UTC
from typing import Any

from google.longrunning import operations_pb2 as lro
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from rich.table import Table

from moa_scorer.api.v1 import job_pb2
from moa_scorer.api.v1 import job_service_pb2 as pb
from moa_scorer.app.cli.console import console_on, whole
from moa_scorer.app.cli.exits import Exit, say
from moa_scorer.app.cli.snapshots.gate_lines import calibration_lines


def metadata_of(operation: lro.Operation) -> job_pb2.JobMetadata:
    """Where the job of an operation stands."""
    metadata = job_pb2.JobMetadata()
    operation.metadata.Unpack(metadata)
    return metadata


def dollars(micro_usd: int) -> str:
    """An amount of money as people write it."""
    return f"${micro_usd / 1e6:,.2f}" if micro_usd >= 10_000 or not micro_usd else f"${micro_usd / 1e6:.6f}"


def counts(progress: job_pb2.JobProgress) -> str:
    """How far a job is, on one line."""
    of = f" of {progress.total:,}" if progress.HasField("total") else ""
    parts = [f"{progress.done:,}{of} done", f"{progress.scored:,} scored"]
    named = (("unscored", progress.unscored), ("failed", progress.failed), ("set aside", progress.set_aside))
    parts += [f"{count:,} {word}" for word, count in named if count]
    parts += [dollars(progress.cost.micro_usd)] if progress.cost.micro_usd else []
    return ", ".join(parts)


def forecast_words(forecast: job_pb2.JobForecast) -> str:
    """What a backfill is expected to take, on one line."""
    parts = [f"{forecast.items:,} items"]
    if forecast.unreadable:
        parts.append(f"{forecast.unreadable} of {forecast.sampled} looked at cannot be served")
    parts.append(f"{forecast.calls:,} calls to models")
    parts.append(f"at most {dollars(forecast.most_cost.micro_usd)}")
    parts.append(f"about {span(forecast.duration.ToTimedelta().total_seconds())}")
    return ", ".join(parts)


def span(seconds: float) -> str:
    """A time as people say it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = seconds / 60
    return f"{round(minutes)} min" if minutes < 90 else f"{minutes / 60:,.1f} h"


def outcome(operation: lro.Operation) -> Exit:
    """Says what came of a job that has ended, on stderr, and its result on stdout; sums up as exit status."""
    metadata = metadata_of(operation)
    name = operation.name.rpartition("/")[2]
    if operation.HasField("error"):
        again = "" if operation.error.code == 1 else f" Go on with: moa-scorer jobs resume {name}"
        say(f"{operation.error.message}; {counts(metadata.progress)}.{again}")
        return Exit.REJECTED
    result = result_of(operation)
    if isinstance(result, pb.BackfillResponse):
        return _backfilled(result, metadata.progress, name)
    if isinstance(result, pb.CalibrationResponse):
        return calibrated(result)
    print_json(MessageToDict(result))
    return Exit.OK


def calibrated(result: pb.CalibrationResponse) -> Exit:
    """Says what a calibration came to, on stdout; a candidate that does not serve is no success."""
    for line in calibration_lines(result):
        sys.stdout.write(line + "\n")
    return Exit.REJECTED if result.candidate and result.step != "promoted" else Exit.OK


def _backfilled(response: pb.BackfillResponse, progress: job_pb2.JobProgress, name: str) -> Exit:
    say(f"{counts(progress)}; results in {response.output}")
    if progress.failed or progress.set_aside:
        say(f"what failed: moa-scorer jobs failures {name}")
        return Exit.REJECTED
    return Exit.UNSCORED if progress.unscored else Exit.OK


def result_of(operation: lro.Operation) -> Message:
    """What a job that succeeded has come to."""
    for kind in (pb.BackfillResponse, pb.CalibrationResponse, pb.WhatIfResponse):
        if operation.response.Unpack(message := kind()):
            return message
    return Empty()


def print_json(value: Any) -> None:
    """A value on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def operation_dict(operation: lro.Operation) -> dict[str, Any]:
    """An operation with its job and what came of it, for machines."""
    found = {"name": operation.name, "done": operation.done} | MessageToDict(metadata_of(operation))
    if operation.HasField("response"):
        found["response"] = MessageToDict(result_of(operation))
    if operation.HasField("error"):
        found["error"] = {"code": operation.error.code, "message": operation.error.message}
    return found


def print_jobs(operations: Iterable[lro.Operation]) -> None:
    """A row a job."""
    table = Table(box=None, pad_edge=False)
    for column in ("job", "kind", "state", "made", "progress", "input"):
        table.add_column(column)
    for operation in operations:
        metadata = metadata_of(operation)
        table.add_row(
            operation.name.rpartition("/")[2],
            _word(job_pb2.JobKind.Name(metadata.kind)),
            _word(job_pb2.JobState.Name(metadata.state)),
            _moment(metadata.create_time),
            counts(metadata.progress),
            metadata.input,
        )
    console_on().print(whole(table, "job", "made"))


def print_failures(failures: Iterable[job_pb2.JobFailure]) -> None:
    """A row an item."""
    table = Table(box=None, pad_edge=False)
    for column in ("line", "id", "again?", "tries", "why"):
        table.add_column(column)
    for each in failures:
        again = _word(job_pb2.RetryClass.Name(each.retry_class))
        table.add_row(str(each.line), each.content_id, again, str(each.attempts), each.reason)
    console_on().print(whole(table, "line", "id"))


def _word(name: str) -> str:
    """`JOB_KIND_WHAT_IF` -> `what if`."""
    for prefix in ("JOB_KIND_", "JOB_STATE_", "RETRY_CLASS_"):
        name = name.removeprefix(prefix)
    return name.lower().replace("_", " ")


def _moment(stamp: Timestamp) -> str:
    return stamp.ToDatetime(tzinfo=UTC).astimezone().strftime("%Y-%m-%d %H:%M")
