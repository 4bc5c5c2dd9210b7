"""The tables of the first version that kept records."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0001"
down_revision: Final[str | None] = None
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None

NAME: Final = sa.String().with_variant(sa.String(collation="C"), "postgresql")
ROW_ID: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

KEEP_AUDIT_LOG: Final = {
    "sqlite": (
        "CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END",
        "CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION keep_audit_log() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$",
        "CREATE TRIGGER keep_audit_log BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION keep_audit_log()",
    ),
}
"""By dialect: what refuses to change or delete an entry, whoever asks."""


def upgrade() -> None:
    _api_keys()
    _artefacts()
    _audit_log()
    _erasures()
    _jobs()
    _judge_states()
    _leases()
    _records()
    _request_ids()
    _appeals()
    _job_items()
    _ratings()
    _record_tags()
    _usage()


def downgrade() -> None:
    op.drop_table("usage")
    op.drop_table("record_tags")
    op.drop_table("ratings")
    op.drop_table("job_items")
    op.drop_table("appeals")
    op.drop_table("request_ids")
    op.drop_table("records")
    op.drop_table("leases")
    op.drop_table("judge_states")
    op.drop_table("jobs")
    op.drop_table("erasures")
    op.drop_table("audit_log")
    _let_audit_log_go()
    op.drop_table("artefacts")
    op.drop_table("api_keys")


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", NAME, nullable=False),
        sa.Column("digest", NAME, nullable=False, comment="SHA-256 of the secret part"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tenant", NAME, nullable=False),
        sa.Column("roles", sa.Text(), nullable=False, comment="with spaces between them"),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.Column("revoked", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
    )


def _artefacts() -> None:
    op.create_table(
        "artefacts",
        sa.Column("digest", NAME, nullable=False),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_artefacts")),
    )


def _audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("number", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("tenant", NAME, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("action", NAME, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_log")),
    )
    op.create_index(op.f("ix_audit_log_at"), "audit_log", ["at"])
    for statement in KEEP_AUDIT_LOG[op.get_context().dialect.name]:
        op.execute(statement)


def _let_audit_log_go() -> None:
    """PostgreSQL's function outlives the table; SQLite's triggers go with it."""
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION keep_audit_log()")


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("tenant", NAME, nullable=False),
        sa.Column("records", sa.Text(), nullable=False, comment="names of the records, joined by commas"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("name", NAME, nullable=False),
        sa.Column("tenant", NAME, nullable=False),
        sa.Column("request_id", NAME, nullable=True, comment="of the call that made it; null = it had none"),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("order", sa.Text(), nullable=False, comment="what is to be done, as JSON"),
        sa.Column("place", NAME, nullable=False),
        sa.Column("state", NAME, nullable=False),
        sa.Column("cancelling", sa.Boolean(), nullable=False),
        sa.Column("token", NAME, nullable=False, comment="of the holder; empty = nobody holds it"),
        sa.Column("leased_until", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True, comment="items; null = not known"),
        sa.Column("scored", sa.BigInteger(), nullable=False),
        sa.Column("unscored", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("set_aside", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("micro_usd", sa.BigInteger(), nullable=False),
        sa.Column("at_index", sa.BigInteger(), nullable=False, comment="every item before it is settled"),
        sa.Column("at_line", sa.BigInteger(), nullable=False),
        sa.Column("at_offset", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=True),
        sa.Column("taken", sa.BigInteger(), nullable=True),
        sa.Column("done_before", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("problem", NAME, nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_jobs")),
    )
    op.create_index(op.f("ix_jobs_place_state_leased_until"), "jobs", ["place", "state", "leased_until"])
    op.create_index(op.f("ix_jobs_tenant_name"), "jobs", ["tenant", "name"])
    op.create_index("uq_jobs_request_id", "jobs", ["tenant", "request_id"], unique=True)


def _judge_states() -> None:
    op.create_table(
        "judge_states",
        sa.Column("judge", NAME, nullable=False),
        sa.Column("standing", NAME, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column(
            "model",
            sa.Text(),
            nullable=False,
            comment="as its endpoint was known to report; empty = not known",
        ),
        sa.Column("until", sa.BigInteger(), nullable=True, comment="when it ends by itself; null = never"),
        sa.PrimaryKeyConstraint("judge", name=op.f("pk_judge_states")),
    )


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("work", NAME, nullable=False),
        sa.Column("holder", NAME, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("work", name=op.f("pk_leases")),
    )


def _records() -> None:
    op.create_table(
        "records",
        sa.Column("tenant", NAME, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("panel", NAME, nullable=False),
        sa.Column("panel_version", sa.Integer(), nullable=False),
        sa.Column("rubric", NAME, nullable=False),
        sa.Column("rubric_version", sa.Integer(), nullable=False),
        sa.Column("policy", NAME, nullable=False, comment="empty = none"),
        sa.Column("policy_version", sa.Integer(), nullable=False, comment="0 = none"),
        sa.Column("snapshot", NAME, nullable=False, comment="revision; empty = none"),
        sa.Column("decision", NAME, nullable=False),
        sa.Column("completion", NAME, nullable=False),
        sa.Column("content_id", sa.Text(), nullable=False),
        sa.Column("content_digest", NAME, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("audited", sa.Boolean(), nullable=False),
        sa.Column(
            "frame", NAME, nullable=False, comment="digest of the artefact with the constant part of the plan"
        ),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("plan", sa.LargeBinary(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("ballots", sa.LargeBinary(), nullable=False),
        sa.Column("verdict", sa.LargeBinary(), nullable=False),
        sa.Column(
            "way", sa.LargeBinary(), nullable=False, comment="how the result came about: times, cache, origin"
        ),
        sa.PrimaryKeyConstraint("tenant", "name", name=op.f("pk_records")),
    )
    op.create_index(op.f("ix_records_created"), "records", ["created"])
    op.create_index(op.f("ix_records_tenant_content_digest"), "records", ["tenant", "content_digest"])
    op.create_index(op.f("ix_records_tenant_created"), "records", ["tenant", "created"])
    op.create_index(op.f("ix_records_tenant_subject"), "records", ["tenant", "subject"])


def _request_ids() -> None:
    op.create_table(
        "request_ids",
        sa.Column("tenant", NAME, nullable=False),
        sa.Column("scope", NAME, nullable=False),
        sa.Column("request_id", NAME, nullable=False),
        sa.Column("fingerprint", NAME, nullable=False),
        sa.Column("token", NAME, nullable=False, comment="of the claim that is at work, or was"),
        sa.Column(
            "record", NAME, nullable=False, comment="name of the answer; empty = somebody is at work on it"
        ),
        sa.Column("leased_until", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=True, comment="null = never"),
        sa.PrimaryKeyConstraint("tenant", "scope", "request_id", name=op.f("pk_request_ids")),
    )
    op.create_index(op.f("ix_request_ids_expires"), "request_ids", ["expires"])
    op.create_index(op.f("ix_request_ids_tenant_record"), "request_ids", ["tenant", "record"])
    op.create_index(op.f("ix_request_ids_token"), "request_ids", ["token"])


def _appeals() -> None:
    op.create_table(
        "appeals",
        sa.Column("number", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("tenant", NAME, nullable=False),
        sa.Column("id", NAME, nullable=False),
        sa.Column("record", NAME, nullable=False),
        sa.Column("outcome", NAME, nullable=False),
        sa.Column("decision", NAME, nullable=False),
        sa.Column("decided_by", NAME, nullable=False),
        sa.Column("decided", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "record"],
            ["records.tenant", "records.name"],
            name=op.f("fk_appeals_tenant_record_records"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_appeals")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_appeals_tenant_id")),
    )
    op.create_index(op.f("ix_appeals_tenant_record"), "appeals", ["tenant", "record"])


def _job_items() -> None:
    op.create_table(
        "job_items",
        sa.Column("job", NAME, nullable=False),
        sa.Column("item", sa.BigInteger(), nullable=False, comment="its index in the file"),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False, comment="the caller's own; empty = none"),
        sa.Column("state", NAME, nullable=False),
        sa.Column(
            "crashes",
            sa.Integer(),
            nullable=False,
            comment="processes that began it and did not settle it",
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry", NAME, nullable=True, comment="class of a failure; null = it did not fail"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("record", NAME, nullable=False, comment="its name; empty = none"),
        sa.Column("answer", sa.Text(), nullable=False, comment="as JSON; empty = none"),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("micro_usd", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job"], ["jobs.name"], name=op.f("fk_job_items_job_jobs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job", "item", name=op.f("pk_job_items")),
    )
    op.create_index(op.f("ix_job_items_job_state_item"), "job_items", ["job", "state", "item"])
    op.create_index(op.f("ix_job_items_record"), "job_items", ["record"])


def _ratings() -> None:
    op.create_table(
        "ratings",
        sa.Column("number", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("tenant", NAME, nullable=False),
        sa.Column("id", NAME, nullable=False),
        sa.Column("record", NAME, nullable=False),
        sa.Column("rater", NAME, nullable=False),
        sa.Column("criterion", NAME, nullable=False),
        sa.Column("value", sa.Double(), nullable=False, comment="in [0, 1]"),
        sa.Column("saw_score", sa.Boolean(), nullable=False),
        sa.Column("stream", NAME, nullable=False),
        sa.Column("propensity", sa.Double(), nullable=True, comment="in (0, 1]; null = not known"),
        sa.Column("plan", NAME, nullable=False, comment="empty = none"),
        sa.Column("rated", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("rubric", NAME, nullable=False, comment="revision"),
        sa.Column("panel", NAME, nullable=False, comment="revision"),
        sa.Column("kind", NAME, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "record"],
            ["records.tenant", "records.name"],
            name=op.f("fk_ratings_tenant_record_records"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ratings")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_ratings_tenant_id")),
    )
    op.create_index(op.f("ix_ratings_tenant_record"), "ratings", ["tenant", "record"])
    op.create_index(
        op.f("ix_ratings_tenant_rubric_panel_kind_received"),
        "ratings",
        ["tenant", "rubric", "panel", "kind", "received"],
    )


def _record_tags() -> None:
    op.create_table(
        "record_tags",
        sa.Column("tenant", NAME, nullable=False),
        sa.Column("record", NAME, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "record"],
            ["records.tenant", "records.name"],
            name=op.f("fk_record_tags_tenant_record_records"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "record", "key", name=op.f("pk_record_tags")),
    )
    op.create_index(
        op.f("ix_record_tags_tenant_key_value_record"), "record_tags", ["tenant", "key", "value", "record"]
    )


def _usage() -> None:
    op.create_table(
        "usage",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False, comment="its beginning"),
        sa.Column("tenant", NAME, nullable=False),
        sa.Column("panel", NAME, nullable=False, comment="without its version"),
        sa.Column("judge", NAME, nullable=False, comment="empty = the row counts items"),
        sa.Column("shadow", sa.Boolean(), nullable=False, comment="whether nobody but the operator asked"),
        sa.Column("items", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False, comment="of models"),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("micro_usd", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage")),
    )
    op.create_index(op.f("ix_usage_hour"), "usage", ["hour"])
