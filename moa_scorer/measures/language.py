"""Which language a text is in."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from py3langid.langid import MODEL_FILE, LanguageIdentifier

_READ: Final = 1000
_SHORTEST: Final = 12
_LIKELY: Final = 0.5
_CLEAR: Final = 0.8
_CLEAR_LETTERS: Final = 24
_LAST_LATIN: Final = "\u024f"
# "No linguistic content", and pidgin, which is how informal English is often taken.
_READ_AS: Final = {"zxx": "", "pcm": "en"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """What the identifier makes of a text."""

    language: str
    """ISO 639-1 code where there is one, else 639-3; empty when undetermined or too short."""
    confidence: float
    """Probability of the language, in [0, 1]; 0 when undetermined."""
    letters: int
    """Letters looked at, at most 1,000."""


UNDETERMINED: Final = Detected(language="", confidence=0.0, letters=0)


@cache
def _identifier() -> LanguageIdentifier:
    """The model, read at first use (half a second); only read afterwards, so threads may share it."""
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def detect(text: str) -> Detected:
    """The language of the first 1,000 code points; texts with fewer than 12 letters are undetermined."""
    return _detect(text[:_READ])


# Several judges ask about the same text within milliseconds.
@lru_cache(maxsize=64)
def _detect(sample: str) -> Detected:
    letters = sum(map(str.isalpha, sample))
    if letters < _SHORTEST and sample.isascii():
        return UNDETERMINED
    found, confidence = _identifier().classify(sample)
    language = _READ_AS.get(found, found)
    if not language or confidence < _LIKELY:
        return Detected(language="", confidence=0.0, letters=letters)
    return Detected(language=str(language), confidence=float(confidence), letters=letters)


def clearly_foreign(text: str) -> str:
    """The code of the text's language when it is clearly not English, else an empty string.

    `und` when most letters are not Latin and the language is not known.
    """
    found = detect(text)
    if not text.isascii() and _foreign_script(text[:_READ]):
        return found.language or "und"
    if found.language in ("", "en") or found.confidence < _CLEAR:
        return ""
    return found.language if found.letters >= _CLEAR_LETTERS else ""


def _foreign_script(sample: str) -> bool:
    foreign = sum(1 for letter in sample if letter > _LAST_LATIN and letter.isalpha())
    return foreign > 0 and 2 * foreign > sum(map(str.isalpha, sample))


def warm() -> None:
    """Reads the model now instead of at the first text."""
    _identifier()
