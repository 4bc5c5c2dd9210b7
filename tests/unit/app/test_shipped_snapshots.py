"""The shipped snapshots through the product: what was not given is not certified, haste is never late."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from moa_scorer.aggregation.reconcile import reconcile
from moa_scorer.app.compose import Application, compose
from moa_scorer.app.settings import load_settings
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.domain.verdict import CertificateStatus, Scored, Unscored, UnscoredReason
from moa_scorer.learning.study.ratings import RatedItem, read_ratings
from moa_scorer.learning.study.rows import ballot_of, read_rows
from moa_scorer.measures.facts import observe
from moa_scorer.scoring.pipeline import Pipeline
from tests.fakes.judges import ScriptedJudge

DATA = Path(__file__).parents[2] / "data"
PANEL = "embedded-fast"


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    made = compose(load_settings(overrides={"panel": PANEL}))
    yield made
    made.close()


@pytest.fixture(scope="module")
def summary() -> RatedItem:
    return read_ratings(DATA / "summeval.jsonl.gz")[0]


def verdict_of(application: Application, item: RatedItem, content: Content):
    catalog = application.catalog
    panel, rubric = catalog.panel(DEFAULT_TENANT, PANEL), catalog.rubric(DEFAULT_TENANT, item.kind)
    rows = read_rows(DATA / "ballots" / f"{item.kind}.jsonl.gz")[item.id]
    return reconcile(
        [ballot_of(rows[judge]) for judge in panel.judges],
        catalog.snapshot_for(rubric, panel, item.kind),
        rubric=rubric,
        panel=panel,
        quorum=panel.quorum,
        facts=observe(content),
        reference=catalog.reference,
    )


def test_a_summary_with_its_source_is_certified_and_without_it_is_not(
    application: Application, summary: RatedItem
) -> None:
    whole = verdict_of(application, summary, summary.content()).outcome
    assert isinstance(whole, Scored)
    assert whole.certificate.status is CertificateStatus.VALID
    bare = verdict_of(application, summary, replace(summary.content(), context="")).outcome
    assert isinstance(bare, Scored)
    assert bare.certificate.status is CertificateStatus.OUT_OF_SUPPORT
    assert "source" in bare.certificate.detail
    assert bare.overall.interval is None
    assert all(c.interval is None for c in bare.criteria)  # type: ignore[union-attr]


async def test_weights_that_are_not_worked_out_in_time_leave_the_item_unscored_and_the_next_one_scored(
    application: Application, summary: RatedItem
) -> None:
    rows = read_rows(DATA / "ballots" / "summary.jsonl.gz")[summary.id]

    def scripted(name: str) -> ScriptedJudge:
        delay = 60.0 if name in ("civility", "student") else 0.0
        return ScriptedJudge(name, lambda _: ballot_of(rows[name]).outcome, delay=delay)

    judges = {name: scripted(name) for name in application.catalog.panel(DEFAULT_TENANT, PANEL).judges}
    pipeline = Pipeline(replace(application.catalog, judges=judges), application.pipeline.clock)
    request = ScoreRequest(content=summary.content(), panel=PANEL)

    async def score():
        return (await pipeline.score(request, Budget.starting(time.monotonic(), 0.03))).verdict.outcome

    first = await score()
    assert isinstance(first, Unscored)
    assert first.reason is UnscoredReason.BUDGET_EXHAUSTED
    for _ in range(100):
        await asyncio.sleep(0.05)
        later = await score()
        if isinstance(later, Scored):
            return
    pytest.fail("the weights were never worked out")
