"""Builds the ONNX graph that gives every token's log-probability in one pass.

Input `input_ids` int64 (1, T), the text's tokens without the first one, 1 <= T <= LONGEST; output `log_probs`
float32 (1, T). What makes it fast on one core: the first token is a constant; softmax is an Exp and a column
of ones beside the values (ONNX Runtime's own Softmax is several times slower), in causal chunks, so that
half of the scores are never computed; the logits are summed as they are made and never copied.
No maximum is subtracted before either Exp, so attention scores above 98 and logits above 88 overflow: the
answer is then not finite, and the caller must look.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from moa_scorer.judges.local.fluency_products import Products, Rows
from moa_scorer.judges.local.fluency_reference import rotary_tables
from moa_scorer.judges.local.fluency_smoothing import Calibration, scales
from moa_scorer.judges.local.gguf_weights import Array, Block, Weights
from moa_scorer.judges.local.onnx_writer import MICROSOFT, GraphWriter

LONGEST: Final = 1024
"""Most tokens of one run."""

CHUNKS: Final = 4
"""Causal chunks of queries."""
HEAD_COLUMNS: Final = 4096
"""Logits made at a time."""
_SHIFT: Final = 10.0
"""Subtracted from every attention score: room for Exp that the division takes back."""
_END: Final = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    """Shapes of one chunk of queries, as names of int64 vectors."""

    start: str
    end: str
    """Queries [start, end)."""
    keys: str
    """Keys it may look at, from 0: end + 1, since the first token's key stands before the text's."""
    mask: str
    """(1, 1, queries, keys): -shift, or so low that Exp gives 0."""
    by_head: str
    """(1, heads, queries, keys)."""
    by_group: str
    """(1, groups, queries x heads a group, keys)."""
    out: str
    """(1, heads, queries, head)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """Everything that the steps share."""

    graph: GraphWriter
    weights: Weights
    calibration: Calibration
    products: Products
    chunks: tuple[_Chunk, ...]


def build_graph(weights: Weights, calibration: Calibration, products: Products) -> Any:
    """The ONNX model of the weights with these matrix products."""
    graph = GraphWriter()
    _write_tables(graph, weights)
    plan = _Plan(
        graph=graph,
        weights=weights,
        calibration=calibration,
        products=products,
        chunks=_write_chunks(graph, weights),
    )
    residual, added = products.embed(graph, "input_ids"), ""
    for layer, block in enumerate(weights.blocks):
        residual, added = _write_attention(plan, layer, block, residual, added)
        residual, added = _write_feed_forward(plan, layer, block, residual, added)
    _write_head(plan, residual, added)
    return graph.model("fluency", [_value("input_ids", "INT64")], [_value("log_probs", "FLOAT")])


def _value(name: str, kind: str) -> Any:
    from onnx import TensorProto, helper

    return helper.make_tensor_value_info(name, getattr(TensorProto, kind), [1, "T"])


def _write_tables(graph: GraphWriter, weights: Weights) -> None:
    cos, sin = rotary_tables(weights.shape, LONGEST + 1)
    graph.constant("cos", cos)
    graph.constant("sin", sin)
    later = np.triu(np.full((LONGEST, LONGEST), -1e9), 1)
    mask = np.concatenate([np.zeros((LONGEST, 1)), later], axis=1) - _SHIFT
    graph.constant("mask", mask.astype(np.float32)[None, None])


def _write_chunks(graph: GraphWriter, weights: Weights) -> tuple[_Chunk, ...]:
    length = graph.op("Shape", "input_ids", start=1, end=2)
    bounds = [graph.ints(0)]
    for j in range(1, CHUNKS):
        bounds.append(graph.op("Div", graph.op("Mul", length, graph.ints(j)), graph.ints(CHUNKS)))
    bounds.append(length)
    return tuple(_write_chunk(graph, weights, start, end) for start, end in pairwise(bounds))


def _write_chunk(graph: GraphWriter, weights: Weights, start: str, end: str) -> _Chunk:
    shape = weights.shape
    count = graph.op("Sub", end, start)
    rows = graph.op("Mul", count, graph.ints(shape.heads // shape.groups))
    keys = graph.op("Add", end, graph.ints(1))
    corner = graph.op("Concat", start, graph.ints(0), axis=0)
    opposite = graph.op("Concat", end, keys, axis=0)
    return _Chunk(
        start=start,
        end=end,
        keys=keys,
        mask=graph.op("Slice", "mask", corner, opposite, graph.ints(2, 3)),
        by_head=graph.op("Concat", graph.ints(1, shape.heads), count, keys, axis=0),
        by_group=graph.op("Concat", graph.ints(1, shape.groups), rows, keys, axis=0),
        out=graph.op("Concat", graph.ints(1, shape.heads), count, graph.ints(shape.head), axis=0),
    )


def _write_norm(plan: _Plan, residual: str, added: str, name: str, gain: Array) -> tuple[str, str]:
    """(normalised rows, residual stream after adding `added`)."""
    graph, epsilon = plan.graph, plan.weights.shape.epsilon
    scale = graph.constant(name, gain)
    if not added:
        normed = graph.op(
            "SimplifiedLayerNormalization", residual, scale, axis=-1, epsilon=epsilon, stash_type=1
        )
        return normed, residual
    outputs = (f"{name}_out", "", "", f"{name}_residual")
    graph.ops(
        "SkipSimplifiedLayerNormalization",
        residual,
        added,
        scale,
        outputs=outputs,
        domain=MICROSOFT,
        epsilon=epsilon,
    )
    return outputs[0], outputs[3]


def _smoothing(plan: _Plan, layer: int, place: str, weight: Array) -> Array:
    """Scale of each input channel of a weight (input, output); ones where nothing is smoothed."""
    if not plan.products.smooth:
        return np.ones(weight.shape[0], np.float32)
    return scales(plan.calibration.maxima[layer, place], weight)


def _value_scales(plan: _Plan, layer: int, block: Block) -> Array:
    """Scales of the values' channels (groups, head), shared by the heads that read a group."""
    shape = plan.weights.shape
    wanted = _smoothing(plan, layer, "o", block.o.T)
    shared: Array = wanted.reshape(shape.groups, shape.heads // shape.groups, shape.head).max(axis=1)
    return shared


def _write_attention(plan: _Plan, layer: int, block: Block, residual: str, added: str) -> tuple[str, str]:
    graph, shape = plan.graph, plan.weights.shape
    value_scales = _value_scales(plan, layer, block)
    weight = np.concatenate(
        [
            block.q.T / np.float32(np.sqrt(shape.head)),
            block.k.T,
            block.v.T / value_scales.reshape(-1),
        ],
        axis=1,
    )
    smooth = _smoothing(plan, layer, "qkv", weight)
    gain = block.attention_norm / smooth
    normed, residual = _write_norm(plan, residual, added, f"attention_norm_{layer}", gain)
    qkv = plan.products.multiply(graph, normed, f"qkv_{layer}", weight * smooth[:, None])
    mixed = _write_mixing(plan, layer, qkv, value_scales)
    spread = np.repeat(value_scales, shape.heads // shape.groups, axis=0).reshape(-1, 1)
    return residual, plan.products.multiply(graph, mixed, f"o_{layer}", block.o.T * spread)


def _write_mixing(plan: _Plan, layer: int, qkv: str, value_scales: Array) -> str:
    """Attention itself: (1, T, q + k + v channels) -> (1, T, width)."""
    graph, shape = plan.graph, plan.weights.shape
    wide, narrow = shape.heads * shape.head, shape.groups * shape.head
    turning, v = graph.split(qkv, (wide + narrow, narrow), axis=2)
    turned = graph.op("RotaryEmbedding", turning, graph.ints(1), "cos", "sin", domain=MICROSOFT)
    q, k = graph.split(turned, (wide, narrow), axis=2)
    queries = _heads(graph, q, shape.heads, shape.head)
    first_key = graph.constant(f"first_key_{layer}", plan.calibration.first_keys[layer][None, :, None, :])
    keys = graph.op("Concat", first_key, _heads(graph, k, shape.groups, shape.head), axis=2)
    values = _write_values(plan, layer, v, value_scales)
    parts = [_write_chunk_mixing(plan, chunk, queries, keys, values) for chunk in plan.chunks]
    together = graph.op("Transpose", graph.op("Concat", *parts, axis=2), perm=[0, 2, 1, 3])
    return graph.op("Reshape", together, graph.ints(1, -1, shape.width))


def _heads(graph: GraphWriter, x: str, heads: int, size: int) -> str:
    """(1, T, heads x size) -> (1, heads, T, size)."""
    return graph.op("Transpose", graph.op("Reshape", x, graph.ints(1, -1, heads, size)), perm=[0, 2, 1, 3])


def _write_values(plan: _Plan, layer: int, v: str, value_scales: Array) -> str:
    """The values with the first token's before them and a column of ones, which sums the weights."""
    graph, shape = plan.graph, plan.weights.shape
    first = plan.calibration.first_values[layer] / value_scales
    with_one = np.concatenate([first, np.ones((shape.groups, 1), np.float32)], axis=1)
    start = graph.constant(f"first_value_{layer}", with_one[None, :, None, :].astype(np.float32))
    pads = graph.ints(0, 0, 0, 0, 0, 0, 0, 1)
    rest = graph.op("Pad", _heads(graph, v, shape.groups, shape.head), pads, graph.number(1.0))
    return graph.op("Concat", start, rest, axis=2)


def _write_chunk_mixing(plan: _Plan, chunk: _Chunk, queries: str, keys: str, values: str) -> str:
    """(1, heads, queries of the chunk, head)."""
    graph, shape = plan.graph, plan.weights.shape
    axis = graph.ints(2)
    own = graph.op("Slice", queries, chunk.start, chunk.end, axis)
    own = graph.op("Reshape", own, graph.ints(1, shape.groups, -1, shape.head))
    seen_keys = graph.op("Slice", keys, graph.ints(0), chunk.keys, axis)
    seen_values = graph.op("Slice", values, graph.ints(0), chunk.keys, axis)
    scores = graph.op("FusedMatMul", own, seen_keys, domain=MICROSOFT, transB=1)
    grown = graph.op("Exp", graph.op("Add", graph.op("Reshape", scores, chunk.by_head), chunk.mask))
    sums = graph.op("MatMul", graph.op("Reshape", grown, chunk.by_group), seen_values)
    weighted, total = graph.split(sums, (shape.head, 1), axis=3)
    return graph.op("Reshape", graph.op("Div", weighted, total), chunk.out)


def _write_feed_forward(plan: _Plan, layer: int, block: Block, residual: str, added: str) -> tuple[str, str]:
    graph, products = plan.graph, plan.products
    inner = _smoothing(plan, layer, "down", block.down.T)
    gate, up = block.gate.T, block.up.T / inner
    smooth = _smoothing(plan, layer, "feed", np.concatenate([gate, up], axis=1))
    gain = block.feed_norm / smooth
    normed, residual = _write_norm(plan, residual, added, f"feed_norm_{layer}", gain)
    gated = products.multiply(graph, normed, f"gate_{layer}", gate * smooth[:, None])
    raised = products.multiply(graph, normed, f"up_{layer}", up * smooth[:, None])
    swish = graph.op("QuickGelu", gated, domain=MICROSOFT, alpha=1.0)
    mixed = graph.op("Mul", swish, raised)
    return residual, products.multiply(
        graph, mixed, f"down_{layer}", block.down.T * inner[:, None], Rows.EACH
    )


def _write_head(plan: _Plan, residual: str, added: str) -> None:
    """log_probs: the first token's from a table, the others as target logit less the log of summed Exps."""
    graph, weights = plan.graph, plan.weights
    smooth = _smoothing(plan, weights.shape.layers, "head", weights.embedding.T)
    normed, _ = _write_norm(plan, residual, added, "final_norm", weights.final_norm / smooth)
    states = graph.op("Slice", normed, graph.ints(0), graph.ints(-1), graph.ints(1))
    target = _write_target_logits(plan, states, smooth)
    rest = graph.op("Sub", target, graph.op("Log", _write_exp_sums(plan, states, smooth)))
    start = graph.op("Slice", "input_ids", graph.ints(0), graph.ints(1), graph.ints(1))
    first = graph.op("Gather", graph.constant("first_logs", plan.calibration.first_logs), start)
    graph.op("Concat", first, rest, axis=1, output="log_probs")


def _write_target_logits(plan: _Plan, states: str, smooth: Array) -> str:
    """(1, T - 1): each state's product with the embedding of the token that came."""
    graph = plan.graph
    ids = graph.op("Slice", "input_ids", graph.ints(1), graph.ints(_END), graph.ints(1))
    rows = graph.op("Mul", plan.products.embed(graph, ids), graph.constant("head_smooth", smooth))
    return graph.op("ReduceSum", graph.op("Mul", states, rows), graph.ints(-1), keepdims=0)


def _write_exp_sums(plan: _Plan, states: str, smooth: Array) -> str:
    """(1, T - 1): sum over the vocabulary of Exp(logit), a block of columns at a time."""
    graph, embedding = plan.graph, plan.weights.embedding
    sums = []
    for start in range(0, len(embedding), HEAD_COLUMNS):
        weight = (embedding[start : start + HEAD_COLUMNS] * smooth).T
        logits = plan.products.multiply(graph, states, f"head_{start}", weight)
        sums.append(graph.op("ReduceSum", graph.op("Exp", logits), graph.ints(-1), keepdims=0))
    return graph.op("Sum", *sums)
