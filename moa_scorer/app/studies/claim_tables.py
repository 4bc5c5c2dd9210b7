"""CLAIM.md: the tables of `make claim`, with everything that they rest on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from moa_scorer.app.studies.claim_tasks import (
    ANSWER,
    ANY,
    BEST,
    CHARACTERS,
    DEAREST,
    INSTRUCTIONS,
    OPEN,
    SMALL,
    SMALL_PANEL,
    WITHIN,
    Task,
    model_name,
)
from moa_scorer.learning.choice.card_words import dollars
from moa_scorer.learning.choice.contenders import FOLDS, Standing
from moa_scorer.learning.choice.worth import Mean
from moa_scorer.providers.prices import PriceTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One task with where everybody stands."""

    task: Task
    standings: tuple[Standing, ...]
    costs: Mapping[str, float]
    """Judge -> millionths of a dollar an item."""
    seed: int

    def of(self, name: str) -> Standing:
        """The standing of that contender; raises StopIteration."""
        return next(s for s in self.standings if s.name == name)


SHOWN = 12
"""Judges up to which a contender's are named."""
HEAD = f"""\
# Panels of open-weight and small judges beside the single dearest one

Written by `make claim` from recorded judges; nothing was asked anew. Everybody, single judges too, is
calibrated on the same four fifths of the groups and measured on the rest, {FOLDS} times, by the weights
alone, without the surface that a served snapshot may have beside them. Whoever is chosen is chosen on those
four fifths: for value alone, or within a budget for value per cost. Small is a model of at most
{SMALL / 1e6:g} dollar for a million tokens read. Costs are estimates, at the prices below.
"""
TOKENS = f"""\
## Prices and tokens

Tokens are estimated: characters / {CHARACTERS} of what a judge reads and of its recorded critique, plus
{INSTRUCTIONS} of instructions and {ANSWER} of answer a call. Recorded texts and critiques are cut (texts at
about 1,500 characters), so all costs are too low by about the same factor. A pair is read in both orders;
prompts that write metrics or a reference first, or compare two verdicts, count what they write and read
(`pair_tokens`). Open weights are at a hosted price.

| judges | tokens in | out | $ for 1,000 | model | $ for a million in / out | on | source |
|---|--:|--:|--:|---|--:|---|---|
"""
NOTE = """\
RMSE on the rating scale; less error: squared error of the overall, in % of the ratings' variance with its
95 % interval over groups, above 0 = better.
"""


def claim_markdown(found: Sequence[Measured], table: PriceTable) -> str:
    """The whole file."""
    parts = (HEAD, _short(found), *map(_section, found), TOKENS + _judges(found, table))
    return "\n".join(parts)


def _short(found: Sequence[Measured]) -> str:
    """A few lines for the README."""
    heads = (f"{one.task.study.name}: $ for 1,000 | {_measure(one)}" for one in found)
    rows = [
        f"| {name} | "
        + " | ".join(f"{_dollars(one.of(name).cost)} | {_figure(one, one.of(name))}" for one in found)
        + " |"
        for name in (DEAREST, BEST, OPEN, SMALL_PANEL, WITHIN, ANY)
    ]
    table = [f"| who is asked | {' | '.join(heads)} |", "|---|" + "--:|--:|" * len(found), *rows]
    return _text(["## In short", "", *table, *(line for one in found for line in ("", _sentence(one)))])


def _measure(one: Measured) -> str:
    return "right choices" if one.task.pairs else "rank correlation"


def _figure(one: Measured, standing: Standing) -> str:
    return f"{standing.accuracy:.1%}" if one.task.pairs else f"{standing.agreement:.3f}"


def _sentence(one: Measured) -> str:
    """What the figures say of the claim, whichever way they fall."""
    dearest, small = one.of(DEAREST), one.of(SMALL_PANEL)
    judge = next(iter(dearest.asked))
    cost = (
        "" if small.cost is None or not dearest.cost else f" at {small.cost / dearest.cost:.0%} of its cost"
    )
    beside, best = _verdict(small.less[DEAREST]), _verdict(small.less[BEST])
    return (
        f"{one.task.study.name}: beside {judge}, the panel of open-weight and small judges {beside}{cost}; "
        f"beside the best single judge it {best}."
    )


def _verdict(less: Mean) -> str:
    if less.low > 0:
        return f"errs less (by {_percent(less)} of the ratings' variance)"
    if less.high < 0:
        turned = Mean(value=-less.value, low=-less.high, high=-less.low)
        return f"errs more (by {_percent(turned)} of the ratings' variance)"
    return f"cannot be told apart (less error: {_percent(less)} of the ratings' variance)"


def _section(one: Measured) -> str:
    study, right = one.task.study, one.task.pairs
    groups = len({item.group for item in study.items})
    columns = ["who is asked", "judges", "$ for 1,000", "RMSE", "rank correlation"]
    columns += ["right"] * right + ["less error than the dearest", "than the best single"]
    lines = [
        f"## {study.name}: {len(study.items)} items",
        "",
        f"{one.task.note[:1].upper()}{one.task.note[1:]}; {groups} groups, seed {one.seed}.",
        *(f"`{name}`: sha256 {digest}." for name, digest in study.digests.items()),
        "",
        f"| {' | '.join(columns)} |",
        "|---|" + "--:|" * (len(columns) - 1),
        *(_row(one, standing) for standing in one.standings),
        "",
        NOTE,
        *(f"- {s.name}: {_asked(s)}" for s in one.standings if 0 < len(s.asked) <= SHOWN),
    ]
    return _text(lines)


def _row(one: Measured, standing: Standing) -> str:
    low, high = one.task.study.rating_scale
    cells = [
        standing.name,
        f"{standing.size:.3g}",
        _dollars(standing.cost),
        f"{(high - low) * standing.error:.3f}",
        f"{standing.agreement:.3f}",
        *([f"{standing.accuracy:.1%}"] if one.task.pairs else []),
        _unless_same(standing, DEAREST),
        _unless_same(standing, BEST),
    ]
    return f"| {' | '.join(cells)} |"


def _unless_same(standing: Standing, other: str) -> str:
    return "–" if standing.name == other else _percent(standing.less[other])


def _asked(standing: Standing) -> str:
    return ", ".join(
        j if share == 1 else f"{j} ({share:.0%} of the folds)" for j, share in standing.asked.items()
    )


def _percent(mean: Mean) -> str:
    return f"{100 * mean.value:.1f} % ({100 * mean.low:.1f} to {100 * mean.high:.1f})"


def _dollars(cost: float | None) -> str:
    return "not known" if cost is None else dollars(cost)


def _judges(found: Sequence[Measured], table: PriceTable) -> str:
    lines = [_judge(one, j, table) for one in found for j in sorted(one.costs, key=lambda j: -one.costs[j])]
    for one in found:
        if unpriced := sorted({model_name(j) for j in one.task.study.judges if j not in one.costs}):
            names = ", ".join(unpriced)
            lines += ["", f"No price was found for {names} ({one.task.study.name}): no panel here asks it."]
    return _text(lines)


def _judge(one: Measured, judge: str, table: PriceTable) -> str:
    entry = table.find(one.task.models[model_name(judge)])
    if entry is None:
        raise ValueError(f"{judge} has a cost and no price")
    tokens = one.task.tokens(judge, one.task.study)
    price = f"{entry.price.input / 1e6:g} / {entry.price.output / 1e6:g}"
    return (
        f"| {judge} | {tokens.read:,.0f} | {tokens.written:,.0f} | {_dollars(one.costs[judge])} | "
        f"{entry.pattern} | {price} | {entry.as_of} | {entry.source} |"
    )


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"
