"""Words of models, fit for a message."""


def sound(text: str) -> str:
    """The text with lone surrogates, which JSON can smuggle in and UTF-8 cannot carry, replaced by `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
