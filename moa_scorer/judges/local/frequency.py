"""How common English words are, from the frequency list that symspellpy carries."""

import math
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from moa_scorer.judges.local.detector import ModelMissing

_LIST: Final = "frequency_dictionary_en_82_765.txt"
IDENTITY: Final = "symspellpy 6.10.1 frequency_dictionary_en_82_765"
"""What the numbers rest on, for the ruler."""


@cache
def frequencies() -> Mapping[str, float]:
    """Lower-case word -> log10 of its occurrences in a billion words (about 1.4 to 7.6); read once.

    Raises ModelMissing when symspellpy is not installed.
    """
    try:
        lines = files("symspellpy").joinpath(_LIST).read_text(encoding="utf-8-sig").splitlines()
    except (ModuleNotFoundError, FileNotFoundError) as missing:
        raise ModelMissing("symspellpy 6.10.1 is not installed: install the `embedded` extra") from missing
    counts = {word: int(count) for word, _, count in (line.partition(" ") for line in lines) if count.strip()}
    total = sum(counts.values())
    return {word: 9 + math.log10(count / total) for word, count in counts.items()}
