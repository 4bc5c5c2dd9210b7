"""A file of ratings joined to a file of ballots: by the items' ids, never by their places."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from moa_scorer.learning.study.entries import Entry, Key, joined
from moa_scorer.learning.study.mistakes import Mistakes, NotAStudy


def with_ratings(
    entries: Mapping[Key, Entry], ratings: Mapping[Key, Entry], file: str
) -> tuple[dict[Key, Entry], tuple[str, ...]]:
    """The items of `file` with what both files say of them, and a word on rated items that are not there.

    What the first file says of ratings itself stays, and must agree. Raises NotAStudy where no item is in
    both.
    """
    by_item: dict[str, list[Key]] = {}
    for key in entries:
        by_item.setdefault(key[1], []).append(key)
    mistakes = Mistakes()
    moved = [_moved(e, entries, by_item, mistakes) for e in ratings.values()]
    known = [e for e in moved if e.key in entries]
    if not known:
        one, other = next(iter(ratings.values())), next(iter(entries.values()))
        raise NotAStudy(
            f"{one.at}: item {one.item!r} is not in {file}, nor is any other; there: {other.item!r}"
        )
    whole = joined([*entries.values(), *known], mistakes)
    mistakes.settle()
    strangers = len(moved) - len(known)
    return whole, (f"rated items that are not in {file}, and are left out: {strangers}",) if strangers else ()


def _moved(
    entry: Entry, entries: Mapping[Key, Entry], by_item: Mapping[str, Sequence[Key]], mistakes: Mistakes
) -> Entry:
    """What is said of the first file's item: collected ballots have the data set in the item's id."""
    whole = f"{entry.dataset}/{entry.item}"
    if entry.dataset and ("", whole) in entries:
        return replace(entry, dataset="", item=whole)
    return replace(entry, dataset=_dataset(entry, entries, by_item, mistakes))


def _dataset(
    entry: Entry, entries: Mapping[Key, Entry], by_item: Mapping[str, Sequence[Key]], mistakes: Mistakes
) -> str:
    """The data set of the first file's item with the same id."""
    candidates = by_item.get(entry.item, ())
    if entry.key in entries or not candidates:
        return entry.dataset
    if len(candidates) > 1:
        sets = ", ".join(dataset for dataset, _ in candidates)
        mistakes.add(entry.at, f"item {entry.item} is in several data sets ({sets}): say which")
    return candidates[0][0]
