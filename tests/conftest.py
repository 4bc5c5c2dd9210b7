import logging
import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest
import structlog

from moa_scorer.telemetry import events, load
from moa_scorer.telemetry.logs import Libraries
from tests.fakes.databases import database, database_url, postgres, postgres_url, sqlite_url  # noqa: F401
from tests.fakes.server_process import start  # noqa: F401

pytest_plugins = ("tests.emissions",)

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
"""Before anybody imports numpy: on a busy machine a second thread makes small systems twenty times slower."""


os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="moa-scorer-data")
"""Where servers that tests start keep their records, unless told otherwise."""


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """A test that chooses how log lines look does not choose it for the next one."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)
    for module in (events, load):
        vars(module._log).pop("bind", None)  # where a line was written `for_good`
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, Libraries)]:
        root.removeHandler(handler)


def pytest_unconfigure() -> None:
    shutil.rmtree(os.environ["XDG_DATA_HOME"], ignore_errors=True)
