"""Items that somebody may rate, as read from any of the forms that texts come in: never with a score.

A line is known by its keys: `content` or `text`, one of IDS (else the text's digest stands for it), and where
present `dataset`, `group_id`, `system_id`, `kind`, `language`, `title`, `context`; of a plan `propensity`,
`audit`, `round` and `plan` as well. The long form has a line for each dimension, others one for each item. A
table (.csv, .tsv, .parquet) has these words as its columns, a file that ends in .txt has a text a line. What
`moa-scorer score` writes has ids (`contentId`) and no texts: they come from the file that was scored.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from moa_scorer.domain.content import Content
from moa_scorer.learning.study.mistakes import Mistakes
from moa_scorer.learning.study.tables import Record, read_records

IDS = ("item_id", "item", "id", "contentId")
"""Keys that may hold the item's id, the first that does holds."""

Keys = Mapping[str, str]
"""`item_id` or `group_id` -> the key that holds it in a file; empty = the usual one."""
USUAL: Keys = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One text to rate. It holds nothing that a judge or another person said."""

    dataset: str
    """Where the item comes from; empty = not said."""
    item: str
    """The item's id, unique in its dataset."""
    group: str
    """The source document or prompt; the item's own id where nobody said."""
    text: str
    context: str = ""
    """What the text answers or condenses."""
    title: str = ""
    kind: str = ""
    """Kind of content: comment, summary, story."""
    language: str = ""
    """ISO 639-1; empty = not said."""
    system: str = ""
    """Who wrote the text; empty = not known."""
    propensity: float | None = None
    """Probability in (0, 1] with which a plan chose it from what it could choose; None = no plan."""
    audit: bool = False
    """Whether it was drawn at random to check snapshots."""
    round: int = 1
    """Which plan chose it, from 1: propensities hold within a round."""
    plan: str = ""
    """The server's name of the plan; empty = a plan of files, or none."""

    @property
    def id(self) -> str:
        """Unique over all files: `dataset/item id`, or the item's id where there is no dataset."""
        return f"{self.dataset}/{self.item}" if self.dataset else self.item

    def content(self) -> Content:
        """The item as a request would carry it."""
        return Content(
            text=self.text,
            id=self.id,
            language=self.language,
            kind=self.kind,
            title=self.title,
            context=self.context,
        )


def read_candidates(
    path: Path, *, text: str = "", texts: Iterable[Candidate] = (), keys: Keys = USUAL
) -> tuple[Candidate, ...]:
    """The items of a file, each once, in file order; `text` names the key of the text where it is another.

    `keys` are those of ids and groups where they are others. A line without a text takes it from the one of
    `texts` that has its id. Raises ValueError naming a line for which there is none, or OSError.
    """
    found: dict[str, Candidate] = {}
    known = {candidate.item: candidate for candidate in texts}
    for record in records_of(path, keys):
        try:
            candidate = _candidate(record.values, text, known)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{record.at}: {error}") from None
        found.setdefault(candidate.id, candidate)
    return tuple(found.values())


def records_of(path: Path, keys: Keys = USUAL) -> list[Record]:
    """The lines of a JSONL, CSV, TSV or Parquet file, also compressed, or of a text file that has one a line.

    What stands under one of `keys` stands under the usual one too. Raises NotAStudy, a ValueError, with every
    line that cannot be read and every key that no line has, or OSError.
    """
    if path.suffix == ".txt":
        texts = enumerate(path.read_text(encoding="utf-8-sig").split("\n"), start=1)
        return [
            Record(at=f"{path.name}, line {n}", values={"text": t.strip()}) for n, t in texts if t.strip()
        ]
    mistakes = Mistakes()
    records = list(read_records(path, mistakes))
    for key in filter(None, keys.values()):
        if records and not any(key in r.values for r in records):
            mistakes.add(path.name, f"has no column {key}; there are {', '.join(records[0].values)}")
    mistakes.settle()
    return [replace(r, values=_renamed(r.values, keys)) for r in records]


def _renamed(line: Mapping[str, Any], keys: Keys) -> Mapping[str, Any]:
    return {**line, **{usual: line.get(key) for usual, key in keys.items() if key}}


def text_of(line: Mapping[str, Any], key: str = "") -> str:
    """The line's text, under the key named or a usual one; empty where it has none."""
    words = line.get(key) if key else line.get("content", line.get("text"))
    return words if isinstance(words, str) else ""


def identity_of(line: Mapping[str, Any], text: str) -> tuple[str, str]:
    """(dataset, item id) as a line says them; where it says no id, one made from its text."""
    item = next((line[k] for k in IDS if line.get(k) not in (None, "")), None)
    if item is None:
        item = f"text-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    return str(line.get("dataset") or ""), str(item)


def _candidate(line: Mapping[str, Any], text: str, texts: Mapping[str, Candidate]) -> Candidate:
    words = text_of(line, text)
    dataset, item = identity_of(line, words)
    if not words.strip():
        if item in texts:
            return texts[item]
        raise ValueError(f"has no {text or 'text'}; there are {', '.join(map(str, line))}")
    return Candidate(
        dataset=dataset,
        item=item,
        group=str(line.get("group_id") or line.get("group") or item),
        text=words,
        context=line.get("context") or line.get("prompt") or "",
        title=line.get("title") or "",
        kind=line.get("kind") or "",
        language=line.get("language") or "",
        system=line.get("system_id") or line.get("system") or line.get("source") or "",
        propensity=_propensity(line.get("propensity")),
        audit=str(line.get("audit", "")).lower() in ("true", "1"),
        round=int(line.get("round") or 1),
        plan=line.get("plan") or "",
    )


def _propensity(said: Any) -> float | None:
    if said in (None, ""):
        return None
    value = float(said)
    if not 0 < value <= 1:
        raise ValueError(f"propensity: {said} does not lie in (0, 1]")
    return value
