from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """A test that chooses how log lines look does not choose it for the next one."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)
