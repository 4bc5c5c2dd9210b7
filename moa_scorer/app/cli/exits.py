"""Exit statuses, and errors as one clear line on stderr."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import NoReturn

import typer

from moa_scorer.domain.errors import ConfigurationError, MoaError


class Exit(IntEnum):
    """What the exit status says; documented in `moa-scorer --help`."""

    OK = 0
    REJECTED = 1
    """A check failed, configuration is wrong, or input was rejected."""
    USAGE = 2
    UNSCORED = 3
    """Everything was served, and some items have no score."""
    UNREACHABLE = 4
    """The server cannot be reached or did not answer in time."""
    INTERRUPTED = 130
    """Ctrl-C."""


def say(message: str) -> None:
    """A line on stderr."""
    sys.stderr.write(f"moa-scorer: {message}\n")


def fail(message: str, code: Exit) -> NoReturn:
    """Says why and ends the command."""
    say(message)
    raise typer.Exit(code)


def reject(mistakes: Iterable[str]) -> NoReturn:
    """Says everything that is wrong with an input, a line each, and ends the command."""
    for mistake in mistakes:
        say(mistake)
    raise typer.Exit(Exit.REJECTED) from None


@contextmanager
def told() -> Iterator[None]:
    """Errors that a user can mend become a line each and an exit status; bugs keep their traceback."""
    try:
        yield
    except ConfigurationError as error:
        reject(error.mistakes)
    except MoaError as error:
        fail(str(error), Exit.REJECTED)


@contextmanager
def told_of_server(server: str | None) -> Iterator[None]:
    """As `told`, for what a server answers too: everything that it finds wrong, or its address and why it
    cannot be reached."""
    from moa_scorer.app.cli.server_words import refusal
    from moa_scorer.client import DeadlineExceeded, ScorerError, Unreachable

    where = f"{server}: " if server else ""
    with told():
        try:
            yield
        except (Unreachable, DeadlineExceeded) as error:
            fail(f"{where}{error}", Exit.UNREACHABLE)
        except ScorerError as error:
            wrong = (f"{each.field}: {each.description}" for each in error.violations)
            fail("; ".join(wrong) or refusal(error), Exit.REJECTED)
