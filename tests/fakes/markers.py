"""Words that stand where content, prompts and secrets stand in tests, and nowhere that is emitted.

Each is made so that no part of the service could have made it up, and so that it survives JSON, YAML, URLs
and Python's repr unchanged.
"""

from collections.abc import Iterable
from typing import Final

TEXT: Final = "zqtextmarkzq"
TITLE: Final = "zqtitlemarkzq"
CONTEXT: Final = "zqcontextmarkzq"
PROMPT: Final = "zqpromptmarkzq"
"""In the description of a criterion, which only prompts repeat."""
REPLY: Final = "zqreplymarkzq"
"""In what a model says."""
VENDOR_KEY: Final = "zqvendorkeymarkzq"
CALLER_KEY: Final = "zqcallerkeymarkzq"
"""In credentials that callers send."""
PASSWORD: Final = "zqpasswordmarkzq"
"""In the addresses of databases."""

MARKERS: Final = (TEXT, TITLE, CONTEXT, PROMPT, REPLY, VENDOR_KEY, CALLER_KEY, PASSWORD)


def found_in(text: str, also: Iterable[str] = ()) -> list[str]:
    """The markers that a text holds, each with what stands before it."""
    return [
        f"{marker}: …{text[max(0, at - 160) : at + len(marker)]}"
        for marker in (*MARKERS, *also)
        if (at := text.find(marker)) >= 0
    ]
