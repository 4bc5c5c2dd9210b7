import json
from pathlib import Path

import numpy as np
import pytest

from moa_scorer.judges.local import fluency_build
from moa_scorer.judges.local.fluency_build import TOLERANCE, calibration_texts
from moa_scorer.judges.local.gguf_weights import Array, Block, Shape, Weights
from moa_scorer.judges.local.model_wheels import FetchFailed
from moa_scorer.judges.local.models import ModelStore
from moa_scorer.judges.local.onnx_session import open_session


def test_the_calibration_texts_are_varied_prose() -> None:
    texts = calibration_texts()
    assert len(texts) == 10
    assert all(130 <= len(text.split()) <= 220 for text in texts)
    assert len({text.split()[0] for text in texts}) >= 8


def test_the_sidecar_says_what_was_chosen_and_measured(store: ModelStore) -> None:
    facts = json.loads((store.directory / "fluency.onnx.json").read_text())
    assert facts["form"] in ("int8", "float32")
    assert float(facts["error"]) <= TOLERANCE
    assert (facts["form"] == "int8") == (float(facts["speed_gain"]) > 1)


def small() -> Weights:
    rng = np.random.default_rng(0)
    shape = Shape(
        layers=2, width=32, heads=4, groups=2, head=8, inner=48, vocabulary=49152, epsilon=1e-5, theta=1e4
    )

    def matrix(rows: int, columns: int) -> Array:
        return (rng.normal(size=(rows, columns)) * 0.1).astype(np.float32)

    ones = np.ones(32, np.float32)
    block = Block(
        attention_norm=ones,
        q=matrix(32, 32),
        k=matrix(16, 32),
        v=matrix(16, 32),
        o=matrix(32, 32),
        feed_norm=ones,
        gate=matrix(48, 32),
        up=matrix(48, 32),
        down=matrix(32, 48),
    )
    return Weights(shape=shape, embedding=matrix(49152, 32), final_norm=ones, blocks=(block, block))


@pytest.fixture
def small_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model of the real vocabulary and no depth, so that building takes a moment."""
    weights = small()
    monkeypatch.setattr(fluency_build, "read_weights", lambda _: weights)


def build(store: ModelStore, target: Path) -> dict[str, str]:
    tokenizer = store.path("fluency-tokenizer.json")
    return dict(fluency_build.build(Path("unused"), tokenizer, target, lambda _: None))


@pytest.mark.usefixtures("small_model")
@pytest.mark.parametrize(("gain", "form"), [(3.0, "int8"), (0.7, "float32")])
def test_the_faster_form_is_kept(
    gain: float, form: str, store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fluency_build, "_speed_gain", lambda *_: gain)
    assert build(store, tmp_path / "graph.onnx")["form"] == form
    assert open_session(tmp_path / "graph.onnx").get_outputs()[0].name == "log_probs"


@pytest.mark.usefixtures("small_model")
def test_eight_bits_that_are_wrong_here_give_way_to_float(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = iter([0.4, 0.0])
    monkeypatch.setattr(fluency_build, "_speed_gain", lambda *_: 3.0)
    monkeypatch.setattr(fluency_build, "_error", lambda *_: next(errors))
    assert build(store, tmp_path / "graph.onnx")["form"] == "float32"


@pytest.mark.usefixtures("small_model")
def test_when_no_form_agrees_nothing_is_written(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fluency_build, "_speed_gain", lambda *_: 3.0)
    monkeypatch.setattr(fluency_build, "_error", lambda *_: float("inf"))
    with pytest.raises(FetchFailed, match="agrees with the reference"):
        build(store, tmp_path / "graph.onnx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("small_model")
def test_both_forms_are_timed(store: ModelStore, tmp_path: Path) -> None:
    facts = build(store, tmp_path / "graph.onnx")
    assert float(facts["speed_gain"]) > 0
