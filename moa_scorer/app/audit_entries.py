"""The audit log of the settings' database, for the command line."""

from datetime import datetime

from moa_scorer.api.v1 import admin_service_pb2 as pb
from moa_scorer.app.serving.memory import database_url, default_file, opened_database
from moa_scorer.app.settings import Settings
from moa_scorer.contract.admin import list_audit_entries
from moa_scorer.domain.audit_log import AuditEntry
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.storage.audit_log import SqlAuditLog

PAGE = 1_000


async def entries(settings: Settings, since: datetime | None) -> list[pb.AuditEntry]:
    """All from `since` on, the oldest first; raises ConfigurationError without a database."""
    url = database_url(settings)
    if not url:
        raise ConfigurationError(("settings: database: is off, and the audit log is kept in it",))
    request = pb.ListAuditEntriesRequest(page_size=PAGE)
    if since is not None:
        request.since.FromDatetime(since)
    found: list[pb.AuditEntry] = []
    async with opened_database(url) as database:
        log = SqlAuditLog(database)
        while True:
            page = await list_audit_entries(log, request)
            found += page.entries
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token


async def noted(settings: Settings, entry: AuditEntry) -> None:
    """Adds an entry where the settings name a database, or the usual file is there; else nobody keeps a log.

    Raises ConfigurationError, and StorageUnavailable.
    """
    url = database_url(settings)
    if url and (settings.database or default_file().exists()):
        async with opened_database(url) as database:
            await SqlAuditLog(database).add(entry)
