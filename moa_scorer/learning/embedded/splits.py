"""Splits by group, fixed before anything is fitted.

The groups of each dataset are put in the order of a salted hash. The first share of them is `final`: not
touched before the final run. The rest is `dev`. Folds deal all groups of a dataset round in that order, so
that every fold holds every dataset, and both parts of a group's items stay together.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from moa_scorer.learning.study.ratings import RatedItem

SALT = "moa-scorer splits 2026-1"
FINAL_SHARE = 0.2
FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Splits:
    """Which group is where."""

    final: frozenset[str]
    """Groups kept for the final run."""
    folds: Mapping[str, int]
    """Group -> fold, from 0; holds every group."""

    def is_final(self, item: RatedItem) -> bool:
        return item.group in self.final

    def fold(self, item: RatedItem) -> int:
        """The item's fold; KeyError for a group that was not there when the splits were made."""
        return self.folds[item.group]


def make_splits(items: Iterable[RatedItem]) -> Splits:
    """The splits of these items; the same for any order of them."""
    groups: dict[str, set[str]] = {}
    for item in items:
        groups.setdefault(item.dataset, set()).add(item.group)
    final: set[str] = set()
    folds: dict[str, int] = {}
    for dataset in sorted(groups):
        ordered = sorted(groups[dataset], key=_key)
        final.update(ordered[: round(FINAL_SHARE * len(ordered))])
        folds.update({g: n % FOLDS for n, g in enumerate(ordered)})
    return Splits(final=frozenset(final), folds=folds)


def write_splits(path: Path, splits: Splits) -> None:
    """One group a line, so that a change shows in a diff."""
    rows = [f"  {json.dumps(g)}: [{int(g in splits.final)}, {f}]" for g, f in sorted(splits.folds.items())]
    head = f'{{"salt": {json.dumps(SALT)}, "columns": ["final", "fold"], "groups": {{\n'
    path.write_text(head + ",\n".join(rows) + "\n}}\n", encoding="utf-8")


def read_splits(path: Path) -> Splits:
    """The splits as committed."""
    groups: dict[str, list[int]] = json.loads(path.read_text(encoding="utf-8"))["groups"]
    return Splits(
        final=frozenset(g for g, (final, _) in groups.items() if final),
        folds={g: fold for g, (_, fold) in groups.items()},
    )


def _key(group: str) -> str:
    return hashlib.sha256(f"{SALT}|{group}".encode()).hexdigest()
