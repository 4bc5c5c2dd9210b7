"""A running server follows its files: changed, broken, mended."""

import signal
from pathlib import Path

import pytest

from moa_scorer.client import Client, Item
from tests.fakes.server_process import Process, Start, until

POLICY = """\
name: mine
version: 1
title: One threshold
rules:
  - {{test: score_at_least, threshold: 0.0, then: {then}}}
otherwise: review
on_unscored: review
"""
TEXT = "The committee met on Tuesday and approved the budget after a long and lively discussion."


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    file = tmp_path / "catalogue" / "policies" / "mine.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(POLICY.format(then="accept"))
    return file


def decision(server: Process) -> str:
    with Client(server.target) as client:
        return str(client.score(Item(text=TEXT, policy="mine")).decision)


def catalogue_of(policy: Path) -> str:
    return str(policy.parent.parent)


def test_a_changed_policy_decides_a_broken_one_changes_nothing_and_a_mended_one_decides_again(
    start: Start, policy: Path
) -> None:
    server = start("--catalog-dir", catalogue_of(policy), MOA_SCORER_RELOAD_SECONDS="0.1")
    server.wait_for("server_serving")
    assert decision(server).endswith("accept")

    policy.write_text(POLICY.format(then="reject"))
    server.wait_for("catalog_reloaded")
    assert decision(server).endswith("reject")
    assert server.events("catalog_reloaded")[0]["changes"] == ["~policies/mine@1"]

    policy.write_text(POLICY.format(then="discard"))
    (refused,) = server.wait_for("reload_refused")
    assert f"{policy}: rules[0].then: should be" in refused["mistakes"][0]
    assert decision(server).endswith("reject")

    policy.write_text(POLICY.format(then="review"))
    server.wait_for("catalog_reloaded", 2)
    assert decision(server).endswith("review")
    assert server.end() == 0


def test_every_worker_reloads_at_a_sighup(start: Start, policy: Path) -> None:
    server = start("--catalog-dir", catalogue_of(policy), "--workers", "2", MOA_SCORER_RELOAD_SECONDS="0")
    server.wait_for("server_serving", 2)
    policy.write_text(POLICY.format(then="reject"))

    server.popen.send_signal(signal.SIGHUP)

    server.wait_for("catalog_reloaded", 2)
    assert {decision(server)[-6:] for _ in range(6)} == {"reject"}
    assert server.end() == 0


def test_settings_of_the_catalogue_are_taken_over_and_others_want_a_restart(
    start: Start, policy: Path, tmp_path: Path
) -> None:
    settings = tmp_path / "moa-scorer.toml"
    settings.write_text('catalog_dir = "catalogue"\nreload_seconds = 0.1\n')
    server = start()
    server.wait_for("server_serving")

    settings.write_text(
        'catalog_dir = "catalogue"\nreload_seconds = 0.1\nfloor_policy = "mine"\nlocal_queue = 7\n'
    )

    server.wait_for("restart_needed")
    assert server.events("restart_needed")[0]["what"] == ["local_queue"]
    with Client(server.target) as client:
        until(lambda: client.score(TEXT).rule.startswith("floor:score_at_least"), "the floor", server.log)
    assert server.end() == 0
