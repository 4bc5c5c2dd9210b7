"""Splits of a protocol side by side, each in one of a few processes."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moa_scorer.calibration.table import Array
    from moa_scorer.learning.protocol.evaluation import Protocol, Result
    from moa_scorer.learning.protocol.findings import Evaluation
    from moa_scorer.learning.study.study import Study

_held: "list[Protocol]" = []
"""What this worker process runs; filled once, when it starts."""


def evaluated(
    study: "Study",
    *,
    rated: int | None,
    repeats: int,
    seed: int,
    processes: int,
    measures: bool = True,
    text: bool = True,
    vectors: "Mapping[str, Array] | None" = None,
    progress: Callable[[], None] = lambda: None,
) -> "Evaluation":
    """The evaluation of one study; the number of processes changes nothing but the time.

    Raises ValueError where the study is too small for the protocol.
    """
    import time
    from dataclasses import replace
    from importlib.metadata import version

    from moa_scorer.learning.protocol.evaluation import evaluate, protocol

    began = time.monotonic()
    plan = protocol(
        study, rated=rated, repeats=repeats, seed=seed, measures=measures, text=text, vectors=vectors
    )
    code = version("moa-scorer")
    if processes == 1:
        found = evaluate(plan, progress=progress, code=code)
    else:
        found = evaluate(plan, _results(plan, processes), progress=progress, code=code)
    return replace(found, seconds=time.monotonic() - began)


def _results(plan: "Protocol", processes: int) -> "Iterator[Result]":
    """As they are done; `evaluate` does not mind the order."""
    with ProcessPoolExecutor(processes, initializer=_hold, initargs=(plan,)) as pool:
        try:
            for future in as_completed([pool.submit(_run, n) for n in range(len(plan.trials))]):
                yield future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _hold(plan: "Protocol") -> None:
    _held[:] = [plan]


def _run(number: int) -> "Result":
    return _held[0].judge_trial(number)
