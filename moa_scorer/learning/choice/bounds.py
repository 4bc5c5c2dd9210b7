"""How large an error rate may be, given how often it was seen: exact binomial tests, numpy-free."""

import math


def surely_at_most(errors: float, trials: float, rate: float, doubt: float) -> bool:
    """Whether so few errors rule out a rate above `rate`, at a chance of at most `doubt` to be wrong.

    The test that Clopper and Pearson (1934) invert. Errors round up and trials down, so that effective
    numbers of either stay on the safe side.
    """
    return binomial_tail(math.ceil(errors - 1e-9), math.floor(trials + 1e-9), rate) <= doubt


def binomial_tail(most: int, trials: int, rate: float) -> float:
    """P(Binomial(trials, rate) <= most); 1 without trials."""
    if most >= trials or rate <= 0:
        return 1.0
    if rate >= 1:
        return 0.0
    logs = (math.lgamma(trials + 1), math.log(rate), math.log1p(-rate))
    return math.fsum(
        math.exp(
            logs[0] - math.lgamma(k + 1) - math.lgamma(trials - k + 1) + k * logs[1] + (trials - k) * logs[2]
        )
        for k in range(most + 1)
    )


def upper_bound(errors: float, trials: float, doubt: float) -> float:
    """The largest rate that so few errors do not rule out (Clopper and Pearson); 1 without trials."""
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        if surely_at_most(errors, trials, middle, doubt):
            high = middle
        else:
            low = middle
    return high


def least_trials(rate: float, doubt: float) -> int:
    """How many trials without any error rule out a rate above `rate`."""
    return math.ceil(math.log(doubt) / math.log1p(-rate) - 1e-9)
