"""Files become studies: the same items from every form, in any order of lines, with every mistake told."""

import gzip
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moa_scorer.calibration.table import Scale
from moa_scorer.domain.ballot import AbstentionReason, ScoreKind
from moa_scorer.learning.study.files import read_studies
from moa_scorer.learning.study.mistakes import NotAStudy
from moa_scorer.learning.study.reading import Columns, Reading
from moa_scorer.learning.study.study import Study

FIVE = (1.0, 5.0)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def lines(folder: Path, *values: Mapping[str, Any], name: str = "made.jsonl") -> Path:
    return written(folder, name, "".join(json.dumps(v) + "\n" for v in values))


def line(item: str, **more: Any) -> dict[str, Any]:
    usual = {
        "dataset": "made",
        "item_id": item,
        "group_id": f"g{item}",
        "dimension": "depth",
        "content": f"text {item}",
        "human": [3],
        "human_min": 1,
        "human_max": 5,
        "judges": {"a": {"score": 2}},
    }
    return usual | more


def mistakes(path: Path, **reading: Any) -> tuple[str, ...]:
    with pytest.raises(NotAStudy) as refused:
        read_studies(path, reading=Reading(**reading))
    return refused.value.mistakes


def only(path: Path, **reading: Any) -> Study:
    (study,) = read_studies(path, reading=Reading(**reading))
    return study


def test_the_json_form_gives_items_ballots_and_scales(tmp_path: Path) -> None:
    path = lines(
        tmp_path,
        line("1", human=[1, 5], judges={"a/x": {"score": 2}, "b": {"score": None}}),
        line("2", judges={"a/x": {"score": 5, "samples": [5, 5]}, "b": {"score": 3}}),
    )
    study = only(path)

    assert study.items[0].ratings == {"depth": (0.0, 1.0)}
    assert (study.items[0].id, study.items[0].group, study.items[0].text) == ("made/1", "made/g1", "text 1")
    assert study.judges == ("a:x", "b")
    assert study.rows["made/1"]["a:x"].scores == {"depth": 0.25}
    assert study.rows["made/1"]["b"].abstained == {"depth": AbstentionReason.UNPARSEABLE}
    assert study.rows["made/2"]["a:x"].kinds == {"depth": ScoreKind.SAMPLES}
    assert study.scales == {j: Scale(low=1, high=5, declared=False) for j in ("a:x", "b")}


def test_criteria_on_other_items_are_other_studies(tmp_path: Path) -> None:
    path = lines(tmp_path, line("1"), line("2"), line("3", dimension="wit"), line("4", dimension="wit"))

    assert [s.name for s in read_studies(path)] == ["made-depth", "made-wit"]


def test_a_criterion_that_a_few_items_lack_stays_in_its_study(tmp_path: Path) -> None:
    both = [line(i, dimension=d) for i in "123" for d in ("depth", "wit")]
    study = only(lines(tmp_path, *both[:-1]))

    assert study.criteria == ("depth", "wit")
    assert [i.id for i in study.items] == ["made/1", "made/2"]
    assert [i.id for i in study.unrated] == ["made/3"]
    assert study.notes == ("items that lack a rating of a criterion, and are left out: 1",)


def test_where_each_item_has_one_dimension_the_task_is_the_criterion(tmp_path: Path) -> None:
    path = lines(
        tmp_path, line("1", dimension="easy", task="pairwise (1 = first)"), line("2", task="pairwise")
    )
    study = only(path)

    assert study.criteria == ("pairwise",)
    assert [i.system for i in study.items] == ["easy", "depth"]


def test_costs_and_times_are_means_of_items(tmp_path: Path) -> None:
    said = {"a": {"score": 2, "cost_micro_usd": 100, "seconds": 2}}
    path = lines(
        tmp_path, line("1", judges=said), line("1", dimension="wit", judges=said), line("2", judges=said)
    )
    path = lines(tmp_path, *map(json.loads, path.read_text().splitlines()), line("2", dimension="wit"))
    study = only(path, micro_usd={"b": 7.0})

    assert study.micro_usd == {"a": 150.0, "b": 7.0}
    assert study.seconds == {"a": 3.0}


def test_ratings_of_people_who_saw_a_score_are_never_used(tmp_path: Path) -> None:
    path = lines(
        tmp_path,
        line("1", human=[1, 5], saw_score=[True, False]),
        line("2", saw_score=True),
    )
    study = only(path)

    assert [i.ratings for i in study.items] == [{"depth": (1.0,)}]
    assert "ratings that are not used, as their raters had seen a score: 2" in study.notes


def test_a_score_outside_its_scale_is_an_abstention_and_counted(tmp_path: Path) -> None:
    path = lines(tmp_path, line("1", judges={"a": {"score": 12}}), line("2"))
    study = only(path, scales={"a": Scale(low=0, high=9)})

    assert study.rows["made/1"]["a"].abstained == {"depth": AbstentionReason.UNPARSEABLE}
    assert study.notes == ("scores of a outside 0 to 9, which count as abstentions: 1",)


def test_a_scale_whose_low_lies_above_its_high_turns_the_judge_round(tmp_path: Path) -> None:
    study = only(lines(tmp_path, line("1"), line("2")), scales={"*": Scale(low=5, high=1)})

    assert study.rows["made/1"]["a"].scores == {"depth": 0.75}
    assert study.scales["a"].declared


def test_judges_of_one_file_are_taken_to_share_a_scale(tmp_path: Path) -> None:
    said = [{"a": {"score": i}, "b": {"score": 9 - i}, "c": {"score": max(1, i % 6)}} for i in range(10)]
    path = lines(
        tmp_path, *(line(str(i), human=[0.5], human_min=0, human_max=1, judges=j) for i, j in enumerate(said))
    )

    study = only(path)
    assert {(s.low, s.high) for s in study.scales.values()} == {(0.0, 9.0)}
    assert study.notes[0].startswith("scores of c are taken to be on 0 to 9, though 1 to 5 holds them too")


COLUMNS = {
    "judge.llama": [str(i % 11) for i in range(80)],
    "judge.gpt": [f"{(i * 37 % 100) / 100:.3f}" for i in range(80)],
    "judge.risk": [str(i * 29 % 101) for i in range(80)],
    "judge.stars": [str(1 + i % 5) for i in range(80)],
}


@given(st.permutations(list(COLUMNS)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=24)
def test_the_order_of_columns_does_not_change_scales(tmp_path: Path, header: list[str]) -> None:
    cells = [[str(i), "3", *(COLUMNS[c][i] for c in header)] for i in range(80)]
    text = "\n".join(map(",".join, [["item", "rating", *header], *cells]))
    study = only(written(tmp_path, "logs.csv", text), scales={"risk": Scale(low=100, high=0)})

    assert study.scales == {
        "llama": Scale(low=0, high=10, declared=False),
        "gpt": Scale(low=0, high=1, declared=False),
        "risk": Scale(low=100, high=0),
        "stars": Scale(low=1, high=5, declared=False),
    }
    assert len(study.notes) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"item_id": None}, "lacks item_id"),
        ({"human": [7]}, "made.jsonl, line 1, human: 7 is outside the raters' scale, 1 to 5"),
        ({"human": ["x"]}, "human: 'x' is not a number"),
        ({"human": [float("nan")]}, "is not a finite number"),
        ({"human_min": 5}, "the lowest rating, 5, should lie below the highest, 5"),
        ({"human": [3, 4], "human_ids": ["x", "x"]}, "x rated the item twice"),
        ({"human": [3, 4], "human_ids": ["x"]}, "should have one entry a rating"),
        ({"judges": {"a": {"score": "good"}}}, "judges.a.score: 'good' is not a number"),
        ({"judges": {"a": {"score": float("inf")}}}, "is not a finite number"),
        ({"judges": {"a": {"score": 1, "scale": [1]}}}, "should be [worst score, best score]"),
        ({"propensity": 0}, "0 should lie above 0 and at most at 1"),
        ({"saw_score": "perhaps"}, "'perhaps' is neither yes nor no"),
    ],
)
def test_a_bad_line_is_told_with_file_line_and_key(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    (mistake,) = mistakes(lines(tmp_path, line("1") | change, line("2")))

    assert mistake.startswith("made.jsonl, line 1")
    assert told in mistake


def test_a_line_that_says_the_same_again_is_a_duplicate(tmp_path: Path) -> None:
    (mistake,) = mistakes(lines(tmp_path, line("1"), line("1")))

    assert mistake == "made.jsonl, line 2: says of item 1 what made.jsonl, line 1 says already"


def test_lines_that_contradict_each_other_are_told(tmp_path: Path) -> None:
    found = mistakes(
        lines(
            tmp_path,
            line("1"),
            line("1", judges={"a": {"score": 4}}),
            line("1", human=[2], judges={"b": {"score": 4}}),
            line("1", group_id="other", judges={"c": {"score": 1}}),
        )
    )

    assert [m.partition(": ")[2].split(" ")[0] for m in found] == ["a", "depth", "group"]


def test_twenty_mistakes_are_told_at_once_and_no_more(tmp_path: Path) -> None:
    found = mistakes(lines(tmp_path, *(line(str(i), human=[9]) for i in range(30))))

    assert len(found) == 21
    assert found[-1] == "these are the first 20: there may be more"


@pytest.mark.parametrize(
    ("name", "payload", "told"),
    [
        ("made.xlsx", b"", "should end with .jsonl, .csv, .tsv, .parquet"),
        ("made.jsonl.gz", b"no gzip", "is not whole gzip"),
        ("made.csv.gz", gzip.compress(b"item,rating\n1,2\n")[:-9], "is not whole gzip"),
        ("made.jsonl", b"{", "is not JSON"),
        ("made.jsonl", b"[1]", "should be an object"),
        ("made.jsonl", b"\n", "holds no items"),
        ("made.csv", b"item,rating\n\xff,1\n", "line 2: is not UTF-8 text"),
        ("made.csv", b"", "is empty"),
        ("made.csv", b"item,item\n1,2\n", "names item more than once"),
        ("made.csv", b"item,rating\n1\n", "has 1 cells, the header 2"),
        ("made.csv", b'item,rating\n"1,2\n', "is not CSV"),
        (
            "made.csv",
            b"what,rating\n1,2\n",
            "no column holds the item's id: name it with --item COLUMN; there are what",
        ),
        ("made.csv", b"item,judge,rating\n1,a,2\n", "no column of scores"),
        ("made.parquet", b"no parquet", "is not Parquet"),
    ],
)
def test_a_file_that_is_none_is_refused_in_words(
    tmp_path: Path, name: str, payload: bytes, told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(payload)

    assert told in "\n".join(mistakes(path))


@given(st.binary(max_size=300), st.sampled_from(["a.jsonl", "a.csv", "a.tsv", "a.csv.gz", "a.parquet"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_any_bytes_are_a_study_or_refused(tmp_path: Path, payload: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(payload)
    try:
        read_studies(path)
    except NotAStudy as refused:
        if not refused.mistakes:
            raise


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


KEYS = (
    *("item_id", "item", "id", "contentId", "group_id", "content", "dimension", "human", "human_min"),
    *("human_max", "human_ids", "saw_score", "judges", "judge", "scores", "ballots", "abstained"),
)


@given(st.lists(st.dictionaries(st.sampled_from(KEYS), VALUES), max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
def test_any_json_is_a_study_or_refused(tmp_path: Path, values: list[dict[str, Any]]) -> None:
    try:
        read_studies(lines(tmp_path, *values))
    except NotAStudy as refused:
        if not refused.mistakes:
            raise


def as_values(study: Study) -> dict[str, Any]:
    """What a study says item by item, whatever the order of lines was."""
    return {
        "items": {i.id: i for i in study.items},
        "unrated": {i.id: i for i in study.unrated},
        "rows": study.rows,
        "judges": set(study.judges),
        "criteria": set(study.criteria),
        "scales": study.scales,
        "rating_scale": study.rating_scale,
        "notes": set(study.notes),
        "micro_usd": study.micro_usd,
    }


MESSY = [
    line(str(i), dimension=d, human=[1 + (i * k) % 5], human_ids=[r], judges=j)
    for i in range(6)
    for k, d in enumerate(("depth", "wit"), start=1)
    for r, j in (
        ("ann", {"a": {"score": 1 + i % 5, "cost_micro_usd": 50}}),
        ("bob", {"b": {"score": 9 if i == 3 else 2}}),
    )
    if (i, d, r) != (5, "wit", "bob")
]


@given(st.randoms(use_true_random=False))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
def test_the_order_of_lines_does_not_matter(tmp_path: Path, order: random.Random) -> None:
    shuffled = list(MESSY)
    order.shuffle(shuffled)

    assert as_values(only(lines(tmp_path, *shuffled))) == as_values(only(lines(tmp_path, *MESSY)))


WIDE = """item,group,source,content,context,rating,judge.gpt-3.5,judge.b
1,g1,sys,"Hello, ""you""
again",why,3,4,refused
2,g1,sys,b,,4,5,2
3,g2,sys,c,,,1,
"""


def test_a_wide_table_is_a_study(tmp_path: Path) -> None:
    study = only(written(tmp_path, "logs.csv", WIDE), rating_scale=FIVE)

    assert study.items[0].text == 'Hello, "you"\nagain'
    assert [(i.id, i.group, i.system, i.ratings) for i in study.items] == [
        ("logs/1", "logs/g1", "sys", {"quality": (0.5,)}),
        ("logs/2", "logs/g1", "sys", {"quality": (0.75,)}),
    ]
    assert study.judges == ("gpt-3.5", "b")
    assert study.rows["logs/1"]["b"].abstained == {"quality": AbstentionReason.REFUSED}
    assert [i.id for i in study.unrated] == ["logs/3"]


def test_the_raters_scale_of_a_table_is_seen_and_said(tmp_path: Path) -> None:
    study = only(written(tmp_path, "logs.csv", WIDE))

    assert study.rating_scale == FIVE
    assert study.notes[0].startswith("the raters' scale is taken as 1 to 5")


def test_columns_of_judges_and_criteria_come_apart_at_known_criteria(tmp_path: Path) -> None:
    header = "id;rating.depth;rating.wit;judge.gpt-3.5.depth;judge.gpt-3.5.wit;judge.b"
    text = f"{header}\n1;3;2|4;4;5;1\n2;5;1;2;1;2\n"
    study = only(written(tmp_path, "logs.csv", text), rating_scale=FIVE)

    assert study.criteria == ("depth", "wit")
    assert study.items[0].ratings == {"depth": (0.5,), "wit": (0.25, 0.75)}
    assert study.rows["logs/1"]["gpt-3.5"].scores == {"depth": 0.75, "wit": 1.0}
    assert study.rows["logs/1"]["b"].scores == {"quality": 0.0}


LONG = "item\tjudge\tdimension\tscore\trating\trater\n" + "".join(
    f"{i}\t{j}\t{c}\t{s}\t{r}\t{p}\n"
    for i, r in (("1", 2), ("2", 5))
    for c in ("depth", "wit")
    for j, s in (("a", 4), ("b", 1))
    for p in ("ann", "bob")
)


def test_a_long_table_is_the_same_study_as_the_json_form(tmp_path: Path) -> None:
    said = {"a": {"score": 4}, "b": {"score": 1}}
    long = only(written(tmp_path, "made.tsv", LONG), rating_scale=FIVE)
    form = only(
        lines(
            tmp_path,
            *(
                line(
                    i,
                    dimension=c,
                    group_id=None,
                    content=None,
                    human=[r, r],
                    human_ids=["ann", "bob"],
                    judges=said,
                )
                for i, r in (("1", 2), ("2", 5))
                for c in ("depth", "wit")
            ),
        )
    )

    assert as_values(long) == as_values(form)


def test_parquet_and_gzip_hold_the_same_study(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="reading Parquet needs the extra `fit`")
    pyarrow = pytest.importorskip("pyarrow")
    cells = {"item": ["1", "2"], "rating": [3.0, float("nan")], "judge.a": [1, 5], "judge.b": [None, 2.5]}
    parquet.write_table(pyarrow.table(cells), tmp_path / "logs.parquet")
    text = "item,rating,judge.a,judge.b\n1,3.0,1,\n2,,5,2.5\n"
    (tmp_path / "logs.csv.gz").write_bytes(gzip.compress(text.encode()))

    found = [as_values(only(tmp_path / n, rating_scale=FIVE)) for n in ("logs.parquet", "logs.csv.gz")]
    assert found[0] == found[1]


def test_ratings_of_another_file_are_joined_by_id(tmp_path: Path) -> None:
    ballots = written(tmp_path, "ballots.csv", "nr,judge.a\n1,4\n2,3\n3,2\n")
    ratings = written(tmp_path, "ratings.csv", "item,who,stars\n3,ann,5\n1,ann,4\n1,bob,2\n9,ann,1\n")
    columns = Columns(item="nr", rater="who", ratings=("depth=stars",))
    study = only(ballots, ratings=ratings, rating_scale=FIVE, columns=columns)

    assert {i.id: i.ratings["depth"] for i in study.items} == {"ballots/1": (0.75, 0.25), "ballots/3": (1.0,)}
    assert study.rows["ballots/1"]["a"].scores == {"depth": 0.75}
    assert study.notes[0] == "rated items that are not in ballots.csv, and are left out: 1"
    assert set(study.digests) == {"ballots.csv", "ratings.csv"}


def test_files_without_a_common_item_are_refused(tmp_path: Path) -> None:
    ballots = written(tmp_path, "ballots.csv", "id,judge.a\nx1,4\n")
    ratings = written(tmp_path, "ratings.csv", "id,rating\n1,4\n")

    assert mistakes(ballots, ratings=ratings) == (
        "ratings.csv, line 2: item '1' is not in ballots.csv, nor is any other; there: 'x1'",
    )


@pytest.mark.parametrize(
    "ballots",
    [
        '{"contentId": "1", "ballots": [{"judge": "a", "judgment": {"answers": ['
        '{"criterion": "depth", "score": 0.75, "kind": "SCORE_KIND_SAMPLES"},'
        '{"criterion": "wit", "abstention": {"reason": "ABSTENTION_REASON_NO_CONTEXT"}}]}},'
        '{"judge": "b", "abstention": {"reason": "ABSTENTION_REASON_TIMEOUT"}}]}',
        '{"id": "1", "judges": {"a": {"depth": [0.5, 1.0], "wit": "no_context"}, "b": "timeout"}}',
        '{"item": "1", "judge": "a", "scores": {"depth": 0.75}, "kinds": {"depth": "samples"},'
        ' "abstained": {"wit": "no_context"}}\n{"item": "1", "judge": "b", "abstained": {"": "timeout"}}',
    ],
)
def test_all_forms_of_ballots_say_the_same(tmp_path: Path, ballots: str) -> None:
    second = '{"id": "2", "judges": {"b": {"depth": 1}}}'
    first = json.loads(ballots.splitlines()[0])
    if "ballots" in first:
        answer = {"criterion": "depth", "score": 1}
        second = json.dumps(
            {"contentId": "2", "ballots": [{"judge": "b", "judgment": {"answers": [answer]}}]}
        )
    elif "item" in first:
        second = '{"item": "2", "judge": "b", "scores": {"depth": 1}}'
    path = written(tmp_path, "made.jsonl", f"{ballots}\n{second}\n")
    ratings = written(tmp_path, "ratings.csv", "item,rating,criterion\n1,1,depth\n2,0,depth\n")
    rows = only(path, ratings=ratings).rows["made/1"]

    assert rows["a"].scores == {"depth": 0.75}
    assert rows["a"].kinds == {"depth": ScoreKind.SAMPLES}
    assert rows["a"].abstained == {"wit": AbstentionReason.NO_CONTEXT}
    assert rows["b"].abstained == {"": AbstentionReason.TIMEOUT}


def test_subsets_are_chosen_by_globs(tmp_path: Path) -> None:
    path = lines(
        tmp_path,
        *(
            line(i, dimension=d, judges={"gpt-4": {"score": 1}, "gpt-3": {"score": 2}, "b": {"score": 3}})
            for i in "12"
            for d in ("depth", "wit")
        ),
    )

    assert only(path, judges=("gpt*",)).judges == ("gpt-4", "gpt-3")
    assert only(path, criteria=("w*",)).criteria == ("wit",)
    assert [i.id for i in only(path, where=(("item_id", "2"),)).items] == ["made/2"]
    assert "there is no column itm" in mistakes(path, where=(("itm", "2"),))[0]


def test_a_column_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    path = written(tmp_path, "logs.csv", "id,rating,judge.a\n1,1,1\n")

    assert mistakes(path, columns=Columns(rater="who")) == (
        "logs.csv: has no column who; there are id, rating, judge.a",
    )


def test_a_criterion_called_overall_gets_a_name_of_its_own(tmp_path: Path) -> None:
    assert only(lines(tmp_path, line("1", dimension="overall"))).criteria == ("overall_rating",)


def test_several_kinds_are_told_unless_one_is_said(tmp_path: Path) -> None:
    path = lines(tmp_path, line("1", kind="note"), line("2", kind="essay"))

    assert only(path).notes[0].startswith("items are of several kinds (essay, note)")
    assert only(path, kind="text").notes == ()


def test_a_table_with_the_names_of_the_json_form_is_a_table(tmp_path: Path) -> None:
    text = (
        "item_id,group_id,dimension,human,human_min,human_max,judge.a,propensity,audit,round\n"
        "1,g,depth,3|4,1,5,2,0.5,no,2\n2,g,depth,5,1,5,3,0.25,yes,1\n"
    )
    first, second = only(written(tmp_path, "logs.csv", text)).items

    assert (first.ratings, first.propensity, first.audit, first.round) == (
        {"depth": (0.5, 0.75)},
        0.5,
        False,
        2,
    )
    assert (second.low, second.high, second.propensity, second.audit) == (1, 5, 0.25, True)


TWO_RATERS = "id,ann,ben,judge.a\n1,2,4,.3\n2,5,,.9\n3,1,1,.2\n"


def test_several_columns_of_ratings_are_a_rater_each(tmp_path: Path) -> None:
    path = written(tmp_path, "made.csv", TWO_RATERS)
    study = only(path, columns=Columns(ratings=("warm=ann", "warm=ben")), rating_scale=FIVE)
    assert [i.ratings["warm"] for i in study.items] == [(0.25, 0.75), (1.0,), (0.0, 0.0)]
    assert [i.raters["warm"] for i in study.items] == [("ann", "ben"), ("ann",), ("ann", "ben")]


def test_a_column_of_raters_beside_columns_of_each_rater_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "made.csv", TWO_RATERS)
    (told,) = mistakes(path, columns=Columns(ratings=("ann", "ben"), rater="id"))
    assert told == "made.csv: several columns of ratings are a rater each: leave out --rater"


def test_a_single_huge_rating_has_a_scale_too(tmp_path: Path) -> None:
    (study,) = read_studies(lines(tmp_path, {"item_id": "a", "human": 9007199254740992.0}))
    assert study.items[0].ratings == {"quality": (0.0,)}
