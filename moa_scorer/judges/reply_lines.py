"""Scores in a reply without JSON: lines such as `Fluency: 4/5`, and rows of tables."""

import re
from collections.abc import Sequence
from typing import Final

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.judges.numbers import read_value
from moa_scorer.judges.reply_parts import plain

_MOST_LINES: Final = 400
_LINE: Final = re.compile(
    r"[\s>*#|•\d.)\"'_`-]{0,12}(?P<name>[\w -]{1,60}?)[\s*_\"'`]{0,6}"
    r"[|:=–—-][\s*_`\"']{0,6}(?P<value>.{1,120}?)(?:\|.*)?[\s*_`|,]{0,8}"
)


def scores_in_lines(
    text: str, criteria: Sequence[str], *, truncated: bool
) -> dict[str, float | AbstentionReason]:
    """Criterion -> what its line says; a criterion with two different lines is UNPARSEABLE.

    The last line of a truncated text does not count: its number may have lost digits.
    """
    known = {plain(name): name for name in criteria}
    lines = text.splitlines()[: -1 if truncated else None][:_MOST_LINES]
    found: dict[str, float | AbstentionReason] = {}
    for line in lines:
        match = _LINE.fullmatch(line[:300])
        name = known.get(plain(match["name"]).removesuffix("score")) if match else None
        if match and name:
            value = read_value(match["value"].strip())
            same = found.get(name, value) == value
            found[name] = value if same else AbstentionReason.UNPARSEABLE
    return found
