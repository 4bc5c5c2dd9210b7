"""Files that hold content, digests of keys and the audit log: only their owner reads them."""

import os
from pathlib import Path
from typing import Final

OWNER_ONLY: Final = 0o600


def made_private(path: Path) -> Path:
    """The path, with an empty file where there was none; what is there stays as its owner has it.

    SQLite gives the files that it writes beside a database the rights of the database. Raises OSError.
    """
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, OWNER_ONLY))
    return path
