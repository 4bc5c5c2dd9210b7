"""The file of ratings while somebody rates: every finished item is on disk before the next one is shown.

One JSON line for each item and criterion, in the long form that `fit` and `evaluate` read.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from moa_scorer.app.cli.rating.session import Finished
from moa_scorer.domain.rubric import Rubric


class BadRatings(Exception):
    """The file cannot be gone on with; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rater:
    """Who rates by what."""

    name: str
    rubric: Rubric


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A rating as it stands in the file."""

    begins: int
    """Its first byte."""
    values: Mapping[str, Any]


class RatingsFile:
    """Holds what earlier sessions left, takes what this one finishes, and gives back what it undoes.

    Between `with` and its end nobody else can write the file. A crash can leave a torn line, or some of an
    item's lines: they are cut off when the file is next opened.
    """

    def __init__(self, path: Path, rater: Rater) -> None:
        self._path, self._rater = path, rater
        self._held: tuple[Finished, ...] = ()
        self._begins: list[int] = []
        self.earlier: Mapping[str, float] = {}
        """Item that this rater has rated -> seconds it took, in file order."""

    def __enter__(self) -> Self:
        """Opens, cuts and reads the file; raises BadRatings or OSError."""
        self._file: IO[bytes] = os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644), "r+b", 0)
        try:
            _lock(self._file, self._path)
            self.earlier = self._read()
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def mirror(self, finished: tuple[Finished, ...]) -> None:
        """Makes the file hold just these items of the session; returns when they are on disk."""
        if finished == self._held:
            return
        pairs = zip(self._held, finished, strict=False)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        if same < len(self._begins):
            self._file.truncate(self._begins[same])
        del self._begins[same:]
        for one in finished[same:]:
            self._begins.append(self._file.seek(0, os.SEEK_END))
            _write(self._file, "".join(_lines(one, self._rater)).encode())
        os.fsync(self._file.fileno())
        self._held = finished

    def _read(self) -> dict[str, float]:
        written = self._file.read()
        whole = _without_torn_end(written)
        lines = list(_parsed(whole, self._path.name))
        unfinished = _unfinished(lines, self._rater)
        if unfinished:
            whole = whole[: unfinished[0].begins]
        if len(whole) > len(written):
            _write(self._file, whole[len(written) :])
        self._file.truncate(len(whole))
        return self._own(lines[: len(lines) - len(unfinished)])

    def _own(self, lines: Sequence[_Line]) -> dict[str, float]:
        """The rater's items; raises BadRatings where they were rated by another rubric."""
        found: dict[str, float] = {}
        for line in (placed.values for placed in lines):
            if line.get("human_ids") != [self._rater.name]:
                continue
            if line.get("rubric", self._rater.rubric.revision) != self._rater.rubric.revision:
                raise BadRatings(
                    f"{self._path}: {self._rater.name} has rated here by {line['rubric']}, "
                    f"not {self._rater.rubric.revision}: choose another --out"
                )
            found[_id(line)] = float(line.get("seconds") or 0.0)
        return found


def _lock(file: IO[bytes], path: Path) -> None:
    """Nobody else may write the file while it is open; where the system has no locks, nothing."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise BadRatings(f"{path}: another session writes it: end that one or choose another --out") from None


def _write(file: IO[bytes], payload: bytes) -> None:
    """All of it: an unbuffered file may take less at once."""
    rest = memoryview(payload)
    while rest:
        rest = rest[file.write(rest) :]


def _without_torn_end(written: bytes) -> bytes:
    """The whole lines; a last one that lacks nothing but its end of line is whole."""
    head, _, tail = written.rpartition(b"\n")
    if not tail:
        return written
    try:
        json.loads(tail)
    except ValueError:
        return head + b"\n" if head else b""
    return written + b"\n"


def _parsed(written: bytes, name: str) -> Iterator[_Line]:
    """Every line that is not blank; raises BadRatings for one that is no rating."""
    begins = 0
    for number, raw in enumerate(written.split(b"\n"), start=1):
        if raw.strip():
            try:
                values = json.loads(raw)
            except ValueError:
                raise BadRatings(
                    f"{name}, line {number}: is not JSON: mend it, or choose another --out"
                ) from None
            if not isinstance(values, dict) or not {"item_id", "dimension", "human"} <= values.keys():
                raise BadRatings(f"{name}, line {number}: is not a rating: choose another --out")
            yield _Line(begins=begins, values=values)
        begins += len(raw) + 1


def _unfinished(lines: Sequence[_Line], rater: Rater) -> Sequence[_Line]:
    """The last lines where they are of an item that the rater had not wholly rated; else none."""
    if not lines:
        return ()
    last = lines[-1].values
    if last.get("human_ids") != [rater.name] or last.get("rubric") != rater.rubric.revision:
        return ()
    start = len(lines)
    while start and _same_item(lines[start - 1].values, last):
        start -= 1
    answered = {line.values["dimension"] for line in lines[start:]}
    return () if answered >= {c.name for c in rater.rubric.criteria} else lines[start:]


def _same_item(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return _id(one) == _id(other) and one.get("human_ids") == other.get("human_ids")


def _id(line: Mapping[str, Any]) -> str:
    return f"{line['dataset']}/{line['item_id']}" if line.get("dataset") else str(line["item_id"])


def _lines(finished: Finished, rater: Rater) -> Iterator[str]:
    """A line for each criterion; all but the rating is the same."""
    item = finished.item
    known = {
        "dataset": item.dataset,
        "item_id": item.item,
        "group_id": item.group,
        "system_id": item.system,
        "kind": item.kind,
        "language": item.language,
    }
    texts = {"title": item.title, "content": item.text, "context": item.context}
    choice = {"propensity": item.propensity, "audit": item.audit, "round": item.round, "plan": item.plan}
    chosen = {} if item.propensity is None else {k: v for k, v in choice.items() if v != ""}
    for criterion, answer in zip(rater.rubric.criteria, finished.answers, strict=True):
        line = {k: v for k, v in known.items() if v} | {
            "dimension": criterion.name,
            **{k: v for k, v in texts.items() if v},
            "human": [_short(answer)],
            "human_ids": [rater.name],
            "human_min": _short(rater.rubric.scale_min),
            "human_max": _short(rater.rubric.scale_max),
            "saw_score": False,
            **chosen,
            "rubric": rater.rubric.revision,
            "seconds": round(finished.seconds, 1),
        }
        yield json.dumps(line, ensure_ascii=False) + "\n"


def _short(value: float) -> float | int:
    return int(value) if value.is_integer() else value
