"""Study files in the long JSONL form: one line an item and dimension, ratings and judges' raw scores beside it.

    {"dataset": …, "item_id": …, "group_id": …, "dimension": …, "content": …, "context": …,
     "system_id": …, "human": [4, 5], "human_min": 1, "human_max": 5, "judges": {"NAME": {"score": 3, "samples": [3, 4]}}}

A file of dimensions that were rated on different items holds several studies. Where each item has one
dimension and lines carry `task`, the task is the criterion and the dimension says where the item comes from.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from moa_scorer.calibration.table import Scale
from moa_scorer.domain.ballot import AbstentionReason, ScoreKind
from moa_scorer.learning.ratings import RatedItem, digest, read_lines
from moa_scorer.learning.rows import BallotRow
from moa_scorer.learning.study import Study

USUAL_SCALES = (
    (0.0, 1.0),
    (1.0, 5.0),
    (0.0, 5.0),
    (1.0, 7.0),
    (0.0, 9.0),
    (1.0, 10.0),
    (0.0, 10.0),
    (0.0, 100.0),
)
"""Tried after the people's own, for judges whose scale nobody declared."""
WITHIN = 0.99
"""Share of a judge's scores that its scale must hold."""


def read_studies(path: Path, *, kind: str = "") -> tuple[Study, ...]:
    """The studies of one file, in file order; raises ValueError naming a line that is not of the form."""
    lines = list(_checked(path))
    single = _one_dimension_each(lines)
    for line in lines:
        line["criterion"], line["origin"] = _criterion(line, single)
    scales = _scales(lines)
    return tuple(
        _study(name, own, scales, kind=kind, source={path.name: digest(path)})
        for name, own in _by_items(lines).items()
    )


def _checked(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(read_lines(path), start=1):
        missing = [k for k in ("item_id", "dimension", "human", "human_min", "human_max") if k not in line]
        if missing:
            raise ValueError(f"{path.name}, line {number}: lacks {', '.join(missing)}")
        yield line


def _one_dimension_each(lines: Sequence[Mapping[str, Any]]) -> bool:
    return len({line["item_id"] for line in lines}) == len(lines)


def _criterion(line: Mapping[str, Any], single: bool) -> tuple[str, str]:
    """(criterion, where the item comes from)."""
    if single and line.get("task"):
        return str(line["task"]).split(" (")[0], str(line["dimension"])
    return str(line["dimension"]), line.get("system_id") or ""


def _by_items(lines: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Name -> lines of criteria that were rated on the same items."""
    items: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        items[line["criterion"]].add(line["item_id"])
    together: dict[frozenset[str], list[str]] = {}
    for criterion, own in items.items():
        together.setdefault(frozenset(own), []).append(criterion)
    dataset = str(lines[0].get("dataset", "study"))
    return {
        dataset if len(together) == 1 else f"{dataset}-{criteria[0]}": [
            line for line in lines if line["criterion"] in criteria
        ]
        for criteria in together.values()
    }


def _scales(lines: Sequence[Mapping[str, Any]]) -> dict[str, Scale]:
    """Judge -> the smallest usual scale that holds nearly all of its scores, else their range."""
    found: dict[str, list[float]] = defaultdict(list)
    for line in lines:
        for judge, answer in (line.get("judges") or {}).items():
            if (score := _score(answer)) is not None:
                found[_name(judge)].append(score)
    human = float(lines[0]["human_min"]), float(lines[0]["human_max"])
    return {judge: _scale(np.array(scores), human) for judge, scores in found.items()}


def _scale(scores: "np.ndarray[Any, np.dtype[np.float64]]", human: tuple[float, float]) -> Scale:
    for low, high in (human, *USUAL_SCALES):
        if float(np.mean((scores >= low) & (scores <= high))) >= WITHIN:
            return Scale(low=low, high=high, declared=False)
    low, high = float(scores.min()), float(scores.max())
    return Scale(low=low, high=high if high > low else low + 1.0, declared=False)


def _study(
    name: str,
    lines: Sequence[Mapping[str, Any]],
    scales: Mapping[str, Scale],
    *,
    kind: str,
    source: Mapping[str, str],
) -> Study:
    criteria = tuple(dict.fromkeys(line["criterion"] for line in lines))
    by_item: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for line in lines:
        by_item[f"{line.get('dataset', name)}/{line['item_id']}"].append(line)
    items = [_item(i, own, kind or name) for i, own in by_item.items()]
    rated = tuple(item for item in items if all(item.ratings.get(c) for c in criteria))
    judges = tuple(dict.fromkeys(_name(j) for line in lines for j in line.get("judges") or {}))
    first = lines[0]
    return Study(
        name=name,
        items=rated,
        rows={i: _rows(i, own, scales) for i, own in by_item.items()},
        judges=judges,
        criteria=criteria,
        scales={j: scales[j] for j in judges if j in scales},
        rating_scale=(float(first["human_min"]), float(first["human_max"])),
        kind=kind or name,
        digests=source,
        notes=(f"{len(items) - len(rated)} items lack a rating of a criterion",)
        if len(rated) < len(items)
        else (),
    )


def _item(identity: str, lines: Sequence[Mapping[str, Any]], kind: str) -> RatedItem:
    first = lines[0]
    dataset, low, high = str(first.get("dataset", "")), float(first["human_min"]), float(first["human_max"])
    return RatedItem(
        dataset=dataset,
        id=identity,
        group=f"{dataset}/{first.get('group_id', first['item_id'])}",
        system=first["origin"],
        kind=kind,
        text=first.get("content") or "",
        context=first.get("context") or "",
        ratings={line["criterion"]: _ratings(line) for line in lines},
        low=low,
        high=high,
        raters={
            line["criterion"]: tuple(map(str, line["human_ids"])) for line in lines if line.get("human_ids")
        },
    )


def _ratings(line: Mapping[str, Any]) -> tuple[float, ...]:
    """The people's ratings in [0, 1], each criterion on its own scale."""
    low, high = float(line["human_min"]), float(line["human_max"])
    return tuple((float(v) - low) / (high - low) for v in line["human"] if v is not None)


def _rows(
    identity: str, lines: Sequence[Mapping[str, Any]], scales: Mapping[str, Scale]
) -> dict[str, BallotRow]:
    judges = dict.fromkeys(j for line in lines for j in line.get("judges") or {})
    return {_name(j): _row(identity, j, lines, scales) for j in judges}


def _row(
    identity: str, judge: str, lines: Sequence[Mapping[str, Any]], scales: Mapping[str, Scale]
) -> BallotRow:
    scores: dict[str, float] = {}
    kinds: dict[str, ScoreKind] = {}
    abstained: dict[str, AbstentionReason] = {}
    for line in lines:
        answer, criterion = (line.get("judges") or {}).get(judge), line["criterion"]
        raw = _score(answer)
        unit = None if raw is None else scales[_name(judge)].to_unit(raw)
        if unit is None:
            abstained[criterion] = AbstentionReason.UNPARSEABLE
            continue
        scores[criterion] = unit
        if len((answer or {}).get("samples") or ()) > 1:
            kinds[criterion] = ScoreKind.SAMPLES
    return BallotRow(
        item=identity, judge=_name(judge), revision="", scores=scores, kinds=kinds, abstained=abstained
    )


def _score(answer: Mapping[str, Any] | None) -> float | None:
    score = (answer or {}).get("score")
    if isinstance(score, bool) or not isinstance(score, int | float) or not np.isfinite(score):
        return None
    return float(score)


def _name(judge: str) -> str:
    """A judge's name as columns can hold it."""
    return judge.replace("/", ":")
