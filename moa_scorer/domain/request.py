"""One item to score, after parsing and validation."""

from dataclasses import dataclass

from moa_scorer.domain.content import Content
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRequest:
    """What a caller asks for. Empty strings mean "the default"."""

    content: Content
    panel: str = ""
    """`name` or pinned `name@version`."""
    rubric: str = ""
    """`name` or pinned `name@version`; empty = the panel's default for the content's kind."""
    policy: str = ""
    """`name` or pinned `name@version`; empty = no policy, decision NONE."""
    expected_ruler: str = ""
    """When set, any other ruler fails the request."""
    quorum: int | None = None
    """Overrides the panel's quorum; 1..number of judges."""
    tenant: Tenant = DEFAULT_TENANT
