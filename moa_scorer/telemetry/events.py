"""Every log event there is: one function each, its fields typed, never any content or prompt."""

from collections.abc import Sequence
from typing import Final

import structlog

from moa_scorer.telemetry import metrics

_log = structlog.stdlib.get_logger()

TO_BE_MENDED: Final = frozenset({"provider_error", "circuit_open", "model_missing"})
"""Reasons of abstention that do not go away by themselves."""


def rpc_finished(*, method: str, code: str, seconds: float, shed: bool = False) -> None:
    """A call ended with this gRPC status code name. OK is for debugging: items have a line of their own; and
    so is what was turned away: a server that has too much to do does not write a line for each."""
    metrics.call_ended(method, code, seconds)
    log = _log.debug if shed or code == "OK" else _log.info
    log("rpc_finished", code=code, milliseconds=_milliseconds(seconds))


def rpc_crashed(*, error: str) -> None:
    """A call ended in an unexpected exception of this type; its text is withheld, it may hold content."""
    metrics.happened("rpc_crashed")
    _log.error("rpc_crashed", error=error)


def item_scored(
    *,
    panel: str,
    rubric: str,
    completion: str,
    decision: str,
    planned: int,
    answered: int,
    seconds: float,
    cache: str,
) -> None:
    """One item got its verdict, scored or unscored; `cache` says where its ballots came from."""
    _log.info(
        "item_scored",
        panel=panel,
        rubric=rubric,
        completion=completion,
        decision=decision,
        planned=planned,
        answered=answered,
        milliseconds=_milliseconds(seconds),
        cache=cache,
    )


def judge_abstained(*, judge: str, reason: str, detail: str, seconds: float) -> None:
    """A judge gave no judgment at all; `detail` is the abstention's, which holds no content and no secret.

    A warning where somebody has to mend something: a key, an address, a server.
    """
    log = _log.warning if reason in TO_BE_MENDED else _log.info
    log("judge_abstained", judge=judge, reason=reason, detail=detail, milliseconds=_milliseconds(seconds))


def judge_crashed(*, judge: str, error: str) -> None:
    """A bug in a judge; its ballot is an abstention. The exception's text is withheld."""
    metrics.happened("judge_crashed")
    _log.error("judge_crashed", judge=judge, error=error)


def library_warned(*, library: str, severity: str, place: str, error: str) -> None:
    """A library logged a warning or an error there; its words are withheld, they may hold content."""
    metrics.happened("library_warned")
    _log.warning("library_warned", library=library, severity=severity, place=place, error=error)


def traces_unsent(*, error: str) -> None:
    """Spans could not be sent, or there were too many of them; `error` is the part that says so. Told once a
    minute at most."""
    metrics.happened("traces_unsent")
    _log.warning("traces_unsent", error=error)


def quota_unsettled() -> None:
    """What a call really used could not be written down: what was reserved counts as used."""
    metrics.happened("quota_unsettled")
    _log.warning("quota_unsettled")


def quotas_in_force(*, tenants: int, counted: str, workers: int) -> None:
    """So many tenants have quotas, counted in `redis` together or by each `process` for itself: a warning
    where several do, because a tenant has its quota in each of them."""
    log = _log.warning if counted == "process" and workers > 1 else _log.info
    log("quotas_in_force", tenants=tenants, counted=counted, workers=workers)


def quota_refused(*, tenant: str, meter: str) -> None:
    """A tenant has used up what it may use of this meter."""
    metrics.quota_refused(tenant, meter)
    _log.info("quota_refused", tenant=tenant, meter=meter)


def quota_uncounted() -> None:
    """Work was let in that nobody counts: the ledger is away, and `quota_when_down` says so."""
    metrics.happened("quota_uncounted")
    _log.debug("quota_uncounted")


def ledger_down(*, error: str) -> None:
    """The Redis that counts quotas does not answer: until it does, `quota_when_down` says what is served."""
    metrics.happened("ledger_down")
    metrics.ledger(is_down=True)
    _log.warning("ledger_down", error=error)


def ledger_back() -> None:
    """Quotas are counted again."""
    metrics.ledger(is_down=False)
    _log.info("ledger_back")


def cache_down(*, error: str) -> None:
    """Redis does not answer: until it does, everything is a miss and nothing is remembered."""
    metrics.happened("cache_down")
    _log.warning("cache_down", error=error)


def cache_back() -> None:
    """Redis answers again."""
    _log.info("cache_back")


def judge_drifts(*, snapshot: str, judge: str, what: str, kept: bool) -> None:
    """A judge answers unlike it did when people rated; from now on the others are asked alone.

    `kept` = the alarm is on disk, for all processes; close it with `moa-scorer snapshots alarms`.
    """
    _log.warning("judge_drifts", snapshot=snapshot, judge=judge, what=what, kept=kept)


def source_drifts(*, snapshot: str, source: str, what: str, kept: bool) -> None:
    """Items of a source are unlike those that people rated; from now on their certificates are STALE."""
    _log.warning("source_drifts", snapshot=snapshot, source=source, what=what, kept=kept)


def circuit_changed(*, endpoint: str, circuit: str) -> None:
    """An endpoint failed so often in a row that it is left alone (open), or it works again (closed)."""
    metrics.circuit(endpoint, is_open=circuit == "open")
    log = _log.warning if circuit == "open" else _log.info
    log("circuit_changed", endpoint=endpoint, circuit=circuit)


def stand_in_answered(*, endpoint: str, stand_in: str) -> None:
    """An endpoint is down, and another answered in its place; the ballot says so too."""
    _log.info("stand_in_answered", endpoint=endpoint, stand_in=stand_in)


def server_listening(*, address: str, port: int, workers: int, pid: int) -> None:
    """The port is bound; scripts may read it here."""
    _log.info("server_listening", address=address, port=port, workers=workers, pid=pid)


def server_serving(*, panel: str, seconds: float) -> None:
    """The default panel is warm and health says SERVING."""
    _log.info("server_serving", panel=panel, warm_seconds=round(seconds, 2))


def metrics_listening(*, address: str, port: int) -> None:
    """Metrics and probes are told here, over HTTP."""
    _log.info("metrics_listening", address=address, port=port)


def admin_listening(*, address: str, port: int) -> None:
    """Operators' calls are taken here."""
    _log.info("admin_listening", address=address, port=port)


def operator_acted(*, action: str, subject: str, who: str) -> None:
    """Somebody did what the audit log says, or is about to."""
    _log.warning("operator_acted", action=action, subject=subject, who=who)


def certificate_refused(why: str) -> None:
    """The files of the server's certificate changed and cannot be used; the one in force stays."""
    metrics.happened("certificate_refused")
    _log.error("certificate_refused", why=why)


def transport_unguarded(*, grpcio: str) -> None:
    """This version of grpcio has other insides: a call with a malformed path may end the server."""
    _log.warning("transport_unguarded", grpcio=grpcio, detail="install the grpcio of requirements.txt")


def credentials_in_clear_text(*, address: str) -> None:
    """Keys and tokens come to an address that others can reach over connections that are not encrypted."""
    detail = "set tls.certificate and tls.key, unless a proxy before it ends TLS"
    _log.warning("credentials_in_clear_text", address=address, detail=detail)


def server_draining(*, grace: float) -> None:
    """A stop was asked for; calls in flight may finish within the grace, in seconds."""
    _log.info("server_draining", grace_seconds=grace)


def server_stopped() -> None:
    """All calls ended and the port is closed."""
    _log.info("server_stopped")


def worker_exited(*, pid: int, code: int, replaced: bool) -> None:
    """A worker process ended while it was still wanted."""
    _log.warning("worker_exited", worker_pid=pid, code=code, replaced=replaced)


def shadow_ruled(
    *, resource: str, enforced: str, decision: str, difference: float | None, micro_usd: int = 0
) -> None:
    """What a policy, snapshot or panel in the shadow made of an item; `difference` is its score less the one
    that was answered. For debugging where both decide alike."""
    log = _log.debug if enforced == decision else _log.info
    rounded = None if difference is None else round(difference, 4)
    log(
        "shadow_ruled",
        resource=resource,
        enforced=enforced,
        decision=decision,
        difference=rounded,
        micro_usd=micro_usd,
    )


def shadow_left_out(*, resource: str) -> None:
    """An item was drawn for a panel in the shadow, which had too many at work."""
    _log.info("shadow_left_out", resource=resource)


def shadow_failed(*, resource: str, error: str) -> None:
    """A shadow could not be observed; no answer depends on it."""
    _log.warning("shadow_failed", resource=resource, error=error)


def catalog_reloaded(*, changes: Sequence[str], seconds: float) -> None:
    """The files were read again and are in force; names of what came (+), went (-) or changed (~)."""
    _log.info("catalog_reloaded", changes=list(changes), milliseconds=_milliseconds(seconds))


def reload_refused(*, mistakes: Sequence[str]) -> None:
    """The files have mistakes, a line each with file and path: nothing of them was taken over."""
    metrics.happened("reload_refused")
    _log.error(
        "reload_refused",
        mistakes=list(mistakes),
        detail="the previous catalogue stays in force; mend the files (`moa-scorer check` finds the same)",
    )


def reload_crashed(*, error: str) -> None:
    """A reload ended in an unexpected exception of this type; the previous catalogue stays in force."""
    metrics.happened("reload_crashed")
    _log.error("reload_crashed", error=error)


def restart_needed(*, what: Sequence[str]) -> None:
    """Settings or files changed that are only read at the start."""
    _log.warning("restart_needed", what=list(what), detail="restart the server for these to take effect")


def model_missing(*, judge: str, detail: str) -> None:
    """A judge of the default panel will abstain until its model is installed."""
    _log.warning("model_missing", judge=judge, detail=detail)


def storage_down() -> None:
    """Records could not be written; answers name none until they can be again."""
    metrics.happened("storage_down")
    _log.error("storage_down", detail="the database cannot be reached; answers are given without a record")


def storage_back() -> None:
    """Records are written again."""
    _log.warning("storage_back")


def record_refused(*, error: str) -> None:
    """The database would not take one record, for an error of this type; its text may hold content."""
    metrics.happened("record_refused")
    _log.error("record_refused", error=error)


def job_taken(*, job: str, kind: str, done: int) -> None:
    """This process works on a job; `done` items of it were settled before."""
    _log.info("job_taken", job=job, kind=kind, done=done)


def job_ended(*, job: str, state: str, detail: str) -> None:
    """A job has ended in this state; `detail` names files, never content."""
    _log.info("job_ended", job=job, state=state, detail=detail)


def job_handed_back(*, job: str) -> None:
    """This process ends, and another may go on with the job."""
    _log.info("job_handed_back", job=job)


def job_lost(*, job: str) -> None:
    """The job was given to another process while this one was silent, or deleted."""
    _log.warning("job_lost", job=job)


def job_paused(*, job: str) -> None:
    """The database cannot be reached; the job waits for it."""
    _log.warning("job_paused", job=job, detail="the database cannot be reached; the job waits for it")


def job_out_of_quota(*, job: str, meter: str, seconds: float) -> None:
    """The quota of the job's tenant is used up, and new in so many seconds; an item waits for it."""
    _log.info("job_out_of_quota", job=job, meter=meter, new_in_seconds=round(seconds))


def job_crashed(*, job: str, error: str) -> None:
    """A job ended in an unexpected exception of this type; its text is withheld, it may hold content."""
    metrics.happened("job_crashed")
    _log.error("job_crashed", job=job, error=error)


def job_item_crashed(*, job: str, item: int, error: str) -> None:
    """One item of a job ran into an unexpected exception of this type, its text withheld as well."""
    _log.error("job_item_crashed", job=job, item=item, error=error)


def records_expired(*, records: int) -> None:
    """So many records were older than the settings keep them."""
    _log.info("records_expired", records=records)


def database_opened(*, database: str) -> None:
    """Records are kept here; the password is withheld."""
    _log.info("database_opened", database=database)


def upkeep_failed(*, work: str, error: str) -> None:
    """A step of the server's work for its memory ended in an unexpected exception of this type."""
    _log.error("upkeep_failed", work=work, error=error)


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1e3, 2)
