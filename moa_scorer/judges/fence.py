"""Untrusted text before it enters a prompt: what hides is shown, what looks like our own marks is defused."""

import re
from functools import lru_cache
from typing import Final

_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]+"
)
_JOINERS: Final = "\u200c\u200d"
_LINE_ENDS: Final = re.compile("\r\n?|[\x85\u2028\u2029]")
_MARKERS: Final = re.compile(
    r"<\|[^<>|\n]{1,40}\|>|<[\uff5c|][^<>\n]{1,40}[\uff5c|]>|\[/?INST\]|<</?SYS>>|</?s>"
    r"|</?(?:start|end)_of_turn>|</?(?:think|thinking|reasoning|system|assistant|user|tool_call|bos|eos)>",
    re.I,
)
_ROLES: Final = re.compile(
    r"^([ \t>*#]{0,8})(system|assistant|human|user|instructions?|developer)([ \t]{0,4}:)", re.I | re.M
)
_FENCES: Final = re.compile(r"<{3,}|>{3,}")
_ANGLES: Final = str.maketrans("<>", "‹›")


# The judges of one request show the same content.
@lru_cache(maxsize=32)
def neutralised(text: str, nonce: str = "") -> str:
    """The text with hidden characters named, chat markers and fence marks defused, the nonce struck out.

    Linear in the text; what stays visible keeps its letters, so that a model can quote it.
    """
    text = _HIDDEN.sub(_shown, _LINE_ENDS.sub("\n", text.replace("\u00ad", "")))
    if nonce:
        text = text.replace(nonce, "⟦token⟧")
    if "<" in text or "[" in text:
        text = _MARKERS.sub(lambda match: f"⟦{match[0].strip('<>[]|')}⟧", text)
    if ":" in text:
        text = _ROLES.sub(r"\1⟦\2⟧\3", text)
    return _FENCES.sub(lambda match: match[0].translate(_ANGLES), text)


def fenced(label: str, text: str, nonce: str) -> str:
    """The neutralised text between two lines that nobody can write who does not know the nonce."""
    return f"<<<{label} {nonce}>>>\n{neutralised(text, nonce)}\n<<<END {label} {nonce}>>>"


def without_fenced(reply: str, nonce: str, *, unclosed: bool = True) -> str:
    """A reply with blanks for what it repeats of the fenced text: that is never the judge's own word.

    Every other code point keeps its place. After a fence that is not closed nothing is left, if `unclosed`.
    """
    if not nonce:
        return reply
    fence = re.compile(rf"<<<(END )?[A-Z][A-Z0-9 ]{{0,20}} {re.escape(nonce)}>>>")
    kept: list[str] = []
    place, opened = 0, -1
    for match in fence.finditer(reply):
        if match[1] is None and opened < 0:
            opened = match.start()
        if match[1] is not None:
            start = opened if opened >= 0 else match.start()
            kept += [reply[place:start], " " * (match.end() - start)]
            place, opened = match.end(), -1
    if opened >= 0 and unclosed:
        return "".join(kept) + reply[place:opened] + " " * (len(reply) - opened)
    return "".join(kept) + reply[place:]


def _shown(match: re.Match[str]) -> str:
    """A name for hidden characters. A joiner inside letters or signs beyond ASCII is spelling and stays."""
    run, text = match[0], match.string
    if len(run) > 1:
        return f"⟦{len(run)} hidden characters⟧"
    before, after = text[: match.start()][-1:], text[match.end() : match.end() + 1]
    spelling = run in _JOINERS and before and after and not before.isascii() and not after.isascii()
    return run if spelling else f"⟦U+{ord(run):04X}⟧"
