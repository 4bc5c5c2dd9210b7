"""What operators are shown, as tables."""

import json
from collections.abc import Iterable, Sequence
from typing import Final

import typer
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from rich.table import Table

from moa_scorer.api.v1 import admin_service_pb2 as pb
from moa_scorer.app.cli.console import console_on, whole

MINUTES: Final = "%Y-%m-%d %H:%M"


def print_json(messages: Iterable[Message]) -> None:
    """A list of objects."""
    typer.echo(json.dumps([MessageToDict(each) for each in messages], indent=2, ensure_ascii=False))


def print_judges(judges: Iterable[pb.JudgeHealth]) -> None:
    """A line for each judge."""
    table = Table("judge", "standing", "until", "endpoint", "circuit", "why", box=None)
    for judge in judges:
        table.add_row(
            _bare(judge.judge),
            _word(pb.JudgeStanding.Name(judge.standing), "JUDGE_STANDING_"),
            _time(judge.end_time) if judge.HasField("end_time") else "",
            judge.endpoint,
            _word(pb.Circuit.Name(judge.circuit), "CIRCUIT_") if judge.endpoint else "",
            "; ".join(filter(None, (judge.reason, *(f"drifts from {_bare(name)}" for name in judge.alarms)))),
        )
    console_on().print(whole(table, "judge", "until", "endpoint"))


def print_states(states: Iterable[pb.SnapshotState]) -> None:
    """A line for each name of snapshots."""
    table = Table("snapshot", "serving", "versions", "age limit", "open", box=None)
    for state in states:
        findings = (f"{each.subject or 'no source'} {each.what}" for each in (*state.alarms, *state.doubts))
        table.add_row(
            _bare(state.name),
            f"@{state.serving}" if state.HasField("serving") else "",
            " ".join(map(str, state.versions)),
            f"{state.age_limit_days} days" if state.HasField("age_limit_days") else "none",
            "; ".join(findings),
        )
    console_on().print(whole(table, "snapshot"))


def print_entries(entries: Sequence[pb.AuditEntry]) -> None:
    """A line for each entry."""
    table = Table("time (UTC)", "tenant", "who", "did", "to", "before", "after", "why", box=None)
    for entry in entries:
        table.add_row(
            _time(entry.time),
            entry.tenant,
            entry.who,
            _word(pb.AuditAction.Name(entry.action), "AUDIT_ACTION_"),
            *(entry.subject, entry.before, entry.after, entry.reason),
        )
    console_on().print(
        whole(table, "time (UTC)", "tenant", "who", "to") if entries else "nothing was done yet"
    )


def _bare(name: str) -> str:
    return name.partition("/")[2]


def _word(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lower().replace("_", " ")


def _time(stamp: Timestamp) -> str:
    return f"{stamp.ToDatetime():{MINUTES}}"
