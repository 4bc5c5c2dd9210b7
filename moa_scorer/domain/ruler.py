"""The digest of everything that makes the number."""

import hashlib
import json
from collections.abc import Iterable, Mapping

from moa_scorer.domain.ballot import Ballot


def digest(value: object) -> str:
    """`sha256:` and 64 hex digits of the value's canonical JSON; floats by their shortest repr."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def reported_ruler(planned: str, ballots: Iterable[Ballot]) -> str:
    """The planned ruler, which judges answered what, and the models that they reported.

    Two answers with the same one were made by the same judges on the same models.
    """
    seen = [[b.judge, sorted(b.scores()), b.model, b.stand_in] for b in ballots if b.judged()]
    return digest([planned, seen])


def ruler(
    *,
    rubric: str,
    panel: str,
    judges: Mapping[str, str],
    aggregator: str,
    snapshot: str,
) -> str:
    """The planned ruler of a request.

    Every argument is itself a digest or a revision with a digest; `judges` maps each planned judge's name to
    the digest of its code version, weights and prompts. The order of the planned judges counts.
    """
    return digest(
        {
            "rubric": rubric,
            "panel": panel,
            "judges": list(judges.items()),
            "aggregator": aggregator,
            "snapshot": snapshot,
        }
    )
