from pathlib import Path

import pytest

from moa_scorer.app.clock import SystemClock
from moa_scorer.app.endpoint_report import endpoint_reports
from moa_scorer.app.files.catalogue import read_catalog
from moa_scorer.app.network import Network, build_network
from moa_scorer.domain.errors import ConfigurationError

ENDPOINT = """\
name: mine
kind: openai
base_url: https://models.example.com/v1
key: {env: MY_KEY}
"""
JUDGE = """\
name: reader
title: A reader
endpoint: mine
model: gpt-5.4-2026-03-05
"""
PRICES = """\
prices:
  - {model: gpt-5.4, host: models.example.com, input: 1, output: 2, as_of: 2026-11-01, source: our contract}
"""


def _put(catalogue: Path, file: str, text: str) -> None:
    (catalogue / file).parent.mkdir(exist_ok=True)
    (catalogue / file).write_text(text)


@pytest.fixture
def own(catalogue: Path) -> Path:
    """A user's catalogue with an endpoint and a judge."""
    _put(catalogue, "endpoints/mine.yaml", ENDPOINT)
    _put(catalogue, "judges/reader.yaml", JUDGE)
    return catalogue


def _network(catalogue: Path, judges: tuple[str, ...], workers: int = 1) -> Network:
    return build_network(read_catalog(catalogue, judges), workers, SystemClock())


def _mistakes(catalogue: Path, judges: tuple[str, ...]) -> list[str]:
    with pytest.raises(ConfigurationError) as raised:
        read_catalog(catalogue, judges)
    return [mistake.removeprefix(f"{catalogue}/") for mistake in raised.value.mistakes]


def test_a_users_endpoint_and_judge_become_a_judge_that_panels_may_name(
    own: Path, judges: tuple[str, ...]
) -> None:
    _put(own, "panels/mine.yaml", (own / "panels/mine.yaml").read_text().replace("lexical", "reader"))
    profile = _network(own, judges).judges["reader"].profile

    assert (profile.endpoint, profile.model, profile.family) == ("mine", "gpt-5.4-2026-03-05", "gpt")
    assert profile.local is False


def test_judges_of_one_endpoint_share_it(judges: tuple[str, ...]) -> None:
    network = build_network(read_catalog(None, judges), 1, SystemClock())

    assert set(network.endpoints) >= {"openai", "anthropic", "gemini", "vllm", "ollama", "llama_cpp"}
    assert {network.judges[name].profile.endpoint for name in ("local_llm", "mistral")} == {"llama_cpp"}


def test_a_judge_whose_key_is_not_there_is_named_with_the_variable_and_not_with_its_value(
    own: Path, judges: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    network = _network(own, judges)
    monkeypatch.delenv("MY_KEY", raising=False)
    assert "MY_KEY" in network.keyless()["reader"]

    monkeypatch.setenv("MY_KEY", "sk-never-shown")
    assert "reader" not in network.keyless()
    assert "sk-never-shown" not in "".join(line for r in endpoint_reports(network) for line in r.lines())


def test_a_report_tells_place_key_prices_and_mechanisms(
    own: Path, judges: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    _put(own, "prices.yaml", PRICES)
    monkeypatch.setenv("MY_KEY", "sk-never-shown")
    report = next(r for r in endpoint_reports(_network(own, judges)) if r.name == "mine")

    assert report.place == "https://models.example.com/v1 (a vendor)"
    assert report.key == "key: in the environment variable MY_KEY"
    assert report.judges == ("judge reader asks gpt-5.4-2026-03-05: price of 2026-11-01",)
    assert any(line.startswith("circuit breaker: opens") for line in report.mechanisms)


def test_a_model_without_a_price_is_said_to_have_none(own: Path, judges: tuple[str, ...]) -> None:
    _put(own, "judges/reader.yaml", JUDGE.replace("gpt-5.4-2026-03-05", "unheard-of"))
    report = next(r for r in endpoint_reports(_network(own, judges)) if r.name == "mine")

    assert report.judges == (
        "judge reader asks unheard-of: no price known, so not asked under a cost ceiling",
    )


def test_an_endpoint_that_the_default_panel_does_not_ask_takes_one_line(
    own: Path, judges: tuple[str, ...]
) -> None:
    report = next(r for r in endpoint_reports(_network(own, judges)) if r.name == "mine")

    assert report.brief().startswith("https://models.example.com/v1 (a vendor); key: ")
    assert report.brief().endswith("; 1 judge, none in the default panel")
    assert "\n" not in report.brief()


def test_a_judge_of_an_unknown_endpoint_is_told_the_nearest(own: Path, judges: tuple[str, ...]) -> None:
    _put(own, "judges/reader.yaml", JUDGE.replace("mine", "mime"))

    assert _mistakes(own, judges) == [
        "judges/reader.yaml: endpoint: unknown endpoint 'mime'; did you mean 'mine'?"
    ]


def test_an_endpoint_that_cannot_be_read_is_not_called_unknown_as_well(
    own: Path, judges: tuple[str, ...]
) -> None:
    _put(own, "endpoints/mine.yaml", ENDPOINT.replace("kind:", "knid:"))

    assert {mistake.split(":")[0] for mistake in _mistakes(own, judges)} == {"endpoints/mine.yaml"}


def test_a_judge_cannot_take_the_name_of_one_of_the_servers_own(own: Path, judges: tuple[str, ...]) -> None:
    _put(own, "judges/reader.yaml", JUDGE.replace("name: reader", "name: lexical"))

    assert _mistakes(own, judges) == ["judges/reader.yaml: name: 'lexical' is a judge of the server's own"]


def test_a_price_that_stands_twice_is_a_mistake(own: Path, judges: tuple[str, ...]) -> None:
    _put(own, "prices.yaml", PRICES + PRICES.splitlines()[1] + "\n")

    assert _mistakes(own, judges) == ["prices.yaml: prices: gpt-5.4 on models.example.com stands twice"]


async def test_closing_a_network_that_was_never_used_opens_nothing(judges: tuple[str, ...]) -> None:
    await build_network(read_catalog(None, judges), 2, SystemClock()).aclose()
