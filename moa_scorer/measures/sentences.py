"""Where sentences begin and end, by rules, in linear time on any input."""

import re
from typing import Final

from moa_scorer.measures.words import word_set

Span = tuple[int, int]

_CLOSERS: Final = "\"'”’»)\\]」』"
# A run of terminators, or a line break with the blanks after it, is consumed whole: nothing is scanned twice.
_CANDIDATE: Final = re.compile(rf"[.!?…。！？]+[{_CLOSERS}]*(?:\s''(?!\S))?|[\n\r\u2028\u2029]\s*")
_NON_BLANK: Final = re.compile(r"\S")
_WORD_BEFORE: Final = 24
_BULLETS: Final = "-*•–—‣#>"
_ABBREVIATIONS: Final = word_set(
    """
    mr mrs ms dr prof sr jr st rev hon gen col capt cmdr lt sgt gov sen rep pres supt vs etc eg ie cf al fig
    figs no nos vol vols pp ed eds dept univ assn bros inc ltd co corp approx appt apt ave blvd rd mt ft est
    min max jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun
    a.m p.m e.g i.e u.s u.k u.n ph.d
    """
)
# These can end a sentence as well: they only bind to what follows in lower case or to a number.
_WEAK: Final = word_set("etc al co inc ltd corp a.m p.m no sun sat fri mon jr sr ph.d st mar")


def sentences(text: str) -> tuple[Span, ...]:
    """Disjoint `(start, end)` spans of code points in order, trimmed, covering all that is not blank.

    Ordinary and tokenised text (` . ` stands alone) are both split; abbreviations, initials, decimal points,
    enumerations and quoted questions are not boundaries; a line break is one unless the next line goes on in
    lower case. A stretch without a letter or digit belongs to the sentence before it.
    """
    spans: list[Span] = []
    start = 0
    for match in _CANDIDATE.finditer(text):
        if _is_boundary(text, start, match.start(), match.end()):
            _add(spans, text, start, match.end())
            start = match.end()
    _add(spans, text, start, len(text))
    return tuple(spans)


def _add(spans: list[Span], text: str, start: int, end: int) -> None:
    """Appends the trimmed stretch; one that says nothing is joined to the span before it."""
    piece = text[start:end]
    body = piece.strip()
    if not body:
        return
    first = start + len(piece) - len(piece.lstrip())
    after = first + len(body)
    if spans and not any(map(str.isalnum, body)):
        spans[-1] = (spans[-1][0], after)
    else:
        spans.append((first, after))


def _is_boundary(text: str, sentence: int, start: int, end: int) -> bool:
    """Whether the candidate `text[start:end]` ends the sentence that began at `sentence`."""
    mark = text[start]
    found = _NON_BLANK.search(text, end)
    if found is None:
        return True
    following = text[found.start()]
    if mark.isspace():
        return _breaks_line(text[start:end], following)
    if mark in "。！？":
        return True
    if found.start() == end:
        return False
    alone = start == sentence or text[start - 1].isspace()
    return alone or _ends_sentence(text, sentence, start, end, following)


def _breaks_line(blanks: str, following: str) -> bool:
    """A blank line always ends a sentence; a single break unless the next line goes on in lower case."""
    breaks = blanks.replace("\r\n", "\n")
    if sum(breaks.count(mark) for mark in "\n\r\u2028\u2029") > 1:
        return True
    return following in _BULLETS or not following.islower()


def _ends_sentence(text: str, sentence: int, start: int, end: int, following: str) -> bool:
    """Whether terminators attached to a word end its sentence, by the word and by what follows."""
    marks = text[start:end]
    lower = following.islower()
    if "!" in marks or "?" in marks:
        return not (lower and marks[-1] not in "!?.…")
    if lower and (len(marks) > 1 or marks == "…"):
        return False
    word = _word_before(text, sentence, start)
    if word.isdigit() and len(word) <= 2 and start - len(word) == sentence:
        return False
    if len(word) == 1 and word.isalpha() and word != "I":
        return False
    bare = word.lower()
    if bare in _WEAK:
        return not (lower or following.isdigit())
    return bare not in _ABBREVIATIONS


def _word_before(text: str, sentence: int, start: int) -> str:
    """The word that ends at `start`, without opening punctuation; at most 24 code points are looked at."""
    words = text[max(sentence, start - _WORD_BEFORE) : start].split()
    return words[-1].lstrip("\"'“‘«([") if words else ""
