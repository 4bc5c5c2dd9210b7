"""What a model wrote where a score belongs: a number of the scale, "does not apply", or nothing readable."""

import math
import re
import unicodedata
from typing import Final

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.judges.scale import HIGHEST, LOWEST, to_score

_LONGEST: Final = 120
_NOT_APPLICABLE: Final = frozenset(
    {"n/a", "na", "n.a.", "n. a.", "n.a", "none", "null", "nil", "-", "–", "—", "not applicable"}
    | {"does not apply", "not rated", "not scored", "unknown", "cannot judge", "cannot be judged"}
    | {"nicht anwendbar", "entfällt", "keine angabe", "k.a.", "k. a.", "sans objet", "no aplica"}
    | {"non applicabile", "não se aplica", "不适用", "該当なし", "не применимо"}
)
_WORDS: Final = {
    word: value
    for value, words in {
        1: "one eins un une uno una um uma één jeden один 一 壱",
        2: "two zwei deux dos due dois twee dwa два 二 两",
        3: "three drei trois tres tre três drie trzy три 三",
        4: "four vier quatre cuatro quattro quatro cztery четыре 四",
        5: "five fünf cinq cinco cinque vijf pięć пять 五",
        10: "ten zehn dix diez dieci dez tien dziesięć десять 十",
        100: "hundred hundert cent cien cento cem honderd sto сто 百",
    }.items()
    for word in words.split()
}
_SPELLED: Final = "|".join(sorted(_WORDS, key=len, reverse=True))
_NUMBER: Final = rf"(?:\d{{1,6}}(?:\.\d{{1,6}}|,\d{{1,2}})?|{_SPELLED})"
_WRITTEN: Final = re.compile(
    rf"(?:(?:score|rating|grade|note|punkte|value)\s{{0,3}}[:=]?\s{{0,3}})?\+?(?P<value>{_NUMBER})(?![a-zà-ÿа-я\d]|[.,]\d)\s{{0,3}}"
    rf"(?:(?:/|out of|of|von|sur|de|su|van|из)\s{{0,3}}(?P<whole>{_NUMBER})(?!\w)\s{{0,3}})?"
    r"(?P<percent>%|percent\b|per cent\b)?"
    r"\s{0,3}(?:points?|stars?|punkte|分|点|점)?\s{0,3}(?P<rest>[(\[:;,.!–—-].*)?",
    re.S,
)
_STARS: Final = re.compile(r"([★⭐]+)([☆✩]*)")
_MARKS: Final = "*_`'\" \t\r\n"


def read_value(written: object) -> float | AbstentionReason:
    """A score in [0, 1], or NOT_APPLICABLE, or UNPARSEABLE; never a number that is not written.

    Numbers stand on the scale of 1 to 5; "x/10", "x/100" and percentages are shares of their whole. A number
    outside its scale is UNPARSEABLE, not clipped; so are two numbers, ranges, and truth values. A comma
    before three digits may part thousands, and is no decimal one.
    """
    if written is None:
        return AbstentionReason.NOT_APPLICABLE
    if isinstance(written, bool):
        return AbstentionReason.UNPARSEABLE
    if isinstance(written, int | float):
        return _on_scale(written)
    return _read_text(written) if isinstance(written, str) else AbstentionReason.UNPARSEABLE


def _read_text(written: str) -> float | AbstentionReason:
    if len(written) > _LONGEST:
        return AbstentionReason.UNPARSEABLE
    text = unicodedata.normalize("NFKC", written).strip(_MARKS).casefold()
    if text in _NOT_APPLICABLE:
        return AbstentionReason.NOT_APPLICABLE
    if stars := _STARS.fullmatch(text):
        full = len(stars[1])
        return _on_scale(full) if full + len(stars[2]) in (full, HIGHEST) else AbstentionReason.UNPARSEABLE
    match = _WRITTEN.fullmatch(text)
    if match is None or _holds_number(match["rest"] or ""):
        return AbstentionReason.UNPARSEABLE
    return _share(_number(match["value"]), match["whole"], match["percent"])


def _share(value: float, whole: str | None, percent: str | None) -> float | AbstentionReason:
    if percent:
        return _in_unit(value / 100) if whole is None else AbstentionReason.UNPARSEABLE
    if whole is None or _number(whole) == HIGHEST:
        return _on_scale(value)
    return _in_unit(value / _number(whole)) if _number(whole) in (10, 100) else AbstentionReason.UNPARSEABLE


def _on_scale(value: float) -> float | AbstentionReason:
    if not LOWEST <= value <= HIGHEST or not math.isfinite(value):
        return AbstentionReason.UNPARSEABLE
    return to_score(float(value))


def _in_unit(value: float) -> float | AbstentionReason:
    return value if 0 <= value <= 1 else AbstentionReason.UNPARSEABLE


def _number(word: str) -> float:
    return float(_WORDS[word]) if word in _WORDS else float(word.replace(",", "."))


def _holds_number(rest: str) -> bool:
    return any(map(str.isdigit, rest)) or any(word in _WORDS for word in re.findall(r"\w+", rest)[:1])
