"""One item to score, after parsing and validation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from moa_scorer.domain.content import Content
from moa_scorer.domain.raw_ballot import RawBallot
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant


class Sensitivity(StrEnum):
    """Who may see the content."""

    VENDORS_ALLOWED = "vendors_allowed"
    LOCAL_ONLY = "local_only"
    """Only judges on the operator's own machines."""


class Retention(StrEnum):
    """What of a request is kept in its record."""

    FULL = "full"
    """Everything."""
    NUMBERS = "numbers"
    """Scores, offsets, reasons and marks; no text, quotes, critiques or replies."""
    NOTHING = "nothing"
    """No record; excludes a request id."""


class CacheControl(StrEnum):
    """How a request uses remembered answers."""

    DEFAULT = "default"
    """Takes one, and is remembered."""
    REFRESH = "refresh"
    """Takes none, and is remembered."""
    NONE = "none"
    """Neither."""


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
    request_id: str = ""
    """Makes a retry the same request; empty = every call is its own."""
    scope: str = ""
    """The method or job within which the request id is unique."""
    cache: CacheControl = CacheControl.DEFAULT
    retention: Retention = Retention.FULL
    subject: str = ""
    """Whom the content is about or from, as the caller calls them: what an erasure is asked by."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """The caller's own marks, kept in the record."""
    shadow_of: str | None = None
    """Record of the answer that another panel is observed beside, empty where that was not kept; nobody but
    the server asks so. None = somebody asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileRequest:
    """One item whose judges the caller has asked already. Empty strings mean "the default"."""

    ballots: tuple[RawBallot, ...]
    """At most one a judge, in any order."""
    content: Content
    """What the ballots are about; its text may be empty: then there are no measures of it."""
    snapshot: str = ""
    """`name` (its newest) or pinned `name@version`; empty = the newest for `panel` and `rubric`."""
    panel: str = ""
    """As in ScoreRequest; named exactly where `snapshot` is not."""
    rubric: str = ""
    policy: str = ""
    expected_ruler: str = ""
    quorum: int | None = None
    tenant: Tenant = DEFAULT_TENANT
