"""Matrix products of the fluency graph, in eight bits or in float, and the embedding that fits them."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

import numpy as np

from moa_scorer.judges.local.gguf_weights import Array
from moa_scorer.judges.local.onnx_writer import GraphWriter

_LARGEST: Final = 127
_FLOAT: Final = 1
"""ONNX's number of the float32 type."""


class Rows(StrEnum):
    """How an activation is brought to eight bits."""

    TOGETHER = "together"
    """One scale and zero point for the whole tensor."""
    EACH = "each"
    """A scale per token: for the inputs of `down`, whose size differs a hundredfold between tokens."""


class Products(Protocol):
    """How the graph multiplies."""

    smooth: bool
    """Whether activations are to be smoothed."""

    def embed(self, graph: GraphWriter, ids: str) -> str:
        """Rows of the embedding for int64 ids of any shape."""
        ...

    def multiply(
        self, graph: GraphWriter, x: str, name: str, weight: Array, rows: Rows = Rows.TOGETHER
    ) -> str:
        """x (.., input) times weight (input, output)."""
        ...


@dataclass(slots=True, kw_only=True)
class FloatProducts:
    """Float32 throughout."""

    embedding: Array
    smooth: bool = False

    def embed(self, graph: GraphWriter, ids: str) -> str:
        return graph.op("Gather", graph.constant("embedding", self.embedding), ids)

    def multiply(
        self, graph: GraphWriter, x: str, name: str, weight: Array, rows: Rows = Rows.TOGETHER
    ) -> str:
        del rows  # nothing is brought to eight bits here
        return graph.op("MatMul", x, graph.constant(name, weight))


@dataclass(frozen=True, slots=True)
class _Quantized:
    values: str
    scale: str
    zero: str


@dataclass(slots=True, kw_only=True)
class ByteProducts:
    """Signed 8-bit weights with a scale per output, unsigned 8-bit activations, 32-bit sums."""

    embedding: Array
    smooth: bool = True
    _seen: dict[tuple[str, Rows], _Quantized] = field(default_factory=dict)

    def embed(self, graph: GraphWriter, ids: str) -> str:
        scale = np.abs(self.embedding).max(axis=1, keepdims=True) / np.float32(_LARGEST)
        quantized = np.rint(self.embedding / np.maximum(scale, np.float32(1e-12))).astype(np.int8)
        rows = graph.op("Gather", graph.constant("embedding_q", quantized), ids)
        scales = graph.op("Gather", graph.constant("embedding_s", scale), ids)
        return graph.op("Mul", graph.op("Cast", rows, to=_FLOAT), scales)

    def multiply(
        self, graph: GraphWriter, x: str, name: str, weight: Array, rows: Rows = Rows.TOGETHER
    ) -> str:
        quantized, scale = quantize_columns(weight)
        if (x, rows) not in self._seen:
            self._seen[x, rows] = _each(graph, x) if rows is Rows.EACH else _together(graph, x)
        seen = self._seen[x, rows]
        zero = graph.constant("zero_s8", np.array(0, np.int8))
        sums = graph.op("MatMulInteger", seen.values, graph.constant(f"{name}_q", quantized), seen.zero, zero)
        floats = graph.op("Cast", sums, to=_FLOAT)
        if rows is Rows.EACH:
            scaled = graph.op("Mul", floats, graph.constant(f"{name}_s", scale / np.float32(_LARGEST)))
            return graph.op("Mul", scaled, seen.scale)
        return graph.op("Mul", floats, graph.op("Mul", seen.scale, graph.constant(f"{name}_s", scale)))


def quantize_columns(weight: Array) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.int8]], Array]:
    """Symmetric 8-bit columns and their float32 scales; a column of zeros gets scale 1."""
    largest = np.abs(weight).max(axis=0)
    scale = np.where(largest > 0, largest / np.float32(_LARGEST), np.float32(1)).astype(np.float32)
    return np.clip(np.rint(weight / scale), -_LARGEST, _LARGEST).astype(np.int8), scale


def _together(graph: GraphWriter, x: str) -> _Quantized:
    outputs = tuple(f"{x}_{part}" for part in ("q", "scale", "zero"))
    return _Quantized(*graph.ops("DynamicQuantizeLinear", x, outputs=outputs))


def _each(graph: GraphWriter, x: str) -> _Quantized:
    largest = graph.op("ReduceMax", graph.op("Abs", x), graph.ints(-1), keepdims=1)
    # A row of zeros would divide by zero.
    largest = graph.op("Max", largest, graph.number(1e-12))
    zero = graph.constant("zero_u8", np.array(128, np.uint8))
    step = graph.constant("row_step", np.array(1 / _LARGEST, np.float32))
    return _Quantized(graph.op("QuantizeLinear", graph.op("Div", x, largest), step, zero), largest, zero)
