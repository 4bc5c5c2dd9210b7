"""The language model in plain float32 numpy: what the ONNX graphs are built from and held against."""

from collections.abc import Callable
from typing import Final

import numpy as np

from moa_scorer.judges.local.gguf_weights import Array, Block, Shape, Weights

FIRST: Final = 0
"""Id of the token that every sequence starts with."""

Observe = Callable[[int, str, Array], None]
"""Is shown (layer, place, rows): the input of each matrix product, and the rotated keys and values."""


def _ignore(_layer: int, _place: str, _rows: Array) -> None:
    """Looks at nothing."""


def rotary_tables(shape: Shape, length: int) -> tuple[Array, Array]:
    """Cosines and sines of the rotary embedding, (length, head / 2) each."""
    frequencies = shape.theta ** (-np.arange(0, shape.head, 2) / shape.head)
    angles = np.outer(np.arange(length), frequencies)
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def rotate(x: Array, cos: Array, sin: Array) -> Array:
    """Rotates (heads, length, head) by position, first half of the channels against the second."""
    half = x.shape[-1] // 2
    first, second = x[..., :half], x[..., half:]
    return np.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)


def rms_norm(x: Array, gain: Array, epsilon: float) -> Array:
    """Rows scaled to unit mean square, then by the gain."""
    scaled: Array = x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + np.float32(epsilon)) * gain
    return scaled


def softmax(scores: Array) -> Array:
    """Over the last axis, without overflow."""
    grown = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: Array = grown / grown.sum(axis=-1, keepdims=True)
    return shares


def hidden(weights: Weights, ids: list[int], observe: Observe = _ignore) -> Array:
    """Final normalised states (length, width) of a token sequence, which should start with FIRST."""
    x = weights.embedding[ids]
    tables = rotary_tables(weights.shape, len(ids))
    for layer, block in enumerate(weights.blocks):
        x = x + _attention(block, weights.shape, x, tables, layer, observe)
        x = x + _feed_forward(block, weights.shape, x, layer, observe)
    final = rms_norm(x, weights.final_norm, weights.shape.epsilon)
    observe(weights.shape.layers, "head", final)
    return final


def _attention(
    block: Block, shape: Shape, x: Array, tables: tuple[Array, Array], layer: int, observe: Observe
) -> Array:
    length = len(x)
    normed = rms_norm(x, block.attention_norm, shape.epsilon)
    observe(layer, "qkv", normed)
    q = rotate(_by_head(normed @ block.q.T, shape.heads), *tables)
    k = rotate(_by_head(normed @ block.k.T, shape.groups), *tables)
    v = _by_head(normed @ block.v.T, shape.groups)
    observe(layer, "keys", k)
    observe(layer, "values", v)
    shared = shape.heads // shape.groups
    scores = q @ np.repeat(k, shared, axis=0).swapaxes(1, 2) / np.float32(np.sqrt(shape.head))
    scores = scores + np.triu(np.full((length, length), -1e9, np.float32), 1)
    mixed = (softmax(scores) @ np.repeat(v, shared, axis=0)).swapaxes(0, 1).reshape(length, shape.width)
    observe(layer, "o", mixed)
    out: Array = mixed @ block.o.T
    return out


def _feed_forward(block: Block, shape: Shape, x: Array, layer: int, observe: Observe) -> Array:
    normed = rms_norm(x, block.feed_norm, shape.epsilon)
    observe(layer, "feed", normed)
    gate = normed @ block.gate.T
    with np.errstate(
        over="ignore"
    ):  # a gate far below zero closes: divided by infinity it is 0, as it should
        inner = gate / (1 + np.exp(-gate)) * (normed @ block.up.T)
    observe(layer, "down", inner)
    out: Array = inner @ block.down.T
    return out


def _by_head(rows: Array, heads: int) -> Array:
    """(length, heads x head) -> (heads, length, head)."""
    return rows.reshape(len(rows), heads, -1).swapaxes(0, 1)


def log_softmax(logits: Array) -> Array:
    """Natural log-probabilities over the last axis, computed in float64."""
    wide = logits.astype(np.float64)
    top = wide.max(axis=-1, keepdims=True)
    logs = wide - top - np.log(np.exp(wide - top).sum(axis=-1, keepdims=True))
    narrow: Array = logs.astype(np.float32)
    return narrow


def token_log_probs(weights: Weights, ids: list[int]) -> Array:
    """Log-probability of each text token given FIRST and the tokens before it, (len(ids),)."""
    states = hidden(weights, [FIRST, *ids])[:-1]
    logs = log_softmax(states @ weights.embedding.T)
    return logs[np.arange(len(ids)), ids]
