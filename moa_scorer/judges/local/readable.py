"""What a detector needs of a content before it can say anything about it."""

from collections.abc import Sequence
from itertools import islice
from typing import Final

from moa_scorer.domain.ballot import Abstention, AbstentionReason
from moa_scorer.domain.content import Content
from moa_scorer.domain.ruler import digest
from moa_scorer.measures.language import clearly_foreign
from moa_scorer.measures.words import WORD

FEWEST_WORDS: Final = 3
"""Words below which style cannot be judged."""


def too_short(text: str, fewest: int = FEWEST_WORDS) -> Abstention | None:
    """An abstention when the text has fewer words with a letter than that, else None."""
    words = (match for match in WORD.finditer(text) if any(map(str.isalpha, match[0])))
    found = sum(1 for _ in islice(words, fewest))
    if found >= fewest:
        return None
    things = "word" if fewest == 1 else "words"
    return Abstention(
        reason=AbstentionReason.TOO_SHORT, detail=f"needs at least {fewest} {things}, the text has {found}"
    )


def not_english(content: Content) -> Abstention | None:
    """An abstention when the text is clearly not English and nobody declared that it is, else None."""
    found = "" if content.language == "en" else clearly_foreign(content.text)
    if not found:
        return None
    what = "in a script that is not Latin" if found == "und" else f"in the language {found}"
    return Abstention(
        reason=AbstentionReason.UNSUPPORTED_LANGUAGE, detail=f"understands en only, the text is {what}"
    )


def revision(name: str, version: int, identities: Sequence[str] = ()) -> str:
    """The digest of a judge: its code's version and what its data are; changes whenever its numbers may."""
    return digest([name, version, *identities])
