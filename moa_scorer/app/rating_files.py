"""Files of ratings and of plans: what `moa-scorer rate` writes and reads, and tables of one's own.

A line is a rating as the API has it (`record` or `content_id`, `rater`, `criterion`, `value`, …), or one of
the long form (`item_id`, `dimension`, `human`, `human_ids`, …). An item of the data set `records` is a record
of that name; any other id is the caller's own id of the content.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from moa_scorer.client import Rating, RatingPlan
from moa_scorer.learning.study.cells import flag_of, number_of, parts_of, text_of
from moa_scorer.learning.study.mistakes import Mistakes
from moa_scorer.learning.study.stored import DATASET
from moa_scorer.learning.study.tables import Record, read_records

RECORDS: Final = "records/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What holds for lines that say nothing else."""

    rater: str = ""
    saw_score: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A rating, and where it stands."""

    at: str
    rating: Rating


def read_given(path: Path, usual: Usual) -> tuple[Given, ...]:
    """The ratings of a JSONL, CSV, TSV or Parquet file, also compressed, in its order.

    Raises NotAStudy with every mistake, OSError for a file that cannot be opened.
    """
    mistakes = Mistakes()
    found = [given for line in read_records(path, mistakes) for given in _given(line, usual, mistakes)]
    mistakes.settle()
    return tuple(found)


def plan_lines(plan: RatingPlan, kind: str) -> Iterator[str]:
    """A line for each record to rate, as `moa-scorer rate` takes them; records without their text are left
    out, for nobody could rate them."""
    for each in plan.ratings:
        if each.text:
            line = {
                "dataset": DATASET,
                "item_id": each.record.removeprefix(RECORDS),
                "kind": kind,
                "content": each.text,
                "context": each.context,
            }
            choice = {"propensity": each.propensity, "audit": each.stream == "audit", "plan": plan.name}
            known = {key: value for key, value in line.items() if value}
            yield json.dumps(known | choice | {"why": each.why}, ensure_ascii=False) + "\n"


def _given(line: Record, usual: Usual, mistakes: Mistakes) -> Iterator[Given]:
    values = line.values
    votes = list(_votes(values, line.at, usual, mistakes))
    record, content_id = _item(values)
    if not record and not content_id:
        mistakes.add(line.at, "names no item: give it a record, content_id or item_id")
    if not votes:
        mistakes.add(line.at, "holds no rating: give it a value")
    for rater, value, saw_score in votes:
        rating = Rating(
            record=record,
            content_id=content_id,
            value=value,
            rater=rater,
            criterion=text_of(values.get("criterion") or values.get("dimension")),
            saw_score=saw_score,
            propensity=number_of(values.get("propensity"), f"{line.at}, propensity", mistakes),
            stream=text_of(values.get("stream")).lower(),
            plan=text_of(values.get("plan")),
            id=text_of(values.get("rating_id")),
            rated_at=_moment(values.get("rated_at"), f"{line.at}, rated_at", mistakes),
        )
        yield Given(at=line.at, rating=rating)


def _votes(
    values: Mapping[str, Any], at: str, usual: Usual, mistakes: Mistakes
) -> Iterator[tuple[str, float, bool]]:
    """(rater, value, whether the score was seen) of each rating of the line."""
    said = values.get("human", values.get("value", values.get("rating")))
    numbers = [number_of(each, f"{at}, value", mistakes) for each in parts_of(said)]
    names = [text_of(n) for n in parts_of(values.get("human_ids", values.get("rater")))]
    raters = names or [usual.rater] * len(numbers)
    flags = _flags(values.get("saw_score"), len(numbers), at, usual, mistakes)
    if not len(numbers) == len(raters) == len(flags):
        mistakes.add(at, "should name one rater a rating")
        return
    if not all(raters):
        mistakes.add(at, "does not say who rated: give it a rater, or say --rater")
    for rater, number, flag in zip(raters, numbers, flags, strict=True):
        if number is not None:
            yield rater, number, flag


def _flags(said: Any, count: int, at: str, usual: Usual, mistakes: Mistakes) -> list[bool]:
    """Whether each rater saw the score; what the command says holds for all."""
    flags = said if isinstance(said, list) else [said] * count
    return [usual.saw_score or flag_of(flag, f"{at}, saw_score", mistakes) for flag in flags]


def _item(values: Mapping[str, Any]) -> tuple[str, str]:
    """(record, the caller's id of the content); one of them is empty."""
    record = text_of(values.get("record"))
    item = text_of(values.get("content_id") or values.get("item_id"))
    if not record and (item.startswith(RECORDS) or values.get("dataset") == DATASET):
        record = item
    if record:
        return RECORDS + record.removeprefix(RECORDS), ""
    return "", item


def _moment(said: Any, where: str, mistakes: Mistakes) -> datetime | None:
    """An instant in UTC where no zone is said; None where nothing is."""
    words = text_of(said)
    if not words:
        return None
    try:
        found = datetime.fromisoformat(words)
    except ValueError:
        mistakes.add(where, f"{words!r} is no date: write 2026-11-23 or 2026-11-23T12:00:00Z")
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
