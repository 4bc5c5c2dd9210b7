"""A judge behind the redaction: what it is shown, and what comes back."""

from dataclasses import replace

from moa_scorer.domain.ballot import Abstention, Evidence, Judgment, Polarity, Score
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Asking, Peer
from moa_scorer.judges.personal import USUAL, PatternFinder
from moa_scorer.judges.redacted import AT_ONCE, RedactedJudge
from moa_scorer.scoring.purse import JudgeTab, Purse
from tests.fakes.judges import QUALITY, ScriptedJudge, abstaining

MAIL = "jane.doe@example.com"
CONTENT = Content(text=f"Ask {MAIL} why.", title=f"By {MAIL}", context="No mail here.")
FINDER = PatternFinder(USUAL)


def asking(**others: object) -> Asking:
    given = {"budget": Budget(deadline=1e9), "tab": JudgeTab(purse=Purse()), "nonce": "5eed"}
    return Asking(**(given | others))  # type: ignore[arg-type]


def quoting(quote: str) -> tuple[list[Content], ScriptedJudge]:
    """A judge that quotes this, and what it was shown."""
    seen: list[Content] = []

    def script(content: Content) -> Judgment:
        seen.append(content)
        start = content.text.index(quote)
        span = Evidence(
            quote=quote, start=start, end=start + len(quote), criterion="quality", polarity=Polarity.FOR
        )
        return Judgment(answers={"quality": Score(value=0.5)}, evidence=(span,), critique="Fine.")

    return seen, ScriptedJudge("ann", script, local=False)


async def test_the_judge_sees_placeholders_in_text_and_title() -> None:
    seen, judge = quoting("[EMAIL]")
    given = asking()
    await RedactedJudge(judge, FINDER).judge(CONTENT, QUALITY, given)
    assert (seen[0].text, seen[0].title, seen[0].context) == (
        "Ask [EMAIL] why.",
        "By [EMAIL]",
        "No mail here.",
    )
    assert isinstance(given.tab, JudgeTab)
    assert given.tab.spans_redacted == 2


async def test_evidence_stands_in_the_text_as_received() -> None:
    for quote, whole in (("[EMAIL] why", f"{MAIL} why"), ("Ask", "Ask"), ("why.", "why.")):
        outcome = await RedactedJudge(quoting(quote)[1], FINDER).judge(CONTENT, QUALITY, asking())
        assert isinstance(outcome, Judgment)
        (span,) = outcome.evidence
        assert CONTENT.text[span.start : span.end] == span.quote == whole


async def test_ballots_of_earlier_layers_are_redacted_too() -> None:
    said = Judgment(
        answers={"quality": Score(value=0.5)},
        evidence=(
            Evidence(quote=MAIL, start=4, end=24, criterion="quality", polarity=Polarity.FOR, note=MAIL),
        ),
        critique=f"It names {MAIL}.",
    )
    _, judge = quoting("Ask")
    await RedactedJudge(judge, FINDER).judge(
        CONTENT, QUALITY, asking(peers=(Peer(alias="J1", judge="bob", judgment=said),))
    )
    assert MAIL not in repr(judge.askings[0].peers)
    assert judge.askings[0].peers[0].judge == "bob"


async def test_a_long_text_is_redacted_as_well() -> None:
    seen, judge = quoting("Ask")
    await RedactedJudge(judge, FINDER).judge(
        replace(CONTENT, text=CONTENT.text + " word" * AT_ONCE), QUALITY, asking()
    )
    assert MAIL not in seen[0].text


async def test_an_abstention_comes_back_as_it_is() -> None:
    judge = ScriptedJudge("ann", abstaining())
    assert isinstance(await RedactedJudge(judge, FINDER).judge(CONTENT, QUALITY, asking()), Abstention)


def test_the_revision_is_another_than_the_judge_s_own() -> None:
    judge = ScriptedJudge("ann", abstaining())
    profile = RedactedJudge(judge, FINDER).profile
    assert profile.revision != judge.profile.revision
    assert profile.calibrated_as == profile.revision
