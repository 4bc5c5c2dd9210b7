"""Makes the fluency graph from the weights: calibrates, builds, measures, keeps the better form."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np

from moa_scorer.judges.local.fluency_graph import build_graph
from moa_scorer.judges.local.fluency_products import ByteProducts, FloatProducts, Products
from moa_scorer.judges.local.fluency_reference import token_log_probs
from moa_scorer.judges.local.fluency_smoothing import Calibration, calibrate
from moa_scorer.judges.local.gguf_weights import Weights, read_weights
from moa_scorer.judges.local.model_wheels import FetchFailed, write_atomically
from moa_scorer.judges.local.onnx_session import open_session

TOLERANCE: Final = 0.05
"""Largest error of a check text's mean log-probability, in nats, at which eight bits are trusted."""

_CHECK_TEXTS: Final = 2
"""Texts at the end of the calibration file that only check."""
_PROBE_LAYERS: Final = 6
"""Layers of the small graphs on which the two forms are timed."""
_RUNS: Final = 5

Progress = Callable[[str], None]


def calibration_texts() -> tuple[str, ...]:
    """The paragraphs that ship with the package, written for this purpose."""
    text = files("moa_scorer.judges.local").joinpath("fluency_calibration.txt").read_text(encoding="utf-8")
    return tuple(text.strip().split("\n\n"))


def build(weights_path: Path, tokenizer_path: Path, target: Path, progress: Progress) -> Mapping[str, str]:
    """Writes the graph to `target` and returns its form, `int8` or `float32`, and what was measured.

    Eight bits are kept when they are faster on this machine and agree with the float model on texts that they
    were not calibrated on. Raises FetchFailed when neither form gives finite numbers.
    """
    weights = read_weights(weights_path)
    texts = _encode(tokenizer_path, calibration_texts())
    check = texts[-_CHECK_TEXTS:]
    progress("measuring activations on the calibration texts")
    calibration = calibrate(weights, texts[:-_CHECK_TEXTS])
    gain = _speed_gain(weights, calibration, check[0])
    progress(f"eight bits are {gain:.1f} times as fast as float here")
    expected = [float(token_log_probs(weights, ids).mean()) for ids in check]
    for form, products in _forms(weights, gain):
        progress(f"writing the {form} graph")
        graph = build_graph(weights, calibration, products).SerializeToString()
        error = _error(graph, check, expected)
        if error <= TOLERANCE:
            write_atomically(target, graph)
            return {"form": form, "error": f"{error:.4f}", "speed_gain": f"{gain:.2f}"}
        progress(f"the {form} graph is off by {error:.2f} nats")
    raise FetchFailed("no form of the fluency graph agrees with the reference on this machine")


def _encode(tokenizer_path: Path, texts: Sequence[str]) -> list[list[int]]:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tokenizer_path))
    return [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]


def _forms(weights: Weights, gain: float) -> list[tuple[str, Products]]:
    """The forms to try, best first."""
    plain: tuple[str, Products] = ("float32", FloatProducts(embedding=weights.embedding))
    small: tuple[str, Products] = ("int8", ByteProducts(embedding=weights.embedding))
    return [small, plain] if gain > 1 else [plain]


def _speed_gain(weights: Weights, calibration: Calibration, ids: list[int]) -> float:
    """How many times as fast eight bits are, measured on a graph of the first layers and the head."""
    probe = replace(weights, blocks=weights.blocks[:_PROBE_LAYERS])
    seconds = [
        _seconds(build_graph(probe, calibration, products).SerializeToString(), ids)
        for _, products in reversed(_forms(weights, gain=2.0))
    ]
    return seconds[0] / seconds[1]


def _seconds(graph: bytes, ids: list[int]) -> float:
    session = open_session(graph)
    _log_probs(session, ids)
    times = []
    for _ in range(_RUNS):
        start = time.perf_counter()
        _log_probs(session, ids)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _error(graph: bytes, texts: Sequence[list[int]], expected: Sequence[float]) -> float:
    """Largest |difference| of a text's mean log-probability, in nats; infinite when one is not finite."""
    session = open_session(graph)
    errors = [
        abs(float(_log_probs(session, ids).mean()) - mean) for ids, mean in zip(texts, expected, strict=True)
    ]
    return max(error if np.isfinite(error) else float("inf") for error in errors)


def _log_probs(session: Any, ids: list[int]) -> Any:
    return session.run(None, {"input_ids": np.array([ids], np.int64)})[0][0]
