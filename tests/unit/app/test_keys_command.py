"""`moa-scorer keys`: what is shown, and which database is named."""

import pytest
from typer.testing import CliRunner, Result

from moa_scorer.app.cli.root import app


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["keys", *words])


@pytest.fixture(autouse=True)
def _database(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOA_SCORER_DATABASE", sqlite_url)
    monkeypatch.delenv("COLUMNS", raising=False)  # what is piped is as wide as it needs to be


def test_a_key_alone_is_on_standard_output_and_its_database_on_the_other(sqlite_url: str) -> None:
    made = run("create", "--name", "crawler", "--tenant", "news")

    assert made.stdout.startswith("moa_")
    assert len(made.stdout.split()) == 1
    assert sqlite_url in made.stderr


def test_the_list_says_until_when_a_key_holds() -> None:
    run("create", "--name", "crawler", "--days", "90")
    run("create", "--name", "forum")
    crawler, forum = run("list").stdout.splitlines()[1:]

    assert "valid until 20" in crawler
    assert forum.rstrip().endswith("valid")
