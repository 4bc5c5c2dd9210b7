import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from moa_scorer.app.files.endpoint_kinds import PRESETS, Kind
from moa_scorer.app.files.endpoints import CapabilitiesModel, EndpointFile, TrafficModel, is_own_url
from moa_scorer.app.files.yaml_file import read_yaml
from moa_scorer.judges.personal import USUAL, PersonalKind
from moa_scorer.providers.spec import Capabilities, EndpointSpec, SecretRef, Traffic, Wire

SECRET = "sk-proj-4f1cNeverShown"


def _spec(folder: Path = Path("/conf"), environ: dict[str, str] | None = None, **keys: Any) -> EndpointSpec:
    file = EndpointFile.model_validate({"name": "mine", "kind": "vllm"} | keys)
    assert list(file.misfits(folder, environ or {})) == []
    return file.spec(folder, environ or {})


def _mistakes(folder: Path, **keys: Any) -> list[str]:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump({"name": "mine", "kind": "openai"} | keys))
    mistakes: list[str] = []
    file = read_yaml(path, EndpointFile, mistakes)
    mistakes += (f"{path}: {at}: {words}" for at, words in (file.misfits(folder, {}) if file else ()))
    return [mistake.removeprefix(f"{path}: ") for mistake in mistakes]


def test_a_kind_says_everything_that_the_file_does_not() -> None:
    spec = _spec(kind="openai")

    assert (spec.wire, spec.base_url) == (Wire.OPENAI, "https://api.openai.com/v1")
    assert spec.key == SecretRef(env="OPENAI_API_KEY")
    assert spec.capabilities == PRESETS[Kind.OPENAI].capabilities


def test_what_the_file_says_goes_over_the_kind_and_leaves_the_rest() -> None:
    spec = _spec(capabilities={"top_logprobs": 5}, traffic={"concurrency": 3, "hedge": False})
    preset = PRESETS[Kind.VLLM]

    assert spec.capabilities == dataclasses.replace(preset.capabilities, top_logprobs=5)
    assert spec.traffic == dataclasses.replace(preset.traffic, concurrency=3, hedge=False)


def test_every_capability_and_every_figure_of_traffic_can_be_set() -> None:
    assert set(CapabilitiesModel.model_fields) == {f.name for f in dataclasses.fields(Capabilities)}
    assert set(TrafficModel.model_fields) == {f.name for f in dataclasses.fields(Traffic)}


def test_every_kind_has_a_preset() -> None:
    assert set(PRESETS) == set(Kind)


def test_a_variable_takes_the_place_of_the_address_when_it_is_set() -> None:
    keys = {"base_url": "http://one:8000/v1/", "base_url_env": "MY_VLLM"}

    assert _spec(**keys).base_url == "http://one:8000/v1"
    assert _spec(environ={"MY_VLLM": "http://two:9/v1/"}, **keys).base_url == "http://two:9/v1"


def test_an_address_in_a_variable_is_checked_without_repeating_it() -> None:
    file = EndpointFile.model_validate({"name": "mine", "kind": "vllm", "base_url_env": "MY_VLLM"})
    ((path, words),) = file.misfits(Path(), {"MY_VLLM": f"https://me:{SECRET}@two/v1"})

    assert path == "base_url_env"
    assert "MY_VLLM" in words
    assert SECRET not in words


def test_a_key_file_is_found_beside_the_file_that_names_it(tmp_path: Path) -> None:
    assert _spec(tmp_path, key={"file": "keys/one"}).key == SecretRef(file=tmp_path / "keys" / "one")
    assert _spec(tmp_path, key={"file": "/run/secrets/one"}).key == SecretRef(file=Path("/run/secrets/one"))


def test_an_endpoint_can_say_that_it_asks_for_no_key() -> None:
    assert _spec(kind="openai", base_url="http://proxy/v1", key=None).key is None


@pytest.mark.parametrize(
    ("keys", "local"),
    [
        ({"kind": "vllm"}, True),
        ({"kind": "ollama", "base_url": "http://[::1]:11434/v1"}, True),
        ({"kind": "vllm", "base_url": "https://vllm.example.com/v1"}, False),
        ({"kind": "vllm", "base_url": "https://vllm.example.com/v1", "local": True}, True),
        ({"kind": "openai", "base_url": "http://127.0.0.1:4000/v1"}, False),
        ({"kind": "plain", "base_url": "http://localhost:4000/v1"}, False),
    ],
)
def test_an_endpoint_is_ones_own_only_when_that_is_sure_or_said(keys: dict[str, Any], local: bool) -> None:
    assert _spec(**keys).local is local


@pytest.mark.parametrize(
    ("address", "loopback"),
    [
        ("http://127.8.9.1/v1", True),
        ("http://localhost:1", True),
        ("http://a.localhost", True),
        ("http://10.0.0.1", False),
        ("http://localhost.example.com", False),
    ],
)
def test_loopback_addresses_are_known(address: str, loopback: bool) -> None:
    assert is_own_url(address) is loopback


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        ({"key": SECRET}, "key"),
        ({"key": [SECRET]}, "key"),
        ({"key": {"env": SECRET}}, "key.env"),
        ({"key": {"value": SECRET}}, "key.value"),
        ({"key": {"env": "A", "file": SECRET}}, "key"),
        ({"key": {}}, "key"),
        ({"api_key": SECRET}, "api_key"),
        ({"headers": {"Authorization": SECRET}}, "headers"),
        ({"headers": {"X-Goog-Api-Key": SECRET}}, "headers"),
        ({"headers": {"X-Team": [SECRET]}}, "headers.X-Team"),
        ({"query": {"key": SECRET}}, "query"),
        ({"base_url": f"https://me:{SECRET}@api.example.com/v1"}, "base_url"),
        ({"base_url": f"https://api.example.com/v1?key={SECRET}"}, "base_url"),
        ({"base_url": SECRET}, "base_url"),
        ({"base_url_env": SECRET}, "base_url_env"),
        ({"proxy": f"http://me:{SECRET}@proxy:3128"}, "proxy"),
    ],
)
def test_a_secret_in_a_file_is_refused_and_never_repeated(
    tmp_path: Path, keys: dict[str, Any], path: str
) -> None:
    (mistake,) = _mistakes(tmp_path, **keys)

    assert mistake.startswith(f"{path}: ")
    assert SECRET not in mistake


def test_a_key_in_a_file_is_refused_with_the_reason_and_the_remedy(tmp_path: Path) -> None:
    (mistake,) = _mistakes(tmp_path, key=SECRET)

    assert "does not belong in a file that is shared" in mistake
    assert "{env: VARIABLE} or {file: PATH}" in mistake


@pytest.mark.parametrize(
    ("keys", "mistake"),
    [
        ({"kind": "azure"}, "base_url: is required for the kind 'azure'"),
        ({"kind": "opnai"}, "kind: should be 'openai'"),
        (
            {"capabilities": {"logprobs": 5}},
            "capabilities.logprobs: unknown key; did you mean 'top_logprobs'?",
        ),
        ({"traffic": {"attempts": 0}}, "traffic.attempts: should be greater than or equal to 1 (is 0)"),
        ({"ca_file": "nowhere.pem"}, "ca_file: there is no file "),
    ],
)
def test_a_mistake_is_told_with_its_path(tmp_path: Path, keys: dict[str, Any], mistake: str) -> None:
    assert [m for m in _mistakes(tmp_path, **keys) if m.startswith(mistake)]


def test_the_words_of_an_endpoint_hold_neither_headers_nor_keys() -> None:
    spec = _spec(headers={"X-Team": "blue-team"}, key={"env": "MY_KEY"})

    assert "blue-team" not in repr(spec)
    assert json.dumps(spec.headers) == '[["X-Team", "blue-team"]]'


def test_a_key_in_the_wrong_place_is_not_repeated(tmp_path: Path) -> None:
    (mistake,) = _mistakes(tmp_path, key_header=f"Bearer {SECRET}")

    assert mistake.startswith("key_header: ")
    assert SECRET not in mistake


@pytest.mark.parametrize("host", ["exämple.com", "a" * 64 + ".com", "a..com"])
def test_a_host_that_dns_has_no_name_for_is_a_mistake(tmp_path: Path, host: str) -> None:
    (mistake,) = _mistakes(tmp_path, base_url=f"https://{host}/v1")

    assert mistake.startswith("base_url: should name its host as DNS does")


def test_a_header_of_two_lines_is_a_mistake(tmp_path: Path) -> None:
    (mistake,) = _mistakes(tmp_path, headers={"x-title": "mine\r\nx-other: 1"})

    assert mistake.startswith("headers.x-title: ")


def test_a_key_in_the_place_of_its_variable_is_told_what_belongs_there(tmp_path: Path) -> None:
    (mistake,) = _mistakes(tmp_path, key={"env": SECRET})

    assert "name of an environment variable" in mistake


@pytest.mark.parametrize(
    ("said", "kinds"),
    [(False, ()), (True, USUAL), (["email", "date"], (PersonalKind.EMAIL, PersonalKind.DATE))],
)
def test_what_a_vendor_is_not_shown_can_be_said(said: object, kinds: tuple[PersonalKind, ...]) -> None:
    assert _spec(kind="openai", redact=said).redact == kinds


def test_an_endpoint_of_one_s_own_is_not_redacted_for(tmp_path: Path) -> None:
    own = {"kind": "vllm", "base_url": "http://127.0.0.1:8000/v1", "redact": True}
    assert _mistakes(tmp_path, **own) == [
        "redact: is for vendors: this endpoint counts as your own, and content does not leave"
    ]


def test_redaction_without_its_library_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moa_scorer.app.files.endpoints.find_spec", lambda _: None)
    (mistake,) = _mistakes(tmp_path, redact=True)
    assert "pip install 'moa-scorer[redaction]'" in mistake


def test_an_unknown_kind_of_personal_data_is_a_mistake(tmp_path: Path) -> None:
    (mistake, *_) = _mistakes(tmp_path, redact=["shoe_size"])
    assert mistake.startswith("redact")
