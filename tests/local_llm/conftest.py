"""A real llama.cpp server in a process of its own: `make test-llm`, never `make test`."""

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from moa_scorer.app.compose import Application, compose
from moa_scorer.app.settings import load_settings

MODEL = os.environ.get("TEST_LLM_MODEL", "")
collect_ignore_glob = [] if MODEL else ["test_*.py"]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Its base URL, without /v1."""
    command = [sys.executable, "-m", "moa_scorer.app.cli", "local-llm", "serve"]
    command += ["--model", str(Path(MODEL).expanduser()), "--address", "127.0.0.1:0", "--threads", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if found := re.search(r"is served on (http://\S+)/v1", line):
                break
        else:
            pytest.fail("the server did not start:\n" + "".join(said))
        yield found[1]
        process.terminate()
        process.stderr.close()


@pytest.fixture
async def application(server: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Application]:
    """The shipped catalogue, its endpoint `llama_cpp` being the server."""
    monkeypatch.setenv("LLAMA_CPP_BASE_URL", f"{server}/v1")
    made = compose(load_settings())
    yield made
    await made.aclose()
