"""A report card in sentences: what to know first, whom to ask, and how sure that is."""

from moa_scorer.calibration.polarity import polarity_notes
from moa_scorer.learning.choice.card import ReportCard
from moa_scorer.learning.choice.selection import BEST, EVERYONE, SUGGESTED, Selection
from moa_scorer.learning.choice.worth import Mean

MANY = 4
"""Judges from which those that score the other way share a sentence."""
STEADY = 0.6
"""Share of the folds below which a judge's place in the panel is said to be unsure."""


def card_words(card: ReportCard, scale: float) -> tuple[str, ...]:
    """A sentence each, the most urgent first; `scale` is the length of the rating scale."""
    return (*_against(card), *_suggestion(card.selection, scale), *_unsure(card.selection))


def _against(card: ReportCard) -> tuple[str, ...]:
    """The judges that clearly go against the people: each by itself, or many in one sentence."""
    found = [one.polarity for one in card.judges if one.polarity is not None and one.polarity.negative]
    if len(found) < MANY:
        return polarity_notes(found)
    low, high = (f(p.correlation for p in found) for f in (min, max))
    falling = sum(p.reversed for p in found)
    names = ", ".join(p.judge for p in found)
    return (
        f"{len(found)} of {len(card.judges)} judges score the other way (rank correlations {low:.2f} to "
        f"{high:.2f}): {names}. The curves of {falling} fall, since nobody declared which end of their "
        "scales is good. Where all do, see whether the ratings are the right way up.",
    )


def _suggestion(selection: Selection, scale: float) -> list[str]:
    if not selection.panel:
        return [
            "No judge takes anything off the error of always saying the mean: ask none of them, or rate more."
        ]
    point, names = selection.point(SUGGESTED), ", ".join(selection.panel)
    words = [
        f"Ask {names}: {len(selection.panel)} of {len(selection.chosen_in)} judges, chosen by "
        f"{'value per cost' if selection.by_cost else 'value alone, since not every cost is known'}. "
        f"On items that had no part in the choice: error {scale * point.error:.3g} on the rating scale, "
        f"rank correlation {point.agreement:.3f}{_cost(point.cost)}."
    ]
    if len(selection.panel) < len(selection.chosen_in):
        words.append(_beside_everyone(selection, scale))
    if len(selection.panel) > 1:
        words.append(_beside_best(selection, scale))
    return words


def _beside_everyone(selection: Selection, scale: float) -> str:
    point = selection.point(EVERYONE)
    figures = f"(error {scale * point.error:.3g}, rank correlation {point.agreement:.3f}{_cost(point.cost)})"
    if selection.over_everyone.clear:
        return f"That is better than all judges {figures}: by {_share(selection.over_everyone)}."
    if selection.over_everyone.high < 0:
        lost = Mean(
            value=-selection.over_everyone.value,
            low=-selection.over_everyone.high,
            high=-selection.over_everyone.low,
        )
        return f"All judges do better {figures}: by {_share(lost)}. That is what their number buys."
    return f"All judges {figures} do no better, as far as these ratings can tell."


def _beside_best(selection: Selection, scale: float) -> str:
    point = selection.point(BEST)
    figures = f"(error {scale * point.error:.3g}, rank correlation {point.agreement:.3f}{_cost(point.cost)})"
    if selection.over_best.clear:
        return f"It beats the best single judge {figures} by {_share(selection.over_best)}."
    return (
        f"Whether it beats the best single judge {figures} these ratings cannot tell: "
        f"the difference is {_share(selection.over_best)}."
    )


def _unsure(selection: Selection) -> list[str]:
    shaky = [j for j in selection.panel if selection.chosen_in[j] < STEADY]
    if not shaky:
        return []
    shares = ", ".join(f"{j} in {selection.chosen_in[j]:.0%}" for j in shaky)
    return [f"Chosen in fewer than {STEADY:.0%} of the folds: {shares}. More ratings would tell."]


def _share(mean: Mean) -> str:
    """A difference of squared errors in words."""
    return (
        f"{100 * mean.value:.1f} % of the ratings' variance (95 % interval {100 * mean.low:.1f} to "
        f"{100 * mean.high:.1f})"
    )


def _cost(cost: float | None) -> str:
    return "" if cost is None else f", {dollars(cost)} for 1,000 items"


def dollars(micro_usd: float) -> str:
    """What a thousand items cost at so many millionths of a dollar each."""
    return f"${micro_usd / 1000:.2f}"
