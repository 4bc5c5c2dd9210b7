"""The scales of judges and raters: as declared, else as what is seen suggests."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from moa_scorer.calibration.table import Scale
from moa_scorer.learning.study.entries import Entry
from moa_scorer.learning.study.reading import Reading
from moa_scorer.learning.study.scale_guess import USUAL_SCALES, Ends, Guess, doubts, guess_scales, range_of


def judge_scales(
    entries: Iterable[Entry], reading: Reading, human: Sequence[Ends]
) -> tuple[dict[str, Scale], tuple[str, ...]]:
    """Judge -> its scale, for every judge with a score, and the doubts; `human` are the raters' scales."""
    scores: dict[str, list[float]] = defaultdict(list)
    said: dict[str, Scale] = {}
    for entry in entries:
        for (judge, _), answer in entry.answers.items():
            if answer.score is not None:
                scores[judge].append(answer.score)
            if answer.scale is not None:
                said[judge] = answer.scale
    declared = {j: s for j in scores if (s := reading.scale_of(j) or said.get(j)) is not None}
    guesses = guess_scales(
        {judge: np.array(own) for judge, own in scores.items()},
        {judge: (min(s.low, s.high), max(s.low, s.high)) for judge, s in declared.items()},
        human,
    )
    return {j: declared.get(j) or _guessed(guesses[j]) for j in scores}, tuple(doubts(guesses))


def rating_scales(entries: Iterable[Entry]) -> list[Ends]:
    """The scales that the file says its criteria were rated on, in rising order."""
    return sorted({scale for entry in entries for scale in entry.scales.values()})


def common(scales: Sequence[Ends]) -> Ends:
    """The one scale; 0 to 1 where criteria have scales of their own."""
    return scales[0] if len(scales) == 1 else (0.0, 1.0)


def seen_rating_scale(values: Iterable[float]) -> Ends:
    """The smallest usual scale that holds all ratings, else their range."""
    ratings = np.array(list(values) or [0.0])
    own = range_of(ratings)
    return next((e for e in USUAL_SCALES if e[0] <= ratings.min() and ratings.max() <= e[1]), own)


def outside(entries: Iterable[Entry], scales: Mapping[str, Scale]) -> dict[str, int]:
    """Judge -> how many of its scores are outside its scale, where any is."""
    counts: dict[str, int] = defaultdict(int)
    for entry in entries:
        for (judge, _), answer in entry.answers.items():
            if answer.score is not None and scales[judge].to_unit(answer.score) is None:
                counts[judge] += 1
    return dict(counts)


def _guessed(guess: Guess) -> Scale:
    low, high = guess.ends
    return Scale(low=low, high=high, declared=False)
