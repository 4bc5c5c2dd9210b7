"""Words of a text, and lists of words."""


def word_set(words: str) -> frozenset[str]:
    """The blank-separated words of a list."""
    return frozenset(words.split())
