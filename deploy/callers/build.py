"""`make callers`: the stubs for Go and Java made from the protos and compiled, and the example in Go.

A toolchain that is not at hand is said and skipped; what does not compile ends in exit status 1.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from sysconfig import get_path
from typing import Final

from deploy.check import Skipped

ROOT: Final = Path(__file__).resolve().parents[2]
GO: Final = ROOT / "deploy" / "callers" / "go"
JAVA: Final = ROOT / "deploy" / "callers" / "java"
TOOLS: Final = ROOT / ".tools" / "bin"
EXAMPLE: Final = ROOT / "build" / "callers" / "score"
"""The example in Go, when it is built."""
PLUGINS: Final = (
    "google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12",
    "google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.0",
)
UNREACHABLE: Final = ("dial tcp", "no such host", "Unknown host", "Could not transfer artifact")
"""What Go and Maven say without a network."""
SERVICE_CONFIG: Final = ROOT / "moa_scorer" / "client" / "service_config.json"


def go() -> str:
    """The stubs and the example; raises Skipped without Go, RuntimeError with what a tool says."""
    if shutil.which("go") is None:
        raise Skipped("no 'go' was found: install Go 1.26 or newer")
    for plugin in PLUGINS:
        if not (TOOLS / plugin.rpartition("/")[2].partition("@")[0]).exists():
            run("env", f"GOBIN={TOOLS}", "go", "install", plugin)
    made = GO / "gen"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    protoc(
        f"--go_out={GO}",
        "--go_opt=module=moa-scorer",
        f"--go-grpc_out={GO}",
        "--go-grpc_opt=module=moa-scorer",
    )
    shutil.copy(SERVICE_CONFIG, made)
    run("go", "vet", "./...", cwd=GO)
    run("go", "build", "-trimpath", "-buildvcs=false", "-o", str(EXAMPLE), ".", cwd=GO)
    return f"{count(made, '*.go')} files and the example, {EXAMPLE.relative_to(ROOT)}"


def java() -> str:
    """The stubs; raises Skipped without a compiler or Maven, RuntimeError with what Maven says."""
    for tool in ("javac", "mvn"):
        if shutil.which(tool) is None:
            raise Skipped(f"no '{tool}' was found: install a JDK 17 or newer, and Maven")
    run(
        "mvn",
        "--batch-mode",
        "--quiet",
        f"-Dbuild.folder={ROOT / 'build' / 'callers' / 'java'}",
        "package",
        cwd=JAVA,
    )
    return f"{count(ROOT / 'build' / 'callers' / 'java', '*.class')} classes"


def protoc(*options: str) -> None:
    """Runs protoc on every proto, with the plugins of this checkout."""
    libraries = Path(get_path("purelib"))
    common = ROOT / "build" / "protos" / "google" / "longrunning"
    common.mkdir(parents=True, exist_ok=True)
    # The package of Google's common protos keeps this one under another name than it is imported by.
    shutil.copy(libraries / "google" / "longrunning" / "operations_proto.proto", common / "operations.proto")
    folders = (ROOT / "protos", ROOT / "build" / "protos", libraries)
    protos = sorted((ROOT / "protos").rglob("*.proto"))
    plugins = [f"--plugin={TOOLS / name}" for name in ("protoc-gen-go", "protoc-gen-go-grpc")]
    command = (sys.executable, "-m", "grpc_tools.protoc", *(f"-I{folder}" for folder in folders))
    run(*command, *plugins, *options, *map(str, protos))


def run(*command: str, cwd: Path = ROOT) -> None:
    """Raises RuntimeError with what it says when it fails, Skipped where packages cannot be had."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd)
    if done.returncode:
        if any(words in done.stdout + done.stderr for words in UNREACHABLE):
            raise Skipped(f"'{command[0]}' cannot reach where its packages come from")
        said = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("    at ")]
        raise RuntimeError(f"{' '.join(command[:3])}: " + "\n".join(said[:40]))


def count(folder: Path, pattern: str) -> int:
    """Files below a folder."""
    return sum(1 for _ in folder.rglob(pattern))


CALLERS: Final[tuple[Callable[[], str], ...]] = (go, java)


def main() -> int:
    """1 when something does not compile."""
    wrong = False
    for caller in CALLERS:
        try:
            print(f"ok       {caller.__name__}: {caller()}", flush=True)
        except Skipped as reason:
            print(f"skipped  {caller.__name__}: {reason}", flush=True)
        except RuntimeError as error:
            wrong = True
            print(f"WRONG    {caller.__name__}: {error}", flush=True)
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
