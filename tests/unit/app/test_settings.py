from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from moa_scorer.app.settings import Settings, is_loopback, load_settings
from moa_scorer.contract.limits import MOST_FIELDS
from moa_scorer.domain.errors import ConfigurationError


def _mistakes(config: Path | None = None, **overrides: object) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as raised:
        load_settings(config, overrides)
    return raised.value.mistakes


def _file(text: str, name: str = "moa-scorer.toml") -> Path:
    path = Path(name)
    path.write_text(text)
    return path


def test_defaults_bind_to_loopback_with_one_worker() -> None:
    settings = load_settings()

    assert (settings.address, settings.workers, settings.panel) == ("127.0.0.1:50051", 1, "embedded")
    assert is_loopback(settings.address)


def test_the_command_line_beats_the_environment_beats_the_file_beats_the_defaults(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _file('address = "127.0.0.1:1"\nworkers = 2\npanel = "from-file"\nlog_level = "debug"\n')
    monkeypatch.setenv("MOA_SCORER_WORKERS", "3")
    monkeypatch.setenv("MOA_SCORER_PANEL", "from-environment")
    settings = load_settings(overrides={"panel": "from-command-line", "address": None})

    assert settings.log_format == "auto"
    assert (settings.address, settings.log_level) == ("127.0.0.1:1", "debug")
    assert settings.workers == 3
    assert settings.panel == "from-command-line"


def test_tables_are_merged_key_by_key(monkeypatch: pytest.MonkeyPatch) -> None:
    _file('[limits]\ntext_bytes = 10\nbatch_items = 5\n[rubrics]\nsummary = "a"\nstory = "b"\n')
    monkeypatch.setenv("MOA_SCORER_LIMITS__BATCH_ITEMS", "7")
    monkeypatch.setenv("MOA_SCORER_RUBRICS", '{"story": "c@2"}')
    settings = load_settings()

    assert (settings.limits.text_bytes, settings.limits.batch_items) == (10, 7)
    assert settings.rubrics == {"summary": "a", "story": "c@2"}


def test_every_mistake_of_every_source_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    path = _file('adress = "x"\nworkers = "many"\n[limits]\ntext_byte = 3\n', "own.toml")
    monkeypatch.setenv("MOA_SCORER_LIMITS__TEXT_BYTES", "0")
    monkeypatch.setenv("MOA_SCORER_WORKRS", "2")
    mistakes = "\n".join(_mistakes(path, address="nowhere", log_format="pretty"))

    assert "own.toml: adress: unknown key; did you mean 'address'?" in mistakes
    assert "own.toml: workers: should be a valid integer" in mistakes
    assert "own.toml: limits.text_byte: unknown key; did you mean 'text_bytes'?" in mistakes
    assert "environment: MOA_SCORER_LIMITS__TEXT_BYTES: should be greater" in mistakes
    assert "environment: MOA_SCORER_WORKRS: unknown variable; did you mean 'MOA_SCORER_WORKERS'?" in mistakes
    assert "command line: --address: should be host:port" in mistakes
    assert "command line: --log-format: should be 'json', 'console' or 'auto'" in mistakes


def test_no_batch_may_have_more_items_than_a_message_has_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOA_SCORER_LIMITS__BATCH_ITEMS", str(MOST_FIELDS))
    assert load_settings().limits.batch_items == MOST_FIELDS

    monkeypatch.setenv("MOA_SCORER_LIMITS__BATCH_ITEMS", str(MOST_FIELDS + 1))
    (mistake,) = _mistakes()
    assert "MOA_SCORER_LIMITS__BATCH_ITEMS: should be less than or equal to 5000" in mistake


def test_a_variable_that_should_be_json_and_is_not_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOA_SCORER_RUBRICS", "{bad")

    assert _mistakes() == ("environment: MOA_SCORER_RUBRICS: should be a JSON object",)


def test_what_kubernetes_sets_for_a_service_of_our_name_is_no_mistake(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("SERVICE_HOST", "SERVICE_PORT", "PORT", "PORT_50051_TCP_ADDR"):
        monkeypatch.setenv(f"MOA_SCORER_{name}", "10.0.0.1")

    assert load_settings() == Settings()


def test_a_named_file_that_is_missing_is_a_mistake(tmp_path: Path) -> None:
    assert _mistakes(tmp_path / "no.toml") == (
        f"{tmp_path}/no.toml: cannot be read: No such file or directory",
    )


def test_a_file_that_is_not_toml_is_a_mistake_with_its_place() -> None:
    (mistake,) = _mistakes(_file("workers = = 2"))

    assert mistake.startswith("moa-scorer.toml: not TOML:")
    assert "line 1" in mistake


def test_the_environment_may_name_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _file("workers = 4", "other.toml")
    monkeypatch.setenv("MOA_SCORER_CONFIG", str(tmp_path / "other.toml"))

    assert load_settings().workers == 4


def test_relative_paths_in_a_file_are_relative_to_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    path = folder / "s.toml"
    path.write_text('models_dir = "models"\n[model_files]\n"a.onnx" = "/abs/a"\n"b.onnx" = "b"\n')
    settings = load_settings(path)

    assert settings.models_dir == folder / "models"
    assert settings.model_files == {"a.onnx": Path("/abs/a"), "b.onnx": folder / "b"}


@pytest.mark.parametrize("address", ["127.0.0.1:0", "localhost:50051", "[::1]:1", "127.9.9.9:80"])
def test_loopback_addresses_are_known_as_such(address: str) -> None:
    assert is_loopback(address)


@pytest.mark.parametrize("address", ["127.a.example:50051", "0.0.0.0:50051", "[::]:0", "scorer.example:443"])
def test_other_addresses_are_open(address: str) -> None:
    assert not is_loopback(address)


@pytest.mark.parametrize("address", ["", "50051", "host", "host:", "host:99999", "a b:1", "unix:/tmp/x"])
def test_what_is_no_address_is_refused(address: str) -> None:
    assert "should be host:port" in _mistakes(address=address)[0]


@given(workers=st.integers(1, 256))
def test_threads_are_the_workers_share_of_the_cores_and_at_least_one(workers: int) -> None:
    assert Settings(workers=workers).threads() >= 1
    assert Settings(workers=workers, local_threads=7).threads() == 7
    assert Settings(workers=256).threads() == 1


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(text=st.text(max_size=80))
def test_any_file_is_read_or_refused_with_its_name(text: str) -> None:
    path = Path("any.toml")
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    mistakes: tuple[str, ...] = ()
    try:
        load_settings(path)
    except ConfigurationError as error:
        mistakes = error.mistakes
    assert all(mistake.startswith("any.toml: ") for mistake in mistakes)
