"""What a vendor is sent of personal data, what the record says of it, and where the evidence stands."""

from pathlib import Path

import pytest

from moa_scorer.app.compose import compose
from moa_scorer.app.settings import Settings
from moa_scorer.domain.ballot import Judgment
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.record import Record
from moa_scorer.domain.request import Retention, ScoreRequest
from moa_scorer.providers.spec import Wire
from moa_scorer.storage.codec import BALLOTS
from tests.fakes.catalogue import KEY_VARIABLE, FakeJudge, FakePanel, Price, write_catalogue
from tests.fakes.vendor import Vendor

MAIL = "jane.doe@example.com"
PHONE = "(555) 123-4567"
CONTENT = Content(
    text=f"{MAIL} wrote this plain text, and {PHONE} is her telephone.", title=f"From {MAIL}", language="en"
)


async def scored(folder: Path, vendor: Vendor) -> Record:
    """By two judges, of which one has its content redacted."""
    judges = [
        FakeJudge(name=n, kind=Wire.OPENAI, base_url=vendor.base_url(Wire.OPENAI)) for n in ("shy", "open")
    ]
    panel = FakePanel(name="two", judges=("shy", "open"), quorum=1)
    price = Price(input=1, output=2)
    write_catalogue(folder, judges=judges, panels=[panel], criteria=["clarity"], price=price)
    endpoint = folder / "endpoints" / "shy.yaml"
    endpoint.write_text(endpoint.read_text() + "redact: true\n")
    application = compose(Settings(panel="two", catalog_dir=folder, models_dir=folder))
    pipeline = application.pipeline
    request = ScoreRequest(content=CONTENT, retention=Retention.NOTHING)
    try:
        return await pipeline.score(request, Budget.starting(pipeline.clock.monotonic(), 20.0))
    finally:
        await application.aclose()


@pytest.fixture
async def vendor(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(KEY_VARIABLE, "any")
    async with Vendor() as vendor:
        yield vendor


async def test_a_vendor_behind_redaction_gets_placeholders_and_the_other_the_text(
    tmp_path: Path, vendor: Vendor
) -> None:
    await scored(tmp_path, vendor)
    sent = {str(body["model"]): str(body) for body in vendor.bodies}
    assert MAIL not in sent["model-shy"]
    assert PHONE not in sent["model-shy"]
    assert "[EMAIL] wrote this plain text, and [PHONE]" in sent["model-shy"]
    assert MAIL in sent["model-open"]


async def test_ballots_say_that_it_was_redacted_and_quote_the_text_as_received(
    tmp_path: Path, vendor: Vendor
) -> None:
    record = await scored(tmp_path, vendor)
    ballots = {ballot.judge: ballot for ballot in record.verdict.ballots}
    assert (ballots["shy"].redacted, ballots["open"].redacted) == (3, None)
    outcome = ballots["shy"].outcome
    assert isinstance(outcome, Judgment)
    assert outcome.evidence[0].quote.startswith(f"{MAIL} wrote")
    for span in outcome.evidence:
        assert CONTENT.text[span.start : span.end] == span.quote
    assert BALLOTS.decode(BALLOTS.encode(record.verdict.ballots)) == record.verdict.ballots
