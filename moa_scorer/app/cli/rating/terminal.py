"""The terminal of a rating session: keys as they are pressed, screens as they change."""

import os
import select
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import typer
from rich.console import Console
from rich.text import Text

from moa_scorer.app.cli.rating.file import RatingsFile
from moa_scorer.app.cli.rating.frame import Frame, draw
from moa_scorer.app.cli.rating.keys import keys_of
from moa_scorer.app.cli.rating.session import Session, press

LOOK: Final = 0.25
"""Seconds after which a changed size of the terminal is seen at the latest."""

Read = Callable[[float], str]
"""Seconds to wait -> what was typed, or nothing; raises EOFError when the terminal is gone."""


def run(session: Session, file: RatingsFile) -> Session:
    """Rates until the rater quits; Ctrl-C and a terminal that goes away quit too. Returns the last state."""
    with Console().screen(hide_cursor=True) as screen, _keyboard() as read:
        return drive(session, file, read, lambda frame: screen.update(_rendered(frame)))


def drive(
    session: Session,
    file: RatingsFile,
    read: Read,
    show: Callable[[Frame], None],
    *,
    size: Callable[[], tuple[int, int]] = shutil.get_terminal_size,
    clock: Callable[[], float] = time.monotonic,
) -> Session:
    """The loop between keyboard, state, file and screen; what is finished is on disk before it is shown."""
    seen = None
    while not session.over:
        frame = draw(session, *size())
        if frame != seen:
            show(frame)
            seen = frame
        try:
            sent = read(LOOK)
        except (EOFError, KeyboardInterrupt):
            break
        for key in keys_of(sent):
            session = press(session, key, now=clock(), pages=draw(session, *size()).pages)
            file.mirror(session.finished)
            if session.over:
                break
    return session


def _rendered(frame: Frame) -> Text:
    return Text("\n").join(Text(words, style, no_wrap=True) for words, style in frame.lines)


@contextmanager
def _keyboard() -> Iterator[Read]:
    """Keys without Enter and without echo, also those typed ahead; the terminal is as before at the end."""
    try:
        import termios
        import tty
    except ImportError:  # no POSIX terminal: one key at a time, and a changed size is seen with the next
        yield lambda _: typer.getchar()
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal)
    try:
        yield lambda seconds: _typed(terminal, seconds)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _typed(terminal: int, seconds: float) -> str:
    if not select.select([terminal], [], [], seconds)[0]:
        return ""
    sent = os.read(terminal, 1024)
    if not sent:
        raise EOFError
    return sent.decode("utf-8", "replace")
