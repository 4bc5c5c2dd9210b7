"""Work on ratings in the settings' database or at a server, with errors told as one line."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

from moa_scorer.app.cli.exits import Exit, fail, told
from moa_scorer.app.cli.options import at_server, log_quietly, settings_of
from moa_scorer.app.cli.server_words import refusal

if TYPE_CHECKING:
    from moa_scorer.client import ScorerError
    from moa_scorer.client.feedback_calls import AsyncFeedback

T = TypeVar("T")
Server = Annotated[str | None, at_server("Ask this server. Default: the database in the settings.")]


def run(
    work: Callable[["AsyncFeedback"], Awaitable[T]],
    config: Path | None,
    server: str | None,
    catalog_dir: Path | None = None,
) -> T:
    """What the work comes to; ends the command with a line where it cannot be done."""
    from moa_scorer.app.feedback_at import feedback_at
    from moa_scorer.client import DeadlineExceeded, ScorerError, Unreachable

    settings = settings_of(config, catalog_dir=catalog_dir)
    log_quietly(settings)

    async def opened() -> T:
        async with feedback_at(settings, server) as found:
            return await work(found)

    try:
        with told():
            return asyncio.run(opened())
    except (Unreachable, DeadlineExceeded) as error:
        fail(str(error), Exit.UNREACHABLE)
    except ScorerError as error:
        fail(words_of(error), Exit.REJECTED)
    except ValueError as error:
        fail(str(error), Exit.REJECTED)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}", Exit.REJECTED)


def words_of(error: "ScorerError") -> str:
    """Everything that is wrong with a request, else the message."""
    violations = (f"{v.field.rpartition('].')[2]} {v.description}" for v in error.violations)
    return "; ".join(violations) or refusal(error)
