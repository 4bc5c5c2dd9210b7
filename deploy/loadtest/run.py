"""Starts a server, loads it with ghz by a profile, and holds the result against the profile's limits.

The server's judges are scripted: they wait as models do, fail now and then, and cost nothing. `--compare`
loads a bare gRPC server with the same judges beside it, in the same run.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from deploy.loadtest.ghz import LoadError, run_ghz
from deploy.loadtest.page import page
from deploy.loadtest.rows import Row, aligned, cells, faults, markdown, read_limits, read_row
from deploy.loadtest.scripted import MODULE, NAMES
from deploy.loadtest.summary import Outcome, ratios, summary
from deploy.local_server import ServerFailed, serving

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
DESCRIPTOR_SET: Final = ROOT / "moa_scorer" / "api" / "descriptor_set.binpb"
BY_REFLECTION: Final[Mapping[str, tuple[str, ...]]] = {"reflection": ()}
WAYS: Final = {**BY_REFLECTION, "descriptor set": ("--protoset", str(DESCRIPTOR_SET))}
PANEL: Final = "load"
ALL: Final = ("smoke", "steady", "ramp", "spike", "repeats", "soak")
"""Profiles of `all`, the longest last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be said on the command line."""

    ghz: Path
    profile: Path
    data: Path | None
    """Requests to cycle through."""
    panel: str
    workers: int
    patience: float
    """Seconds until the server must be healthy."""
    out: Path
    """Folder of the reports."""
    compare: bool

    @property
    def name(self) -> str:
        """Of the profile."""
        return self.profile.stem

    @property
    def ways(self) -> Mapping[str, tuple[str, ...]]:
        """How ghz learns the messages: the short profile proves both."""
        return WAYS if self.name == "smoke" else BY_REFLECTION


def load(options: Options) -> list[Row]:
    """Runs the profile against a server of its own; raises LoadError, ServerFailed."""
    wanted = json.loads(options.profile.read_text()).get("total")
    rows = []
    with serving(options.panel, options.workers, options.patience, _environment(options.panel)) as server:
        for way, said in options.ways.items():
            before = len(server.lines())
            keep = options.out / f"{options.name}-{way.replace(' ', '-')}.json"
            report = run_ghz(options.ghz, options.profile, options.data, server.host, said, keep)
            rows.append(read_row(way, wanted, report, server.lines()[before:]))
    return rows


def _environment(panel: str) -> dict[str, str]:
    if panel != PANEL:
        return {}
    return {
        "MOA_SCORER_CATALOG_DIR": str(HERE / "catalogue"),
        "MOA_SCORER_JUDGE_MODULES": json.dumps([MODULE]),
        "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))),
    }


def load_bare(options: Options) -> Row:
    """The same load on the bare server, which serves no reflection and logs nothing."""
    keep = options.out / f"{options.name}-bare.json"
    with _bare() as host:
        report = run_ghz(options.ghz, options.profile, options.data, host, WAYS["descriptor set"], keep)
    return read_row("bare baseline", None, report, ())


@contextmanager
def _bare() -> Iterator[str]:
    command = (sys.executable, "-m", "deploy.loadtest.baseline")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield f"127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def write_reports(options: Options, rows: Sequence[Row], said: str) -> None:
    """A table for a README and a page with the distribution of the latencies."""
    options.out.mkdir(parents=True, exist_ok=True)
    about = f"{len(NAMES)} scripted judges" if options.panel == PANEL else f"panel {options.panel}"
    title = f"Profile {options.name}, {about}, {options.workers} worker(s)"
    text = f"{title}\n\n{markdown(cells(rows))}\n" + (f"\n{said}\n" if said else "")
    (options.out / f"{options.name}.md").write_text(text)
    reports = {path.stem: json.loads(path.read_text()) for path in options.out.glob(f"{options.name}-*.json")}
    (options.out / f"{options.name}.html").write_text(page(title, cells(rows), said, reports))


def _options(arguments: Sequence[str] | None) -> list[Options]:
    """For each profile."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--ghz", type=Path, default=ROOT / ".tools" / "bin" / "ghz", help="the ghz program")
    add("--profile", default="smoke", help=f"{', '.join(ALL)}, all of them, or a ghz configuration")
    add("--data", type=Path, help="requests to cycle through; default: comments.json")
    add("--panel", default=PANEL, help="panel to serve; default: scripted judges, no models")
    add("--workers", type=int, default=1, help="server processes")
    add("--patience", type=float, default=60, help="seconds until the server must be healthy")
    add("--out", type=Path, default=Path("build") / "load", help="folder of the reports")
    add("--compare", action="store_true", help="load the bare baseline beside it")
    said = vars(parser.parse_args(arguments))
    profile = said.pop("profile")
    options = Options(**said | {"profile": Path(profile), "data": said["data"]})
    return [_of_profile(options, name) for name in (ALL if profile == "all" else [profile])]


def _of_profile(options: Options, name: str) -> Options:
    named = HERE / "profiles" / f"{name}.json"
    profile = named if named.is_file() else Path(name)
    data = options.data or HERE / ("repeats.json" if profile.stem == "repeats" else "comments.json")
    return replace(options, profile=profile, data=data)


def run(options: Options) -> Outcome:
    """Loads by one profile, writes its reports and tells what came of it; raises as `load`."""
    limits = read_limits(HERE / "limits.json", options.name)
    print(f"load: {options.name} on {options.panel}, {options.workers} worker(s)", flush=True)
    rows = load(options)
    bare = load_bare(options) if options.compare else None
    shown, said = [*rows, bare] if bare else rows, ratios(rows[0], bare) if bare else ""
    write_reports(options, shown, said)
    wrong = [fault for row in rows for fault in faults(row, limits)]
    print(aligned(cells(shown)), said, f"reports: {options.out / options.name}.md, .html", sep="\n")
    print("\n".join(f"FAILED {fault}" for fault in wrong) or "load: within all limits", flush=True)
    return Outcome(profile=options.name, product=rows[0], bare=bare, faults=wrong)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 limits kept, 1 not, 2 the load could not be run."""
    chosen = _options(arguments)
    try:
        outcomes = [run(options) for options in chosen]
    except (LoadError, ServerFailed, OSError, ValueError, subprocess.TimeoutExpired) as error:
        print(f"load: {error}", file=sys.stderr)
        return 2
    if len(outcomes) > 1:
        (chosen[0].out / "summary.md").write_text(markdown(summary(outcomes)) + "\n")
        print(aligned(summary(outcomes)), f"summary: {chosen[0].out / 'summary.md'}", sep="\n")
    return 1 if any(outcome.faults for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
