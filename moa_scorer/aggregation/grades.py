"""Numbers that a model's prose gives as grades, in the forms that grades commonly take."""

import re
from collections.abc import Iterator
from typing import Final

_SPELLED: Final = {
    word: str(value)
    for value, word in enumerate(("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 2)
}
_SPELLED_NUMBER: Final = re.compile(rf"\b(?:{'|'.join(_SPELLED)})\b", re.I)
_NUMBER: Final = r"(?<![\d.,])(\d{1,9}(?:[.,]\d{1,9})?)"
_OUT_OF: Final = re.compile(
    rf"(?<![\w.]){_NUMBER}\s*(?:(?:stars?|points?|punkten?|points)\s*)?(?:/|out of|of|von|sur|su|de|из)\s*"
    rf"{_NUMBER}(?![\w/])(?!\s+(?:judges|ballots|criteria))",
    re.I,
)
_FILLERS: Final = r"(?:\s+(?:it|of|is|as|at|a|an|the|text|to|only|just))*"
_GRADED: Final = re.compile(
    r"(?:\b(?:scores?|scored|grades?|graded|ratings?|rated|nota|note|bewertung|wertung|punktzahl)\b"
    rf"{_FILLERS}|评分为?|得分为?)[\s:=：]*{_NUMBER}\s*(%?)(?![\w/])",
    re.I,
)
_GIVEN: Final = re.compile(
    rf"\b(?:deserves?|earns?|merits?|gets?|receives?|worth|gives?|given|awards?|at)\b{_FILLERS}\s+{_NUMBER}"
    r"(?=\s*(?:[.,;:!?(\[]|$))",
    re.I,
)
_SHARE: Final = re.compile(
    rf"{_NUMBER}\s*(?:%|percent\b|per cent\b|prozent\b|pour cent\b|por ciento\b)", re.I
)
_STARS: Final = re.compile(
    rf"{_NUMBER}[\s-]*(?:stars?\b|sterne?\b|étoiles?\b|estrellas?\b|stelle\b|分|점)", re.I
)
_LETTER: Final = re.compile(r"\b(?:grade|mark|note)s?\b(?:\s+(?:of|is|an?))*[\s:=]+[A-F][+-]?(?![\w'’])")


def grades(sentence: str) -> Iterator[tuple[str, float | None]]:
    """Numbers given as grades, with a decimal point, each with what they are out of where that is said.

    Number words from two to ten count as numbers.
    """
    left = _SPELLED_NUMBER.sub(lambda found: _SPELLED[found[0].lower()], sentence)
    for value, most in _OUT_OF.findall(left):
        yield _point(value), float(_point(most))
    left = _OUT_OF.sub(" ", left)
    for value, percent in _GRADED.findall(left):
        yield _point(value), 100.0 if percent else None
    left = _GRADED.sub(" ", left)
    for form, most in ((_SHARE, 100.0), (_STARS, 5.0), (_GIVEN, None)):
        for value in form.findall(left):
            yield _point(value), most
        left = form.sub(" ", left)


def names_a_letter(sentence: str) -> bool:
    """Whether it grades by a letter, such as `grade: A+`: no rubric has such a scale."""
    return _LETTER.search(sentence) is not None


def _point(number: str) -> str:
    return number.replace(",", ".")
