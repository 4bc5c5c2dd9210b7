"""Writes an ONNX graph node by node."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MICROSOFT: Final = "com.microsoft"
"""ONNX Runtime's own operators."""

_OPSET: Final = 18
_IR_VERSION: Final = 8


class GraphWriter:
    """Collects nodes and constants in the order they are written; names count up: bytes are reproducible."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """Keeps an array once under its name."""
        from onnx import numpy_helper

        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def ints(self, *values: int) -> str:
        """A one-dimensional int64 constant."""
        return self.constant("int_" + "_".join(map(str, values)), np.array(values, np.int64))

    def number(self, value: float) -> str:
        """A float32 scalar."""
        return self.constant(f"float_{value!r}", np.array(value, np.float32))

    def op(self, kind: str, *inputs: str, domain: str = "", output: str = "", **attributes: Any) -> str:
        """Appends a node with one output and returns the output's name."""
        return self.ops(kind, *inputs, outputs=(output or self._fresh(kind),), domain=domain, **attributes)[0]

    def split(self, value: str, sizes: Sequence[int], axis: int) -> tuple[str, ...]:
        """Cuts a value along an axis into parts of these sizes."""
        stem = self._fresh("Split")
        outputs = tuple(f"{stem}_{part}" for part in range(len(sizes)))
        return self.ops("Split", value, self.ints(*sizes), outputs=outputs, axis=axis)

    def ops(
        self, kind: str, *inputs: str, outputs: tuple[str, ...], domain: str = "", **attributes: Any
    ) -> tuple[str, ...]:
        """Appends a node with named outputs; an empty name leaves that output out."""
        from onnx import helper

        name = f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, outputs, name=name, domain=domain, **attributes))
        return outputs

    def _fresh(self, kind: str) -> str:
        return f"{kind}_{len(self._nodes)}_out"

    def model(self, name: str, inputs: Sequence[Any], outputs: Sequence[Any]) -> Any:
        """The finished model; `inputs` and `outputs` are ONNX value infos."""
        from onnx import helper

        graph = helper.make_graph(
            self._nodes, name, list(inputs), list(outputs), initializer=list(self._constants.values())
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(MICROSOFT, 1)]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="moa-scorer")
        model.ir_version = _IR_VERSION
        return model
