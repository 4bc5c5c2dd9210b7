"""A study as two files that every fit reads: ratings in the long form, and ballots, joined by items' ids."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from moa_scorer.learning.study.ratings import RatedItem
from moa_scorer.learning.study.rows import pack_rows
from moa_scorer.learning.study.study import Study


def write_study(study: Study, ratings: Path, ballots: Path) -> None:
    """Writes both files, `ballots` compressed; `ratings` too where its name ends in .gz."""
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in rating_lines(study)).encode()
    ratings.write_bytes(gzip.compress(text, mtime=0) if ratings.suffix == ".gz" else text)
    pack_rows(ballots, study.rows, [item.id for item in study.items], study.judges)


def rating_lines(study: Study) -> Iterator[dict[str, Any]]:
    """A line for each item and criterion, ratings on the raters' own scale."""
    for item in study.items:
        for criterion in study.criteria:
            yield _line(item, criterion, study)


def _line(item: RatedItem, criterion: str, study: Study) -> dict[str, Any]:
    texts = {
        "system_id": item.system,
        "language": study.language,
        "content": item.text,
        "context": item.context,
    }
    return {
        "dataset": item.dataset,
        "item_id": _within(item.id, item.dataset),
        "group_id": _within(item.group, item.dataset),
        "kind": item.kind,
        "dimension": criterion,
        **{key: value for key, value in texts.items() if value},
        "human": [_on_scale(value, item) for value in item.ratings[criterion]],
        "human_ids": list(item.raters.get(criterion, ())),
        "human_min": item.low,
        "human_max": item.high,
        "propensity": item.propensity,
        "audit": item.audit,
        "round": item.round,
    }


def _within(whole: str, dataset: str) -> str:
    """An id without its data set."""
    return whole.removeprefix(f"{dataset}/")


def _on_scale(unit: float, item: RatedItem) -> float:
    """Nine significant digits: a rating of 4 is a 4 again."""
    return float(f"{item.low + unit * (item.high - item.low):.9g}")
