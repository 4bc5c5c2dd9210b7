"""What the caller at hand does, as an entry of the audit log."""

from datetime import UTC, datetime

from moa_scorer.contract.access import caller
from moa_scorer.domain.audit_log import AuditAction, AuditEntry


def acted(
    action: AuditAction, subject: str, *, before: str = "", after: str = "", why: str = ""
) -> AuditEntry:
    """The entry, at this instant."""
    who = caller()
    return AuditEntry(
        at=datetime.now(UTC),
        tenant=who.tenant,
        who=who.name,
        action=action,
        subject=subject,
        before=before,
        after=after,
        why=why,
    )
