"""`moa-scorer records …` on a running server, beside the same commands on its database."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from moa_scorer.app.cli.root import app
from moa_scorer.client import Client, Item
from tests.fakes.server_process import Start

TEXTS = [
    "The committee met on Monday and approved the budget after a lively discussion.",
    "Shut up, you idiot, nobody asked you!!!",
    "Thanks, this helped me a lot.",
]


@pytest.fixture
def names(start: Start, tmp_path: Path) -> tuple[str, list[str]]:
    """A server's target, and the records of what it has scored, oldest first."""
    server = start(MOA_SCORER_DATABASE=f"sqlite:///{tmp_path}/records.db")
    server.wait_for("server_serving")
    with Client(server.target) as client:
        items = [Item(text=text, kind="comment", policy="comments", subject="u-1") for text in TEXTS]
        return server.target, [client.score(item).record for item in items]


def test_a_server_and_its_database_tell_the_same_and_both_forget(
    names: tuple[str, list[str]], tmp_path: Path
) -> None:
    target, [first, *_] = names
    env = {"MOA_SCORER_DATABASE": f"sqlite:///{tmp_path}/records.db"}

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, ["records", *words], env=env)
        assert done.exit_code == 0, done.stderr
        return done.stdout

    for words in (
        ("list", "--subject", "u-1"),
        ("list", "--json", "--oldest-first"),
        ("show", first),
        ("explain", first, "--json"),
        ("replay", first, "--json"),
        ("export",),
    ):
        assert run(*words, "--server", target) == run(*words) != ""
    assert run("delete", first, "--yes", "--server", target).startswith("deleted 1 record; with them ")
    left = [json.loads(line)["name"] for line in run("list", "--json").splitlines()]
    assert sorted(left) == sorted(names[1][1:])
    run("delete", "--subject", "u-1", "--yes")
    assert run("list", "--json", "--server", target) == ""
