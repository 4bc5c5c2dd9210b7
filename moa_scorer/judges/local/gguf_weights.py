"""Reads a SmolLM2 GGUF file: weights as float32 arrays, and its tokenizer."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from moa_scorer.judges.local.model_wheels import FetchFailed, write_atomically

Array = NDArray[np.float32]

_SPECIAL_TOKEN: Final = 3
"""GGUF's token type of control tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The sizes of a Llama-like model."""

    layers: int
    width: int
    """Channels of the residual stream."""
    heads: int
    """Query heads."""
    groups: int
    """Key/value heads; `heads` is a multiple."""
    head: int
    """Channels of a head."""
    inner: int
    """Channels inside a feed-forward block."""
    vocabulary: int
    epsilon: float
    """Added to the mean square in a norm."""
    theta: float
    """Base of the rotary embedding's wavelengths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The model, every matrix as (output, input)."""

    shape: Shape
    embedding: Array
    """(vocabulary, width), also the output head."""
    final_norm: Array
    """(width,)."""
    blocks: tuple["Block", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One layer; q and k rows stand in rotate-half order."""

    attention_norm: Array
    q: Array
    k: Array
    v: Array
    o: Array
    feed_norm: Array
    gate: Array
    up: Array
    down: Array


def read_weights(path: Path) -> Weights:
    """The weights of a GGUF file; raises FetchFailed when it is not a Llama-like model with a tied head."""
    reader = _open(path)
    shape = _read_shape(reader)
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    if "output.weight" in tensors:
        raise FetchFailed(
            f"{path.name} has an output head of its own; a model with tied embeddings is needed"
        )
    return Weights(
        shape=shape,
        embedding=_array(tensors, "token_embd"),
        final_norm=_array(tensors, "output_norm"),
        blocks=tuple(_read_block(tensors, layer, shape) for layer in range(shape.layers)),
    )


def _open(path: Path) -> Any:
    from gguf import GGUFReader

    try:
        reader = GGUFReader(path)
    except (ValueError, OSError) as error:
        raise FetchFailed(f"{path.name} is not a readable GGUF file") from error
    architecture = _field(reader, "general.architecture")
    if architecture != "llama":
        raise FetchFailed(f"{path.name} holds a {architecture} model; SmolLM2 (llama) is needed")
    return reader


def _field(reader: Any, name: str) -> Any:
    if name not in reader.fields:
        raise FetchFailed(f"the GGUF file lacks {name}")
    return reader.fields[name].contents()


def _read_shape(reader: Any) -> Shape:
    def number(name: str) -> int:
        return int(_field(reader, f"llama.{name}"))

    heads, width = number("attention.head_count"), number("embedding_length")
    return Shape(
        layers=number("block_count"),
        width=width,
        heads=heads,
        groups=number("attention.head_count_kv"),
        head=width // heads,
        inner=number("feed_forward_length"),
        vocabulary=len(_field(reader, "tokenizer.ggml.tokens")),
        epsilon=float(_field(reader, "llama.attention.layer_norm_rms_epsilon")),
        theta=float(_field(reader, "llama.rope.freq_base")),
    )


def _array(tensors: dict[str, Any], name: str) -> Array:
    from gguf import dequantize

    tensor = tensors[f"{name}.weight"]
    sizes = tuple(int(size) for size in reversed(tensor.shape))
    return np.ascontiguousarray(
        np.asarray(dequantize(tensor.data, tensor.tensor_type), np.float32).reshape(sizes)
    )


def _read_block(tensors: dict[str, Any], layer: int, shape: Shape) -> Block:
    def take(name: str) -> Array:
        return _array(tensors, f"blk.{layer}.{name}")

    return Block(
        attention_norm=take("attn_norm"),
        q=rotate_half_order(take("attn_q"), shape.heads),
        k=rotate_half_order(take("attn_k"), shape.groups),
        v=take("attn_v"),
        o=take("attn_output"),
        feed_norm=take("ffn_norm"),
        gate=take("ffn_gate"),
        up=take("ffn_up"),
        down=take("ffn_down"),
    )


def rotate_half_order(rows: Array, heads: int) -> Array:
    """Undoes llama.cpp's interleaving of rotary pairs: rows (2i, 2i+1) of a head become (i, i + half)."""
    half = rows.shape[0] // heads // 2
    split = rows.reshape(heads, half, 2, rows.shape[1])
    return np.ascontiguousarray(split.swapaxes(1, 2).reshape(rows.shape))


def write_tokenizer(path: Path, target: Path) -> None:
    """Writes the GGUF file's byte-level BPE tokenizer as a `tokenizers` JSON file."""
    reader = _open(path)
    write_atomically(
        target,
        _tokenizer(
            _field(reader, "tokenizer.ggml.tokens"),
            _field(reader, "tokenizer.ggml.merges"),
            _field(reader, "tokenizer.ggml.token_type"),
        )
        .to_str()
        .encode(),
    )


def _pair(merge: str) -> tuple[str, str]:
    left, _, right = merge.partition(" ")
    return left, right


def _tokenizer(tokens: Sequence[str], merges: Sequence[str], kinds: Sequence[int]) -> Any:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    vocabulary = {token: index for index, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[_pair(merge) for merge in merges]))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    special = [token for token, kind in zip(tokens, kinds, strict=True) if kind == _SPECIAL_TOKEN]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    return tokenizer
