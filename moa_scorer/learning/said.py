"""What judges said of items, raw, from any of the forms that ballots come in: to choose by, not for raters.

The long form has `judges` on each line, what `moa-scorer score --view ballots` writes has `ballots`,
collected ballots have `judge` and `scores`, and a table has columns such as `judge.NAME.CRITERION`.
"""

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from moa_scorer.learning.candidates import identity_of, records_of, text_of

RATINGS = ("human", "rating", "ratings")
"""Keys that may hold people's ratings."""
Said = dict[str, dict[str, float]]
"""Item -> `judge/criterion` -> raw score on the judge's own scale."""


def read_said(path: Path, *, text: str = "", columns: str = "judge.*") -> Said:
    """Every score of a file; in `columns`, the names of a table's columns of scores, `*` is JUDGE or
    JUDGE.CRITERION."""
    found: Said = {}
    named = re.compile(re.escape(columns).replace(r"\*", "(.+)"))
    for record in records_of(path):
        for item, column, raw in _scores(record.values, text, named):
            if (score := _number(raw)) is not None:
                found.setdefault(item, {})[column] = score
    return found


def read_rated(path: Path, *, text: str = "") -> dict[str, int]:
    """Item -> the last round that it was rated in, from 1; items that nobody rated have no entry."""
    found: dict[str, int] = {}
    for line in (record.values for record in records_of(path)):
        if any(_rated(line.get(key)) for key in RATINGS):
            item = item_of(line, text)
            found[item] = max(found.get(item, 1), int(line.get("round") or 1))
    return found


def item_of(line: Mapping[str, Any], text: str = "") -> str:
    """The item's id over all files, as `Candidate.id`."""
    dataset, item = identity_of(line, text_of(line, text))
    return f"{dataset}/{item}" if dataset else item


def _scores(line: Mapping[str, Any], text: str, named: re.Pattern[str]) -> Iterator[tuple[str, str, Any]]:
    """(item, column, raw score) of one line of any form."""
    if "judge" in line and "item" in line:
        for criterion, score in (line.get("scores") or {}).items():
            yield line["item"], f"{line['judge']}/{criterion}", score
        return
    item = item_of(line, text)
    for judge, answer in (line.get("judges") or {}).items():
        yield item, f"{judge.replace('/', ':')}/{line.get('dimension', '')}", (answer or {}).get("score")
    for ballot in line.get("ballots") or ():
        for answer in ballot.get("judgment", {}).get("answers", ()):
            yield item, f"{ballot['judge']}/{answer['criterion']}", answer.get("score")
    for key, raw in line.items():
        if key and (match := named.fullmatch(key)):
            judge, _, criterion = match[1].partition(".")
            yield item, f"{judge}/{criterion}", raw


def _rated(human: Any) -> bool:
    votes = human.values() if isinstance(human, Mapping) else (human or (),)
    return any(v is not None for own in votes for v in own or ())


def _number(raw: Any) -> float | None:
    """A finite number; None for anything else, which is no judgment."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return None
    try:
        value = float(raw)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
