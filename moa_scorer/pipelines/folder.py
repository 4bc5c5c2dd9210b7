"""Which files a job may read and write: over the API those of one folder, on the command line any."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from moa_scorer.domain.errors import InvalidRequest, Precondition, Violation
from moa_scorer.domain.job_order import Backfill, Columns, Source
from moa_scorer.domain.tenant import DEFAULT_TENANT, TENANT_WORDS, Tenant, is_tenant
from moa_scorer.pipelines.readers import source_of
from moa_scorer.pipelines.rows import Unreadable

NO_FOLDER: Final = "this server reads no files: give it a folder (setting `jobs_dir`)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder that callers name files in; tenants have folders of their own in it."""

    path: Path | None
    """None = there is none, and no file may be named."""
    apart: bool = False
    """Whether the default tenant has its own too; without, it has all of it, the others' folders as well."""

    def of(self, tenant: Tenant) -> Path:
        """The tenant's part of it; raises Precondition where there is no folder."""
        if self.path is None:
            raise Precondition("jobs_dir", NO_FOLDER)
        if tenant == DEFAULT_TENANT and not self.apart:
            return self.path.resolve()
        if not is_tenant(tenant):
            raise Precondition("jobs_dir", f"no folder can have the tenant's name; it must be {TENANT_WORDS}")
        return (self.path / tenant).resolve()

    async def files(self, tenant: Tenant, items: str, output: str, columns: Columns) -> tuple[Source, str]:
        """As `JobDesk.files`; raises InvalidRequest, and Precondition where there is no folder."""
        return await asyncio.to_thread(self._files, tenant, items, output, columns)

    def shown(self, tenant: Tenant, path: str) -> str:
        """A path relative to the tenant's folder; its bare name where it lies elsewhere."""
        found = Path(path)
        if self.path is None or not found.is_relative_to(home := self.of(tenant)):
            return found.name
        return str(found.relative_to(home))

    def _files(self, tenant: Tenant, items: str, output: str, columns: Columns) -> tuple[Source, str]:
        home = self.of(tenant)
        path = _within(home, "input", items)
        try:
            source = source_of(path, columns)
        except Unreadable as error:
            raise _wrong("input", str(error)) from None
        return source, str(_within(home, "output", output) if output else beside(path))


def beside(path: Path) -> Path:
    """Where results go when nobody says: `items.jsonl.gz` -> `items.results.jsonl`."""
    plain = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return plain.with_name(f"{plain.stem}.results.jsonl")


def check_output(order: Backfill) -> None:
    """Raises InvalidRequest where results cannot be written, or would take the place of something."""
    path = Path(order.output)
    if order.output == order.source.path:
        raise _wrong("output", "must be another file than the input")
    if path.exists():
        raise _wrong("output", f"{path.name} is there already; name another file or remove it")
    if not path.parent.is_dir():
        raise _wrong("output", "must lie in a folder that is there")


def _within(home: Path, field: str, name: str) -> Path:
    """The file of that name; links that lead out of the folder are outside of it."""
    path = (home / name).resolve()
    if Path(name).is_absolute() or not path.is_relative_to(home) or path == home:
        raise _wrong(field, "must name a file within the server's folder of jobs, by a relative path")
    return path


def _wrong(field: str, words: str) -> InvalidRequest:
    return InvalidRequest((Violation(f"backfill.{field}", words),))


class AnyFile:
    """Files of whoever runs the command."""

    async def files(self, tenant: Tenant, items: str, output: str, columns: Columns) -> tuple[Source, str]:  # noqa: ARG002
        """As `JobDesk.files`; raises InvalidRequest. Results go beside the input when nobody says."""
        return await asyncio.to_thread(_any_files, Path(items), output, columns)

    def shown(self, tenant: Tenant, path: str) -> str:  # noqa: ARG002
        """The path itself."""
        return path


def _any_files(path: Path, output: str, columns: Columns) -> tuple[Source, str]:
    try:
        source = source_of(path, columns)
    except Unreadable as error:
        raise _wrong("input", f"{path} {error}") from None
    return source, str((Path(output) if output else beside(path)).absolute())
