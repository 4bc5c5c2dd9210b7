"""How the comment student reads a text: tokens that see through simple disguises, and their n-grams."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

WORD_PREFIX = "w"
PAIR_PREFIX = "p"
PIECE_PREFIX = "c"
"""First character of a term tells its sort, so that one vocabulary holds all."""

SHORTEST_PIECE, LONGEST_PIECE = 2, 5
LONGEST_TOKEN = 40
"""Code points of a token that are looked at."""
_TOKEN = re.compile(r"[^\W_]+(?:['’@$*!]+[^\W_]+)*|\$+[^\W\d_]+|[^\w\s]|_+")
_SPACED = re.compile(r"(?<!\w)[^\W\d_](?:[ .\-*_][^\W\d_]){2,}(?!\w)")
_LONG_RUN = re.compile(r"(.)\1{2,}")
_DISGUISES = str.maketrans("@$013457!", "asoieasti")
_LETTER = re.compile(r"[^\W\d_]")
_DISGUISE = re.compile(r"[@$!]|\d")
_PLAIN = "abcdefghijklmnopqrstuvwxyz"


class Token(NamedTuple):
    """One token where it stands."""

    form: str
    """As the student knows it: lower case, without accents, letters for look-alikes, no long runs."""
    start: int
    """First code point in the text as received."""
    end: int
    """One past the last code point."""


def tokens(text: str) -> list[Token]:
    """Words, marks and letters that are spaced out into a word, in text order."""
    spaced = [m.span() for m in _SPACED.finditer(text)]
    found = []
    for match in _TOKEN.finditer(text):
        if not any(a <= match.start() < b for a, b in spaced):
            found.append(Token(form=form_of(match.group()), start=match.start(), end=match.end()))
    joined = ("".join(_LETTER.findall(text[a:b])) for a, b in spaced)
    found.extend(Token(form=form_of(j), start=a, end=b) for j, (a, b) in zip(joined, spaced, strict=True))
    return sorted(found, key=lambda t: t.start)


@lru_cache(maxsize=8192)
def form_of(written: str) -> str:
    """A token's form; the same for `IDIOT`, `idi0t` and `idiooooot`."""
    plain = unicodedata.normalize("NFKD", written[:LONGEST_TOKEN]).lower().replace("’", "'")
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    if _LETTER.search(plain) and _DISGUISE.search(plain):
        plain = plain.translate(_DISGUISES)
    return _LONG_RUN.sub(r"\1\1", plain)


@lru_cache(maxsize=8192)
def pieces(form: str) -> tuple[str, ...]:
    """Character n-grams of a token with a blank at both ends, without those that are blank or whole words."""
    padded = f" {form} "
    found: list[str] = []
    for size in range(SHORTEST_PIECE, LONGEST_PIECE + 1):
        found.extend(PIECE_PREFIX + padded[i : i + size] for i in range(max(1, len(padded) - size + 1)))
    return tuple(found)


def terms(read: Sequence[Token]) -> Iterator[tuple[str, int, int]]:
    """(term, first token, last token) of every occurrence: words, pairs of neighbours, pieces of words."""
    for i, token in enumerate(read):
        yield WORD_PREFIX + token.form, i, i
        if i:
            yield pair(read[i - 1], token), i - 1, i
        for piece in pieces(token.form):
            yield piece, i, i


def pair(first: Token, second: Token) -> str:
    """The term of two neighbours."""
    return f"{PAIR_PREFIX}{first.form} {second.form}"


def is_word(form: str) -> bool:
    """Whether a token's form has a Latin letter."""
    return any(c in _PLAIN for c in form)
