"""Why a request could not be served at all. A failed judge is a value, never one of these."""

from dataclasses import dataclass
from typing import ClassVar


class MoaError(Exception):
    """Root of the errors that a caller may see; messages never carry content, prompts or secrets."""

    reason: ClassVar[str] = "INTERNAL"
    """Stable reason of the contract's error table."""

    @property
    def metadata(self) -> dict[str, str]:
        """Facts for machines, documented beside the reason in the contract."""
        return {}


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with a request."""

    field: str
    """Path in the request, such as `content.text` or `requests[3].panel`."""
    description: str
    """What is wrong and what would be right."""


class InvalidRequest(MoaError):
    """The request breaks the contract; every violation is listed."""

    reason = "INVALID_REQUEST"

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__("; ".join(f"{v.field}: {v.description}" for v in violations))
        self.violations = violations


class NotFound(MoaError):
    """A named resource does not exist."""

    def __init__(self, collection: str, name: str, known: tuple[str, ...] = ()) -> None:
        hint = f"; known: {', '.join(known)}" if known else ""
        super().__init__(f"{collection}/{name} does not exist{hint}")
        self.collection = collection
        self.name = name

    reason = "RESOURCE_NOT_FOUND"

    @property
    def metadata(self) -> dict[str, str]:
        return {"collection": self.collection, "name": self.name}


class RulerMismatch(MoaError):
    """The caller expected another ruler than the one in force."""

    reason = "RULER_MISMATCH"

    def __init__(self, expected: str, actual: str) -> None:
        super().__init__(f"expected ruler {expected}, the ruler in force is {actual}")
        self.expected = expected
        self.actual = actual

    @property
    def metadata(self) -> dict[str, str]:
        return {"expected": self.expected, "actual": self.actual}


class BudgetTooSmall(MoaError):
    """Not even an unscored answer fits into the time that is left."""

    reason = "BUDGET_TOO_SMALL"

    def __init__(self) -> None:
        super().__init__("the deadline leaves no time for any answer; allow at least 20 ms")


class RequestIdReused(MoaError):
    """The request id belongs to a request with another body."""

    reason = "REQUEST_ID_REUSED"

    def __init__(self) -> None:
        super().__init__("this request_id was used for another request; take a new one for a new request")


class Draining(MoaError):
    """The server reads no more of this call; what it has read is answered."""

    reason = "DRAINING"

    def __init__(self) -> None:
        super().__init__("the server reads no more of this call; send what was not answered on a new one")


class RatingIdReused(MoaError):
    """The id of a rating or an appeal belongs to another one."""

    reason = "RATING_ID_REUSED"

    def __init__(self, what: str, id_: str) -> None:
        super().__init__(f"another {what} was stored under this id; give a new one an id of its own")
        self.id = id_

    @property
    def metadata(self) -> dict[str, str]:
        return {"id": self.id}


class RequestInProgress(MoaError):
    """Another call with the same request id is at work, and this one's budget is over."""

    reason = "REQUEST_IN_PROGRESS"

    def __init__(self) -> None:
        super().__init__("a request with this request_id is still being worked on; ask again for its answer")


class Precondition(MoaError):
    """What a request is about is in a state that forbids it."""

    reason = "FAILED_PRECONDITION"

    def __init__(self, subject: str, words: str) -> None:
        super().__init__(f"{subject}: {words}")
        self.subject = subject
        self.words = words

    @property
    def metadata(self) -> dict[str, str]:
        return {"subject": self.subject}


class StorageUnavailable(MoaError):
    """The request cannot be served without the database, and that cannot be reached."""

    reason = "STORAGE_UNAVAILABLE"

    def __init__(self, what: str = "the database cannot be reached; try again") -> None:
        super().__init__(what)


class DamagedRecord(MoaError):
    """A stored record is not what was written."""

    reason = "RECORD_DAMAGED"

    def __init__(self, name: str, part: str) -> None:
        super().__init__(
            f"records/{name} is damaged: the bytes of its {part} are not those that were written"
        )
        self.name = name
        self.part = part

    @property
    def metadata(self) -> dict[str, str]:
        return {"record": f"records/{self.name}", "part": self.part}


class Unauthenticated(MoaError):
    """Nobody is known by the credentials of the call; the message never says which part was wrong."""

    reason = "UNAUTHENTICATED"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"the call carries no valid credentials; this server takes {wanted}")


class Forbidden(MoaError):
    """The caller is known and may not do this."""

    reason = "FORBIDDEN"

    def __init__(self, role: str) -> None:
        super().__init__(f"this method needs the role `{role}`, which the caller does not have")
        self.role = role

    @property
    def metadata(self) -> dict[str, str]:
        return {"role": self.role}


class QuotaExceeded(MoaError):
    """The tenant has used up, or holds for work under way, what it may use in a window of time."""

    reason = "QUOTA_EXCEEDED"

    def __init__(self, meter: str, amount: int, seconds: int, retry_after: float | None) -> None:
        """`retry_after` in seconds; None = the request needs more than a whole window has."""
        quota = f"the quota of {amount} {meter} in {seconds} s"
        super().__init__(
            f"the request needs more than {quota}"
            if retry_after is None
            else f"{quota} has no room for this; it is new in {retry_after:.0f} s"
        )
        self.meter = meter
        self.amount = amount
        self.seconds = seconds
        self.retry_after = retry_after

    @property
    def metadata(self) -> dict[str, str]:
        return {"meter": self.meter, "amount": str(self.amount), "window_seconds": str(self.seconds)}


class Overloaded(MoaError):
    """More calls are at work or waiting than the server can serve in time."""

    reason = "OVERLOADED"

    def __init__(self, retry_after: float) -> None:
        super().__init__("the server has more calls than it can serve; ask again after a while")
        self.retry_after = retry_after


class ConfigurationError(MoaError):
    """Configuration on disk is wrong; every mistake is listed with its file and path."""

    reason = "CONFIGURATION"

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes
