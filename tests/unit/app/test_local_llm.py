import http.server
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from moa_scorer.app import local_llm
from moa_scorer.app.cli.root import app
from moa_scorer.app.local_llm import CannotServe, start, wait_until_healthy
from tests.fakes.servers import answering_http


class Loading(http.server.BaseHTTPRequestHandler):
    """Answers /health as a server that still loads twice, then as one that is ready."""

    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        self.send_response(503 if type(self).asked < 3 else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def loading() -> Iterator[str]:
    Loading.asked = 0
    with answering_http(Loading) as url:
        yield url


class Hands:
    """A clock that only pauses move."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


def test_a_server_that_loads_is_waited_for(loading: str) -> None:
    hands = Hands()
    wait_until_healthy(loading, clock=hands.clock, pause=hands.pause)
    assert Loading.asked == 3
    assert hands.now == pytest.approx(2 * local_llm.PAUSE)


def test_a_server_that_never_answers_is_given_up() -> None:
    hands = Hands()
    with pytest.raises(CannotServe, match="within 3 s"):
        wait_until_healthy("http://127.0.0.1:1", 3.0, clock=hands.clock, pause=hands.pause)


def test_a_missing_model_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CannotServe, match="models fetch --local-llm"):
        start(local_llm.local_llm(tmp_path / "none.gguf"))


def test_a_file_that_is_no_model_is_refused_by_name(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(b"not a model")
    with pytest.raises(CannotServe, match=r"wrong\.gguf"):
        start(local_llm.local_llm(wrong, "127.0.0.1:0"))


def test_every_slot_has_the_whole_context() -> None:
    assert local_llm.local_llm(Path("m.gguf"), slots=3).context == 3 * local_llm.CONTEXT


def test_the_fetched_model_goes_by_its_own_name_and_another_by_its_file() -> None:
    assert local_llm.local_llm(Path("local-llm.gguf")).model_id == "qwen2.5-coder-1.5b-instruct"
    assert local_llm.local_llm(Path("mistral-7b.gguf")).model_id == "mistral-7b"


def test_an_address_of_the_new_form_is_taken_apart() -> None:
    found = local_llm.local_llm(Path("m.gguf"), "[::1]:9000")
    assert (found.host, found.port) == ("::1", 9000)


def test_the_command_says_what_to_fetch_when_there_is_no_model(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["local-llm", "serve", "--models-dir", str(tmp_path)])
    assert done.exit_code == 1
    assert "moa-scorer models fetch local-llm" in done.stderr


@pytest.mark.parametrize("address", ["8080", "localhost:", "127.0.0.1:http", "127.0.0.1:70000"])
def test_the_command_refuses_what_is_no_address(address: str, tmp_path: Path) -> None:
    model = tmp_path / "m.gguf"
    model.write_bytes(b"")
    done = CliRunner().invoke(app, ["local-llm", "serve", "--model", str(model), "--address", address])
    assert done.exit_code == 2
    assert "host:port" in done.stderr
