from collections.abc import Iterator
from pathlib import Path

import pytest

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.rubric import Criterion, Rubric
from moa_scorer.judges.local.models import ModelStore
from moa_scorer.judges.local.panel import local_judges
from moa_scorer.judges.local.pool import Pool

RUBRIC = Rubric(
    name="general", version=1, title="", kinds=(), criteria=(Criterion(name="quality", description="Good?"),)
)
CONTENT = Content(
    text="The harbour was closed on Monday because a storm had damaged fourteen ships. Nobody was hurt.",
    context="Why was the harbour closed?",
)
NEED_NO_MODEL = {"mechanics", "lexical", "integrity"}


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool(threads=2)
    yield made
    made.close()


def test_every_judge_is_known_by_its_name_with_columns_of_its_own(pool: Pool, tmp_path: Path) -> None:
    judges = local_judges(ModelStore(directory=tmp_path), pool)
    assert {"mechanics", "lexical", "relevance", "coherence", "civility", "integrity", "fluency"} <= set(
        judges
    )
    for name, judge in judges.items():
        assert judge.profile.name == name
        assert judge.profile.detector
        assert judge.profile.local
        assert len(set(judge.profile.criteria)) == len(judge.profile.criteria) > 0
    revisions = {judge.profile.revision for judge in judges.values()}
    assert len(revisions) == len(judges)


async def test_without_models_judges_abstain_and_the_others_judge(pool: Pool, tmp_path: Path) -> None:
    judges = local_judges(ModelStore(directory=tmp_path), pool)
    for name, judge in judges.items():
        outcome = await judge.judge(CONTENT, RUBRIC, Budget(deadline=float("inf")))
        if name in NEED_NO_MODEL:
            assert isinstance(outcome, Judgment), name
            assert set(outcome.answers) == set(judge.profile.criteria)
        elif isinstance(outcome, Abstention):
            assert outcome.reason is AbstentionReason.MODEL_MISSING, name
            assert outcome.detail
