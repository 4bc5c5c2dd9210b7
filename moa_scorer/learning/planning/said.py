"""What judges said of items, raw, from any of the forms that ballots come in: to choose by, not for raters.

The long form has `judges` on each line, what `moa-scorer score --view ballots` writes has `ballots`,
collected ballots have `judge` and `scores`, and a table has columns such as `judge.NAME.CRITERION` or a line
for each `judge` and its `score`.
"""

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.learning.planning.candidates import USUAL, Keys, identity_of, records_of, text_of
from moa_scorer.learning.study.cells import reason_of
from moa_scorer.learning.study.columns import QUALITY

RATINGS = ("human", "rating", "ratings")
"""Keys that may hold people's ratings."""
Said = dict[str, dict[str, float | AbstentionReason]]
"""Item -> `judge/criterion` -> raw score on the judge's own scale, or why there is none; `judge/` stands for
all criteria of a judge that abstained as a whole."""


def read_said(path: Path, *, text: str = "", columns: str = "judge.*", keys: Keys = USUAL) -> Said:
    """Every answer of a file; in `columns`, the names of a table's columns of scores, `*` is JUDGE or
    JUDGE.CRITERION. `text` and `keys` are those of `read_candidates`."""
    found: Said = {}
    named = re.compile(re.escape(columns).replace(r"\*", "(.+)"))
    for record in records_of(path, keys):
        for item, column, raw in _answers(record.values, text, named):
            found.setdefault(item, {})[column] = _answer(raw)
    return found


def read_rated(path: Path, *, text: str = "", keys: Keys = USUAL) -> dict[str, int]:
    """Item -> the last round that it was rated in, from 1; items that nobody rated have no entry."""
    found: dict[str, int] = {}
    for line in (record.values for record in records_of(path, keys)):
        if any(_rated(line.get(key)) for key in RATINGS):
            item = item_of(line, text)
            found[item] = max(found.get(item, 1), int(line.get("round") or 1))
    return found


def item_of(line: Mapping[str, Any], text: str = "") -> str:
    """The item's id over all files, as `Candidate.id`."""
    dataset, item = identity_of(line, text_of(line, text))
    return f"{dataset}/{item}" if dataset else item


def _answers(line: Mapping[str, Any], text: str, named: re.Pattern[str]) -> Iterator[tuple[str, str, Any]]:
    """(item, column, raw score or the reason's name) of one line of any form."""
    item = item_of(line, text)
    if line.get("judge"):
        for criterion, raw in _of_one_judge(line):
            yield item, f"{_name(line['judge'])}/{criterion}", raw
    for judge, answer in (line.get("judges") or {}).items():
        said = answer or {}
        yield item, f"{_name(judge)}/{line.get('dimension', '')}", said.get("score", said.get("abstained"))
    for ballot in line.get("ballots") or ():
        for criterion, raw in _of_result(ballot):
            yield item, f"{ballot['judge']}/{criterion}", raw
    for key, raw in line.items():
        if key and (match := named.fullmatch(key)):
            judge, _, criterion = match[1].partition(".")
            yield item, f"{_name(judge)}/{criterion or _criterion(line)}", raw


def _of_one_judge(line: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(criterion, raw) of a line that is one judge's: a collected ballot, or a line of a table."""
    if "score" in line:
        yield _criterion(line), line["score"]
    yield from (line.get("scores") or {}).items()
    yield from (line.get("abstained") or {}).items()


def _of_result(ballot: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(criterion, raw) of a ballot as the service returns it."""
    if "abstention" in ballot:
        yield "", ballot["abstention"].get("reason")
    for answer in ballot.get("judgment", {}).get("answers", ()):
        yield answer["criterion"], answer.get("score", answer.get("abstention", {}).get("reason"))


def _criterion(line: Mapping[str, Any]) -> str:
    return line.get("criterion") or line.get("dimension") or QUALITY


def _name(judge: str) -> str:
    """A judge's name as columns can hold it."""
    return judge.replace("/", ":")


def _rated(human: Any) -> bool:
    votes = human.values() if isinstance(human, Mapping) else (human or (),)
    return any(v is not None for own in votes for v in own or ())


def _answer(raw: Any) -> float | AbstentionReason:
    """A finite number, else the reason that is named, else that it cannot be read."""
    reason = reason_of(raw.removeprefix("ABSTENTION_REASON_")) if isinstance(raw, str) else None
    if reason is not None:
        return reason
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return AbstentionReason.UNPARSEABLE
    try:
        value = float(raw)
    except ValueError:
        return AbstentionReason.UNPARSEABLE
    return value if math.isfinite(value) else AbstentionReason.UNPARSEABLE
