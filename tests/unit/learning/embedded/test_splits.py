"""Splits are fixed, by group, and the committed ones are those that the data give."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from moa_scorer.learning.embedded.splits import FOLDS, Splits, make_splits, read_splits, write_splits
from moa_scorer.learning.study.ratings import RatedItem, digest, read_ratings

DATA = Path(__file__).parents[3] / "data"
FILES = ("summeval", "hanna", "psychdepth", "moderation")


@pytest.fixture(scope="module")
def items() -> list[RatedItem]:
    return [item for name in FILES for item in read_ratings(DATA / f"{name}.jsonl.gz")]


@pytest.fixture(scope="module")
def splits() -> Splits:
    return read_splits(DATA / "splits.json")


def test_the_committed_splits_are_those_of_the_data_in_any_order(
    items: Sequence[RatedItem], splits: Splits
) -> None:
    made = make_splits(reversed(items))
    assert made.final == splits.final
    assert dict(made.folds) == dict(splits.folds)


def test_the_registered_digest_is_that_of_the_file() -> None:
    assert digest(DATA / "splits.json") in (DATA / "PREREGISTRATION.md").read_text(encoding="utf-8")


def test_a_fifth_of_the_groups_of_each_dataset_is_final(items: Sequence[RatedItem], splits: Splits) -> None:
    for dataset in {item.dataset for item in items}:
        groups = {item.group for item in items if item.dataset == dataset}
        assert len(groups & splits.final) == round(0.2 * len(groups))


def test_every_fold_holds_every_dataset(items: Sequence[RatedItem], splits: Splits) -> None:
    datasets = {item.dataset for item in items}
    assert {(i.dataset, splits.fold(i)) for i in items} == {(d, f) for d in datasets for f in range(FOLDS)}


def test_writing_and_reading_give_the_same_splits(splits: Splits, tmp_path: Path) -> None:
    write_splits(tmp_path / "splits.json", splits)
    assert (tmp_path / "splits.json").read_bytes() == (DATA / "splits.json").read_bytes()


def test_an_unknown_group_has_no_fold(items: Sequence[RatedItem]) -> None:
    splits = make_splits([i for i in items if i.dataset == "hanna"])
    with pytest.raises(KeyError):
        splits.fold(next(i for i in items if i.dataset == "summeval"))
