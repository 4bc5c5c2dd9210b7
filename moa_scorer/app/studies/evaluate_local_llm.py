"""`make eval-local-llm`: is `embedded+local-llm` not worse than `embedded`? By tests/data/PREREGISTRATION.md.

Reads the committed ballots, so it needs no model; writes LOCAL_LLM.md and local_llm.json.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from moa_scorer.app.compose import Application, compose
from moa_scorer.app.settings import load_settings
from moa_scorer.app.studies.local_llm_tasks import (
    ALONE,
    ITEMS,
    KINDS,
    WITH,
    WITHOUT,
    Comparison,
    compared,
    comparison,
    llm_ballots_path,
    source_of,
)
from moa_scorer.calibration.snapshot import OVERALL
from moa_scorer.learning.embedded.evaluate import (
    PANEL,
    Figure,
    Fold,
    agreement,
    correlation,
    criteria_mean,
    difference,
)
from moa_scorer.learning.embedded.splits import Splits, read_splits
from moa_scorer.learning.study.ratings import digest

MARGIN: Final = 0.05
"""Of Spearman's rho: "not worse by more than" this."""
METHODS: Final = (PANEL, WITHOUT, ALONE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compares the panels on both kinds of text and writes the two files."""
    options = _options(arguments)
    data, out = Path(options.data), Path(options.out)
    application = compose(load_settings())
    try:
        found = {kind: measure(application, kind, data) for kind in KINDS}
    finally:
        application.close()
    (out / "local_llm.json").write_text(json.dumps(_rounded(found), indent=1) + "\n")
    (out / "LOCAL_LLM.md").write_text(markdown(found))
    sys.stdout.write(markdown(found))
    return 0


def measure(application: Application, kind: str, data: Path) -> dict[str, Any]:
    """Everything that the registration names, for one kind of text."""
    source, splits = source_of(kind), read_splits(data / "splits.json")
    found = comparison(application, source, data)
    return {
        "texts": int(found.asked.size),
        "groups": len({found.task.items[i].group for i in found.asked}),
        "ballots": digest(llm_ballots_path(source, data)),
        "all texts": _figures(found, splits, same_texts=False),
        "asked texts": _figures(found, splits, same_texts=True),
    }


def _figures(found: Comparison, splits: Splits, *, same_texts: bool) -> dict[str, Any]:
    folds = np.array([splits.fold(item) for item in found.task.items], dtype=np.intp)
    runs = compared(found, folds, same_texts=same_texts)
    gap = difference(found.task, runs, WITHOUT, OVERALL)
    return {
        "overall": {m: asdict(agreement(found.task, runs, m, OVERALL)) for m in METHODS},
        "difference": asdict(gap),
        "criteria mean": asdict(criteria_mean(found.task, runs, PANEL, against=WITHOUT)),
        "said": said(gap),
        "criteria": {
            c.name: {m: _mean_correlation(runs, m, c.name) for m in METHODS}
            for c in found.task.rubric.criteria
        },
    }


def said(gap: Figure) -> str:
    """The registered words for a difference of Spearman's rho."""
    if gap.high < 0:
        return "worse"
    if gap.low > 0:
        return "better"
    return f"not worse by more than {MARGIN}" if gap.low > -MARGIN else "not worse"


def _mean_correlation(runs: Sequence[Fold], method: str, head: str) -> float:
    return float(np.mean([correlation(fold, method, head) for fold in runs]))


def markdown(found: Mapping[str, Mapping[str, Any]]) -> str:
    """The tables, and what they rest on."""
    parts = [
        "# What a small local language model adds to the embedded judges",
        f"Spearman's rank correlation with the mean rating of people on at most {ITEMS} registered texts of "
        "each kind, averaged over five folds; in brackets 95 % intervals over documents and prompts. Both "
        "panels are fitted on the other folds' texts: on all rated ones, as a snapshot is, or on those alone "
        "that the model was asked about.",
        _table(("texts", "fitted on", WITH, WITHOUT, ALONE, "difference", "that is"), _overall_rows(found)),
        "By criterion, fitted on all rated texts:",
        _table(("texts", "criterion", WITH, WITHOUT, ALONE), _criteria_rows(found)),
        "\n".join(f"- ballots on {kind} texts: sha256 `{part['ballots']}`" for kind, part in found.items()),
    ]
    return "\n\n".join(parts) + "\n"


def _overall_rows(found: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    rows = []
    for kind, part in found.items():
        for fitted in ("all texts", "asked texts"):
            figures = part[fitted]
            cells = [_figure(figures["overall"][m]) for m in METHODS]
            gap = _figure(figures["difference"], sign="+")
            rows.append([f"{part['texts']} × {kind}", fitted, *cells, gap, figures["said"]])
    return rows


def _criteria_rows(found: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    return [
        [kind, name, *(f"{by_method[m]:.3f}" for m in METHODS)]
        for kind, part in found.items()
        for name, by_method in part["all texts"]["criteria"].items()
    ]


def _figure(figure: Mapping[str, float], sign: str = "") -> str:
    value, low, high = (f"{figure[k]:{sign}.3f}" for k in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    return {k: _rounded(v) for k, v in value.items()} if isinstance(value, dict) else value


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make eval-local-llm", description=__doc__)
    parser.add_argument("--data", default="tests/data", help="folder with ratings, splits and ballots")
    parser.add_argument("--out", default="deploy/snapshots", help="folder of LOCAL_LLM.md and local_llm.json")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
