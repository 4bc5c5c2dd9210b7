"""Thresholds as a policy file that the server reads."""

import math
from pathlib import Path

import pytest
import yaml

from moa_scorer.app.files.policies import PolicyFile
from moa_scorer.app.files.policy_yaml import policy_name, policy_yaml
from moa_scorer.domain.policy import Test
from moa_scorer.domain.verdict import Decision
from moa_scorer.learning.choice.thresholds import Side, Threshold, Thresholds


def side(which: Side, threshold: float | None) -> Threshold:
    return Threshold(
        side=which,
        allowed=0.05,
        threshold=threshold,
        seen=0.0 if threshold is None else 0.02,
        bound=1.0 if threshold is None else 0.048,
        decided=0.0 if threshold is None else 0.3,
        wrong=math.nan if threshold is None else 0.04,
        trials=30 if threshold is None else 180,
        needed=590 if threshold is None else 120,
    )


def found(reject: float | None = 0.31, accept: float | None = 0.62) -> Thresholds:
    return Thresholds(
        reject=side(Side.REJECT, reject),
        accept=side(Side.ACCEPT, accept),
        confidence=0.9,
        review=0.4,
        items=300,
        good=0.6,
    )


def read(text: str, criteria: tuple[str, ...] = ("civility",)) -> PolicyFile:
    return PolicyFile.model_validate(yaml.safe_load(text), context=_known(criteria))


def _known(criteria: tuple[str, ...]) -> object:
    from moa_scorer.app.files.parts import Known

    return Known(criteria=frozenset(criteria))


def test_the_policy_is_one_that_the_server_reads() -> None:
    policy = read(policy_yaml(found(), study="My study 7", good="rated at least 3")).value()
    assert policy.revision == "my-study-7@1"
    assert [(r.test, r.threshold, r.then) for r in policy.rules] == [
        (Test.NOT_VALID, None, Decision.REVIEW),
        (Test.SCORE_BELOW, 0.31, Decision.REJECT),
        (Test.SCORE_AT_LEAST, 0.62, Decision.ACCEPT),
    ]
    assert policy.otherwise is Decision.REVIEW


def test_a_criterion_and_the_bounds_of_its_interval_are_written_down() -> None:
    text = policy_yaml(found(), study="s", good="g", criterion="civility", interval=True)
    rules = read(text).value().rules
    assert [r.test for r in rules[1:]] == [Test.UPPER_BELOW, Test.LOWER_AT_LEAST]
    assert {r.criterion for r in rules[1:]} == {"civility"}


def test_a_side_without_support_has_no_rule_and_says_what_it_takes() -> None:
    text = policy_yaml(found(reject=None), study="s", good="g")
    assert len(read(text).rules) == 2
    assert "at least 590 rated items" in text
    assert "nan" not in text


@pytest.mark.parametrize(
    ("study", "name"), [("civilcomments", "civilcomments"), ("A/B c", "a-b-c"), ("7 days", "policy-7-days")]
)
def test_names_are_such_as_policies_may_have(study: str, name: str) -> None:
    assert policy_name(study) == name


def test_lines_of_comments_stay_readable(tmp_path: Path) -> None:
    assert max(map(len, policy_yaml(found(reject=None), study="s", good="g").splitlines())) < 260
