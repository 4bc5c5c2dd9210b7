"""People's ratings of items, in two forms on disk: one line an item, or one line an item and criterion.

The packed form (`tests/data`) keeps a line for each item: `dataset`, `item_id`, `group_id`, `system_id`,
`kind`, `content`, `context`, `human_min`, `human_max`, `human` (criterion -> raw ratings) and, where known,
`mentions` and `evidence`. The long form has `dimension` and a list `human` instead and repeats the text.
"""

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from moa_scorer.domain.content import Content


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedItem:
    """One text with what people said of it."""

    dataset: str
    """Where the item comes from; a source for leave-source-out tests."""
    id: str
    """Unique over all files: `dataset/item id`."""
    group: str
    """Unique over all files: `dataset/group id`. Items of one group are never on both sides of a split."""
    system: str
    """Who wrote the text; empty when unknown."""
    kind: str
    """Kind of content: comment, summary, story."""
    text: str
    context: str
    """What the text answers or condenses; empty when there is none."""
    ratings: Mapping[str, tuple[float, ...]]
    """Criterion -> one rating a person, in [0, 1], higher is better; without criteria that nobody rated."""
    low: float = 0.0
    """The lowest value of the people's own scale."""
    high: float = 1.0
    """The highest value of the people's own scale."""
    mentions: tuple[str, ...] | None = None
    """Groups of people that the raters say are spoken of; None = not asked."""
    spans: tuple[tuple[int, int], ...] | None = None
    """Code-point spans that the raters marked; None = not asked."""
    raters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Criterion -> who gave each of `ratings`, in the same order; no entry = not known."""
    propensity: float = 1.0
    """Probability in (0, 1] with which the item was chosen to be rated."""
    audit: bool = False
    """Whether it was drawn at random to check snapshots: a gate reads it, a fit never does."""
    round: int = 1
    """Which plan chose it, from 1: propensities compare within a round only."""
    measures: Mapping[str, float] | None = None
    """The measures of its text as they were taken when it was scored; None = to be taken from the text."""

    def content(self, language: str = "en") -> Content:
        """The item as a request would carry it."""
        return Content(text=self.text, id=self.id, language=language, kind=self.kind, context=self.context)

    def mean(self, criterion: str) -> float | None:
        """Mean rating in [0, 1], or None where nobody rated the criterion."""
        votes = self.ratings.get(criterion)
        return sum(votes) / len(votes) if votes else None


def read_ratings(path: Path, kind: str = "") -> list[RatedItem]:
    """Items of one file of either form, in file order; `kind` names the kind where the lines do not.

    Raises ValueError with the line's number when a line is not of either form.
    """
    items: dict[str, RatedItem] = {}
    for number, line in enumerate(read_lines(path), start=1):
        try:
            item = _item(line, kind)
        except (KeyError, TypeError, ZeroDivisionError) as error:
            raise ValueError(f"{path.name}, line {number}: not a rated item ({error!r})") from error
        known = items.get(item.id)
        items[item.id] = item if known is None else _joined(known, item)
    return list(items.values())


def write_ratings(path: Path, items: Iterable[RatedItem]) -> None:
    """Writes the packed form; the same items make the same bytes."""
    lines = (json.dumps(_packed(i), ensure_ascii=False, separators=(",", ":")) for i in items)
    payload = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(payload, compresslevel=9, mtime=0))


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """JSON objects of a JSONL file, gzip or plain, one a line."""
    payload = path.read_bytes()
    text = (gzip.decompress(payload) if path.suffix == ".gz" else payload).decode()
    for line in text.split("\n"):
        if line.strip():
            yield json.loads(line)


def digest(path: Path) -> str:
    """sha256 of the file's bytes, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def overall(item: RatedItem, criteria: Sequence[str], weights: Mapping[str, float]) -> float | None:
    """The rubric-weighted mean of the criterion ratings in [0, 1]; None when a criterion was not rated."""
    means = [item.mean(c) for c in criteria]
    known = [(m, weights[c]) for m, c in zip(means, criteria, strict=True) if m is not None]
    if len(known) < len(criteria):
        return None
    return sum(m * w for m, w in known) / sum(w for _, w in known)


def _item(line: Mapping[str, Any], kind: str) -> RatedItem:
    human = line["human"]
    votes = human if isinstance(human, dict) else {line["dimension"]: human}
    low, high = float(line["human_min"]), float(line["human_max"])
    dataset = str(line["dataset"])
    return RatedItem(
        dataset=dataset,
        id=f"{dataset}/{line['item_id']}",
        group=f"{dataset}/{line['group_id']}",
        system=line.get("system_id") or "",
        kind=line.get("kind") or kind,
        text=line["content"] or "",
        context=line.get("context") or "",
        ratings={c: tuple((float(v) - low) / (high - low) for v in vs) for c, vs in votes.items() if vs},
        low=low,
        high=high,
        mentions=_tuple(line.get("mentions")),
        spans=_spans(line.get("evidence")),
    )


def _tuple(values: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


def _spans(values: Sequence[Sequence[int]] | None) -> tuple[tuple[int, int], ...] | None:
    return None if values is None else tuple((int(a), int(b)) for a, b in values)


def _joined(first: RatedItem, second: RatedItem) -> RatedItem:
    return replace(first, ratings={**first.ratings, **second.ratings})


def _packed(item: RatedItem) -> dict[str, Any]:
    prefix = len(item.dataset) + 1
    span = item.high - item.low
    line: dict[str, Any] = {
        "dataset": item.dataset,
        "item_id": item.id[prefix:],
        "group_id": item.group[prefix:],
        "system_id": item.system or None,
        "kind": item.kind,
        "content": item.text,
        "context": item.context or None,
        "human_min": item.low,
        "human_max": item.high,
        "human": {c: [_short(item.low + v * span) for v in vs] for c, vs in item.ratings.items()},
    }
    extra = {"mentions": item.mentions, "evidence": item.spans}
    return line | {k: list(v) for k, v in extra.items() if v is not None}


def _short(value: float) -> float | int:
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded
