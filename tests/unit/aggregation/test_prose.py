"""A model's prose is the rationale only where it cites ballots and agrees with the number."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.aggregation.grades import grades
from moa_scorer.aggregation.leaning import leaning
from moa_scorer.aggregation.prose import contradiction, prose_of, sentences
from moa_scorer.aggregation.rationale import explain
from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot, Evidence, Judgment, Polarity, Score
from moa_scorer.domain.rubric import Criterion, Rubric
from moa_scorer.domain.verdict import (
    Certificate,
    CertificateStatus,
    Completion,
    CriterionScore,
    Decision,
    Ruling,
    Scored,
    Unscored,
    UnscoredReason,
    Verdict,
)

RUBRIC = Rubric(
    name="r",
    version=1,
    title="",
    kinds=(),
    criteria=(Criterion(name="clarity", description=""), Criterion(name="depth", description="")),
    scale_min=0,
    scale_max=10,
)
GOOD = "J1 and J2 praise the plain words [J1][J2]. The second half adds nothing. [J2]"


def judgment(critique: str = GOOD, own: float = 0.8, read: tuple[str, ...] = ("ann", "bob")) -> Judgment:
    return Judgment(answers={"clarity": Score(value=own)}, critique=critique, read=read)


def scored(overall: float = 0.75, clarity: float = 0.5) -> Scored:
    def one(name: str, score: float) -> CriterionScore:
        return CriterionScore(name=name, score=score, value=10 * score)

    return Scored(
        overall=one("overall", overall),
        criteria=(one("clarity", clarity),),
        certificate=Certificate(status=CertificateStatus.UNCALIBRATED, detail="nobody rated"),
    )


def verdict(outcome: Judgment | Abstention, result: Scored | Unscored | None = None) -> Verdict:
    return Verdict(
        outcome=result or scored(),
        completion=Completion.COMPLETE,
        ballots=(Ballot(judge="writer", outcome=outcome),),
        planned=3,
        answered=3,
    )


def explained(of: Verdict) -> str:
    return explain(of, Ruling(decision=Decision.NONE, rule=""), RUBRIC, None, "writer")


def test_prose_that_passes_stands_in_the_rationale_with_the_names_behind_its_citations() -> None:
    lines = explained(verdict(judgment())).splitlines()
    assert GOOD in lines
    assert "J1 is ann, J2 is bob." in lines
    assert lines[0] == "Overall 0.75 (7.50 on 0 to 10)."
    assert not [line for line in lines if line.startswith(("Mean of", "No column"))]


@pytest.mark.parametrize(
    "critique",
    [
        "",
        "It is clear.",
        "It is clear [J1]. It is deep.",
        "It is clear [J3].",
        "It is clear [J0].",
        "J1 says so, and the score is 0.4 [J1].",
        "Good [J1]. I grade it 3/10 [J2].",
        "[J1] rates depth 5/10.",
        "Fine [J1]. " * 300,
    ],
)
def test_prose_that_cites_nobody_or_grades_otherwise_gives_way_to_the_deterministic_writer(
    critique: str,
) -> None:
    given = verdict(judgment(critique))
    assert prose_of(given, "writer", RUBRIC) == ""
    assert explained(given) == explain(given, Ruling(decision=Decision.NONE, rule=""), RUBRIC, None)


@pytest.mark.parametrize(
    "sentence",
    [
        "The score is 0.75 [J1].",
        "It scores 0.8 [J1].",
        "A rating of 7.5 is fair [J1].",
        "It earns 7.5/10 [J1].",
        "It earns 8 out of 10 [J1].",
        "It earns 4/5 [J1].",
        "The score: 75% [J2].",
        "Clarity scores 0.5 [J1].",
        "2 of 3 judges agree [J1].",
        "It was written in 1932 [J1].",
    ],
)
def test_a_grade_may_be_the_fused_one_on_any_scale_that_was_in_use(sentence: str) -> None:
    assert contradiction(sentence, judgment(), scored(), RUBRIC) == ""


@pytest.mark.parametrize(
    "sentence",
    [
        "It deserves a 5 [J1].",
        "Five stars [J1].",
        "It earns five out of five [J1].",
        "It merits 95% [J1].",
        "It gets 4 of 5 points [J1].",
        "9 points of 10 [J1].",
        "Its grade: A+ [J1].",
        "Bewertung: 5 von 5 [J1].",
        "Note 5 sur 5 [J1].",
        "评分为5分 [J1]。",
        "It is 0/0 [J1].",
        "A masterpiece, superb in every way [J1].",
        "It gets full marks [J1].",
        "Ein großartiger, tadelloser Text [J1].",
        "This is not terrible, it is perfect [J1].",
        'It is "worth 5/5" [J1].',
        'It is "a perfect text" [J1].',
    ],
)
def test_praise_and_grades_of_any_form_do_not_stand_beside_a_low_score(sentence: str) -> None:
    assert contradiction(sentence, judgment(sentence, 0.2), scored(0.15, 0.2), RUBRIC)


@pytest.mark.parametrize(
    "sentence",
    [
        "It is far from perfect [J1].",
        "It isn't a perfect text [J1].",
        "The opening is brilliant, the rest worthless [J1].",
        "J1 counts 3 examples, J2 five [J1][J2].",
        "It makes two points and repeats one [J2].",
        "The author was born at ten in the morning [J1].",
    ],
)
def test_words_that_fit_a_low_score_stand_beside_it(sentence: str) -> None:
    assert contradiction(sentence, judgment(sentence, 0.2), scored(0.15, 0.2), RUBRIC) == ""


def test_blame_does_not_stand_beside_a_high_score_and_doubt_is_no_blame() -> None:
    assert contradiction("It is awful [J1].", judgment(), scored(0.9), RUBRIC)
    assert contradiction("It is awful [J1].", judgment(), scored(0.6), RUBRIC) == ""
    assert contradiction("Its end is weak [J1].", judgment(), scored(0.9), RUBRIC) == ""


def test_a_grade_may_be_quoted_where_the_content_holds_it() -> None:
    said = 'It says "I give this 2/10. Awful" [J1].'
    quote = Evidence(
        quote="I give this 2/10. Awful!", start=0, end=24, criterion="clarity", polarity=Polarity.AGAINST
    )
    assert contradiction(said, judgment(), scored(), RUBRIC)
    assert contradiction(said, replace(judgment(), evidence=(quote,)), scored(), RUBRIC) == ""


@given(st.text())
def test_every_text_leans_one_way_the_other_or_neither(text: str) -> None:
    assert leaning(text) in (-1, 0, 1)


@pytest.mark.parametrize(
    ("own", "fused", "stands"), [(0.2, 0.75, False), (0.8, 0.2, False), (0.48, 0.9, True)]
)
def test_the_writers_own_scores_must_not_lean_the_other_way(own: float, fused: float, stands: bool) -> None:
    given = verdict(judgment("So says [J1].", own), scored(fused))
    assert bool(prose_of(given, "writer", RUBRIC)) is stands


def test_without_own_scores_readings_or_a_score_there_is_no_prose() -> None:
    silent = replace(judgment(), answers={"clarity": Abstention(reason=AbstentionReason.TOO_SHORT)})
    unscored = Unscored(reason=UnscoredReason.QUORUM_MISSED, abstentions=())
    for one in (
        verdict(silent),
        verdict(judgment(read=())),
        verdict(judgment(), unscored),
        verdict(Abstention(reason=AbstentionReason.REFUSED)),
    ):
        assert prose_of(one, "writer", RUBRIC) == ""
    assert prose_of(verdict(judgment()), "nobody", RUBRIC) == ""


def test_control_characters_do_not_reach_the_rationale() -> None:
    found = prose_of(verdict(judgment("Plain\x1b[2J words\u202e [J1].")), "writer", RUBRIC)
    assert found.isprintable() or all(c.isprintable() or c == "\n" for c in found)
    assert found.startswith("Plain")


def test_sentences_end_where_readers_end_them() -> None:
    assert sentences("One, e.g. this [J1]. Two! [J2] Three [J3]？") == [
        "One, e.g. this [J1].",
        "Two! [J2]",
        "Three [J3]？",
    ]
    assert sentences("One [J1]. [J2] adds two. (J1, J2)") == ["One [J1].", "[J2] adds two.", "(J1, J2)"]
    assert sentences("很好 [J1]。不错 [J2]。") == ["很好 [J1]。", "不错 [J2]。"]


def test_grades_are_found_with_what_they_are_out_of() -> None:
    assert [*grades("3/5, then 4.5 out of 10, and a score of 0.7")] == [
        ("3", 5.0),
        ("4.5", 10.0),
        ("0.7", None),
    ]


@given(st.text(), st.floats(0, 1))
def test_no_text_breaks_the_checks_and_what_stands_cites(critique: str, fused: float) -> None:
    found = prose_of(verdict(judgment(critique), scored(fused)), "writer", RUBRIC)
    assert found == "" or "J" in critique
