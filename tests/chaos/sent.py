"""What the vendor itself says of every call it was sent, and the file that keeps it."""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.fakes.catalogue import Price

GOOD, RATE_LIMITED, HANG, GARBAGE, REFUSAL = "good", "rate_limited", "hang", "garbage", "refusal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One call as the vendor saw it."""

    run: int
    item: int
    judge: str
    fate: str
    """What the vendor did: one of the words above."""
    ended: float
    """When it was through with it, on the machine's monotonic clock."""
    whole: bool
    """Whether the whole answer was handed to the network; False = the caller went away first."""
    input_tokens: int = 0
    """As the vendor reports and bills them; 0 for an answer that reports none."""
    output_tokens: int = 0
    size: int = 0
    """Bytes of the request's body; more than its tokens."""

    @property
    def good(self) -> bool:
        """Whether the judge's whole answer was sent."""
        return self.whole and self.fate == GOOD

    @property
    def reported(self) -> bool:
        """Whether the caller was told what the call took."""
        return self.whole and self.fate in (GOOD, REFUSAL) and self.input_tokens > 0

    @property
    def free(self) -> bool:
        """Whether the caller was told that it was turned away, and so costs nothing."""
        return self.whole and self.fate == RATE_LIMITED

    def price(self, price: Price) -> int:
        """Millionths of a US dollar, rounded up."""
        return math.ceil(self.input_tokens * price.input + self.output_tokens * price.output)

    def most(self, price: Price, max_tokens: int) -> int:
        """The most that anybody could have reserved for it: a token a byte, and the longest answer."""
        return math.ceil(self.size * price.input + max_tokens * price.output)


class SentFile:
    """JSON lines, one a call; a line cut off by a crash is left out."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, sent: Sequence[Sent]) -> None:
        """Kept at once."""
        with self._path.open("a", encoding="utf-8") as lines:
            lines.writelines(json.dumps(asdict(call)) + "\n" for call in sent)

    def read(self) -> list[Sent]:
        """In the order in which they ended."""
        lines = self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []
        return [Sent(**json.loads(line)) for line in lines if line.endswith("}")]


def by_item(calls: Iterable[Sent]) -> Mapping[tuple[int, int], list[Sent]]:
    """(run, item) -> its calls; the calls of an item that nobody sent are an empty list."""
    found: defaultdict[tuple[int, int], list[Sent]] = defaultdict(list)
    for call in calls:
        found[call.run, call.item].append(call)
    return found
