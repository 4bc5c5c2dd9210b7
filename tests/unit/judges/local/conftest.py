"""The fetched models, for the tests that need real weights."""

import pytest

from moa_scorer.judges.local.encoder import Encoder
from moa_scorer.judges.local.encoder_source import EncoderSource
from moa_scorer.judges.local.fluency_model import FluencyModel
from moa_scorer.judges.local.models import ModelStore


@pytest.fixture(scope="session")
def store() -> ModelStore:
    """The default store, complete; fails where `make setup` has not run."""
    found = ModelStore()
    missing = [state.name for state in found.listing() if not state.usable]
    if missing:
        pytest.fail(f"model files are missing ({', '.join(missing)}): run `make setup` first")
    return found


@pytest.fixture(scope="session")
def fluency_model(store: ModelStore) -> FluencyModel:
    return FluencyModel.load(store.path("fluency.onnx"), store.path("fluency-tokenizer.json"))


@pytest.fixture(scope="session")
def encoder(store: ModelStore) -> Encoder:
    return EncoderSource(store)()


@pytest.fixture(scope="session")
def prose() -> tuple[str, ...]:
    """Paragraphs of varied English prose."""
    from moa_scorer.judges.local.fluency_build import calibration_texts

    return calibration_texts()
