"""What is asked, as frozen values, and as messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeVar

from moa_scorer.api.v1 import scoring_service_pb2 as pb

V = TypeVar("V")
View = Literal["decision", "score", "ballots", "full"]

Cache = Literal["default", "refresh", "none"]
Retention = Literal["full", "numbers", "nothing"]
Priority = Literal["default", "interactive", "batch", "backfill"]

VIEWS: Final = {
    "decision": pb.VIEW_DECISION,
    "score": pb.VIEW_SCORE,
    "ballots": pb.VIEW_BALLOTS,
    "full": pb.VIEW_FULL,
}

CACHES: Final = {
    "default": pb.CACHE_CONTROL_UNSPECIFIED,
    "refresh": pb.CACHE_CONTROL_REFRESH,
    "none": pb.CACHE_CONTROL_NONE,
}
RETENTIONS: Final = {
    "full": pb.RETENTION_UNSPECIFIED,
    "numbers": pb.RETENTION_NUMBERS,
    "nothing": pb.RETENTION_NOTHING,
}
PRIORITIES: Final = {
    "default": pb.PRIORITY_UNSPECIFIED,
    "interactive": pb.PRIORITY_INTERACTIVE,
    "batch": pb.PRIORITY_BATCH,
    "backfill": pb.PRIORITY_BACKFILL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One text to score and how. Empty strings mean "the default"."""

    text: str
    id: str = ""
    """The caller's own id; comes back as `content_id`."""
    language: str = ""
    """ISO 639-1; empty = detected."""
    kind: str = ""
    """comment, summary, story …: decides which calibration holds."""
    title: str = ""
    context: str = ""
    """What the text answers or condenses."""
    panel: str = ""
    """`name` or pinned `name@version`."""
    rubric: str = ""
    policy: str = ""
    expected_ruler: str = ""
    budget: float | None = None
    """Seconds until the answer must leave the server; None = what the deadline leaves."""
    quorum: int | None = None
    producer: str = ""
    """Family or id of the model that wrote the text, where one did: its own family does not judge it."""
    cost_ceiling: float | None = None
    """US dollars that asking the judges may cost, to the millionth; None = no ceiling."""
    local_only: bool = False
    """Whether only judges on the operator's own machines may see the content."""
    seed: int = 0
    """Fixes the sampling of models where their endpoints honour seeds; 0 to 2,147,483,647."""
    request_id: str = ""
    """Makes a retry the same request, answered again for nothing; empty = every call is its own."""
    cache: Cache = "default"
    """`default` takes an earlier answer, `refresh` asks anew, `none` does so and is not remembered."""
    retention: Retention = "full"
    """What is kept: everything, `numbers` without any text, or `nothing`."""
    subject: str = ""
    """Whom the text is about or from: what an erasure is asked by."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Your own marks, by which records are found."""
    priority: Priority = "default"
    """Who goes first when the server is busy; default: interactive, in batches and pipelines batch."""


def message_of(item: Item | str, view: View = "score") -> pb.ScoreContentRequest:
    """The request as sent; a plain string is a text with defaults.

    Raises ValueError for an unknown view, cache, retention or priority.
    """
    if isinstance(item, str):
        item = Item(text=item)
    request = pb.ScoreContentRequest(
        panel=item.panel,
        rubric=item.rubric,
        policy=item.policy,
        expected_ruler=item.expected_ruler,
        view=_chosen(VIEWS, "view", view),
        sensitivity=pb.SENSITIVITY_LOCAL_ONLY if item.local_only else pb.SENSITIVITY_UNSPECIFIED,
        request_id=item.request_id,
        cache_control=_chosen(CACHES, "cache", item.cache),
        retention=_chosen(RETENTIONS, "retention", item.retention),
        subject=item.subject,
        tags=item.tags,
        priority=_chosen(PRIORITIES, "priority", item.priority),
    )
    for name in ("text", "id", "language", "kind", "title", "context", "producer"):
        setattr(request.content, name, getattr(item, name))
    if item.quorum is not None:
        request.quorum = item.quorum
    if item.cost_ceiling is not None:
        request.cost_ceiling.micro_usd = round(item.cost_ceiling * 1e6)
    if item.seed:
        request.seed = item.seed
    if item.budget is not None:
        request.latency_budget.FromNanoseconds(round(item.budget * 1e9))
    return request


def view_number(view: View) -> pb.View.ValueType:
    """The view as sent; raises ValueError for an unknown one."""
    return _chosen(VIEWS, "view", view)


def _chosen(known: Mapping[str, V], what: str, word: str) -> V:
    if word not in known:
        raise ValueError(f"there is no {what} {word!r}; there are {', '.join(known)}")
    return known[word]
