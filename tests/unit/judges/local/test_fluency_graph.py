from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from moa_scorer.judges.local.fluency_graph import LONGEST, build_graph
from moa_scorer.judges.local.fluency_products import ByteProducts, FloatProducts, Products, quantize_columns
from moa_scorer.judges.local.fluency_reference import token_log_probs
from moa_scorer.judges.local.fluency_smoothing import Calibration, calibrate, scales
from moa_scorer.judges.local.gguf_weights import Array, Block, Shape, Weights
from moa_scorer.judges.local.onnx_session import open_session

SHAPE = Shape(
    layers=2, width=32, heads=4, groups=2, head=8, inner=64, vocabulary=300, epsilon=1e-5, theta=1e4
)


def tiny(scale: float = 0.15, seed: int = 1) -> Weights:
    rng = np.random.default_rng(seed)

    def matrix(rows: int, columns: int) -> Array:
        return (rng.normal(size=(rows, columns)) * scale).astype(np.float32)

    def block() -> Block:
        width, narrow = SHAPE.width, SHAPE.groups * SHAPE.head
        return Block(
            attention_norm=rng.uniform(0.5, 1.5, width).astype(np.float32),
            q=matrix(width, width),
            k=matrix(narrow, width),
            v=matrix(narrow, width),
            o=matrix(width, width),
            feed_norm=rng.uniform(0.5, 1.5, width).astype(np.float32),
            gate=matrix(SHAPE.inner, width),
            up=matrix(SHAPE.inner, width),
            down=matrix(width, SHAPE.inner),
        )

    return Weights(
        shape=SHAPE,
        embedding=matrix(SHAPE.vocabulary, SHAPE.width),
        final_norm=rng.uniform(0.5, 1.5, SHAPE.width).astype(np.float32),
        blocks=tuple(block() for _ in range(SHAPE.layers)),
    )


@pytest.fixture(scope="module")
def weights() -> Weights:
    return tiny()


@pytest.fixture(scope="module")
def calibration(weights: Weights) -> Calibration:
    rng = np.random.default_rng(2)
    return calibrate(weights, [rng.integers(0, SHAPE.vocabulary, 60).tolist() for _ in range(3)])


Run = Callable[[list[int]], NDArray[np.float32]]


def runner(weights: Weights, calibration: Calibration, products: Products) -> Run:
    session = open_session(build_graph(weights, calibration, products).SerializeToString())
    return lambda ids: session.run(None, {"input_ids": np.array([ids], np.int64)})[0][0]


def ids_of(length: int, seed: int = 3) -> list[int]:
    drawn: list[int] = np.random.default_rng(seed).integers(0, SHAPE.vocabulary, length).tolist()
    return drawn


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 17, 64, 257])
def test_the_float_graph_computes_what_the_reference_computes(
    weights: Weights, calibration: Calibration, length: int
) -> None:
    run = runner(weights, calibration, FloatProducts(embedding=weights.embedding))
    ids = ids_of(length)
    np.testing.assert_allclose(run(ids), token_log_probs(weights, ids), atol=2e-4)


def test_the_reference_gives_probabilities(weights: Weights) -> None:
    total = sum(float(np.exp(token_log_probs(weights, [7, token])[1])) for token in range(SHAPE.vocabulary))
    assert total == pytest.approx(1.0, abs=1e-4)


def test_a_token_never_looks_ahead(weights: Weights, calibration: Calibration) -> None:
    run = runner(weights, calibration, FloatProducts(embedding=weights.embedding))
    ids = ids_of(40)
    np.testing.assert_allclose(run(ids)[:25], run([*ids[:25], *ids_of(15, seed=9)])[:25], atol=1e-5)


def test_eight_bits_stay_near_the_reference(weights: Weights, calibration: Calibration) -> None:
    run = runner(weights, calibration, ByteProducts(embedding=weights.embedding))
    ids = ids_of(200)
    difference = run(ids) - token_log_probs(weights, ids)
    assert abs(float(difference.mean())) < 0.02
    assert float(np.abs(difference).mean()) < 0.08


def test_smoothing_changes_nothing_in_exact_arithmetic(weights: Weights, calibration: Calibration) -> None:
    smoothed = FloatProducts(embedding=weights.embedding, smooth=True)
    ids = ids_of(50)
    # The embedding of the targets is scaled in the same graph, so this also covers the head.
    np.testing.assert_allclose(
        runner(weights, calibration, smoothed)(ids), token_log_probs(weights, ids), atol=5e-4
    )


def test_logits_too_large_for_a_float_are_not_finite_rather_than_wrong(calibration: Calibration) -> None:
    huge = tiny(scale=40.0)
    run = runner(huge, calibrate(huge, [ids_of(60)]), FloatProducts(embedding=huge.embedding))
    assert not np.isfinite(run(ids_of(60))).all()


def test_the_longest_text_fits(weights: Weights, calibration: Calibration) -> None:
    run = runner(weights, calibration, FloatProducts(embedding=weights.embedding))
    assert run(ids_of(LONGEST)).shape == (LONGEST,)


def test_the_same_weights_give_the_same_graph(weights: Weights, calibration: Calibration) -> None:
    graphs = [
        build_graph(weights, calibration, ByteProducts(embedding=weights.embedding)).SerializeToString(
            deterministic=True
        )
        for _ in range(2)
    ]
    assert graphs[0] == graphs[1]


def test_quantized_columns_are_within_half_a_step() -> None:
    weight = np.random.default_rng(5).normal(size=(40, 7)).astype(np.float32)
    weight[:, 3] = 0.0
    values, scale = quantize_columns(weight)
    assert np.abs(values).max() <= 127
    assert (np.abs(values * scale - weight) <= scale / 2 + 1e-7).all()
    assert values[:, 3].tolist() == [0] * 40


def test_smoothing_scales_favour_the_loud_channels() -> None:
    weight = np.ones((3, 5), np.float32)
    found = scales(np.array([1.0, 100.0, 1.0], np.float32), weight)
    assert found[1] == pytest.approx(10 * found[0], rel=1e-5)
    assert float(np.log(found).mean()) == pytest.approx(0.0, abs=1e-6)
