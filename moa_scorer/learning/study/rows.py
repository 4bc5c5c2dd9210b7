"""Collected ballots on disk: one line for each item and judge, numbers and reasons only, no content.

The file only grows: a judge that changed casts new ballots under its new revision, and the last line of an
item and judge holds.
"""

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot, Judgment, Score, ScoreKind
from moa_scorer.learning.study.ratings import read_lines

WHOLE = ""
"""Stands for every criterion of the judge in `abstained`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotRow:
    """What one judge said of one item."""

    item: str
    """The item's id over all data sets."""
    judge: str
    revision: str
    """Digest of the judge that said it."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """The judge's criterion -> score in [0, 1], six significant digits."""
    abstained: Mapping[str, AbstentionReason] = field(default_factory=dict)
    """The judge's criterion -> reason; the empty string stands for all of them."""
    kinds: Mapping[str, ScoreKind] = field(default_factory=dict)
    """The judge's criterion -> how its score was read off; SINGLE where there is no entry."""
    read: tuple[str, ...] = ()
    """Judges of earlier layers whose ballots it has read."""


Rows = Mapping[str, Mapping[str, BallotRow]]
"""Item -> judge -> row."""


def row_of(item: str, ballot: Ballot, revision: str) -> BallotRow:
    """A ballot without its words, replies and costs."""
    if isinstance(ballot.outcome, Abstention):
        return BallotRow(
            item=item, judge=ballot.judge, revision=revision, abstained={WHOLE: ballot.outcome.reason}
        )
    answers = ballot.outcome.answers.items()
    return BallotRow(
        item=item,
        judge=ballot.judge,
        revision=revision,
        scores={c: float(f"{a.value:.6g}") for c, a in answers if isinstance(a, Score)},
        abstained={c: a.reason for c, a in answers if isinstance(a, Abstention)},
        kinds={c: s.kind for c, s in ballot.scores().items() if s.kind is not ScoreKind.SINGLE},
        read=ballot.outcome.read,
    )


def ballot_of(row: BallotRow) -> Ballot:
    """The ballot again, without evidence and critique."""
    if WHOLE in row.abstained:
        return Ballot(judge=row.judge, outcome=Abstention(reason=row.abstained[WHOLE]))
    scores: dict[str, Score | Abstention] = {
        c: Score(value=v, kind=row.kinds.get(c, ScoreKind.SINGLE)) for c, v in row.scores.items()
    }
    missing = {c: Abstention(reason=r) for c, r in row.abstained.items()}
    return Ballot(judge=row.judge, outcome=Judgment(answers={**scores, **missing}, read=row.read))


def read_rows(path: Path) -> dict[str, dict[str, BallotRow]]:
    """Item -> judge -> its last row; empty when there is no file. Raises ValueError naming a bad line."""
    rows: dict[str, dict[str, BallotRow]] = {}
    for number, line in enumerate(read_lines(path) if path.exists() else (), start=1):
        try:
            row = _row(line)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path.name}, line {number}: not a ballot ({error!r})") from error
        rows.setdefault(row.item, {})[row.judge] = row
    return rows


def append_rows(path: Path, rows: Iterable[BallotRow]) -> None:
    """Adds lines to a plain (not compressed) file; after a crash all but the last line are whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.writelines(_line(row) for row in rows)


def drop_broken_end(path: Path) -> None:
    """Cuts off a last line that a crash left unfinished."""
    written = path.read_bytes()
    if written and not written.endswith(b"\n"):
        path.write_bytes(written[: written.rfind(b"\n") + 1])


def pack_rows(path: Path, rows: Rows, items: Sequence[str], judges: Sequence[str]) -> None:
    """Writes the rows of these items and judges, in these orders; the same rows make the same bytes."""
    chosen = (rows[i][j] for i in items if i in rows for j in judges if j in rows[i])
    payload = "".join(_line(row) for row in chosen).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(payload, compresslevel=9, mtime=0))


def pending(
    items: Sequence[str], revisions: Mapping[str, str], rows: Rows
) -> dict[tuple[str, ...], list[str]]:
    """Judges that still have to be asked -> the items they have to be asked about, in item order.

    `revisions` are the judges wanted, in panel order, each with its present digest.
    """
    wanted: dict[tuple[str, ...], list[str]] = {}
    for item in items:
        cast = rows.get(item, {})
        missing = tuple(j for j, r in revisions.items() if j not in cast or cast[j].revision != r)
        if missing:
            wanted.setdefault(missing, []).append(item)
    return wanted


def _row(line: Mapping[str, Any]) -> BallotRow:
    return BallotRow(
        item=line["item"],
        judge=line["judge"],
        revision=line["revision"],
        scores={c: float(v) for c, v in line.get("scores", {}).items()},
        abstained={c: AbstentionReason(r) for c, r in line.get("abstained", {}).items()},
        kinds={c: ScoreKind(k) for c, k in line.get("kinds", {}).items()},
        read=tuple(line.get("read", ())),
    )


def _line(row: BallotRow) -> str:
    plain: dict[str, Any] = {"item": row.item, "judge": row.judge, "revision": row.revision}
    if row.scores:
        plain["scores"] = dict(row.scores)
    if row.abstained:
        plain["abstained"] = {c: r.value for c, r in row.abstained.items()}
    if row.kinds:
        plain["kinds"] = {c: k.value for c, k in row.kinds.items()}
    if row.read:
        plain["read"] = list(row.read)
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")) + "\n"
