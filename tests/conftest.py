import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from moa_scorer.telemetry.logs import Libraries
from tests.fakes.databases import database, database_url, postgres, postgres_url, sqlite_url  # noqa: F401
from tests.fakes.log_lines import look_as
from tests.fakes.server_process import start  # noqa: F401

pytest_plugins = ("tests.emissions",)

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
"""Before anybody imports numpy: on a busy machine a second thread makes small systems twenty times slower."""


os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="moa-scorer-data")
"""Where servers that tests start keep their records, unless told otherwise."""


_AT_FIRST: dict[str, Any] = {}
"""How log lines look before any test; what a fixture of several tests chooses holds for none of them."""


def pytest_sessionstart() -> None:
    _AT_FIRST.update(structlog.get_config())


@pytest.fixture(autouse=True)
def _logs_as_at_first() -> Iterator[None]:
    """A test that chooses how log lines look does not choose it for the next one."""
    _look_as_at_first()
    yield
    _look_as_at_first()


def _look_as_at_first() -> None:
    look_as(_AT_FIRST)
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, Libraries)]:
        root.removeHandler(handler)


def pytest_unconfigure() -> None:
    shutil.rmtree(os.environ["XDG_DATA_HOME"], ignore_errors=True)
