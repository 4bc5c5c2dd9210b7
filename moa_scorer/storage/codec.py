"""Values as bytes and back, exactly; each with a seal, so that one flipped bit is found and named."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final, Generic, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from moa_scorer.domain.ballot import Ballot
from moa_scorer.domain.record import PlanRecord
from moa_scorer.storage.parts import FactsPart, PlanPart, RequestPart, VerdictPart, WayPart

T = TypeVar("T")

SEAL: Final = 32
"""Bytes of SHA-256 before every stored part."""


class Damaged(ValueError):
    """The bytes are not those that were sealed."""


class Codec(Generic[T]):
    """JSON of one frozen dataclass, or of a tuple of them: floats by their shortest repr, infinities by name.

    A field that is new since the bytes were written takes its default.
    """

    def __init__(self, kind: Any) -> None:
        # A dataclass by itself would bring settings of its own, so it travels in a tuple of one.
        self._adapter: TypeAdapter[tuple[T]] = TypeAdapter(
            tuple[kind], config=ConfigDict(ser_json_inf_nan="constants")
        )

    def encode(self, value: T) -> bytes:
        """The value's JSON; raises ValueError for what JSON or UTF-8 cannot hold."""
        return self._adapter.dump_json((value,), fallback=_as_dict, warnings=False)

    def decode(self, content: bytes) -> T:
        """The value; raises Damaged for anything else."""
        try:
            return self._adapter.validate_json(content)[0]
        except ValidationError as error:
            raise Damaged(f"{error.error_count()} values are not what they should be") from None


def _as_dict(value: object) -> dict[object, object]:
    """A mapping that is no dict; raises ValueError for anything else."""
    if isinstance(value, Mapping):
        return dict(value)
    raise ValueError(f"no JSON for {type(value).__name__}")


REQUEST: Final = Codec[RequestPart](RequestPart)
PLAN: Final = Codec[PlanPart](PlanPart)
FRAME: Final = Codec[PlanRecord](PlanRecord)
FACTS: Final = Codec[FactsPart](FactsPart)
BALLOTS: Final = Codec[tuple[Ballot, ...]](tuple[Ballot, ...])
VERDICT: Final = Codec[VerdictPart](VerdictPart)
WAY: Final = Codec[WayPart](WayPart)


def digest_of(content: bytes) -> str:
    """`sha256:` and 64 hex digits."""
    return "sha256:" + sha256(content).hexdigest()


def sealed(place: str, content: bytes) -> bytes:
    """The content behind a digest of it and of the place that it belongs to."""
    return _seal(place, content) + content


def unsealed(place: str, stored: bytes) -> bytes:
    """The content; raises Damaged when it is not what was sealed for this place."""
    content = stored[SEAL:]
    if _seal(place, content) != stored[:SEAL]:
        raise Damaged(place)
    return content


def _seal(place: str, content: bytes) -> bytes:
    return sha256(b"%b\x00%b" % (place.encode("utf-8", "surrogatepass"), content)).digest()
