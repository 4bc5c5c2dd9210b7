"""The example in Go against real servers: a score, no score, a final error and one that waiting may mend."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from deploy.callers.build import EXAMPLE, go
from deploy.check import Skipped
from tests.fakes.server_process import Process, Start

pytestmark = pytest.mark.timeout(600)
"""The first build compiles gRPC."""

TEXT = "Great post, thanks for sharing it with us."


@pytest.fixture(scope="module")
def example() -> Path:
    try:
        go()
    except Skipped as reason:
        pytest.skip(f"the example in Go was not run: {reason}")
    return EXAMPLE


def scored(example: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (example, *arguments), capture_output=True, text=True, env=os.environ | environment, timeout=60
    )


@pytest.fixture
def server(start: Start) -> Process:
    running = start(MOA_SCORER_DATABASE="off")
    running.wait_for("server_serving")
    return running


def test_a_caller_in_go_tells_a_score_from_none_and_a_final_error_from_one_that_may_pass(
    example: Path, server: Process
) -> None:
    target = ("-target", f"dns:///{server.target}")
    good = scored(example, *target, "-policy", "comments", TEXT)
    assert good.returncode == 0, good.stderr
    assert good.stdout.startswith("score 0.")
    assert "DECISION_" in good.stdout

    none = scored(example, *target, "-panel", "local-llm", "-policy", "comments", TEXT)
    assert none.returncode == 3, none.stderr
    assert "no score: UNSCORED_REASON_" in none.stdout
    assert "DECISION_REVIEW" in none.stdout
    assert "ABSTENTION_REASON_" in none.stdout

    wrong = scored(example, *target, "-panel", "no such panel", "")
    assert wrong.returncode == 1
    assert "InvalidArgument INVALID_REQUEST (final)" in wrong.stderr
    assert "content.text: must not be empty" in wrong.stderr
    missing = scored(example, *target, "-panel", "none", TEXT)
    assert "NotFound RESOURCE_NOT_FOUND (final)" in missing.stderr


def test_a_caller_in_go_is_told_when_to_come_back_and_when_nobody_is_there(
    example: Path, start: Start
) -> None:
    quota = {"*": [{"meter": "items", "amount": 1, "per": "day"}]}
    running = start(MOA_SCORER_DATABASE="off", MOA_SCORER_QUOTAS=json.dumps(quota))
    running.wait_for("server_serving")
    target = ("-target", f"dns:///{running.target}")
    assert scored(example, *target, TEXT).returncode == 0
    over = scored(example, *target, TEXT + " Again.")
    assert over.returncode == 4
    assert "ResourceExhausted QUOTA_EXCEEDED (retryable after " in over.stderr

    nobody = scored(example, "-target", "127.0.0.1:9", "-budget", "2s", TEXT)
    assert nobody.returncode == 4
    assert "Unavailable" in nobody.stderr or "DeadlineExceeded" in nobody.stderr  # as its retries end
    assert "(retryable)" in nobody.stderr
