"""A rater's way through the items: keys in, the next state out. Nothing here knows a terminal or a file."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from moa_scorer.app.cli.rating.questions import Question
from moa_scorer.learning.planning.candidates import Candidate


class Shown(StrEnum):
    """What fills the upper part of the screen."""

    TEXT = "text"
    CONTEXT = "context"
    HELP = "help"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """One item with an answer to every question."""

    item: Candidate
    answers: tuple[float, ...]
    """In the questions' order, on the rubric's own scale."""
    seconds: float
    """From when it was first shown to its last answer, > 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Where a rater stands. `finished` is what the file must hold of this session."""

    questions: tuple[Question, ...]
    items: tuple[Candidate, ...]
    """Still unrated when the session began, in the order of this rater."""
    earlier: tuple[float, ...] = ()
    """Seconds that each item of earlier sessions took."""
    at: int = 0
    """Position in `items`; their number at the end."""
    asking: int = 0
    """Position in `questions`."""
    answers: Mapping[int, float] = field(default_factory=lambda: MappingProxyType({}))
    """Question -> answer to it, of the item that is shown."""
    finished: tuple[Finished, ...] = ()
    shown: Shown = Shown.TEXT
    page: int = 0
    """Of what is shown, from 0."""
    opened: float = 0.0
    """When the item was first shown, on the caller's clock."""
    over: bool = False
    before: "Session | None" = field(default=None, repr=False, compare=False)
    """The state that undo goes back to; None at the beginning."""

    @property
    def item(self) -> Candidate | None:
        """The item that is shown; None at the end."""
        return self.items[self.at] if self.at < len(self.items) else None

    @property
    def question(self) -> Question:
        return self.questions[self.asking]

    @property
    def seconds(self) -> tuple[float, ...]:
        """What each item took, of all sessions."""
        return (*self.earlier, *(f.seconds for f in self.finished))


def in_blind_order(items: Iterable[Candidate], rater: str, seed: int) -> tuple[Candidate, ...]:
    """The items in an order that a rater cannot read anything from, the same whatever else is in the file."""
    return tuple(sorted(items, key=lambda c: sha256(f"{seed}|{rater}|{c.id}".encode()).digest()))


def press(session: Session, key: str, *, now: float, pages: int = 1) -> Session:
    """The state after a key, which is a character or a name such as `left`; others change nothing.

    `pages` is how many pages what is shown has on the rater's screen.
    """
    if session.shown is Shown.HELP and key != "q":
        return replace(session, shown=Shown.TEXT, page=0)
    if key in SCROLLS:
        return replace(session, page=min(max(session.page + SCROLLS[key], 0), pages - 1))
    if (act := COMMANDS.get(key)) is not None:
        return act(session, now)
    choice = session.question.choice(key) if session.item else None
    return session if choice is None else _answer(session, choice.value, now)


def _answer(session: Session, value: float, now: float) -> Session:
    """Notes an answer and goes on: to the next question without one, or to the next item."""
    answers = MappingProxyType({**session.answers, session.asking: value})
    after = replace(session, answers=answers, before=session)
    missing = [k for k in range(len(session.questions)) if k not in answers]
    if missing:
        return replace(after, asking=next((k for k in missing if k > session.asking), missing[0]))
    return _next_item(replace(after, finished=(*after.finished, _finished(after, now))), now)


def _finished(session: Session, now: float) -> Finished:
    return Finished(
        item=session.items[session.at],
        answers=tuple(session.answers[k] for k in range(len(session.questions))),
        seconds=max(now - session.opened, 0.0),
    )


def _next_item(session: Session, now: float) -> Session:
    return replace(
        session,
        at=session.at + 1,
        asking=0,
        answers=MappingProxyType({}),
        shown=Shown.TEXT,
        page=0,
        opened=now,
    )


def _skip(session: Session, now: float) -> Session:
    """Leaves the item unrated; a later session shows it again."""
    return _next_item(replace(session, before=session), now) if session.item else session


def _undo(session: Session, now: float) -> Session:
    """Takes back the last answer or skip; an item that it finished is open again."""
    if session.before is None:
        return session
    return replace(session.before, shown=Shown.TEXT, page=0, opened=_reopened(session, now))


def _reopened(session: Session, now: float) -> float:
    """When the item that undo shows counts as opened: what it had already taken goes on counting."""
    past = session.before
    if past is None or past.at == session.at:
        return session.opened
    undone = session.finished[-1:] if len(session.finished) > len(past.finished) else ()
    return now - sum(f.seconds for f in undone)


def _back(session: Session, now: float) -> Session:
    """Shows the question before, with its answer; from an item that has none yet, the item before."""
    if session.item is not None and session.asking > 0:
        return replace(session, asking=session.asking - 1)
    return session if session.answers or session.at == 0 else _item_before(session, now)


def _item_before(session: Session, now: float) -> Session:
    """Opens the item before with its answers, at its last question; one that was skipped has none."""
    last = session.finished[-1] if session.finished else None
    opened = replace(session, at=session.at - 1, shown=Shown.TEXT, page=0, opened=now, before=session)
    if last is None or last.item is not opened.item:
        return opened
    return replace(
        opened,
        asking=len(session.questions) - 1,
        answers=MappingProxyType(dict(enumerate(last.answers))),
        finished=session.finished[:-1],
        opened=now - last.seconds,
    )


def _forward(session: Session, now: float) -> Session:
    """Leaves an answer as it is."""
    if session.asking in session.answers:
        return _answer(session, session.answers[session.asking], now)
    return session


def _context(session: Session, _: float) -> Session:
    """Between the text and what it answers, where there is any."""
    if session.item is None or not session.item.context:
        return session
    return replace(session, shown=Shown.TEXT if session.shown is Shown.CONTEXT else Shown.CONTEXT, page=0)


def _help(session: Session, _: float) -> Session:
    return replace(session, shown=Shown.HELP, page=0)


def _quit(session: Session, now: float) -> Session:
    """Ends; an item that was only looked at again stays as it was rated."""
    if session.item is not None and len(session.answers) == len(session.questions):
        session = replace(session, finished=(*session.finished, _finished(session, now)))
    return replace(session, over=True)


SCROLLS: Final[Mapping[str, int]] = {
    "space": 1,
    "pagedown": 1,
    "down": 1,
    "pageup": -1,
    "up": -1,
    "backspace": -1,
}
COMMANDS: Final[Mapping[str, Callable[[Session, float], Session]]] = {
    "left": _back,
    "b": _back,
    "right": _forward,
    "enter": _forward,
    "u": _undo,
    "s": _skip,
    "c": _context,
    "?": _help,
    "q": _quit,
}
