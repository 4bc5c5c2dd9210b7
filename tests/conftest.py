import os
from collections.abc import Iterator

import pytest
import structlog

from tests.fakes.databases import database, database_url, postgres, postgres_url, sqlite_url  # noqa: F401
from tests.fakes.server_process import start  # noqa: F401

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
"""Before anybody imports numpy: on a busy machine a second thread makes small systems twenty times slower."""


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """A test that chooses how log lines look does not choose it for the next one."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)
