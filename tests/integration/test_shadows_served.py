"""Shadows and a floor of a running server, from its settings to `moa-scorer shadow` and `moa-scorer diff`."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from moa_scorer.app.cli.root import app
from moa_scorer.client import Client, Item
from tests.fakes.server_process import Start

STRICT = """\
name: strict
version: 1
title: Nothing passes
rules: []
otherwise: reject
on_unscored: reject
"""
TEXTS = [
    f"The committee met on day {day} and approved the budget after a lively discussion." for day in range(4)
]


def command(*words: str) -> Any:
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_what_a_server_observed_is_counted_and_nothing_of_it_was_enforced(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    policies = tmp_path / "catalogue" / "policies"
    policies.mkdir(parents=True)
    (policies / "strict.yaml").write_text(STRICT)
    (tmp_path / "moa-scorer.toml").write_text(
        f'catalog_dir = "catalogue"\ndatabase = "sqlite:///{tmp_path}/records.db"\nfloor_policy = "floor"\n'
        'shadow_policies = ["strict"]\nshadow_panels = {embedded-fast = 1.0}\n'
    )
    server = start("--panel", "embedded-fast@1")
    server.wait_for("server_serving")
    with Client(server.target) as client:
        results = [client.score(Item(text=text, policy="quality")) for text in TEXTS]
    assert server.end() == 0

    assert "reject" not in {str(result.decision) for result in results}
    (row,) = command("shadow")
    assert (row["resource"], row["items"], row["share_differing"]) == ("policies/strict@1", 4, 1.0)
    assert row["mean_score_difference"] == 0.0
    found = command("diff", "quality", "strict")
    assert (found["records"], found["changed"]) == (4, 4)
