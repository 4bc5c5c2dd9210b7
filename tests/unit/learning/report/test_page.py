"""A report stands alone, says what matters first, and lets no name become markup."""

import math
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from moa_scorer.calibration.polarity import Polarity
from moa_scorer.learning.report.coverage import coverage_rows, mask_rows, wilson
from moa_scorer.learning.report.found import Found
from moa_scorer.learning.report.page import page, polarity_words
from moa_scorer.learning.report.plots import Missing, Plot, plots, rated_of
from moa_scorer.learning.report.tables import MOST_JUDGES, headlines, judges_table, provenance
from moa_scorer.learning.report.words import figure, listed, percent, plural, signed
from tests.fakes.findings import findings

HOSTILE = "</td><script>alert(1)</script><img src=x onerror=alert(1)>&\"'\x00\u202e"


class Reader(HTMLParser):
    """The names of all elements, their attributes, and the words between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs

    handle_startendtag = handle_starttag

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())


@pytest.fixture(scope="module")
def found() -> Found:
    return findings(["ann", "bob", "cyd"], ["clarity", "depth"], 300)


@pytest.fixture(scope="module")
def html(found: Found) -> str:
    return page([found])


def test_the_same_findings_make_the_same_bytes(found: Found, html: str) -> None:
    assert page([found]) == html


def test_a_report_fetches_nothing_and_runs_nothing(html: str) -> None:
    read = Reader(html)
    assert not {"script", "img", "link", "iframe", "object", "image", "use"} & set(read.elements)
    assert not [v for name, v in read.attributes if name in ("src", "href") or name.startswith("on")]
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", html)
    assert "default-src 'none'" in html


def test_the_first_words_are_polarity_and_the_verdict(html: str) -> None:
    words = [w for w in Reader(html.partition("<body>")[2]).words if w]
    assert words[:2] == ["No judge scores the other way round (3 judges checked).", "Use the panel."]


def test_names_never_become_markup() -> None:
    hostile = findings([HOSTILE, "b" * 300], [HOSTILE], 40, command=HOSTILE)
    elements = set(Reader(page([hostile])).elements)
    assert "script" not in elements
    assert "img" not in elements
    assert "\u202e" not in page([hostile])


@pytest.mark.parametrize(
    ("judges", "criteria", "items"), [(1, 1, 20), (6, 4, 1600), (24, 1, 5000), (65, 1, 400), (6, 6, 97)]
)
def test_a_report_of_any_size_is_small(judges: int, criteria: int, items: int) -> None:
    names = [f"vendor/some-model-2024-07-18:a-prompt-with-a-long-name-{k}" for k in range(judges)]
    html = page([findings(names, [f"criterion-{k}" for k in range(criteria)], items)])
    assert len(html.encode()) < 500_000
    assert "nan" not in " ".join(Reader(html).words)


def test_every_plot_says_what_to_read_off_it(found: Found) -> None:
    drawn = [p for p in plots(found) if isinstance(p, Plot)]
    assert len(drawn) == 9
    assert all(p.reading.endswith(".") and len(p.reading) > 30 for p in drawn)


def test_what_cannot_be_drawn_says_why(found: Found) -> None:
    bare = replace(found, card=None, drift=None, curve=())
    missing = {p.title: p.reason for p in plots(bare) if isinstance(p, Missing)}
    assert len(missing) == 4
    assert all(missing.values())


def test_judges_that_were_turned_come_first_and_are_named() -> None:
    turned = Polarity(judge="ann", correlation=-0.6, lower=-0.7, upper=-0.5, declared=False)
    usual = Polarity(judge="bob", correlation=0.6, lower=0.5, upper=0.7, declared=False)
    against = replace(turned, judge="cyd", declared=True)
    assert polarity_words([turned, usual], read_so=True).startswith(
        "1 judge scores the other way round and is read so: ann (−0.60)"
    )
    assert "contradicts people and was not turned: cyd" in polarity_words([usual, against], read_so=True)
    assert "but is not read so with so few ratings: ann" in polarity_words([turned, usual], read_so=False)
    assert polarity_words([], read_so=False).startswith("Which way judges score could not be checked")


def test_coverage_is_counted_by_hand(found: Found) -> None:
    said = found.said("overall")
    assert said is not None
    held = np.mean([lo <= y <= hi for lo, y, hi in zip(said.lower, said.human, said.upper, strict=True)])
    first = coverage_rows(found)[0]
    assert first.name == "all items"
    assert first.value == pytest.approx(held)
    assert first.note == "300 items"


def test_coverage_has_rows_for_criteria_thirds_and_sources(found: Found) -> None:
    names = [r.name for r in coverage_rows(found)]
    assert names[1:3] == ["clarity", "depth"]
    assert names[3:6] == ["lowest third of scores", "middle third of scores", "highest third of scores"]
    assert "from system-0" in names


def test_groups_too_small_to_tell_are_left_out() -> None:
    small = findings(["ann", "bob"], ["clarity"], 40)
    assert [r.name for r in coverage_rows(small)] == ["all items"]


def test_masks_are_named_by_who_is_missing(found: Found) -> None:
    assert [r.name for r in mask_rows(found)] == ["all 3 judges", "without ann"]


def test_a_group_that_is_clearly_under_covered_warns(found: Found) -> None:
    said = found.said("overall")
    assert said is not None
    narrow = replace(said, lower=said.score, upper=said.score)
    bad = replace(found, evaluation=replace(found.evaluation, out_of_fold=(narrow,)))
    assert all(r.warns for r in coverage_rows(bad))


def test_wilson_is_known_at_nine_of_ten() -> None:
    # Newcombe 1998, table I, method 3 at 9/10 by the formula of Wilson 1927: 0.5958 to 0.9821.
    assert wilson(9, 10) == (pytest.approx(0.5958, abs=1e-4), pytest.approx(0.9821, abs=1e-4))


def test_headlines_say_what_is_not_known(found: Found) -> None:
    unknown = replace(found, evaluation=replace(found.evaluation, votes=math.nan))
    votes = next(h for h in headlines(unknown) if h.name == "effective votes")
    assert (votes.value, votes.detail) == ("–", "cannot be estimated from these ratings")


def test_columns_of_the_report_card_that_nobody_knows_are_left_out(found: Found) -> None:
    table = judges_table(found)
    assert table is not None
    assert "seconds" not in table.head
    assert "cost" in table.head
    assert table.rows[0][0] == "1 ann *"


def test_a_long_report_card_is_cut_and_says_so() -> None:
    table = judges_table(findings([f"judge-{k}" for k in range(65)], ["q"], 100))
    assert table is not None
    assert len(table.rows) == MOST_JUDGES
    assert table.reading.endswith("The last 25 judges are left out.")


def test_provenance_names_data_protocol_version_and_command(found: Found) -> None:
    facts = dict(provenance(found))
    assert facts["sha256 of ratings.jsonl"] == "ab" * 32
    assert facts["protocol"] == "grouped five-fold, 3 repeats, seed 0"
    assert facts["version"] == "1.0"
    assert facts["command"].startswith("moa-scorer report")


def test_five_folds_count_as_four_fifths_of_the_items(found: Found) -> None:
    assert rated_of(found.evaluation) == 240
    assert [rated_of(run) for run in found.curve] == [20, 50, 100]


def test_figures_are_written_as_a_reader_expects() -> None:
    assert (figure(-0.501), figure(math.nan), figure(None), figure(-0.001)) == ("−0.50", "–", "–", "0.00")
    assert (signed(0.0123), signed(-0.5, 1)) == ("+0.012", "−0.5")
    assert percent(0.123, 1) == "12.3\N{NO-BREAK SPACE}%"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(list("abcdefgh"), most=4) == "a, b, c and 5 more"
    assert (plural(1, "judge"), plural(1600, "item"), plural(2, "story")) == (
        "1 judge",
        "1,600 items",
        "2 stories",
    )
