"""Records as rows: sealed parts, and columns to ask by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping

from moa_scorer.domain.errors import DamagedRecord
from moa_scorer.domain.record import PlanRecord, Record
from moa_scorer.domain.tenant import Tenant
from moa_scorer.storage import codec
from moa_scorer.storage.codec import Damaged, sealed, unsealed
from moa_scorer.storage.parts import Parts, put_together, taken_apart
from moa_scorer.storage.schema import micros, plain
from moa_scorer.storage.usage import UsageRow, usage_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """What many records rest on."""

    digest: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRows:
    """What is written of one record."""

    record: Mapping[str, Any]
    tags: tuple[Mapping[str, str], ...]
    frame: Artefact
    usage: tuple[UsageRow, ...]

    @property
    def name(self) -> str:
        name: str = self.record["name"]
        return name


def rows_of(record: Record) -> RecordRows:
    """The rows of a named record; raises ValueError for text that UTF-8 cannot hold."""
    parts = taken_apart(record)
    frame = codec.FRAME.encode(parts.frame)
    digest = codec.digest_of(frame)
    tenant = record.request.tenant
    bodies = {
        "request": codec.REQUEST.encode(parts.request),
        "plan": codec.PLAN.encode(parts.plan),
        "facts": codec.FACTS.encode(parts.facts),
        "ballots": codec.BALLOTS.encode(parts.ballots),
        "verdict": codec.VERDICT.encode(parts.verdict),
        "way": codec.WAY.encode(parts.way),
    }
    own = {part: sealed(_place(tenant, record.name, part), body) for part, body in bodies.items()}
    keys = {"tenant": tenant, "name": record.name, "frame": digest}
    return RecordRows(
        record=keys | _asked_by(parts) | own,
        tags=tuple(
            {"tenant": tenant, "record": record.name, "key": plain(key), "value": plain(value)}
            for key, value in record.request.tags.items()
        ),
        frame=Artefact(digest=digest, kind="plan", content=frame),
        usage=tuple(usage_of(record)),
    )


def record_of(row: RowMapping, frames: Mapping[str, PlanRecord]) -> Record:
    """The record of a row; `frames` by digest. Raises DamagedRecord naming the part."""
    name = row["name"]
    if row["frame"] not in frames:
        raise DamagedRecord(name, "plan")
    parts = Parts(
        request=_part(codec.REQUEST, row, "request"),
        plan=_part(codec.PLAN, row, "plan"),
        frame=frames[row["frame"]],
        facts=_part(codec.FACTS, row, "facts"),
        ballots=_part(codec.BALLOTS, row, "ballots"),
        verdict=_part(codec.VERDICT, row, "verdict"),
        way=_part(codec.WAY, row, "way"),
    )
    if any(row[column] != value for column, value in _asked_by(parts).items()):
        raise DamagedRecord(name, "index")
    return put_together(name, parts)


def _part(kind: codec.Codec[codec.T], row: RowMapping, part: str) -> codec.T:
    try:
        return kind.decode(unsealed(_place(row["tenant"], row["name"], part), row[part]))
    except Damaged:
        raise DamagedRecord(row["name"], part) from None


def _place(tenant: Tenant, name: str, part: str) -> str:
    return f"{tenant}/{name}/{part}"


def _asked_by(parts: Parts) -> dict[str, str | int | bool]:
    """The columns that filters look at: a copy of what the parts say."""
    request, plan = parts.request.request, parts.frame
    return {
        "created": micros(parts.way.created),
        "panel": plan.panel.name,
        "panel_version": plan.panel.version,
        "rubric": plan.rubric.name,
        "rubric_version": plan.rubric.version,
        "policy": plan.policy.name if plan.policy else "",
        "policy_version": plan.policy.version if plan.policy else 0,
        "snapshot": plan.snapshot,
        "decision": parts.verdict.ruling.decision.value,
        "completion": parts.verdict.verdict.completion.value,
        "content_id": plain(request.content.id),
        "content_digest": parts.request.content_digest,
        "subject": plain(request.subject),
        "audited": parts.way.audited,
    }
