"""Figures and names as a reader meets them."""

import math

from moa_scorer.learning.protocol.findings import AVERAGE, Estimate

UNKNOWN = "–"


def figure(value: float | None, digits: int = 2) -> str:
    """`0.57`; a dash where it is not known."""
    return UNKNOWN if value is None or not math.isfinite(value) else _minus(f"{value:.{digits}f}")


def signed(value: float | None, digits: int = 3) -> str:
    """`+0.012`."""
    return UNKNOWN if value is None or not math.isfinite(value) else _minus(f"{value:+.{digits}f}")


def percent(share: float | None, digits: int = 0) -> str:
    """`93 %`."""
    if share is None or not math.isfinite(share):
        return UNKNOWN
    return _minus(f"{100 * share:.{digits}f}") + "\N{NO-BREAK SPACE}%"


def interval(estimate: Estimate | None, digits: int = 2) -> str:
    """`0.55 to 0.59`; empty where it is not known."""
    if estimate is None or not math.isfinite(estimate.low):
        return ""
    return f"{figure(estimate.low, digits)} to {figure(estimate.high, digits)}"


def scaled(estimate: Estimate | None, factor: float) -> Estimate | None:
    """The estimate in another unit."""
    if estimate is None:
        return None
    return Estimate(
        value=estimate.value * factor,
        low=estimate.low * factor,
        high=estimate.high * factor,
        fifth=estimate.fifth * factor,
        sd=estimate.sd * abs(factor),
    )


NAMES = {"rmse": "RMSE", "mae": "MAE", "qwk": "QWK", "auc": "AUC", "ece": "ECE", "kappa": "κ"}


def metric_name(metric: str) -> str:
    """A metric as a heading."""
    return NAMES.get(metric, metric[:1].upper() + metric[1:])


def heading(head: str) -> str:
    """A criterion's name, or what stands for all of them."""
    return "mean over criteria" if head == AVERAGE else head


def listed(names: list[str], most: int = 6) -> str:
    """`a, b and c`; of a long list the first, and how many more there are."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1] if names else "") if part)


def plural(count: int, word: str) -> str:
    """`1 judge`, `6 judges`, `1,600 items`."""
    if word.endswith("y") and count != 1:
        return f"{count:,} {word[:-1]}ies"
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _minus(text: str) -> str:
    return text.removeprefix("-").replace("-", "−") if not text.strip("-0.") else text.replace("-", "−")
