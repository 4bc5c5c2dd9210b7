"""An evaluation as Markdown tables."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from moa_scorer.learning.embedded.evaluate import BEST, MEAN, PANEL, PERSON, TEXT, WORDS

METHODS = (PANEL, BEST, MEAN, WORDS, TEXT, PERSON)
RIVALS = (BEST, MEAN, WORDS, TEXT)

Result = Mapping[str, Any]


def markdown(result: Result) -> str:
    """Everything measured, tables first, provenance last."""
    tasks: Mapping[str, Result] = result["tasks"]
    parts = [
        "# What the embedded panels are worth",
        "Spearman's rank correlation with the mean rating of people, averaged over folds; in brackets 95 % "
        "intervals over groups (documents, prompts, threads). *Cross-validated*: five folds over all data. "
        "*Final*: fitted on the other 80 % of the groups, measured on groups that no fit has seen.",
        "## Overall",
        agreement_table(tasks),
        "## The panel less its rivals",
        "Paired differences of the overall's Spearman; bold where the interval excludes zero.",
        difference_table(tasks),
        "## By criterion, cross-validated",
        *(criteria_table(name, task) for name, task in tasks.items() if len(_cv(task)["criteria"]) > 1),
        "## Intervals and certificates",
        f"Coverage of the 90 % intervals of the overall over {result['splits']} random splits, a placebo "
        "fitted to exchanged ratings, and what happens with writers or data sets that no fit has seen.",
        coverage_table(tasks),
        *_comments(tasks),
        *_noise(result.get("noise") or []),
        "## Data",
        "\n".join(f"- `{name}`: sha256 `{digest}`" for name, digest in result["data"].items()),
    ]
    return "\n\n".join(parts) + "\n"


def agreement_table(tasks: Mapping[str, Result]) -> str:
    """One row a task and split, one column a method."""
    rows = []
    for name, task in tasks.items():
        for label, part in (("cross-validated", _cv(task)), ("final", task["final"])):
            cells = [_figure(part["overall"].get(m)) for m in METHODS]
            rows.append([name, label, str(part["items"]), *cells])
    return _table(["task", "split", "texts", *METHODS], rows)


def difference_table(tasks: Mapping[str, Result]) -> str:
    """The panel's lead over each rival."""
    rows = []
    for name, task in tasks.items():
        for label, part in (("cross-validated", _cv(task)), ("final", task["final"])):
            cells = [_lead(part["panel less"][m]["overall"]) for m in RIVALS]
            rows.append([name, label, *cells])
    return _table(["task", "split", *RIVALS], rows)


def criteria_table(name: str, task: Result) -> str:
    """One row a criterion, and their mean with its interval."""
    part = _cv(task)
    shown = tuple(m for m in METHODS if m in part["criteria mean"])
    rows = [[c, *(f"{found[m]:.3f}" for m in shown)] for c, found in part["criteria"].items()]
    rows.append(["mean", *(_figure(part["criteria mean"][m]) for m in shown)])
    rows.append(["panel less", "", *(_lead(part["panel less"][m]["criteria mean"]) for m in shown[1:])])
    return _table([name, *shown], rows)


def coverage_table(tasks: Mapping[str, Result]) -> str:
    """Coverage, width, placebo and unseen sources."""
    rows = []
    for name, task in tasks.items():
        held, placebo, unseen = task["coverage"], task["placebo"], task.get("unseen sources")
        rows.append(
            [
                name,
                f"{held['mean']:.3f} [{held['low']:.3f}, {held['high']:.3f}]",
                f"{held['width']:.3f}",
                f"{held['valid']:.1%}",
                _figure(placebo["overall"]),
                f"{placebo['width']:.2f} / {placebo['constant width']:.2f}",
                _figure(unseen["methods"][PANEL]) if unseen else "",
                _figure(unseen["methods"][BEST]) if unseen else "",
                "" if not unseen or unseen["coverage"] is None else f"{unseen['coverage']:.3f}",
            ]
        )
    head = ["task", "coverage [5 %, 95 % of splits]", "width", "VALID", "placebo", "its width / a constant's"]
    return _table([*head, "unseen sources: panel", "best single", "coverage"], rows)


def _comments(tasks: Mapping[str, Result]) -> Iterable[str]:
    for name, task in tasks.items():
        if "comments" not in task:
            continue
        yield f"## Comments: {name}"
        yield _sources_table(task["comments"]["sources"])
        yield "Unacceptable comments missed at 5 % false rejects, by group mentioned (number of them):"
        yield _misses_table(task["comments"]["sources"])
        yield "Fitted on one source, measured on the other:"
        yield _across_table(task["comments"]["from one to the other"])


def _sources_table(sources: Mapping[str, Result]) -> str:
    rows = [
        [source, str(found["items"]), method, *(f"{v:.3f}" for v in figures.values())]
        for source, found in sources.items()
        for method, figures in found["methods"].items()
    ]
    return _table(["source", "texts", "by", "Spearman", "AUC", "recall at 1 %", "recall at 5 %"], rows)


def _misses_table(sources: Mapping[str, Result]) -> str:
    rows = []
    for source, found in sources.items():
        for group, (share, count) in found["misses"][PANEL].items():
            text = found["misses"][TEXT].get(group)
            rows.append([source, f"{group} ({count})", f"{share:.0%}", f"{text[0]:.0%}" if text else ""])
    return _table(["source", "group", PANEL, TEXT], rows)


def _across_table(sources: Mapping[str, Result]) -> str:
    rows = []
    for source, found in sources.items():
        shares = ", ".join(f"{v:.0%} {k.upper()}" for k, v in found["certificates"].items())
        held = "" if found["coverage"] is None else f"{found['coverage']:.3f}"
        rows.append(
            [source, *(f"{found['methods'][m]:.3f}" for m in (PANEL, BEST, WORDS, TEXT)), shares, held]
        )
    return _table(["measured on", PANEL, BEST, WORDS, TEXT, "certificates", "coverage"], rows)


def _noise(rows: Sequence[Result]) -> Iterable[str]:
    if rows:
        yield "## Noise floor"
        yield "How far edits that should not matter move the overall score (panel embedded, held-out texts):"
        cells = [[r["edit"], str(r["items"]), f"{r['mean']:.4f}", f"{r['p95']:.4f}"] for r in rows]
        yield _table(["edit", "texts", "mean absolute change", "95th percentile"], cells)


def _cv(task: Result) -> Result:
    found: Result = task["cross-validated"]
    return found


def _figure(figure: Result | None) -> str:
    return "" if figure is None else f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"


def _lead(figure: Result) -> str:
    text = f"{figure['value']:+.3f} [{figure['low']:+.3f}, {figure['high']:+.3f}]"
    return f"**{text}**" if figure["low"] > 0 or figure["high"] < 0 else text


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(_line(cells) for cells in (head, ["---"] * len(head), *rows))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
