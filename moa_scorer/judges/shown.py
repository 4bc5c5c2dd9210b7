"""What a model is shown of a content: windows of a long text, neutralised, fenced."""

from dataclasses import dataclass, field, replace
from typing import Final

from moa_scorer.domain.content import Content
from moa_scorer.judges.fence import fenced, neutralised
from moa_scorer.measures.windows import read_fraction, windows

_CUT: Final = "\n⟦a part is left out⟧\n"
_LONGEST_TITLE: Final = 300
_LONGEST_KIND: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The blocks of a prompt; those that are not there are empty."""

    kind: str
    """What to call it, such as `summary`; `text` when nobody said."""
    title: str = field(repr=False)
    context: str = field(repr=False)
    text: str = field(repr=False)
    received: tuple[str, ...] = field(repr=False)
    """Text, context and title as received, as far as they are shown: what replies are compared with."""
    read_fraction: float
    """Share of the text's code points shown, in (0, 1]."""

    def values(self) -> dict[str, object]:
        """As templates take them."""
        return {"kind": self.kind, "title": self.title, "context": self.context, "text": self.text}


def without_content(view: Shown) -> Shown:
    """The same for a judge that is shown ballots only."""
    return replace(view, title="", context="", text="", received=())


def shown(content: Content, nonce: str, *, text_limit: int, context_limit: int) -> Shown:
    """The blocks for a content whose text is not blank; limits in code points, at least 2."""
    text, context = _windowed(content.text, text_limit), _windowed(content.context, context_limit)
    title = content.title[:_LONGEST_TITLE]
    return Shown(
        kind=_kind(content.kind, nonce),
        title=fenced("TITLE", title, nonce) if title else "",
        context=fenced("CONTEXT", context, nonce) if context else "",
        text=fenced("CONTENT", text, nonce),
        received=(text, context, title),
        read_fraction=read_fraction(content.text, windows(content.text, text_limit)),
    )


def _kind(kind: str, nonce: str) -> str:
    return " ".join(neutralised(kind[:_LONGEST_KIND], nonce).split()) or "text"


def _windowed(text: str, limit: int) -> str:
    return _CUT.join(text[start:end] for start, end in windows(text, limit))
