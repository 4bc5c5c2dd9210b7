"""Tokenizers as the local models use them."""

import re
from pathlib import Path
from typing import Any, Final

from moa_scorer.judges.local.detector import ModelMissing

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def open_tokenizer(path: Path, longest: int | None = None) -> Any:
    """A tokenizer without padding, cut at `longest` tokens; raises ModelMissing without the library.

    Control tokens written out in a text are read as the characters they are.
    """
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise ModelMissing("tokenizers is not installed: run `pip install 'moa-scorer[embedded]'`") from error
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    if longest is None:
        tokenizer.no_truncation()
    else:
        tokenizer.enable_truncation(longest)
    tokenizer.encode_special_tokens = True
    return tokenizer


def encodable(text: str) -> str:
    """The text with lone surrogates, which no tokenizer takes, replaced one for one."""
    return _SURROGATE.sub("\ufffd", text)
