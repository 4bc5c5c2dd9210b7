"""Words of a text, and lists of words."""

import re
from typing import Final

WORD: Final = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
"""A word: letters and digits, with apostrophes and hyphens inside."""


def word_set(words: str) -> frozenset[str]:
    """The blank-separated words of a list."""
    return frozenset(words.split())


FUNCTION_WORDS: Final = word_set(
    """
    a an the and or but nor so yet if then than because while although though since until unless as of in on
    at by for with about against between into through during before after above below to from up down out
    off over under again once here there when where why how all any both each few more most other some such
    no not only own same too very s t can will just don should now i me my myself we our ours ourselves you
    your yours yourself he him his himself she her hers herself it its itself they them their theirs
    themselves what which who whom this that these those am is are was were be been being have has had
    having do does did doing would could may might must shall also i'm it's don't that's he's she's you're
    they're i've we're can't didn't doesn't isn't wasn't won't
    """
)
"""English words that carry grammar more than meaning."""


def ratio(part: float, whole: float) -> float:
    """part / whole, and 0 of nothing."""
    return part / whole if whole else 0.0
