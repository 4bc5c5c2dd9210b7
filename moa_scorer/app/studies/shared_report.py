"""SHARED.md: what was reached on the shared sets, beside the goals."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from moa_scorer.app.studies.shared_sets import SETS, Goal, SharedSet
from moa_scorer.learning.protocol.findings import (
    AVERAGE,
    BEST,
    MEAN,
    PANEL,
    SCORES_ONLY,
    WITH_STUDENT,
    Z_MEAN,
    Difference,
    Estimate,
    Evaluation,
)

Found = Mapping[str, Sequence[Evaluation]]

RANGE: Final = (0.885, 0.915)
"""Wanted coverage of 90 % intervals."""
OURS: Final = (PANEL, SCORES_ONLY, WITH_STUDENT)
ELSEWHERE: Final = "The moderation set has no recorded judges: EVALUATION.md has the embedded panel on it."
TRIED: Final = """\
## Where a goal is missed: what was tried

- Topical-Chat and alttest_extra: ridge, one-hot scores, trees, kernels of several widths, rater severity
  and weights by number of raters end within .003 of each other on alttest; on Topical-Chat the width of the
  kernel and the number of landmarks move the figure between .724 and .735 on one set of folds.
- LLMBar-419: logistic regression that is the same for swapped pairs, support vectors, trees, kernels and
  training on swapped pairs as well all end at .907 to .919, with Brier .063 to .070.
- TriviaQA: with the nine judges every method ends at .933 to .936; with exact match and "contains" beside
  them .949.
- No ratings: ranks against reference quantiles and z-scores are nearly the same order.
- 22 ratings: not looked into for the sets that fall below their mean.
"""
HEAD: Final = """\
# The panel on recorded judges, beside its goals

`make eval-shared` writes this file from sets of recorded judges with human ratings that are not part of the
product. Every method is fitted on the same rated items and measured on the same others, never
on a group it has seen. "All" = grouped 5-fold. K = K rated items drawn from 30 % of the groups, all items of
the other groups scored. Figures are averaged over criteria and folds, or draws; [ ] = 95 % paired bootstrap
over groups; rivals are ranked by what they said before calibration. Seed 0, never chosen by result.
"""


def markdown(found: Found, hashes: Mapping[str, str], arguments: str = "") -> str:
    """The whole file; `arguments` are those that the command was given."""
    parts = [
        HEAD,
        "## Goals with all ratings\n\n" + _goals(found),
        "## No ratings at all\n\n" + _unrated(found),
        "## Few ratings\n\n" + _few(found),
        "## 90 % intervals, all ratings\n\n" + _intervals(found),
        "## What to do, as `moa-scorer evaluate` says\n\n" + _advice(found),
        TRIED,
        "## How it was run\n\n" + _provenance(found, hashes, arguments),
    ]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def joined(estimates: Sequence[Estimate]) -> Estimate | None:
    """The mean of independent studies' estimates; half-widths add in squares."""
    if not estimates:
        return None
    n = len(estimates)
    value = sum(e.value for e in estimates) / n
    return Estimate(
        value=value,
        low=value - math.sqrt(sum((e.value - e.low) ** 2 for e in estimates)) / n,
        high=value + math.sqrt(sum((e.high - e.value) ** 2 for e in estimates)) / n,
        fifth=sum(e.fifth for e in estimates) / n,
        sd=math.sqrt(sum(e.sd**2 for e in estimates)) / n,
    )


def figure(found: Found, label: str, rated: int | None, method: str, metric: str) -> Estimate | None:
    """Averaged over the set's studies; None where one of them lacks it."""
    own = [e for e in found.get(label, ()) if e.rated == rated]
    parts = [e.figure(method, AVERAGE, metric) for e in own]
    return joined([p for p in parts if p]) if all(parts) else None


def difference(found: Found, label: str, rated: int | None, rival: str, metric: str) -> Estimate | None:
    """The panel less a rival, averaged over the set's studies."""
    own = [e for e in found.get(label, ()) if e.rated == rated]
    parts: list[Difference | None] = [e.difference(rival, AVERAGE, metric) for e in own]
    return joined([p.estimate for p in parts if p]) if all(parts) else None


def best_rival(found: Found, label: str, rated: int | None, goal: Goal) -> str | None:
    """The rival with the best figure; the panel's own variant is none."""
    own = [e for e in found.get(label, ()) if e.rated == rated]
    names = [m for e in own[:1] for m in e.methods if m not in OURS]
    figures = {m: f.value for m in names if (f := figure(found, label, rated, m, goal.metric))}
    if not figures:
        return None
    return (max if goal.at_least else min)(figures, key=lambda m: figures[m])


def _goals(found: Found) -> str:
    rows = [
        "| set | metric | known before | mean / best single here | scores only | panel | goal | distance "
        "| best baseline | panel less it |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for chosen in SETS:
        goals = chosen.goals or (Goal(metric="spearman", figure=math.nan),)
        rows += [_goal(found, chosen, g) for g in goals if figure(found, chosen.label, None, PANEL, g.metric)]
    return "\n".join(rows) + f"\n\n{ELSEWHERE}"


def _goal(found: Found, chosen: SharedSet, goal: Goal) -> str:
    def said(method: str) -> str:
        return _number(figure(found, chosen.label, None, method, goal.metric))

    panel = figure(found, chosen.label, None, goal.method, goal.metric)
    panel = panel or figure(found, chosen.label, None, PANEL, goal.metric)
    rival = best_rival(found, chosen.label, None, goal)
    gap = difference(found, chosen.label, None, rival, goal.metric) if rival else None
    variant = {SCORES_ONLY: " (scores only)", WITH_STUDENT: " (with the student)"}.get(goal.method, "")
    cells = (
        chosen.label + variant,
        goal.metric,
        chosen.known,
        f"{said(MEAN)} / {said(BEST)}",
        said(SCORES_ONLY),
        f"**{said(PANEL if goal.method == SCORES_ONLY else goal.method)}**",
        "–" if math.isnan(goal.figure) else f"{'≥' if goal.at_least else '≤'} {goal.figure:g}",
        _distance(panel, goal),
        f"{rival} {said(rival)}" if rival else "–",
        _interval(gap),
    )
    return "| " + " | ".join(cells) + " |"


def _distance(panel: Estimate | None, goal: Goal) -> str:
    if panel is None or math.isnan(goal.figure):
        return "–"
    over = panel.value - goal.figure if goal.at_least else goal.figure - panel.value
    return "reached" if over >= 0 else f"{over:+.3f}"


def _unrated(found: Found) -> str:
    rows = ["| set | z-mean | panel's order | difference |", "|---|---|---|---|"]
    gaps = []
    for label in found:
        gap = difference(found, label, 0, Z_MEAN, "spearman")
        if gap is None:
            continue
        gaps.append(gap.value)
        z, own = (_number(figure(found, label, 0, m, "spearman")) for m in (Z_MEAN, PANEL))
        rows.append(f"| {label} | {z} | {own} | {_interval(gap)} |")
    if not gaps:
        return "Not measured."
    least, mean = min(gaps), sum(gaps) / len(gaps)
    goal = f"Goal: never below −.005 (least {least:+.3f}), ≥ +.015 on average ({mean:+.3f})."
    return "\n".join(rows) + "\n\n" + goal


def _few(found: Found) -> str:
    rows = [
        "| set | rated | draws | Spearman: panel | 5th percentile, sd | less mean | RMSE: panel "
        "| best baseline | ratio |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for label, own in found.items():
        for rated in sorted({e.rated for e in own if e.rated}):
            rows.append(_few_row(found, label, rated, next(e.repeats for e in own if e.rated == rated)))
    goal = (
        "Goals: at 22 no set below its mean, at 100 at least +.02 on SummEval with 15 judges; RMSE at 100 at "
        "most 0.98 of the best calibrated baseline, never above 1.01."
    )
    return "\n".join(rows) + "\n\n" + goal


def _few_row(found: Found, label: str, rated: int, repeats: int) -> str:
    order = figure(found, label, rated, PANEL, "spearman")
    error = figure(found, label, rated, PANEL, "rmse")
    rival = best_rival(found, label, rated, Goal(metric="rmse", figure=math.nan, at_least=False))
    other = figure(found, label, rated, rival, "rmse") if rival else None
    ratio = f"{error.value / other.value:.3f}" if error and other else "–"
    known = order is not None and not math.isnan(order.sd) and not math.isnan(order.fifth)
    spread = f"{order.fifth:.3f}, {order.sd:.3f}" if order and known else "–"
    gap = _interval(difference(found, label, rated, MEAN, "spearman"))
    return (
        f"| {label} | {rated} | {repeats} | {_number(order)} | {spread} | {gap} | {_number(error)} "
        f"| {rival or '–'} {_number(other)} | {ratio} |"
    )


def _intervals(found: Found) -> str:
    rows = [
        "| set | coverage | width | known before | at equal coverage | best baseline there | ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    for chosen in SETS:
        here = figure(found, chosen.label, None, PANEL, "coverage")
        if here is None:
            continue
        metric = "width at equal coverage"
        rival = best_rival(found, chosen.label, None, Goal(metric=metric, figure=math.nan, at_least=False))
        own = figure(found, chosen.label, None, PANEL, metric)
        other = figure(found, chosen.label, None, rival, metric) if rival else None
        ratio = f"{own.value / other.value:.3f}" if own and other else "–"
        width = _number(figure(found, chosen.label, None, PANEL, "width"))
        before = f"{chosen.width:.3f}" if chosen.width else "–"
        rows.append(
            f"| {chosen.label} | {_number(here)} | {width} | {before} | {_number(own)} "
            f"| {rival} {_number(other)} | {ratio} |"
        )
    goal = (
        f"Goals: coverage {RANGE[0]}–{RANGE[1]}; widths 5 % below those known before, and at most 0.95 of "
        "split conformal's (the baselines', of one width each) at equal coverage."
    )
    return "\n".join(rows) + "\n\n" + goal


def _advice(found: Found) -> str:
    return "\n".join(
        f"- {label}{'' if len(own) == 1 else ', ' + e.study}: {e.advice.words}"
        for label, own in ((k, [e for e in v if e.rated is None]) for k, v in found.items())
        for e in own
    )


def _provenance(found: Found, hashes: Mapping[str, str], arguments: str) -> str:
    given = f' ARGS="{arguments}"' if arguments else ""
    lines = [
        f"Command: `make eval-shared{given}` (resumable).",
        "",
    ]
    lines += [
        "| set | items | groups | judges | effective votes | draws at K / rounds of folds |",
        "|---|---|---|---|---|---|",
    ]
    for label, own in found.items():
        whole = [e for e in own if e.rated is None] or list(own)
        draws = (
            sorted({e.repeats for e in own if e.rated is not None}),
            sorted({e.repeats for e in own if e.rated is None}),
        )
        said = " / ".join(", ".join(map(str, d)) or "–" for d in draws)
        votes = ", ".join("not estimable" if math.isnan(e.votes) else f"{e.votes:.1f}" for e in whole)
        items, groups = (" + ".join(str(getattr(e, f)) for e in _once(whole)) for f in ("items", "groups"))
        lines.append(f"| {label} | {items} | {groups} | {len(whole[0].judges)} | {votes} | {said} |")
    lines += ["", "| file | sha256 |", "|---|---|", *(f"| {f} | `{h}` |" for f, h in sorted(hashes.items()))]
    return "\n".join(lines)


def _once(evaluations: Sequence[Evaluation]) -> list[Evaluation]:
    return list({e.study: e for e in evaluations}.values())


def _number(estimate: Estimate | None) -> str:
    return "–" if estimate is None or math.isnan(estimate.value) else f"{estimate.value:.3f}"


def _interval(estimate: Estimate | None) -> str:
    if estimate is None:
        return "–"
    return f"{estimate.value:+.3f} [{estimate.low:+.3f}, {estimate.high:+.3f}]"
