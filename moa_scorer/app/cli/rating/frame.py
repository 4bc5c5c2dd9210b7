"""What a rater sees: the text, the question, the keys. A state and a size in, the lines of a screen out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO
from statistics import median
from typing import Final

from rich.console import Console
from rich.text import Text

from moa_scorer.app.cli.marks import visible
from moa_scorer.app.cli.rating.questions import Question
from moa_scorer.app.cli.rating.session import Session, Shown

LEAST_TEXT: Final = 4
"""Lines that the text keeps, whatever the question has to say."""
HELP: Final = """\
Rate what you read, by itself, as the question says. No other score is shown.

  digits           answer the question that is shown; t is ten
  b or ←           the question before, with your answer
  → or Enter       leave an answer as it is
  u                undo the last answer or skip, also of the item before
  s                skip the item: it comes again in a later session
  space, ↓, PgDn   the next page of a long text;  ↑, PgUp: the page before
  c                what the text answers or condenses, and back
  q                save and quit; every finished item is saved already

Any key goes back to the text."""

Line = tuple[str, str]
"""(words, style as rich names it)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One screen."""

    lines: tuple[Line, ...]
    """At most as many as the screen has, none wider than it."""
    pages: int
    """Of what is shown, >= 1."""

    def text(self) -> str:
        """The words without their styles."""
        return "\n".join(words for words, _ in self.lines)


def draw(session: Session, width: int, height: int) -> Frame:
    """The screen of a state; what does not fit is paged, or at the last cut."""
    head = [(_clip(_progress(session), width), "reverse")]
    if session.item is None:
        return Frame(lines=_fit(head, _end(session, width), (), height), pages=1)
    asked = _question(session, width, max(height - LEAST_TEXT - 4, 3))
    title, words = _words(session)
    room = max(height - len(head) - len(asked) - 3, 1)
    pages = _pages(words, width, room)
    page = min(session.page, len(pages) - 1)
    head.append((_clip(title, width), "bold"))
    body = [(line, "") for line in pages[page]] + [("", "")] * (room - len(pages[page]))
    foot = [(_rule(page, len(pages), width), "dim"), *asked, (_clip(_keys(session), width), "dim")]
    return Frame(lines=_fit(head, body, foot, height), pages=len(pages))


def _fit(head: Sequence[Line], body: Sequence[Line], foot: Sequence[Line], height: int) -> tuple[Line, ...]:
    """Everything that the screen has lines for: the text gives way first."""
    room = max(height - len(head) - len(foot), 0)
    return (*head, *body[:room], *foot)[:height]


def _progress(session: Session) -> str:
    done = len(session.earlier) + len(session.finished)
    total = len(session.earlier) + len(session.items)
    place = f"item {min(len(session.earlier) + session.at + 1, total)} of {total}"
    parts = [place, f"{done} rated"]
    if session.seconds and session.item is not None:
        usual = median(session.seconds)
        parts += [f"median {usual:.0f} s an item", f"about {_duration(usual * _left(session))} left"]
    return " " + " · ".join(parts)


def _left(session: Session) -> int:
    return len(session.items) - session.at


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return "a minute"
    return f"{minutes} min" if minutes < 90 else f"{seconds / 3600:.1f} h"


def _words(session: Session) -> tuple[str, str]:
    """(heading, words) of what is shown."""
    item = session.item
    if item is None or session.shown is Shown.HELP:
        return "help", HELP
    if session.shown is Shown.CONTEXT:
        return f"what the {item.kind or 'text'} answers or condenses (c: back)", item.context
    kind = item.kind or "text"
    more = f"   (c: what it answers or condenses, {len(item.context):,} characters)" if item.context else ""
    return (f"{kind}: {item.title}" if item.title else kind) + more, item.text


def _pages(words: str, width: int, room: int) -> list[tuple[str, ...]]:
    lines = _wrapped(words, width)
    return [lines[k : k + room] for k in range(0, len(lines), room)] or [()]


@lru_cache(maxsize=16)
def _wrapped(words: str, width: int) -> tuple[str, ...]:
    """Lines that fit, with wide characters counted as two and nothing that a terminal would obey."""
    safe = visible(words.replace("\r\n", "\n").replace("\r", "\n")).expandtabs(4).strip("\n")
    console = Console(file=StringIO(), width=max(width, 2))
    return tuple(line.plain.rstrip() for line in Text(safe).wrap(console, max(width, 2), overflow="fold"))


def _clip(words: str, width: int) -> str:
    text = Text(" ".join(visible(words).split(" ")).replace("\n", " ").replace("\t", " "))
    text.truncate(max(width, 1), overflow="ellipsis", pad=False)
    return text.plain


def _rule(page: int, pages: int, width: int) -> str:
    words = f"── page {page + 1} of {pages}, space: on " if pages > 1 else ""
    return (words + "─" * width)[:width]


def _question(session: Session, width: int, most: int) -> list[Line]:
    """The question with as many lines of its anchors as fit, its keys, and the answers so far."""
    question, number = session.question, session.asking + 1
    heading = f"{number}/{len(session.questions)} {question.criterion}: {question.description}"
    asked = [(line, "bold") for line in _wrapped(heading, width)]
    keys = [(_clip(f"  {_scale(question)}", width), "cyan")]
    if len(session.questions) > 1:
        keys.append((_clip(f"  {_answers(session)}", width), "dim"))
    anchors = [
        (line, "") for c in question.choices if c.words for line in _wrapped(f"  {c.key}  {c.words}", width)
    ]
    return [*asked, *anchors[: max(most - len(asked) - len(keys), 0)], *keys][:most]


def _scale(question: Question) -> str:
    first, last = question.choices[0], question.choices[-1]
    keys = " ".join(c.key for c in question.choices)
    return f"keys {keys}   {first.key} = lowest, {last.key} = highest"


def _answers(session: Session) -> str:
    return "  ".join(_given(session, k) for k in range(len(session.questions)))


def _given(session: Session, k: int) -> str:
    question, mark = session.questions[k], "›" if k == session.asking else ""
    given = question.key_of(session.answers[k]) if k in session.answers else "·"
    return f"{mark}{question.criterion} {given}"


def _keys(session: Session) -> str:
    context = "c context · " if session.item and session.item.context else ""
    return f"b back · u undo · s skip · space page · {context}? help · q save and quit"


def _end(session: Session, width: int) -> list[Line]:
    skipped = len(session.items) - len(session.finished)
    words = (
        "Everything is rated." if not skipped else f"{skipped} skipped: they come again in a later session."
    )
    lines: Iterable[str] = (*_wrapped(words, width), "", "u takes back the last answer, q ends.")
    return [(_clip(line, width), "") for line in lines]
