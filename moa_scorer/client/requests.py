"""What is asked, as frozen values, and as messages."""

from dataclasses import dataclass
from typing import Final, Literal

from moa_scorer.api.v1 import scoring_service_pb2 as pb

View = Literal["decision", "score", "ballots", "full"]

VIEWS: Final = {
    "decision": pb.VIEW_DECISION,
    "score": pb.VIEW_SCORE,
    "ballots": pb.VIEW_BALLOTS,
    "full": pb.VIEW_FULL,
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


def message_of(item: Item | str, view: View = "score") -> pb.ScoreContentRequest:
    """The request as sent; a plain string is a text with defaults. Raises ValueError for an unknown view."""
    if isinstance(item, str):
        item = Item(text=item)
    if view not in VIEWS:
        raise ValueError(f"there is no view {view!r}; there are {', '.join(VIEWS)}")
    request = pb.ScoreContentRequest(
        panel=item.panel,
        rubric=item.rubric,
        policy=item.policy,
        expected_ruler=item.expected_ruler,
        view=VIEWS[view],
        sensitivity=pb.SENSITIVITY_LOCAL_ONLY if item.local_only else pb.SENSITIVITY_UNSPECIFIED,
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
