"""The embedded panel through the pipeline, beside the bare times of its judges' models, one after the other.

Bare is each judge's loaded function called on the text in this thread, without pool, panel, fusion or server.
The pipeline runs the same loaded functions in a pool of one thread, so both do the same work on one core; a
second pipeline has a thread a core and shows what a lone caller waits. Texts are the first 200 words of rated
stories, with their prompts; each way sees each text once, in turns, and no two in a row see the same, so that
nothing which is remembered from one item helps the next.
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

from moa_scorer.app.clock import SystemClock
from moa_scorer.app.compose import make_catalog, model_store
from moa_scorer.app.settings import Settings, cores
from moa_scorer.app.threads import cap
from moa_scorer.domain.ballot import Abstention
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.judges.local.detector import DetectorSpec, LocalJudge
from moa_scorer.judges.local.panel import local_specs
from moa_scorer.judges.local.pool import Pool, Stop
from moa_scorer.scoring.pipeline import Pipeline
from tests.bench.report import markdown

STORIES = Path(__file__).resolve().parents[1] / "data" / "hanna.jsonl.gz"
WORDS = 200
GOAL = 1.2

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
    """Real texts, cut to 200 words; all different."""
    with gzip.open(STORIES, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    long = [row for row in rows if len(row["content"].split()) >= WORDS]
    return [
        Content(
            text=" ".join(row["content"].split()[:WORDS]), kind="story", language="en", context=row["context"]
        )
        for row in long[:: max(1, len(long) // items)][:items]
    ]


def embedded(settings: Settings) -> Specs:
    """Every embedded judge, its model loaded once however often it is asked for."""
    specs = local_specs(model_store(settings))
    return {spec.profile.name: replace(spec, load=functools.cache(spec.load)) for spec in specs}


def pipeline(specs: Specs, threads: int, settings: Settings) -> Pipeline:
    """The product's pipeline over these judges."""
    pool = Pool(threads=threads)
    judges = {name: LocalJudge(spec, pool) for name, spec in specs.items()}
    return Pipeline(make_catalog(settings, judges), SystemClock())


def bare(judges: Sequence[DetectorSpec], content: Content) -> dict[str, float]:
    """Judge -> seconds of its function on the text; every judge must have judged."""
    times = {}
    for spec in judges:
        detect = spec.load()
        started = time.perf_counter()
        outcome = detect(content, Stop())
        times[spec.profile.name] = time.perf_counter() - started
        assert not isinstance(outcome, Abstention), (spec.profile.name, outcome)
    return times


def through(product: Pipeline, content: Content) -> float:
    """Seconds of the whole pipeline on the text; every judge must have judged."""
    started = time.perf_counter()
    scoring = asyncio.run(product.score(ScoreRequest(content=content), Budget(time.monotonic() + 120)))
    elapsed = time.perf_counter() - started
    assert scoring.verdict.answered == scoring.verdict.planned, scoring.verdict.completion
    return elapsed


def measure(panel: str, items: int) -> Times:
    """Each way on each text, after one text to warm up."""
    settings = Settings(panel=panel)
    specs = embedded(settings)
    single, wide = pipeline(specs, 1, settings), pipeline(specs, cores(), settings)
    judges = [specs[name] for name in single.catalog.panel(DEFAULT_TENANT, panel).judges]
    first, *rest = contents(items + 1)
    bare(judges, first)
    through(single, first)
    through(wide, first)
    times = Times()
    ways = (
        lambda content: times.bare.append(bare(judges, content)),
        lambda content: times.single.append(through(single, content)),
        lambda content: times.wide.append(through(wide, content)),
    )
    for turn in range(len(ways)):
        for i, content in enumerate(rest):
            ways[(i + turn) % len(ways)](content)
    return times


def report(panel: str, times: Times) -> str:
    """The two tables of a panel."""
    total = statistics.median(sum(each.values()) for each in times.bare)
    single, wide = statistics.median(times.single), statistics.median(times.wide)
    met = "meets" if single <= GOAL * total else "MISSES"
    judges = [(f"`{j}`", f"{statistics.median(t[j] for t in times.bare) * 1e3:.2f}") for j in times.bare[0]]
    ways = [
        ("sum of the bare models", f"{total * 1e3:.1f}", "1"),
        ("pipeline, one thread", f"{single * 1e3:.1f}", f"**{single / total:.2f}** ({met} {GOAL})"),
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
    print(f"\n## Embedded panel beside its bare models\n\n{__doc__}\nMedians over {chosen.items} items.\n")
    for panel in chosen.panels:
        print(report(panel, measure(panel, chosen.items)), flush=True)


if __name__ == "__main__":
    main()
