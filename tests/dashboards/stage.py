"""What the play is played on, and how things stand in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from deploy.local_server import Server
from tests.dashboards.setup import Ledger
from tests.fakes.vendor import Vendor


@dataclass(slots=True, kw_only=True)
class Stage:
    """One server with all that it leans on."""

    server: Server
    vendor: Vendor
    database: Any
    """A PostgreSQL that can be stopped and started."""
    ledger: Ledger
    catalogue: Path
    snapshot: str
    """Name of the snapshot whose judge drifts."""
    tokens: Mapping[str, tuple[tuple[str, str], ...]]
    """Tenant -> metadata of its calls."""
    draw: Random = field(default_factory=lambda: Random(7))
    language: str = "en"
    slow: bool = False
    """Whether callers of vendors are patient, and the vendors hang."""
    crowd: int = 0
    """Calls of a round beside the usual ones."""
    began: float = 0.0
    """Wall clock."""
    phases: list[tuple[float, str]] = field(default_factory=list)
    """(seconds since the beginning, name)."""
    outcomes: dict[str, int] = field(default_factory=dict)
    """gRPC status -> calls."""
