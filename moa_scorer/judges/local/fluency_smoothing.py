"""What the graph needs to know of the model's activations, and the scales that make them fit eight bits.

SmoothQuant (Xiao et al. 2023): activations have a few huge channels, weights do not. Dividing a channel of
the activations by s and multiplying that row of the weights by s changes nothing in exact arithmetic and
shares the difficulty between the two, with s = max|x|^a / max|w|^(1-a).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from moa_scorer.judges.local.fluency_reference import FIRST, hidden, log_softmax
from moa_scorer.judges.local.gguf_weights import Array, Weights

BALANCE: Final = 0.5
"""SmoothQuant's a: 0 leaves all difficulty in the activations, 1 puts it into the weights."""

_LEAST_ACTIVATION: Final = 1e-4
_LEAST_WEIGHT: Final = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Measured on the calibration texts with the float model."""

    maxima: Mapping[tuple[int, str], Array]
    """(layer, place) -> largest |input| of each channel of a matrix product, the first token left out."""
    first_keys: tuple[Array, ...]
    """Per layer, (groups, head): the rotated keys of the first token, always the same."""
    first_values: tuple[Array, ...]
    """Per layer, (groups, head)."""
    first_logs: Array
    """(vocabulary,): log-probability of every token right after the first one."""


def calibrate(weights: Weights, texts: Sequence[list[int]]) -> Calibration:
    """Runs the float model over the token ids of the calibration texts."""
    maxima: dict[tuple[int, str], Array] = {}
    keys: dict[int, Array] = {}
    values: dict[int, Array] = {}

    def observe(layer: int, place: str, rows: Array) -> None:
        if place in ("keys", "values"):
            (keys if place == "keys" else values).setdefault(layer, rows[:, 0].copy())
            return
        # The first token's state is an outlier like no other, and it is a constant of the graph.
        largest = np.abs(rows[1:]).max(axis=0)
        maxima[layer, place] = np.maximum(maxima.get((layer, place), largest), largest)

    for ids in texts:
        states = hidden(weights, [FIRST, *ids], observe)
    return Calibration(
        maxima=maxima,
        first_keys=tuple(keys[layer] for layer in range(weights.shape.layers)),
        first_values=tuple(values[layer] for layer in range(weights.shape.layers)),
        first_logs=log_softmax(states[0] @ weights.embedding.T),
    )


def scales(largest: Array, weight: Array) -> Array:
    """SmoothQuant's s of each input channel of `weight` (input, output), with geometric mean 1."""
    activation = np.maximum(largest, _LEAST_ACTIVATION) ** BALANCE
    strength = np.maximum(np.abs(weight).max(axis=1), _LEAST_WEIGHT) ** (1 - BALANCE)
    raw = activation / strength
    balanced: Array = (raw / np.exp(np.log(raw).mean())).astype(np.float32)
    return balanced
