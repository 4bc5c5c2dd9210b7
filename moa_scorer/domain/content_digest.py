"""What makes two contents the same text, for finding and erasing what was kept of it."""

import unicodedata

from moa_scorer.domain.content import Content
from moa_scorer.domain.ruler import digest


def content_digest(content: Content) -> str:
    """`sha256:` and 64 hex digits of the JSON array [text, title, context], each of them normalised.

    Normalised: Unicode NFC, line ends `\\n`, no white space before or after. Id, language, kind and producer
    are what a caller says about a text, not the text.
    """
    return digest([_normalised(part) for part in (content.text, content.title, content.context)])


def _normalised(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
