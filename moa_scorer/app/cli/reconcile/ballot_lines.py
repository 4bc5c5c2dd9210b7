"""Lines of JSON -> ballots of one's own judges, or what is wrong with the line."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from moa_scorer.app.cli.score.items import Line, opened
from moa_scorer.app.mistakes import did_you_mean
from moa_scorer.client import Item, OwnBallots
from moa_scorer.client.own_ballots import reconcile_message

_NOT_OF_A_LINE: Final = {"snapshot", "panel", "rubric", "quorum", "expected_ruler"}
_KEYS: Final = frozenset(f.name for f in fields(OwnBallots)) - _NOT_OF_A_LINE
_OBJECTS: Final = frozenset({"judges", "read"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotLine:
    """One item's ballots, or why they cannot be read."""

    line: Line
    """Number, id and text, for what is written about it; its `mistake` where there are no ballots."""
    ballots: OwnBallots | None


@contextmanager
def ballot_lines(name: str, defaults: OwnBallots) -> Iterator[Iterator[BallotLine]]:
    """The lines of a JSONL file or stdin, read as they are asked for; raises BadInput if it cannot be."""
    with opened(name) as file:
        yield parse_ballots(file, defaults)


def parse_ballots(lines: Iterable[bytes], defaults: OwnBallots) -> Iterator[BallotLine]:
    """One for each line that is not blank; a bad one says what is wrong and stops no other."""
    for number, raw in enumerate(lines, start=1):
        if raw.strip():
            yield _parsed(number, raw, defaults)


def _parsed(number: int, raw: bytes, defaults: OwnBallots) -> BallotLine:
    try:
        ballots = _ballots(json.loads(raw.decode("utf-8-sig")), defaults)
    except UnicodeDecodeError:
        return _bad(number, "is not UTF-8 text")
    except json.JSONDecodeError as error:
        return _bad(number, f"is not JSON: {error}")
    except (ValueError, RecursionError) as error:
        return _bad(number, str(error))
    return BallotLine(line=Line(number=number, item=Item(text=ballots.text, id=ballots.id)), ballots=ballots)


def _bad(number: int, mistake: str) -> BallotLine:
    return BallotLine(line=Line(number=number, item=None, mistake=mistake), ballots=None)


def _ballots(said: Any, defaults: OwnBallots) -> OwnBallots:
    """Raises ValueError for whatever is not of the form."""
    if not isinstance(said, dict) or not isinstance(said.get("judges"), dict):
        raise ValueError('should be an object such as {"judges": {"JUDGE": {"CRITERION": 4}}}')
    for key, value in said.items():
        if key not in _KEYS:
            raise ValueError(f"unknown key {key!r}{did_you_mean(key, _KEYS)}")
        if not isinstance(value, dict if key in _OBJECTS else str):
            raise ValueError(f"{key}: should be {'an object' if key in _OBJECTS else 'a string'}")
    ballots = replace(defaults, **said)
    reconcile_message(ballots)
    return ballots
