"""One item's outcome as the caller saw it, and the file that keeps it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from google.protobuf.duration_pb2 import Duration

from moa_scorer.api.v1 import ballot_pb2, scoring_service_pb2, verdict_pb2

Cast = Mapping[str, float | str]
"""Criterion -> score, or the reason of its abstention; a whole abstention stands under `""`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back for an item."""

    run: int
    """Number of the run that asked, from 1; a continued test has several."""
    item: int
    status: str
    """Name of the gRPC status."""
    asked: float
    """When it was asked, on the machine's monotonic clock, which caller and vendor share."""
    seconds: float
    """Until the answer, by the caller's clock."""
    outcome: str = ""
    """`scored` or `unscored`; empty = neither."""
    reason: str = ""
    """Of an unscored answer."""
    score: float | None = None
    """The fused score, in [0, 1]."""
    elapsed: float = 0.0
    """Seconds that the server says it took."""
    budget: float = 0.0
    """Seconds that the server says its judges were allowed."""
    ballots: Mapping[str, Cast] = field(default_factory=dict)
    """Judge -> what it cast."""
    calls: int = 0
    """Upstream calls that the server says it made."""
    micro_usd: int = 0
    """Money that the server says it spent."""
    recorded: bool = False
    """Whether it names a record on disk."""

    @property
    def typed(self) -> bool:
        """Whether it ends in a score, an unscored answer with a reason, or a status other than UNKNOWN."""
        if self.status == "OK":
            return self.outcome == "scored" or bool(self.outcome and self.reason)
        return self.status not in ("UNKNOWN", "INTERNAL")

    def scores(self) -> dict[tuple[str, str], float]:
        """(judge, criterion) -> score."""
        return {
            (judge, criterion): said
            for judge, cast in self.ballots.items()
            for criterion, said in cast.items()
            if not isinstance(said, str)
        }


def answer_of(
    run: int, item: int, asked: float, seconds: float, response: scoring_service_pb2.ScoreContentResponse
) -> Answer:
    """What a response in view FULL says."""
    outcome = response.WhichOneof("result") or ""
    unscored = outcome == "unscored"
    return Answer(
        run=run,
        item=item,
        status="OK",
        asked=asked,
        seconds=seconds,
        outcome=outcome,
        reason=_name(verdict_pb2.UnscoredReason, response.unscored.reason) if unscored else "",
        score=response.scored.score if response.scored.HasField("score") else None,
        elapsed=_seconds(response.timing.elapsed),
        budget=_seconds(response.timing.budget),
        ballots={ballot.judge: _cast(ballot) for ballot in response.ballots},
        calls=sum(ballot.usage.calls for ballot in response.ballots),
        micro_usd=response.cost.micro_usd,
        recorded=bool(response.record),
    )


def _cast(ballot: ballot_pb2.Ballot) -> Cast:
    if ballot.WhichOneof("outcome") != "judgment":
        return {"": _name(ballot_pb2.AbstentionReason, ballot.abstention.reason)}
    return {
        answer.criterion: answer.score
        if answer.HasField("score")
        else _name(ballot_pb2.AbstentionReason, answer.abstention.reason)
        for answer in ballot.judgment.answers
    }


def _name(enum: Any, number: int) -> str:
    """`TIMEOUT` of `ABSTENTION_REASON_TIMEOUT`; empty for UNSPECIFIED."""
    name: str = enum.Name(number).rpartition("REASON_")[2]
    return "" if name == "UNSPECIFIED" else name


def _seconds(duration: Duration) -> float:
    return float(duration.seconds + duration.nanos / 1e9)


class AnswerFile:
    """JSON lines, one an item, appended as they come; a line cut off by a crash is left out."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[int, Answer]:
        """Item -> its answer."""
        if not self._path.exists():
            return {}
        rows = (_row(line) for line in self._path.read_text(encoding="utf-8").splitlines())
        return {row["item"]: Answer(**row) for row in rows if row}

    def append(self, answer: Answer) -> None:
        """Kept at once."""
        with self._path.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(asdict(answer)) + "\n")


def _row(line: str) -> dict[str, Any]:
    try:
        return dict(json.loads(line))
    except json.JSONDecodeError:
        return {}
