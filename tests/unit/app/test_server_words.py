"""What a command says when a server refuses."""

import grpc
import pytest

from moa_scorer.app.cli.server_words import refusal
from moa_scorer.app.servers import TOKEN
from moa_scorer.client import ScorerError

UNKNOWN = ScorerError(grpc.StatusCode.UNAUTHENTICATED, "no valid credentials", reason="UNAUTHENTICATED")


def test_who_brings_no_key_is_told_where_to_put_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TOKEN, raising=False)
    expected = (
        "no valid credentials; put your API key or token into the environment variable MOA_SCORER_TOKEN"
    )
    assert refusal(UNKNOWN) == expected


def test_who_brings_a_wrong_key_is_told_which_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "moa_a_secret")
    assert "MOA_SCORER_TOKEN is not, or no longer, valid" in refusal(UNKNOWN)
    assert "a_secret" not in refusal(UNKNOWN)


def test_a_method_that_is_not_there_means_the_other_port() -> None:
    words = refusal(ScorerError(grpc.StatusCode.UNIMPLEMENTED, "Method not found!"))
    assert "`admin_address`" in words
    assert "Method not found" not in words


def test_what_else_a_server_says_stays_as_it_is() -> None:
    assert (
        refusal(ScorerError(grpc.StatusCode.NOT_FOUND, "no panel x", reason="RESOURCE_NOT_FOUND"))
        == "no panel x"
    )
