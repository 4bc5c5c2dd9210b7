"""ONNX Runtime as every local model uses it: one thread a run, stoppable."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moa_scorer.judges.local.detector import ModelMissing
from moa_scorer.judges.local.pool import Stop


def open_session(model: Path | bytes) -> Any:
    """An inference session with one thread; raises ModelMissing when onnxruntime is not installed.

    `session.set_denormal_as_zero` stays off: it changes the arithmetic of the whole thread for good, and
    these graphs run no faster with it.
    """
    try:
        import onnxruntime as ort
    except ImportError as error:
        raise ModelMissing(
            "onnxruntime is not installed: run `pip install 'moa-scorer[embedded]'`"
        ) from error
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    source = str(model) if isinstance(model, Path) else model
    return ort.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def run(session: Any, feeds: Mapping[str, NDArray[np.int64]], stop: Stop) -> NDArray[np.float32]:
    """The first output of a run that ends, raising Stopped, between two nodes once `stop` is set."""
    import onnxruntime as ort

    stop.check()
    options = ort.RunOptions()
    stop.on_stop(lambda: setattr(options, "terminate", True))
    try:
        output: NDArray[np.float32] = session.run(None, dict(feeds), options)[0]
    except Exception:
        # A terminated run raises whatever the runtime likes; a run that failed by itself is a bug and shows.
        stop.check()
        raise
    return output
