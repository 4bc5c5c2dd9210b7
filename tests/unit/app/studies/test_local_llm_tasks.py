from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from moa_scorer.app.compose import Application, compose
from moa_scorer.app.settings import load_settings
from moa_scorer.app.studies.embedded_tasks import by_hash, items_of
from moa_scorer.app.studies.local_llm_tasks import (
    ALONE,
    ITEMS,
    JUDGE,
    WITHOUT,
    chosen,
    compared,
    comparison,
    llm_ballots_path,
    source_of,
)
from moa_scorer.calibration.snapshot import OVERALL
from moa_scorer.domain.ballot import ScoreKind
from moa_scorer.learning.embedded.evaluate import PANEL, correlation
from moa_scorer.learning.embedded.splits import read_splits
from moa_scorer.learning.study.rows import BallotRow, pack_rows

DATA = Path(__file__).parents[3] / "data"
REGISTERED = {
    "summary": "0b7841f3c056fb51e74633aa2afe757bf0c8df1676972f293ad42405eac9f327",
    "story": "676f9bde3bb8da1c5820f3640e6b1a73a9d5666969b93be9d62ae66d6191fa4b",
}


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    made = compose(load_settings())
    yield made
    made.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The committed data, with a model that says on stories what people said."""
    source = source_of("story")
    for path in [*DATA.glob("*.*"), *(DATA / "ballots").glob("*.gz")]:
        target = tmp_path / path.relative_to(DATA)
        target.parent.mkdir(exist_ok=True)
        target.symlink_to(path)
    rows = {
        item.id: {
            JUDGE: BallotRow(
                item=item.id,
                judge=JUDGE,
                revision="oracle",
                scores={c: sum(votes) / len(votes) for c, votes in item.ratings.items()},
                kinds=dict.fromkeys(item.ratings, ScoreKind.LOGPROBS),
            )
        }
        for item in chosen(source, DATA)
    }
    packed = llm_ballots_path(source, tmp_path)
    packed.unlink(missing_ok=True)
    pack_rows(packed, rows, list(rows), [JUDGE])
    return tmp_path


@pytest.mark.parametrize("kind", REGISTERED)
def test_the_texts_asked_about_are_those_registered(kind: str) -> None:
    import hashlib

    ids = [item.id for item in chosen(source_of(kind), DATA)]
    assert len(set(ids)) == ITEMS
    assert hashlib.sha256("\n".join(ids).encode()).hexdigest() == REGISTERED[kind]


def test_the_order_by_hash_does_not_hang_on_the_order_given() -> None:
    items = items_of(source_of("story"), DATA)
    assert by_hash(items[::-1]) == by_hash(items)


def test_without_ballots_there_is_nothing_to_compare(application: Application, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no ballots of local_llm"):
        comparison(application, source_of("story"), tmp_path)


def test_a_model_that_knows_the_ratings_lifts_the_panel_and_unasked_texts_stay_abstentions(
    application: Application, data: Path
) -> None:
    found = comparison(application, source_of("story"), data)
    own = [k for k, c in enumerate(found.task.table.columns) if c.startswith(f"{JUDGE}/")]
    unasked = np.setdiff1d(np.arange(len(found.task.items)), found.asked)
    assert found.asked.size == ITEMS
    assert np.isnan(found.task.table.values[np.ix_(unasked, own)]).all()
    assert not np.isnan(found.task.table.values[np.ix_(found.asked, own)]).any()
    assert not any(c.startswith(f"{JUDGE}/") for c in found.without.table.columns)

    splits = read_splits(DATA / "splits.json")
    folds = np.array([splits.fold(item) for item in found.task.items])
    folds = np.where(folds == 0, 0, 1)
    first = compared(found, folds)[0]
    assert first.test.size == int((folds[found.asked] == 0).sum())
    assert correlation(first, ALONE, OVERALL) == pytest.approx(1.0, abs=1e-3)
    assert correlation(first, PANEL, OVERALL) > correlation(first, WITHOUT, OVERALL) + 0.1
