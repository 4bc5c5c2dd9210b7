"""The results of a backfill as a file: a line of JSON for each item, in order, each item once."""

import asyncio
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

from moa_scorer.domain.job import Settled
from moa_scorer.domain.job_store import JobStore

PAGE: Final = 1_000
"""Items read from the database at a time."""


class Unwritable(Exception):
    """The results cannot be written; the message says why."""


async def write_results(store: JobStore, name: str, output: str) -> int:
    """Writes what is settled of a job, all of it or nothing; how many items there are.

    Raises Unwritable and StorageUnavailable. Whatever stood under that name is replaced.
    """
    path = Path(output)
    beside = path.with_name(f".{path.name}.{name}.part")
    count, after = 0, -1
    try:
        with beside.open("w", encoding="utf-8") as file:
            while page := await store.results(name, PAGE, after):
                await asyncio.to_thread(_write, file, page)
                count, after = count + len(page), page[-1].index
            await asyncio.to_thread(_flush, file)
        beside.replace(path)
    except OSError as error:
        raise Unwritable(f"{path.name}: {error.strerror}") from None
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
    return count


def _write(file: IO[str], page: Sequence[Settled]) -> None:
    file.writelines(json.dumps(line_of(item), ensure_ascii=False) + "\n" for item in page)


def _flush(file: IO[str]) -> None:
    file.flush()
    os.fsync(file.fileno())


def line_of(item: Settled) -> dict[str, Any]:
    """An item's line: where it came from, and its answer as the API says it, or why there is none."""
    origin: dict[str, Any] = {"item": item.index, "line": item.line}
    if item.id:
        origin["id"] = item.id
    if item.retry is not None:
        return origin | {"failure": {"retry": item.retry, "reason": item.reason, "attempts": item.attempts}}
    return origin | (json.loads(item.answer) if item.answer else {"erased": True})
