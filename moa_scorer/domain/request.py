"""One item to score, after parsing and validation."""

from dataclasses import dataclass
from enum import StrEnum

from moa_scorer.domain.content import Content
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant


class Sensitivity(StrEnum):
    """Who may see the content."""

    VENDORS_ALLOWED = "vendors_allowed"
    LOCAL_ONLY = "local_only"
    """Only judges on the operator's own machines."""


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
    cost_ceiling: int | None = None
    """Millionths of a US dollar that asking the judges may cost, >= 0; None = no ceiling."""
    sensitivity: Sensitivity = Sensitivity.VENDORS_ALLOWED
    seed: int = 0
    """Fixes sampling where endpoints honour it, and the order in which ballots are shown; >= 0."""
    tenant: Tenant = DEFAULT_TENANT
