"""What a text looks like: letters, figures, marks, markup."""

import re
from collections.abc import Callable
from typing import Final

from moa_scorer.measures.reading import Reading
from moa_scorer.measures.words import ratio, word_set

_FIRST_PERSON: Final = word_set("i me my mine myself we us our ours i'm i've i'll i'd we're we've im ive")
_SECOND_PERSON: Final = word_set("you your yours yourself yourselves you're you've you'll u ur youre")
_REFERRING: Final = word_set(
    "he she it they his her their its this that these those the but and so then however"
)
_LINK: Final = re.compile(
    r"https?://\S{0,200}|www\.\S{1,200}|(?<=\w)\.(?:com|net|org|info|biz|ru|xyz|top|io)\b", re.I
)
_MARKUP: Final = re.compile(
    r"<[a-zA-Z/][^<>\n]{0,80}>|\[[^\]\n]{1,80}\]\([^)\n]{1,200}\)|^#{1,6} |\*\*|__|```|&[a-z]{2,8};", re.M
)
_ODD: Final = re.compile(r"[!?]{2,}|\.{4,}|,{2,}|[-=_*~#$%^&+|]{4,}")
_SHOUTED: Final = re.compile(r"\b[A-Z]{4,}\b")
_QUOTED: Final = re.compile(r"[\"“”«»]|``|''")
_TERMINAL: Final = frozenset(".!?…\"'”’)。！？")


def _count(reading: Reading, belongs: Callable[[str], bool]) -> int:
    """Code points of a class."""
    return sum(count for point, count in reading.counts.items() if belongs(point))


def upper_case(reading: Reading) -> float:
    """Share of upper-case among the letters, in [0, 1]."""
    return ratio(_count(reading, str.isupper), _count(reading, str.isalpha))


def shouted_words(reading: Reading) -> float:
    """Words of four and more capitals per word, in [0, 1]."""
    return min(1.0, ratio(len(_SHOUTED.findall(reading.part)), len(reading.words)))


def digits(reading: Reading) -> float:
    """Share of digits among the code points, in [0, 1]."""
    return ratio(_count(reading, str.isdigit), len(reading.part))


def punctuation(reading: Reading) -> float:
    """Share of code points that are neither letters, digits nor blanks, in [0, 1]."""
    plain = _count(reading, str.isalnum) + _count(reading, str.isspace)
    return ratio(len(reading.part) - plain, len(reading.part))


def odd_punctuation(reading: Reading) -> float:
    """Piled-up marks (!!, ????, ====) per word, at most 1."""
    return min(1.0, ratio(len(_ODD.findall(reading.part)), len(reading.words)))


def questions(reading: Reading) -> float:
    """Question marks per sentence, at most 1."""
    return min(1.0, ratio(reading.part.count("?"), len(reading.sentences)))


def exclamations(reading: Reading) -> float:
    """Exclamation marks per sentence, at most 1."""
    return min(1.0, ratio(reading.part.count("!"), len(reading.sentences)))


def quotation_marks(reading: Reading) -> float:
    """Double quotation marks per sentence, at most 4."""
    return min(4.0, ratio(len(_QUOTED.findall(reading.part)), len(reading.sentences)))


def commas(reading: Reading) -> float:
    """Commas per word, at most 1."""
    return min(1.0, ratio(reading.part.count(","), len(reading.words)))


def markup(reading: Reading) -> float:
    """Tags, links in brackets, headings, emphasis and entities per word, at most 1."""
    return min(1.0, ratio(len(_MARKUP.findall(reading.part)), len(reading.words)))


def links(reading: Reading) -> float:
    """Addresses of the web per word, at most 1."""
    return min(1.0, ratio(len(_LINK.findall(reading.part)), len(reading.words)))


def unfinished(reading: Reading) -> float:
    """1 when the text ends without a terminal mark, else 0."""
    ending = reading.whole.rstrip()[-1:]
    return 0.0 if ending in _TERMINAL else 1.0


def dangling_start(reading: Reading) -> float:
    """1 when the text begins with a word that refers to something said before (he, but, the …), else 0."""
    return 1.0 if reading.words[:1] and reading.words[0] in _REFERRING else 0.0


def first_person(reading: Reading) -> float:
    """Share of English first-person words, in [0, 1]."""
    return ratio(sum(1 for word in reading.words if word in _FIRST_PERSON), len(reading.words))


def second_person(reading: Reading) -> float:
    """Share of English second-person words, in [0, 1]."""
    return ratio(sum(1 for word in reading.words if word in _SECOND_PERSON), len(reading.words))
