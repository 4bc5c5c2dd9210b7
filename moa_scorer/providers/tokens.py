"""How many tokens a prompt comes to, without the vendor's tokenizer: a likely number and a ceiling.

Exact counts need a tokenizer per vendor, some of which are not public; limits and money need only a number
at hand that is right in the mean, and one that is not passed.
"""

from string import ascii_letters
from typing import Final

from moa_scorer.providers.model import ModelRequest
from moa_scorer.providers.schemas import as_text

_LETTERS: Final = ascii_letters.encode() + b" "
_FRAME: Final = 32
"""Tokens of roles and separators around a prompt."""


def likely_tokens(request: ModelRequest) -> int:
    """About how many tokens a request takes, input and a full reply of every sample."""
    return len(request.system + request.user) // 4 + _FRAME + request.max_tokens * request.samples


def most_input_tokens(request: ModelRequest) -> int:
    """A number of input tokens that a prompt practically never passes."""
    texts = [request.system, request.user]
    if request.schema is not None:
        texts.append(as_text(request.schema))
    return _FRAME + sum(map(_most_of, texts))


def _most_of(text: str) -> int:
    """Tokenizers cut at most into bytes; even rare words come to two letters a token or more."""
    data = text.encode()
    others = len(data.translate(None, _LETTERS))
    return others + (len(data) - others + 1) // 2
