import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from moa_scorer.app import threads
from moa_scorer.app.compose import Application, compose, limits_of
from moa_scorer.app.model_store import model_store
from moa_scorer.app.settings import Settings
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.judges.local.models import default_directory


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    built = compose(Settings(panel="embedded-fast", models_dir=tmp_path, rubrics={"comment": "general"}))
    yield built
    built.close()


def test_the_panel_of_the_settings_is_the_default(application: Application) -> None:
    assert application.catalog.panel(DEFAULT_TENANT, "").name == "embedded-fast"
    assert [j.profile.name for j in application.judges()] == ["lexical", "civility", "integrity", "student"]


def test_the_rubrics_of_the_settings_go_over_those_of_every_panel(application: Application) -> None:
    assert {p.rubric_for("comment") for p in application.catalog.panels} == {"general"}
    assert {p.rubric_for("story") for p in application.catalog.panels} == {"story"}


async def test_a_judge_whose_model_is_not_installed_says_how_to_mend_it(application: Application) -> None:
    missing = await application.missing()

    assert "moa-scorer models fetch" in missing["civility"]
    assert "integrity" not in missing


async def test_warming_a_panel_with_missing_models_raises_nothing(application: Application) -> None:
    await application.warm()


def test_names_that_nothing_goes_by_are_mistakes_of_the_settings() -> None:
    with pytest.raises(ConfigurationError) as raised:
        compose(Settings(panel="embeded", rubrics={"essay": "genral@2"}))

    assert raised.value.mistakes == (
        "settings: panel: unknown panel 'embeded'; did you mean 'embedded'?",
        "settings: rubrics.essay: unknown rubric 'genral@2'; did you mean 'general'?",
    )


def test_the_contract_gets_the_limits_of_the_settings() -> None:
    settings = Settings(limits={"text_bytes": 7}, max_latency_budget=5)  # type: ignore[arg-type]
    limits = limits_of(settings)

    assert (limits.text_bytes, limits.batch_items) == (7, 100)
    assert (limits.latency_budget_seconds, limits.default_budget_seconds) == (5, 5)


def test_models_are_where_the_settings_say_or_in_the_users_cache(tmp_path: Path) -> None:
    own = {"minilm.onnx": tmp_path / "own"}

    assert model_store(Settings()).directory == default_directory()
    assert model_store(Settings(models_dir=tmp_path, model_files=own)).directory == tmp_path
    assert model_store(Settings(model_files=own)).own == own


def test_native_thread_pools_are_capped_unless_somebody_said_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in threads.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    threads.cap(2)

    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert os.environ["OPENBLAS_NUM_THREADS"] == "2"
