"""Lines of the JSON form of rated items with judges' scores -> entries.

    {"dataset": …, "item_id": …, "group_id": …, "dimension": …, "content": …, "context": …, "system_id": …,
     "human": [4, 5], "human_ids": […], "human_min": 1, "human_max": 5,
     "judges": {"NAME": {"score": 3, "samples": [3, 4], "cost_micro_usd": 120, "seconds": 1.4}}}

Also read: `saw_score` (yes or no, or one a rating), `propensity`, `audit`, `round`, `kind`, `language`; of a
judge its `scale` [worst, best] and, in place of a score, `abstained` with the reason.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from moa_scorer.calibration.table import Scale
from moa_scorer.domain.ballot import AbstentionReason, ScoreKind
from moa_scorer.learning.study.cells import (
    flag_of,
    mapping_of,
    number_of,
    numbers_of,
    parts_of,
    reason_of,
    text_of,
)
from moa_scorer.learning.study.entries import Answer, Entry, Rating
from moa_scorer.learning.study.mistakes import Mistakes
from moa_scorer.learning.study.tables import Record

NEEDED = ("item_id", "dimension", "human", "human_min", "human_max")


def is_line(values: Mapping[str, Any]) -> bool:
    """Whether it is a line of the form with a list `human` and an object `judges`, not of a table."""
    said = isinstance(values.get("human"), list) or isinstance(values.get("judges"), dict)
    return "dimension" in values and said


def entry_of_line(record: Record, criterion: str, origin: str, mistakes: Mistakes) -> Entry | None:
    """A line of the form with `human` and `judges`; None for one that lacks what is needed."""
    line, at = record.values, record.at
    missing = [k for k in NEEDED if k not in line or (k != "human" and line[k] in (None, ""))]
    if missing:
        mistakes.add(at, f"lacks {', '.join(missing)}")
        return None
    scale = scale_of([line["human_min"], line["human_max"]], f"{at}, human_min and human_max", mistakes)
    return Entry(
        at=at,
        item=text_of(line["item_id"]),
        dataset=text_of(line.get("dataset")),
        group=text_of(line.get("group_id")),
        system=origin,
        content=text_of(line.get("content")),
        context=text_of(line.get("context")),
        kind=text_of(line.get("kind")),
        language=text_of(line.get("language")),
        propensity=propensity_of(line.get("propensity"), f"{at}, propensity", mistakes),
        audit=flag_of(line.get("audit"), f"{at}, audit", mistakes),
        round=round_of(line.get("round"), f"{at}, round", mistakes),
        scales={} if scale is None else {criterion: scale},
        ratings={criterion: _ratings(line, at, scale, mistakes)},
        answers={
            (name_of(judge), criterion): answer_of(said, f"{at}, judges.{judge}", mistakes)
            for judge, said in mapping_of(line.get("judges"), f"{at}, judges", mistakes).items()
        },
    )


def round_of(value: Any, where: str, mistakes: Mistakes) -> int | None:
    """The number of a plan, from 1; None where nothing is said, or where it is none, which is noted."""
    number = number_of(value, where, mistakes)
    if number is None or (number >= 1 and number.is_integer()):
        return None if number is None else int(number)
    mistakes.add(where, f"{number:g} is not the number of a plan, 1, 2 …")
    return None


def scale_of(ends: Sequence[Any], where: str, mistakes: Mistakes) -> tuple[float, float] | None:
    """(lowest, highest) rating; None where that is none, which is noted."""
    low, high = (number_of(end, where, mistakes) for end in ends)
    if low is None or high is None:
        return None
    if low >= high:
        mistakes.add(where, f"the lowest rating, {low:g}, should lie below the highest, {high:g}")
        return None
    return low, high


def unit_rating(
    value: float, scale: tuple[float, float] | None, where: str, mistakes: Mistakes
) -> float | None:
    """A rating in [0, 1], or as it is while its scale is not known; None outside it, which is noted."""
    if scale is None:
        return value
    low, high = scale
    if not low <= value <= high:
        mistakes.add(where, f"{value:g} is outside the raters' scale, {low:g} to {high:g}")
        return None
    return (value - low) / (high - low)


def propensity_of(value: Any, where: str, mistakes: Mistakes) -> float | None:
    """A probability in (0, 1]; None where nothing is said, or where it is none, which is noted."""
    number = number_of(value, where, mistakes)
    if number is None or 0 < number <= 1:
        return number
    mistakes.add(where, f"{number:g} should lie above 0 and at most at 1")
    return None


def name_of(judge: object) -> str:
    """A judge's name as columns can hold it."""
    return str(judge).replace("/", ":")


def _ratings(
    line: Mapping[str, Any], at: str, scale: tuple[float, float] | None, mistakes: Mistakes
) -> tuple[Rating, ...]:
    values = [number_of(v, f"{at}, human", mistakes) for v in parts_of(line["human"])]
    names = [text_of(n) for n in parts_of(line.get("human_ids"))] or [""] * len(values)
    seen = line.get("saw_score")
    saw = seen if isinstance(seen, list) else [seen] * len(values)
    if not len(values) == len(names) == len(saw):
        mistakes.add(at, "human, human_ids and saw_score should have one entry a rating")
        return ()
    if twice := sorted({n for n in names if n and names.count(n) > 1}):
        mistakes.add(at, f"{', '.join(twice)} rated the item twice")
    found = []
    for value, name, flag in zip(values, names, saw, strict=True):
        unit = None if value is None else unit_rating(value, scale, f"{at}, human", mistakes)
        if unit is not None:
            found.append(
                Rating(value=unit, rater=name, saw_score=flag_of(flag, f"{at}, saw_score", mistakes))
            )
    return tuple(found)


def answer_of(said: Any, where: str, mistakes: Mistakes) -> Answer:
    """What a judge said, as a number or as an object; null = no score."""
    if not isinstance(said, dict):
        return Answer(score=number_of(said, where, mistakes))
    score = number_of(said.get("score"), f"{where}.score", mistakes)
    samples = numbers_of(said.get("samples"), f"{where}.samples", mistakes)
    if score is None and samples:
        score = sum(samples) / len(samples)
    return Answer(
        score=score,
        reason=said_reason(said.get("abstained")),
        kind=ScoreKind.SAMPLES if len(samples) > 1 else ScoreKind.SINGLE,
        scale=_declared(said.get("scale"), f"{where}.scale", mistakes),
        micro_usd=number_of(said.get("cost_micro_usd"), f"{where}.cost_micro_usd", mistakes),
        seconds=number_of(said.get("seconds"), f"{where}.seconds", mistakes),
    )


def _declared(ends: Any, where: str, mistakes: Mistakes) -> Scale | None:
    found = numbers_of(ends, where, mistakes)
    if not found:
        return None
    if len(found) != 2 or found[0] == found[1]:
        mistakes.add(where, "should be [worst score, best score]")
        return None
    return Scale(low=found[0], high=found[1])


def said_reason(value: Any) -> AbstentionReason:
    """The reason of abstention that a value names; without one the reply held no score."""
    return reason_of(value) or AbstentionReason.UNPARSEABLE
