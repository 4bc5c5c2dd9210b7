import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from moa_scorer.app.files.catalogue import defaults_dir, newest_file, read_catalog
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.domain.policy import Test as PolicyTest
from moa_scorer.domain.verdict import Decision

Edit = Callable[[str, str, str], None]


def _mistakes(catalogue: Path, judges: tuple[str, ...]) -> list[str]:
    with pytest.raises(ConfigurationError) as raised:
        read_catalog(catalogue, judges)
    return [mistake.removeprefix(f"{catalogue}/") for mistake in raised.value.mistakes]


def test_the_packaged_catalogue_has_no_mistakes(judges: tuple[str, ...]) -> None:
    found = read_catalog(None, judges)

    assert {p.name for p in found.panels} == {
        *("embedded", "embedded-fast", "embedded-local-llm", "local-llm", "local-llm-layers"),
        *("frontier", "open-weights", "moa", "self-moa"),
    }
    assert {r.name for r in found.rubrics} == {"summary", "story", "comment", "general"}
    assert {p.name for p in found.policies} == {"comments", "comments-careful", "floor", "quality"}


@pytest.mark.parametrize(
    ("kind", "rubric"),
    [
        ("comment", "comment"),
        ("summary", "summary"),
        ("story", "story"),
        ("answer", "general"),
        ("", "general"),
    ],
)
def test_the_packaged_panels_choose_the_rubric_by_kind(
    judges: tuple[str, ...], kind: str, rubric: str
) -> None:
    assert {panel.rubric_for(kind) for panel in read_catalog(None, judges).panels} == {rubric}


def test_the_packaged_rubrics_ask_what_people_were_asked(judges: tuple[str, ...]) -> None:
    rubrics = {r.name: r for r in read_catalog(None, judges).rubrics}

    assert [c.name for c in rubrics["summary"].criteria] == [
        *("coherence", "consistency", "fluency", "relevance")
    ]
    assert [c.name for c in rubrics["story"].criteria] == [
        *("relevance", "coherence", "empathy", "surprise", "engagement", "complexity")
    ]
    assert (rubrics["story"].scale_min, rubrics["story"].scale_max) == (1, 5)
    assert [c.name for c in rubrics["comment"].criteria] == ["civility"]


def test_a_users_files_become_domain_values(catalogue: Path, judges: tuple[str, ...]) -> None:
    found = read_catalog(catalogue, judges)
    panel = next(p for p in found.panels if p.name == "mine")
    rubric = next(r for r in found.rubrics if r.name == "mine")
    policy = next(p for p in found.policies if p.name == "mine")

    assert (panel.revision, panel.judges, panel.quorum) == ("mine@2", ("lexical", "civility"), 1)
    assert rubric.weights() == {"clarity": pytest.approx(2 / 3), "depth": pytest.approx(1 / 3)}
    assert rubric.on_scale(0.5) == 3
    assert (policy.rules[0].test, policy.rules[0].then) == (PolicyTest.SCORE_BELOW, Decision.REJECT)


def test_a_users_revision_replaces_the_packaged_one_and_other_versions_stay(
    catalogue: Path, judges: tuple[str, ...], edit: Edit
) -> None:
    edit("rubrics/mine.yaml", "name: mine", "name: general")
    edit("rubrics/mine.yaml", "version: 1", "version: 2")
    revisions = [r.revision for r in read_catalog(catalogue, judges).rubrics if r.name == "general"]
    assert revisions == ["general@1", "general@2"]

    edit("rubrics/mine.yaml", "version: 2", "version: 1")
    general = [r for r in read_catalog(catalogue, judges).rubrics if r.name == "general"]
    assert [[c.name for c in r.criteria] for r in general] == [["clarity", "depth"]]


MISTAKES = [
    (
        "panels/mine.yaml",
        "civility]",
        "civillity]",
        "panels/mine.yaml: judges[1]: unknown judge 'civillity'; did you mean 'civility'?",
    ),
    ("panels/mine.yaml", "civility]", "lexical]", "panels/mine.yaml: judges[1]: should not repeat 'lexical'"),
    (
        "panels/mine.yaml",
        "quorum: 1",
        "quorum: 3",
        "panels/mine.yaml: quorum: should be at most 2, the number of judges",
    ),
    ("panels/mine.yaml", "quorum: 1", "quorum: 0", "panels/mine.yaml: quorum: should be greater than"),
    ("panels/mine.yaml", "quorum: 1", 'quorum: "1"', "panels/mine.yaml: quorum: should be a valid integer"),
    ("panels/mine.yaml", "quorum:", "qorum:", "panels/mine.yaml: qorum: unknown key; did you mean 'quorum'?"),
    ("panels/mine.yaml", "quorum: 1\n", "", "panels/mine.yaml: quorum: is required"),
    (
        "panels/mine.yaml",
        "default_rubric: general",
        "default_rubric: generall",
        "panels/mine.yaml: default_rubric: unknown rubric 'generall'; did you mean 'general'?",
    ),
    (
        "panels/mine.yaml",
        "comment: comment",
        "comment: comment@9",
        "panels/mine.yaml: rubrics.comment: unknown rubric 'comment@9'; did you mean 'comment@1'?",
    ),
    ("panels/mine.yaml", "name: mine", "name: My Panel", "panels/mine.yaml: name: "),
    (
        "panels/mine.yaml",
        "version: 2",
        "version: 2\nversion: 3",
        "panels/mine.yaml:3:1: not YAML: the key 'version'",
    ),
    ("panels/mine.yaml", "civility]", "civility", "panels/mine.yaml:5:7: not YAML: "),
    (
        "rubrics/mine.yaml",
        "weight: 2",
        "weight: 0",
        "rubrics/mine.yaml: criteria[0].weight: should be greater than 0 (is 0)",
    ),
    (
        "rubrics/mine.yaml",
        "name: depth",
        "name: clarity",
        "rubrics/mine.yaml: criteria: should not repeat 'clarity'",
    ),
    ("rubrics/mine.yaml", "name: depth", "name: overall", "rubrics/mine.yaml: criteria: the name 'overall'"),
    ("rubrics/mine.yaml", "max: 5", "max: 1", "rubrics/mine.yaml: scale: max should lie above min"),
    ("rubrics/mine.yaml", "max: 5", "max: .inf", "rubrics/mine.yaml: scale.max"),
    (
        "policies/mine.yaml",
        "score_below",
        "score_under",
        "policies/mine.yaml: rules[0].test: should be 'score_below'",
    ),
    (
        "policies/mine.yaml",
        "threshold: 0.5, ",
        "",
        "policies/mine.yaml: rules[0]: score_below needs a threshold",
    ),
    (
        "policies/mine.yaml",
        "threshold: 0.5",
        "threshold: 5",
        "policies/mine.yaml: rules[0].threshold: should be less",
    ),
    (
        "policies/mine.yaml",
        "then: reject",
        "then: reject, criterion: clarty",
        "policies/mine.yaml: rules[0].criterion: no rubric asks for 'clarty'; did you mean 'clarity'?",
    ),
    (
        "policies/mine.yaml",
        "test: score_below",
        "test: not_valid",
        "policies/mine.yaml: rules[0]: not_valid takes",
    ),
    (
        "policies/mine.yaml",
        "test: score_below, threshold: 0.5",
        "test: certificate",
        "policies/mine.yaml: rules[0]: should name at least one",
    ),
    (
        "policies/mine.yaml",
        "threshold: 0.5",
        "threshold: 0.5, completion: [partial]",
        "policies/mine.yaml: rules[0]: completion is a list for test: completion",
    ),
    (
        "policies/mine.yaml",
        "test: score_below, threshold: 0.5",
        "test: completion, completion: [unscored]",
        "policies/mine.yaml: rules[0].completion[0]: no rule sees what has no score: say on_unscored",
    ),
    (
        "policies/mine.yaml",
        "test: score_below, threshold: 0.5",
        "test: tamper_at_least, threshold: 0.5, criterion: clarity",
        "policies/mine.yaml: rules[0]: tamper_at_least is of the whole item: it takes no criterion",
    ),
    (
        "policies/mine.yaml",
        "otherwise: accept",
        "otherwise: maybe",
        "policies/mine.yaml: otherwise: should be 'none'",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "mistake"), MISTAKES)
def test_a_mistake_is_told_with_file_and_path(
    catalogue: Path, judges: tuple[str, ...], edit: Edit, file: str, old: str, new: str, mistake: str
) -> None:
    edit(file, old, new)
    assert any(found.startswith(mistake) for found in _mistakes(catalogue, judges))


def test_all_mistakes_of_all_files_are_told_at_once(
    catalogue: Path, judges: tuple[str, ...], edit: Edit
) -> None:
    edit("panels/mine.yaml", "quorum: 1", "quorum: 9")
    edit("rubrics/mine.yaml", "weight: 2", "wieght: 2")
    edit("policies/mine.yaml", "threshold: 0.5", "threshold: high")
    (catalogue / "snapshots").mkdir()
    (catalogue / "snapshots" / "x.json.gz").write_bytes(b"no gzip")
    files = {mistake.split(":")[0] for mistake in _mistakes(catalogue, judges)}

    assert files == {"panels/mine.yaml", "rubrics/mine.yaml", "policies/mine.yaml", "snapshots/x.json.gz"}


def test_two_files_of_one_revision_are_a_mistake(catalogue: Path, judges: tuple[str, ...]) -> None:
    (catalogue / "panels" / "twin.yaml").write_text((catalogue / "panels" / "mine.yaml").read_text())
    (mistake,) = _mistakes(catalogue, judges)

    assert mistake == f"panels/twin.yaml: name: mine@2 stands in {catalogue}/panels/mine.yaml too"


def test_a_rubric_that_cannot_be_read_is_not_called_unknown_as_well(
    catalogue: Path, judges: tuple[str, ...], edit: Edit
) -> None:
    edit("panels/mine.yaml", "default_rubric: general", "default_rubric: mine")
    edit("rubrics/mine.yaml", "criteria:", "kriteria:")
    assert {m.split(":")[0] for m in _mistakes(catalogue, judges)} == {"rubrics/mine.yaml"}


def test_a_file_that_is_no_mapping_or_not_utf8_is_a_mistake(catalogue: Path, judges: tuple[str, ...]) -> None:
    (catalogue / "panels" / "a.yaml").write_text("- one\n- two\n")
    (catalogue / "panels" / "b.yaml").write_bytes(b"name: \xff\xfe")
    first, second = _mistakes(catalogue, judges)

    assert first.startswith("panels/a.yaml: should be a mapping with the keys name, version")
    assert second.startswith("panels/b.yaml")


def test_a_directory_without_a_catalogue_is_a_mistake(tmp_path: Path, judges: tuple[str, ...]) -> None:
    (tmp_path / "panel").mkdir()

    assert "holds none of endpoints/" in _mistakes(tmp_path, judges)[0]
    assert "is not a directory" in _mistakes(tmp_path / "nowhere", judges)[0]


def test_a_reference_file_that_is_wrong_is_told(catalogue: Path, judges: tuple[str, ...]) -> None:
    (catalogue / "snapshots").mkdir()
    (catalogue / "snapshots" / "reference.json").write_text("{}")
    assert _mistakes(catalogue, judges)[0].startswith("snapshots/reference.json: ")


def test_a_snapshot_that_is_not_one_is_told(catalogue: Path, judges: tuple[str, ...]) -> None:
    (catalogue / "snapshots").mkdir()
    (catalogue / "snapshots" / "x.json.gz").write_bytes(gzip.compress(b'{"format": 0}'))
    assert _mistakes(catalogue, judges)[0].startswith("snapshots/x.json.gz: format")


def test_the_packaged_defaults_are_found() -> None:
    assert (defaults_dir() / "panels" / "embedded.yaml").is_file()


def test_a_file_of_ones_own_catalogue_is_taken_before_the_packaged_one(catalogue: Path) -> None:
    own, name = catalogue / "panels" / "embedded.yaml", "panels/embedded.yaml"
    assert newest_file(name, None) == newest_file(name, catalogue) == defaults_dir() / name

    own.write_text("")
    assert newest_file(name, catalogue) == own
