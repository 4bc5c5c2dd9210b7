"""`moa-scorer card` and `moa-scorer thresholds` on a file of simulated judges."""

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from moa_scorer.app.cli.root import app


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two good judges, one that scores the other way, and noise; 150 items of 75 groups rated 1 to 5."""
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("data") / "made.jsonl"
    with path.open("w") as file:
        for i in range(150):
            truth = rng.normal()
            judges = {
                name: {"score": round(float(3 + sign * truth + noise * rng.normal()), 2), **cost}
                for name, sign, noise, cost in (
                    ("good", 0.8, 0.3, {"cost_micro_usd": 900}),
                    ("cheap", 0.8, 0.5, {"cost_micro_usd": 10}),
                    ("mirror", -0.8, 0.4, {"cost_micro_usd": 10}),
                    ("noise", 0.0, 0.8, {"cost_micro_usd": 10}),
                )
            }
            rated = round(float(np.clip(3 + 0.9 * truth + 0.2 * rng.normal(), 1, 5)), 2)
            line = {
                "dataset": "made",
                "item_id": str(i),
                "group_id": str(i // 2),
                "dimension": "worth",
                "content": "",
                "human": [rated],
                "human_min": 1,
                "human_max": 5,
                "judges": judges,
            }
            file.write(json.dumps(line) + "\n")
    return path


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "220"})
    return done.exit_code, done.stdout, done.stderr


def test_the_card_names_the_judge_that_scores_the_other_way_and_whom_to_ask(data: Path) -> None:
    code, out, _ = run("card", str(data))
    assert code == 0
    assert out.index("mirror scores the other way") < out.index("Ask ")
    assert "noise" not in out[out.index("Ask ") : out.index("judges, chosen by value per cost")]


def test_the_card_as_json_is_plain_and_complete(data: Path) -> None:
    code, out, _ = run("card", str(data), "--json")
    [card] = json.loads(out)
    assert code == 0
    assert card["by_cost"] is True
    assert next(one["judge"] for one in card["judges"]) == "mirror"
    assert {"severity", "polarity", "agreement", "consistency", "abstentions", "left_out"} <= set(
        card["judges"][1]
    )
    assert card["judges"][1]["consistency"] is None
    assert card["rating_scale"] == [1, 5]


def test_a_budget_leaves_the_dear_judge_out(data: Path) -> None:
    _, out, _ = run("card", str(data), "--json", "--budget", "25")
    assert "good" not in json.loads(out)[0]["panel"]


def test_a_card_of_too_few_items_says_how_many_it_takes(data: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.jsonl"
    short.write_text("".join(data.read_text().splitlines(keepends=True)[:20]))
    code, _, err = run("card", str(short))
    assert code == 1
    assert "rate 30" in err


def test_thresholds_are_a_policy_file(data: Path) -> None:
    code, out, _ = run("thresholds", str(data), "--false-rejects", "0.1", "--false-accepts", "0.1")
    policy = yaml.safe_load(out)
    assert code == 0
    assert policy["otherwise"] == "review"
    assert {rule["then"] for rule in policy["rules"]} == {"review", "reject", "accept"}
    assert "of 1 to 5" in out


def test_thresholds_that_the_ratings_cannot_support_say_what_it_takes(data: Path) -> None:
    code, out, _ = run("thresholds", str(data), "--false-rejects", "0.005", "--false-accepts", "0.005")
    assert code == 1
    assert len(yaml.safe_load(out)["rules"]) == 1
    assert "it takes at least" in out


def test_thresholds_as_json_have_no_nan(data: Path) -> None:
    _, out, _ = run("thresholds", str(data), "--false-rejects", "0.1", "--false-accepts", "0.005", "--json")
    [found] = json.loads(out)
    assert found["accept"]["threshold"] is None
    assert found["accept"]["wrong"] is None
    assert found["reject"]["bound"] <= 0.1


def test_a_criterion_that_nobody_rated_is_told(data: Path) -> None:
    code, _, err = run("thresholds", str(data), "--of", "charm")
    assert code == 1
    assert "nobody rated charm" in err


@pytest.mark.parametrize("command", ["card", "thresholds"])
def test_the_commands_explain_themselves_by_examples(command: str) -> None:
    code, out, _ = run(command, "--help")
    assert code == 0
    assert f"moa-scorer {command} ratings.jsonl" in out
