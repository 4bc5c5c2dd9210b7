"""A real server that meets with everything, and all that it emitted meanwhile.

Its contents, prompts and secrets hold the words of `markers`; its vendor repeats in errors what it was sent.
"""

import asyncio
import json
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import grpc.aio
import structlog
from google.longrunning import operations_pb2 as lro
from google.longrunning.operations_pb2_grpc import OperationsStub
from typer.testing import CliRunner, Result

from moa_scorer.api.v1 import catalog_service_pb2, content_pb2, job_service_pb2, record_service_pb2
from moa_scorer.api.v1 import feedback_service_pb2 as feedback
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.catalog_service_pb2_grpc import CatalogServiceStub
from moa_scorer.api.v1.feedback_service_pb2_grpc import FeedbackServiceStub
from moa_scorer.api.v1.job_service_pb2_grpc import JobServiceStub
from moa_scorer.api.v1.record_service_pb2_grpc import RecordServiceStub
from moa_scorer.api.v1.scoring_service_pb2_grpc import ScoringServiceStub
from moa_scorer.app.cli.root import app
from moa_scorer.providers.spec import Wire
from tests.fakes import markers
from tests.fakes.catalogue import KEY_VARIABLE, FakeJudge, FakePanel, Price, write_catalogue
from tests.fakes.collector import Collected, collecting
from tests.fakes.log_lines import look_as
from tests.fakes.server_process import Process, starting
from tests.fakes.vendor import Vendor
from tests.fakes.vendor_answers import judgment
from tests.fakes.vendor_faults import Fault

ROOT: Final = Path(__file__).resolve().parents[2]
TEXT: Final = f"The plot of {markers.TEXT} is thin. The style carries it for a while, and then it does not."
REPEATING: Final = (Fault.BAD_KEY, Fault.NO_MODEL, Fault.GARBAGE, Fault.FILTERED)
"""Faults whose errors repeat what was sent; too many server errors after them open the circuit."""
TRAFFIC: Final = {"attempts": 2, "hedge": False, "breaker_failures": 2, "breaker_pause": 0.2, "timeout": 2.0}


@dataclass(slots=True)
class Shown:
    """What a server let out."""

    log: str = ""
    """Standard output and standard error."""
    metrics: str = ""
    collected: Collected = field(default_factory=Collected)
    statuses: list[str] = field(default_factory=list)
    """Details and trailers of calls that failed."""
    commands: list[str] = field(default_factory=list)
    """What commands said that could not do what they were told."""
    secrets: list[str] = field(default_factory=list)
    """Made while the server ran."""

    def events(self) -> list[dict[str, Any]]:
        """Every line of the log."""
        return [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]


@dataclass(slots=True)
class Stage:
    """A server, its vendor, and somebody who calls."""

    shown: Shown
    vendor: Vendor
    process: Process
    folder: Path
    channel: grpc.aio.Channel
    key: str

    async def tried(self, call: Awaitable[Any]) -> Any:
        """The answer; None for a call that failed, whose status is kept."""
        try:
            return await call
        except grpc.aio.AioRpcError as error:
            trailers = [
                (key, bytes(value) if not isinstance(value, str) else value)
                for key, value in error.trailing_metadata() or ()
            ]
            self.shown.statuses.append(f"{error.code()} {error.details()} {trailers}")
            return None

    def asked(self, panel: str, text: str = TEXT, **fields: Any) -> pb.ScoreContentRequest:
        content = content_pb2.Content(
            id="i-1", text=text, title=f"On {markers.TITLE}", context=f"In {markers.CONTEXT}", kind="comment"
        )
        return pb.ScoreContentRequest(content=content, panel=panel, **fields)

    @property
    def me(self) -> tuple[tuple[str, str], ...]:
        return (("x-api-key", self.key),)


def catalogue(folder: Path, vendor: Vendor) -> None:
    """A panel of two vendors' judges, a crashing one and a calm one; and one that can give no score."""
    wires = {"wes": Wire.OPENAI, "ana": Wire.ANTHROPIC}
    models = [
        FakeJudge(name=n, kind=w, base_url=vendor.base_url(w), traffic=TRAFFIC) for n, w in wires.items()
    ]
    judges = (*wires, "crash", "calm")
    panels = [
        FakePanel(name="marked", judges=judges, quorum=1),
        FakePanel(name="hopeless", judges=("crash", "wes"), quorum=2),
    ]
    criteria = ("quality", "style")
    price = Price(input=1.0, output=5.0)
    write_catalogue(folder, judges=models, panels=panels, criteria=criteria, price=price)
    rubric = folder / "rubrics" / "fake.yaml"
    rubric.write_text(
        rubric.read_text().replace("The text shows", f"{markers.PROMPT} says that the text shows")
    )


def _reply(prompt: str, body: Any) -> str:
    said = json.loads(judgment(prompt, body))
    return json.dumps(said | {"critique": f"It says {markers.REPLY}."})


def _environment(folder: Path, collector: Collected) -> dict[str, str]:
    return {
        "MOA_SCORER_CATALOG_DIR": str(folder / "catalogue"),
        "MOA_SCORER_JUDGE_MODULES": json.dumps(["tests.fakes.marked_judges:judges"]),
        "MOA_SCORER_LOG_LEVEL": "debug",
        "MOA_SCORER_DATABASE": f"sqlite:///{folder / 'records.db'}",
        "MOA_SCORER_REDIS_URL": f"redis://:{markers.PASSWORD}@127.0.0.1:1/0",
        "MOA_SCORER_JOBS_DIR": str(folder),
        "MOA_SCORER_METRICS_ADDRESS": "127.0.0.1:0",
        "MOA_SCORER_OTEL__ENDPOINT": f"http://127.0.0.1:{collector.port}",
        "MOA_SCORER_AUTH__API_KEYS": "true",
        "MOA_SCORER_AUDIT_SHARE": "1",
        "MOA_SCORER_RELOAD_SECONDS": "0.2",
        KEY_VARIABLE: markers.VENDOR_KEY,
        "PYTHONPATH": str(ROOT),
    }


def played(folder: Path) -> Shown:
    """The whole play, in some ten seconds."""
    shown, environment = asyncio.run(_played(folder))
    _commands(shown, environment, folder)
    return shown


async def _played(folder: Path) -> tuple[Shown, dict[str, str]]:
    async with collecting() as collector, Vendor(answer=_reply, echoes=True) as vendor:
        shown = Shown(collected=collector)
        catalogue(folder / "catalogue", vendor)
        environment = _environment(folder, collector)
        made = await asyncio.to_thread(
            command, environment, "keys", "create", "--name", "me", "--role", "admin"
        )
        key = made.stdout.strip()
        shown.secrets.append(key.rpartition("_")[2])
        with starting(folder) as start:
            process = start("--panel", "marked", **environment)
            await asyncio.to_thread(process.wait_for, "server_serving")
            async with grpc.aio.insecure_channel(process.target) as channel:
                stage = Stage(shown, vendor, process, folder, channel, key)
                for act in ACTS:
                    await act(stage)
                shown.metrics = await _metrics(process)
            await asyncio.to_thread(process.end)
            shown.log = process.log.read_text()
        return shown, environment


async def _metrics(process: Process) -> str:
    port = process.events("metrics_listening")[0]["port"]
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as answer:
        return await answer.text()


async def scores(stage: Stage) -> None:
    """Every way to have content scored, with judges that answer, crash, fail and echo."""
    scoring = ScoringServiceStub(stage.channel)
    await scoring.ScoreContent(stage.asked("marked", view=pb.VIEW_FULL), metadata=stage.me)
    await scoring.ScoreContent(stage.asked("marked"), metadata=stage.me)
    for fault in (*REPEATING, Fault.SERVER_ERROR, Fault.SERVER_ERROR):
        stage.vendor.faults.script([fault] * 2)
        await scoring.ScoreContent(stage.asked("hopeless", f"{TEXT} {fault}"), metadata=stage.me)
    batch = pb.BatchScoreContentsRequest(requests=[stage.asked("marked", f"{TEXT} {n}") for n in range(3)])
    batch.requests.append(stage.asked("marked", ""))
    await scoring.BatchScoreContents(batch, metadata=stage.me)
    asked = (*(stage.asked("marked", f"{TEXT} item {n}") for n in range(2)), stage.asked("nobody"))
    items = [pb.ScorePipelineRequest(item_id=f"i{n}", request=each) for n, each in enumerate(asked)]
    async for _ in scoring.ScorePipeline(iter(items), metadata=stage.me):
        pass
    stream = pb.StreamScoreContentRequest(request=stage.asked("marked", f"{TEXT} streamed"))
    async for _ in scoring.StreamScoreContent(stream, metadata=stage.me):
        pass


async def mistakes(stage: Stage) -> None:
    """Calls that are refused, with content and credentials in every place."""
    scoring = ScoringServiceStub(stage.channel)
    large = stage.asked("marked", f"{TEXT} " * 2000)
    await stage.tried(scoring.ScoreContent(large, metadata=stage.me))
    await stage.tried(scoring.ScoreContent(stage.asked("nobody"), metadata=stage.me))
    await stage.tried(scoring.ScoreContent(stage.asked("marked", " "), metadata=stage.me))
    for name, value in (
        ("x-api-key", f"moa_{markers.CALLER_KEY}_{markers.CALLER_KEY}"),
        ("authorization", f"Bearer {markers.CALLER_KEY}"),
        ("authorization", f"Bearer a.{markers.CALLER_KEY}.c"),
    ):
        await stage.tried(scoring.ScoreContent(stage.asked("marked"), metadata=((name, value),)))
    raw = stage.channel.unary_unary("/moa_scorer.api.v1.ScoringService/ScoreContent")
    await stage.tried(raw(b"\x0a\xff" + TEXT.encode(), metadata=stage.me))
    await stage.tried(scoring.ScoreContent(stage.asked("marked"), metadata=stage.me, timeout=0.001))
    catalog = CatalogServiceStub(stage.channel)
    await stage.tried(
        catalog.GetPanel(catalog_service_pb2.GetPanelRequest(name="panels/none"), metadata=stage.me)
    )


async def memory(stage: Stage) -> None:
    """Records that are read, replayed, explained, rated and erased."""
    records, ratings = RecordServiceStub(stage.channel), FeedbackServiceStub(stage.channel)
    scored = await ScoringServiceStub(stage.channel).ScoreContent(
        stage.asked("marked", f"{TEXT} kept", retention=pb.RETENTION_FULL), metadata=stage.me
    )
    name = scored.record
    await stage.tried(records.GetRecord(record_service_pb2.GetRecordRequest(name=name), metadata=stage.me))
    await stage.tried(
        records.ReplayRecord(record_service_pb2.ReplayRecordRequest(name=name), metadata=stage.me)
    )
    rating = feedback.Rating(record=name, rater=f"r-{markers.TITLE}", criterion="quality", value=3.0)
    wrong = feedback.Rating(record=name, rater="r", criterion="quality", value=300.0)
    submitted = feedback.SubmitRatingsRequest(ratings=[rating, wrong])
    await stage.tried(ratings.SubmitRatings(submitted, metadata=stage.me))
    await stage.tried(records.ListRecords(record_service_pb2.ListRecordsRequest(), metadata=stage.me))
    scoring = ScoringServiceStub(stage.channel)
    await stage.tried(scoring.EscalateRecord(pb.EscalateRecordRequest(record=name), metadata=stage.me))
    await stage.tried(
        records.ExplainRecord(record_service_pb2.ExplainRecordRequest(name=name), metadata=stage.me)
    )
    erased = record_service_pb2.DeleteRecordsRequest(
        records=record_service_pb2.RecordNames(names=[name]), confirm_count=1
    )
    await stage.tried(records.DeleteRecords(erased, metadata=stage.me))
    await stage.tried(records.GetRecord(record_service_pb2.GetRecordRequest(name=name), metadata=stage.me))


async def jobs(stage: Stage) -> None:
    """A backfill of good lines and bad ones."""
    lines = [json.dumps({"id": f"j{n}", "text": f"{TEXT} job {n}"}) for n in range(3)]
    lines += [f'{{"id": "bad", "text": "{markers.TEXT}', json.dumps({"id": "x", "text": 7, "title": TEXT})]
    (stage.folder / "default").mkdir(exist_ok=True)
    (stage.folder / "default" / "items.jsonl").write_text("\n".join(lines))
    service: Any = JobServiceStub(stage.channel)
    order = job_service_pb2.Backfill(input="items.jsonl", panel="marked")
    request = job_service_pb2.StartBackfillRequest(backfill=order, request_id="r-1")
    if (started := await stage.tried(service.StartBackfill(request, metadata=stage.me))) is not None:
        wait = lro.WaitOperationRequest(name=started.name)
        wait.timeout.FromSeconds(20)
        await stage.tried(OperationsStub(stage.channel).WaitOperation(wait, metadata=stage.me))


async def reloads(stage: Stage) -> None:
    """A file that is changed wrongly, then rightly; the mistake stands beside a prompt."""
    rubric = stage.folder / "catalogue" / "rubrics" / "fake.yaml"
    good = rubric.read_text()
    rubric.write_text(good.replace("version: 1", "version: next"))
    await asyncio.to_thread(stage.process.wait_for, "reload_refused")
    rubric.write_text(good.replace("version: 1", "version: 2"))
    await asyncio.to_thread(stage.process.wait_for, "catalog_reloaded")


ACTS: Final = (scores, mistakes, memory, jobs, reloads)


def _commands(shown: Shown, environment: dict[str, str], folder: Path) -> None:
    """Commands that fail, with secrets in their settings and content in their input."""
    (folder / "broken.jsonl").write_text(f'{{"text": "{markers.TEXT}\n')
    unreachable = {"MOA_SCORER_DATABASE": f"postgresql://me:{markers.PASSWORD}@127.0.0.1:1/none"}
    malformed = {"MOA_SCORER_REDIS_URL": f"http://me:{markers.PASSWORD}@127.0.0.1/0"}
    wrong = {"MOA_SCORER_DATABASE": f"mysql://me:{markers.PASSWORD}@127.0.0.1/none"}
    for more, arguments in (
        (unreachable, ("serve", "--address", "127.0.0.1:0")),
        (unreachable, ("keys", "list")),
        (unreachable, ("jobs", "list")),
        (malformed, ("check",)),
        (wrong, ("check",)),
        (wrong, ("serve",)),
        ({}, ("score", "--panel", "nobody", str(folder / "default" / "items.jsonl"))),
        ({}, ("backfill", str(folder / "broken.jsonl"), "--panel", "hopeless")),
        ({}, ("rate", str(folder / "broken.jsonl"), "--rubric", "fake")),
    ):
        done = command({**environment, **more}, *arguments)
        shown.commands.append(f"{arguments[0]} ended with {done.exit_code}: {done.stderr}")


def command(environment: dict[str, str], *arguments: str) -> Result:
    """`moa-scorer` with these arguments, in this process."""
    before = structlog.get_config()
    done = CliRunner().invoke(app, arguments, env=environment)
    look_as(before)
    return done
