"""The figures of a chaos run tell a good run from a bad one."""

from dataclasses import replace

import pytest

from tests.chaos.answers import Answer, AnswerFile
from tests.chaos.figures import (
    Seen,
    bounds,
    feasible_scored,
    figures,
    inventions,
    lateness,
    percentile,
    upstream_calls,
)
from tests.chaos.sent import GARBAGE, GOOD, HANG, RATE_LIMITED, Sent, SentFile, by_item
from tests.chaos.truth import CRITERIA, grade, item_in, score, text_of_item
from tests.fakes.catalogue import Price

JUDGES = ("one", "two", "three")
PRICE = Price(input=2.0, output=10.0)


def answered(item: int) -> Answer:
    """All judges say what the vendor said."""
    return Answer(
        run=1,
        item=item,
        status="OK",
        asked=100.0,
        seconds=0.5,
        outcome="scored",
        score=0.5,
        elapsed=0.4,
        budget=2.0,
        ballots={judge: {c: score(item, judge, c) for c in CRITERIA} for judge in JUDGES},
        calls=3,
        micro_usd=3 * 1200,
    )


def sent(item: int, judge: str, fate: str = GOOD, *, whole: bool = True) -> Sent:
    tokens = {"input_tokens": 100, "output_tokens": 100} if fate == GOOD else {}
    return Sent(
        run=1,
        item=item,
        judge=judge,
        fate=fate,
        ended=100.3,
        whole=whole and fate != HANG,
        size=900,
        **tokens,
    )


def seen(answers: list[Answer], calls: list[Sent]) -> Seen:
    return Seen(
        items=len(answers),
        quorum=2,
        latency_budget=2.1,
        deadline=10.0,
        price=PRICE,
        max_tokens=300,
        answers=answers,
        calls=by_item(calls),
    )


def good(items: int = 4) -> Seen:
    return seen(
        [answered(i) for i in range(items)], [sent(i, judge) for i in range(items) for judge in JUDGES]
    )


def missed(run: Seen) -> set[str]:
    """First words of the figures that are not met."""
    return {figure.name.split()[0] for figure in [*figures(run), *lateness(run, 0.001)] if not figure.ok}


def test_a_run_in_which_all_went_well_meets_every_limit() -> None:
    assert missed(good()) == set()


def test_an_item_without_a_reason_or_with_an_unknown_status_is_not_typed() -> None:
    run = good()
    broken = replace(run.answers[0], outcome="unscored", score=None, ballots={}, micro_usd=0)

    assert missed(replace(run, answers=[broken, *run.answers[1:]])) >= {"items"}
    assert broken.typed is False
    assert replace(broken, reason="QUORUM_MISSED").typed
    assert not replace(broken, status="UNKNOWN").typed


def test_an_item_that_never_came_back_is_missed() -> None:
    run = good()

    assert missed(replace(run, answers=run.answers[1:])) == {"items"}


@pytest.mark.parametrize(
    "calls",
    [
        pytest.param([sent(0, "one"), sent(0, "two")], id="a judge that was not asked"),
        pytest.param([sent(0, "one"), sent(0, "two"), sent(0, "three", GARBAGE)], id="a judge sent garbage"),
        pytest.param([sent(0, "one"), sent(0, "two"), sent(0, "three", whole=False)], id="a cut off answer"),
    ],
)
def test_a_score_that_no_judge_gave_is_found(calls: list[Sent]) -> None:
    found = inventions(answered(0), calls, quorum=2)

    assert [words.partition("/")[0] for words in found] == ["three"] * len(CRITERIA)


def test_another_value_than_the_judge_gave_is_found() -> None:
    answer = answered(0)
    ballots = {**answer.ballots, "one": {CRITERIA[0]: score(0, "one", CRITERIA[0]) + 0.01}}

    assert inventions(replace(answer, ballots=ballots), [sent(0, j) for j in JUDGES], 2) != []


def test_a_score_from_fewer_judges_than_the_quorum_is_found() -> None:
    answer = answered(0)
    alone = replace(answer, ballots={"one": answer.ballots["one"], "two": {"": "TIMEOUT"}})

    assert inventions(alone, [sent(0, "one")], 2) == ["a score from 1 judges"]


def test_items_without_a_feasible_quorum_are_not_held_against_it() -> None:
    unscored = replace(answered(0), outcome="unscored", reason="QUORUM_MISSED", score=None, ballots={})
    run = seen([unscored, answered(1)], [sent(0, "one"), *(sent(1, judge) for judge in JUDGES)])

    assert feasible_scored(run).name.split()[3:5] == ["1", "items"]
    assert feasible_scored(run).ok
    assert not feasible_scored(replace(run, calls=by_item(sent(i, j) for i in range(2) for j in JUDGES))).ok


def test_calls_are_counted_against_first_sends() -> None:
    run = good(items=400)
    again = [sent(i, judge, RATE_LIMITED) for i in range(400) for judge in JUDGES[:1]]

    assert upstream_calls(run).value == "1.0000"
    calls = by_item([call for each in run.calls.values() for call in each] + again)
    assert not upstream_calls(replace(run, calls=calls)).ok


def test_money_lies_between_what_was_answered_and_what_could_be_reserved() -> None:
    answer = answered(0)
    turned_away = replace(sent(0, "three", RATE_LIMITED), ended=100.05)
    calls = [sent(0, "one"), sent(0, "two"), sent(0, "three"), turned_away]
    most = 900 * 2 + 300 * 10

    assert bounds(answer, calls, PRICE, 300) == (3600, 3600)
    assert bounds(answer, [*calls, sent(0, "three", HANG)], PRICE, 300) == (3600, 3600 + most)
    assert bounds(answer, [*calls, replace(turned_away, ended=100.29)], PRICE, 300) == (3600, 3600 + most)


def test_an_answer_after_the_budget_is_late() -> None:
    run = good()
    late = replace(run.answers[0], elapsed=2.13)

    assert missed(replace(run, answers=[late, *run.answers[1:]])) == {"p99.9"}


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([float(i) for i in range(1, 1001)], 0.999) == 999.0
    assert percentile([], 0.5) == 0.0


def test_texts_carry_their_item_and_judges_differ_by_one_at_most() -> None:
    assert [item_in(f"before {text_of_item(i)} after") for i in (0, 7, 9_999_999)] == [0, 7, 9_999_999]
    assert item_in("Note 12 of nothing") is None
    grades = [[grade(i, judge, CRITERIA[0]) for judge in JUDGES] for i in range(50)]
    assert {g for row in grades for g in row} == {1, 2, 3, 4, 5}
    assert max(max(row) - min(row) for row in grades) <= 2


def test_what_was_kept_is_read_back_without_a_line_that_was_cut_off(tmp_path) -> None:
    answers, calls = AnswerFile(tmp_path / "answers.jsonl"), SentFile(tmp_path / "sent.jsonl")
    assert (answers.read(), calls.read()) == ({}, [])

    answers.append(answered(3))
    calls.append([sent(3, "one")])
    for name in ("answers.jsonl", "sent.jsonl"):
        with (tmp_path / name).open("a") as lines:
            lines.write('{"run": 1, "ite')

    assert answers.read() == {3: answered(3)}
    assert calls.read() == [sent(3, "one")]
