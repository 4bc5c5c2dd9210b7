"""The Python client, async and sync. Importing it loads nothing heavier than grpc and protobuf.

from moa_scorer.client import Client

with Client("127.0.0.1:50051") as client:
    result = client.score("Great post, thanks!")
    print(result.score, result.scored.certificate)
"""

from moa_scorer.client.asynchronous import AsyncClient
from moa_scorer.client.channel import service_config
from moa_scorer.client.errors import (
    DeadlineExceeded,
    FailedPrecondition,
    InvalidRequest,
    NotFound,
    ResourceExhausted,
    ScorerError,
    Unreachable,
    Violation,
)
from moa_scorer.client.feedback import PlannedRating, Rating, RatingPlan, StoredRating
from moa_scorer.client.own_ballots import Answered, OwnBallots
from moa_scorer.client.records import (
    DamagedRecord,
    Deleted,
    Explanation,
    RecordQuery,
    Replayed,
    StoredRecord,
)
from moa_scorer.client.requests import Item, View
from moa_scorer.client.results import (
    Abstention,
    Answer,
    Ballot,
    Contribution,
    Criterion,
    Event,
    Evidence,
    Facts,
    Interval,
    NotScored,
    Plan,
    PlannedLayer,
    Result,
    Scored,
    Unscored,
    Usage,
)
from moa_scorer.client.synchronous import Client

__all__ = [
    "Abstention",
    "Answer",
    "Answered",
    "AsyncClient",
    "Ballot",
    "Client",
    "Contribution",
    "Criterion",
    "DamagedRecord",
    "DeadlineExceeded",
    "Deleted",
    "Event",
    "Evidence",
    "Explanation",
    "Facts",
    "FailedPrecondition",
    "Interval",
    "InvalidRequest",
    "Item",
    "NotFound",
    "NotScored",
    "OwnBallots",
    "Plan",
    "PlannedLayer",
    "PlannedRating",
    "Rating",
    "RatingPlan",
    "RecordQuery",
    "Replayed",
    "ResourceExhausted",
    "Result",
    "Scored",
    "ScorerError",
    "StoredRating",
    "StoredRecord",
    "Unreachable",
    "Unscored",
    "Usage",
    "View",
    "Violation",
    "service_config",
]
