"""What would be wrong with a database is told by the figure for it, and by no other."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.sent import GOOD, Sent
from tests.chaos.storage.figures import Seen, figures
from tests.chaos.storage.inspection import Kept
from tests.chaos.storage.journal import (
    Asked,
    Cut,
    Ended,
    Event,
    Journal,
    Killed,
    Looked,
    Ordered,
    Resumed,
    Told,
)

PRICE = 7
ITEMS = (1, 2, 5_010_000, 5_010_001)
"""Two of callers, two of the first job."""


def _name(item: int) -> str:
    return f"records/{item}"


def _events() -> list[Event]:
    told = [Told(round=1, item=item, record=_name(item), score=0.5) for item in (1, 2)]
    return [
        *(Asked(round=1, item=item) for item in (1, 2)),
        *told,
        *(Looked(round=1, record=event.record, outcome="SAME") for event in told),
        Ordered(round=1, number=1, name="operations/1"),
        Ended(round=2, number=1, state="SUCCEEDED", scored=2, micro_usd=2 * PRICE),
        Killed(round=1, workers=1, starting=1.0, under_load=2.0),
    ]


def _kept(item: int, **more: Any) -> Kept:
    said = {"record": _name(item), "item": item, "request_id": "r", "score": 0.5, "micro_usd": PRICE}
    return Kept(**said | more)


def _sent(item: int) -> Sent:
    return Sent(run=1, item=item, judge="alpha", fate=GOOD, ended=1.0, whole=True)


@pytest.fixture
def fine(tmp_path: Path) -> Seen:
    journal = Journal(tmp_path / "journal.jsonl")
    for event in _events():
        journal.write(event)
    lines: list[Mapping[str, Any]] = [{"id": f"item-{item}", "record": _name(item)} for item in ITEMS[2:]]
    return Seen(
        journal=journal,
        kept=[_kept(item) for item in ITEMS],
        results={1: lines},
        a_job=2,
        sent=[_sent(item) for item in ITEMS],
        late=0,
        damage=(),
    )


def _missed(seen: Seen) -> list[str]:
    return [figure.name for figure in figures(seen) if not figure.ok]


def test_a_whole_database_misses_nothing(fine: Seen) -> None:
    assert _missed(fine) == []


def test_a_record_that_is_gone_is_told(fine: Seen) -> None:
    [missed] = _missed(replace(fine, kept=[k for k in fine.kept if k.item != 1]))

    assert missed.startswith("records named in an answer and not there once")


def test_a_second_record_of_an_item_is_told_as_such_and_as_money(fine: Seen) -> None:
    second, third = _missed(replace(fine, kept=[*fine.kept, _kept(1, record="records/x")]))

    assert (second, third.split(",")[0]) == ("items with two scored records", "items paid twice in the books")


def test_another_score_than_was_told_is_told(fine: Seen) -> None:
    other = [_kept(k.item, score=0.6) if k.item == 1 else k for k in fine.kept]

    assert _missed(replace(fine, kept=other)) == ["records that hold another item or score than was told"]


def test_another_answer_to_the_same_request_id_is_told(fine: Seen) -> None:
    fine.journal.write(Told(round=2, item=1, record=_name(1), score=0.7, again=True))

    assert any(name.startswith("request ids with another answer") for name in _missed(fine))


def test_a_call_that_no_kill_explains_is_told(fine: Seen) -> None:
    again = replace(fine, sent=[*fine.sent, _sent(1)])

    [missed] = _missed(again)

    assert missed.startswith("items asked anew that no kill had cut off")
    again.journal.write(Cut(round=1, item=1, why="UNAVAILABLE"))
    assert _missed(again) == []


def test_a_job_that_lost_an_item_is_told(fine: Seen) -> None:
    [missed] = _missed(replace(fine, results={1: fine.results[1][:1]}))

    assert missed.startswith("backfills of 2 items that ended")


def test_items_set_aside_that_kills_do_not_explain_are_told(fine: Seen) -> None:
    fine.journal.write(Resumed(round=1, number=1, set_aside=1))

    [missed] = _missed(fine)

    assert missed.startswith("items of jobs set aside")


def test_a_journal_reads_back_what_was_written_and_leaves_out_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    for event in _events():
        journal.write(event)
    journal.close()
    path.write_text(path.read_text() + '{"what": "Told", "rou')

    again = Journal(path)
    assert again.events == _events()
    assert again.rounds == 1
    again.write(Asked(round=2, item=3))
    again.close()
    assert Journal(path).events == [*_events(), Asked(round=2, item=3)]
