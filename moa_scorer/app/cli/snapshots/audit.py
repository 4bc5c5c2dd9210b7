"""The audit log of promotions and rollbacks by command."""

from pathlib import Path
from typing import TYPE_CHECKING

from moa_scorer.app.cli.options import log_quietly, settings_of

if TYPE_CHECKING:
    from moa_scorer.domain.audit_log import AuditAction
    from moa_scorer.learning.loop.promotion import Shelf


def noted(
    action: "AuditAction", shelf: "Shelf", after: str, *, who: str, why: str, config: Path | None
) -> None:
    """Writes down what is about to be done to a shelf, where the settings keep a log; raises MoaError."""
    import asyncio
    from datetime import UTC, datetime

    from moa_scorer.app.audit_entries import noted as written
    from moa_scorer.app.operator import operator
    from moa_scorer.domain.audit_log import AuditEntry

    settings, caller = settings_of(config), operator()
    log_quietly(settings)
    entry = AuditEntry(
        at=datetime.now(UTC),
        tenant=caller.tenant,
        who=f"{caller.name} for {who}",
        action=action,
        subject=f"snapshots/{shelf.name}",
        before=shelf.serving.revision if shelf.serving else "",
        after=after,
        why=why,
    )
    asyncio.run(written(settings, entry))
