"""The embedded panel through the pipeline, beside the bare times of its judges' models, one after the other.

Bare is each judge's loaded function called on the text in this thread, without pool, panel, fusion or server.
The pipeline runs the same loaded functions in a pool of one thread, so both do the same work on one core; a
second pipeline has a thread a core and shows what a lone caller waits. Texts are the first 200 words of rated
stories with their prompts, no prompt twice; the ways take turns, and no text is seen twice, so that nothing
which is remembered from one helps another. Relevance and coherence share their embeddings: the first to come
pays for both.
"""

import argparse
import asyncio
import functools
import gzip
import json
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import uvloop

from moa_scorer.app.chosen import make_catalog
from moa_scorer.app.clock import SystemClock
from moa_scorer.app.compose import STUDENT, model_store
from moa_scorer.app.cores import cores
from moa_scorer.app.files.catalogue import newest_file, read_catalog
from moa_scorer.app.settings import Settings
from moa_scorer.app.threads import cap
from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.judges.local.detector import DetectorSpec, LocalJudge
from moa_scorer.judges.local.panel import local_specs
from moa_scorer.judges.local.pool import Pool, Stop
from moa_scorer.judges.local.student import student_spec
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.telemetry import logs
from tests.bench.report import markdown

STORIES = Path(__file__).resolve().parents[1] / "data" / "hanna.jsonl.gz"
WORDS = 200
GOALS = {"embedded": 1.2}
"""Panel -> most that the pipeline may take, in times of its bare models. Where these take a few milliseconds,
the facts of the text and the fusion weigh more, and nothing is promised in that measure."""

Specs = Mapping[str, DetectorSpec]


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Seconds an item, in each way."""

    bare: list[dict[str, float]] = field(default_factory=list)
    """By judge."""
    single: list[float] = field(default_factory=list)
    """The pipeline with one thread."""
    wide: list[float] = field(default_factory=list)
    """The pipeline with a thread a core."""


def contents(items: int) -> list[Content]:
    """Real texts, cut to 200 words, each with a prompt of its own; raises ValueError if there are too few."""
    with gzip.open(STORIES, "rt", encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if len(row["content"].split()) >= WORDS]
    by_prompt = {row["context"]: " ".join(row["content"].split()[:WORDS]) for row in rows}
    if len(by_prompt) < items:
        raise ValueError(f"{items} texts were asked for, there are {len(by_prompt)}")
    made = [Content(text=t, kind="story", language="en", context=c) for c, t in by_prompt.items()]
    return made[:items]


def embedded(settings: Settings) -> Specs:
    """Every embedded judge, its model loaded once however often it is asked for."""
    student = student_spec(newest_file(STUDENT, settings.catalog_dir))
    specs = (*local_specs(model_store(settings)), student)
    return {spec.profile.name: replace(spec, load=functools.cache(spec.load)) for spec in specs}


def pipeline(specs: Specs, threads: int, settings: Settings) -> Pipeline:
    """The product's pipeline over these judges."""
    pool = Pool(threads=threads)
    judges = {name: LocalJudge(spec, pool) for name, spec in specs.items()}
    files = read_catalog(settings.catalog_dir, judges)
    return Pipeline(make_catalog(settings, judges, files), SystemClock())


def _require_work(judge: str, outcome: Judgment | Abstention) -> None:
    """Raises AssertionError when a judge did not do what is measured; the student may pass on stories."""
    passes = isinstance(outcome, Abstention) and outcome.reason is AbstentionReason.NOT_APPLICABLE
    assert passes or isinstance(outcome, Judgment), (judge, outcome)


def bare(judges: Sequence[DetectorSpec], content: Content) -> dict[str, float]:
    """Judge -> seconds of its function on the text; every judge must have done its work."""
    times = {}
    for spec in judges:
        detect = spec.load()
        started = time.perf_counter()
        outcome = detect(content, Stop())
        times[spec.profile.name] = time.perf_counter() - started
        _require_work(spec.profile.name, outcome)
    return times


def through(loop: asyncio.AbstractEventLoop, product: Pipeline, content: Content) -> float:
    """Seconds of the whole pipeline on the text; every judge must have done its work."""
    started = time.perf_counter()
    scoring = loop.run_until_complete(
        product.score(ScoreRequest(content=content), Budget(time.monotonic() + 120))
    )
    elapsed = time.perf_counter() - started
    for ballot in scoring.verdict.ballots:
        _require_work(ballot.judge, ballot.outcome)
    return elapsed


def measure(panel: str, items: int) -> Times:
    """Each way on so many texts, after one to warm up."""
    settings = Settings(panel=panel)
    specs = embedded(settings)
    single, wide = pipeline(specs, 1, settings), pipeline(specs, cores(), settings)
    judges = [specs[name] for name in single.catalog.panel(DEFAULT_TENANT, panel).judges]
    times, loop = Times(), uvloop.new_event_loop()
    ways = (
        lambda content: times.bare.append(bare(judges, content)),
        lambda content: times.single.append(through(loop, single, content)),
        lambda content: times.wide.append(through(loop, wide, content)),
    )
    for i, content in enumerate(contents((items + 1) * len(ways))):
        ways[i % len(ways)](content)
    loop.close()
    return Times(bare=times.bare[1:], single=times.single[1:], wide=times.wide[1:])


def _judged(ratio: float, goal: float | None) -> str:
    met = "" if goal is None else f" ({'meets' if ratio <= goal else 'MISSES'} {goal})"
    return f"**{ratio:.2f}**{met}"


def report(panel: str, times: Times) -> str:
    """The two tables of a panel."""
    total = statistics.median(sum(each.values()) for each in times.bare)
    single, wide = statistics.median(times.single), statistics.median(times.wide)
    judges = [(f"`{j}`", f"{statistics.median(t[j] for t in times.bare) * 1e3:.2f}") for j in times.bare[0]]
    ways = [
        ("sum of the bare models", f"{total * 1e3:.1f}", "1"),
        ("pipeline, one thread", f"{single * 1e3:.1f}", _judged(single / total, GOALS.get(panel))),
        (f"pipeline, {cores()} threads", f"{wide * 1e3:.1f}", f"{wide / total:.2f}"),
    ]
    tables = [
        markdown(("judge", "bare, ms an item"), judges),
        markdown(("way", "ms an item", "× bare"), ways),
    ]
    return "\n\n".join([f"### `{panel}`", *tables])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=18)
    parser.add_argument("--panels", nargs="+", default=["embedded", "embedded-fast"])
    chosen = parser.parse_args()
    cap(1)
    logs.configure(level="warning")
    print(f"\n## Embedded panel beside its bare models\n\n{__doc__}\nMedians over {chosen.items} items.\n")
    for panel in chosen.panels:
        print(report(panel, measure(panel, chosen.items)), flush=True)


if __name__ == "__main__":
    main()
