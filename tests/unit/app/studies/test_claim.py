"""What `make claim` counts and writes."""

from pathlib import Path

import pytest

from moa_scorer.app.studies.claim import main
from moa_scorer.app.studies.claim_tables import Measured, claim_markdown
from moa_scorer.app.studies.claim_tasks import (
    ANSWER,
    INSTRUCTIONS,
    PAIR_MODELS,
    SUMMARY_MODELS,
    Task,
    Tokens,
    contenders_of,
    costs_of,
    mean_critiques,
    pair_tokens,
    prices_of,
    summaries,
)
from moa_scorer.app.studies.recorded import PRICES, price_table
from moa_scorer.learning.choice.contenders import stand
from tests.fakes.studies import simulated_study

TABLE = price_table(Path(__file__).parents[4] / PRICES)
SKILLS = {"gpt-4-0314:rts": 1.0, "gpt-4o": 1.1, "llama-31": 0.8, "gpt-4o-mini": 0.9, "unknown": 0.5}


def task() -> Task:
    return summaries(simulated_study(SKILLS, items=120), {"gpt-4-0314:rts": 400.0})


def test_every_model_named_has_a_dated_price_with_its_source() -> None:
    for model in {**SUMMARY_MODELS, **PAIR_MODELS}.values():
        entry = TABLE.find(model)
        assert entry is not None, model
        assert entry.source


def test_a_plain_pair_is_two_calls_and_reasons_are_written_in_both() -> None:
    plain = pair_tokens("Vanilla", question=50, answers=100, critique=0)
    assert plain == Tokens(read=2 * (INSTRUCTIONS + 150), written=2 * ANSWER)
    reasons = pair_tokens("CoT", question=50, answers=100, critique=80)
    assert reasons.written == 2 * (ANSWER + 80)


@pytest.mark.parametrize("prompt", ["Metrics", "Reference", "Metrics_Reference", "Swap", "Vanilla_1shot"])
def test_richer_prompts_take_more(prompt: str) -> None:
    plain, rich = (pair_tokens(p, question=50, answers=100, critique=0) for p in ("Vanilla", prompt))
    assert rich.read > plain.read
    assert rich.written >= plain.written


def test_rating_one_answer_a_call_reads_half() -> None:
    rating = pair_tokens("Rating", question=50, answers=100, critique=0)
    assert rating.read == 2 * (INSTRUCTIONS + 100)


def test_costs_are_tokens_times_prices_and_nothing_without_a_price() -> None:
    found = task()
    costs = costs_of(found, prices_of(found, TABLE))
    assert "unknown" not in costs
    calls, written = 2, ANSWER + 100
    assert costs["gpt-4-0314:rts"] == pytest.approx(calls * (INSTRUCTIONS * 30 + written * 60))


def test_open_weights_and_small_models_are_told_by_name_and_price() -> None:
    found = task()
    prices = prices_of(found, TABLE)
    pools = {c.name: c.pool for c in contenders_of(found, prices, costs_of(found, prices))}
    assert pools["the dearest judge"] == ("gpt-4-0314:rts",)
    assert pools["open weights, all"] == ("llama-31",)
    assert pools["open weights and small, all"] == ("llama-31", "gpt-4o-mini")


def test_critiques_are_measured_by_judge() -> None:
    lines = [{"judges": {"a/cot": {"score": 1, "critique": "1234"}, "b": None}}, {"judges": {}}]
    assert mean_critiques(lines) == {"a:cot": 4.0}


def test_the_file_names_prices_hashes_and_who_has_no_price() -> None:
    found = task()
    prices = prices_of(found, TABLE)
    costs = costs_of(found, prices)
    contenders = contenders_of(found, prices, costs)
    standings = stand(found.study, contenders, costs, against=("the dearest judge", "best single judge"))
    text = claim_markdown([Measured(task=found, standings=standings, costs=costs, seed=0)], TABLE)
    assert "| the dearest judge | $" in text
    assert "2024-12-21" in text
    assert "No price was found for unknown" in text
    assert "nan" not in text


def test_without_recorded_judges_nothing_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path / "none"), "--out", str(tmp_path / "CLAIM.md")]) == 1
    assert "nothing measured" in capsys.readouterr().err
    assert not (tmp_path / "CLAIM.md").exists()
