"""What the checkout may hold, and what its entry points promise."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

TOP_LEVEL = {
    *("pyproject.toml", "protos", "moa_scorer", "deploy", "tests", "Makefile"),
    *("README.md", "LICENSE", "CHANGELOG.md", "requirements.txt", "requirements-dev.txt"),
}
REQUIREMENT = re.compile(r"[a-z0-9-]+==\S+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")

# Written in pieces, so that this file does not hold what it looks for.
OUTSIDE = {
    "a path of one machine": re.compile(r"(?<![\w.}])/(?:work|root|home/\w+|Users/\w+)/[\w.]"),
    "an index address": re.compile(r"--(?:extra-)?index" + r"-url|/sim" + r"ple/?[\s\"']"),
    "a registry's host": re.compile(
        "|".join(
            rf"{name}\.{domain}\b"
            for name, domain in [
                *(("py" + "pi", "org"), ("python" + "hosted", "org"), ("npm" + "js", "org")),
                *(("crates", "io"), ("proxy" + r"\.golang", "org"), ("debian", "org")),
            ]
        )
    ),
}


@pytest.fixture(scope="module")
def texts(root: Path, tracked: list[Path]) -> dict[Path, str]:
    """Every tracked file that is text, with its words."""
    found = {}
    for path in tracked:
        try:
            found[path] = (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


def test_the_top_level_holds_only_the_agreed_names(tracked: list[Path]) -> None:
    names = {path.parts[0] for path in tracked}

    assert {name for name in names - TOP_LEVEL if not name.startswith(".")} == set()
    assert {"pyproject.toml", "protos", "moa_scorer", "deploy", "tests", "Makefile"} <= names


@pytest.mark.parametrize("what", OUTSIDE)
def test_no_file_names_a_place_outside_the_project(texts: dict[Path, str], what: str) -> None:
    found = [f"{path}: {match[0]}" for path, text in texts.items() if (match := OUTSIDE[what].search(text))]

    assert found == []


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a path of one machine", "read /home/" + "ann/notes.txt"),
        ("an index address", "--extra-index" + "-url x"),
        ("a registry's host", "https://files.python" + "hosted.org/packages"),
    ],
)
def test_a_place_outside_the_project_would_be_found(what: str, line: str) -> None:
    assert OUTSIDE[what].search(line)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirement_files_hold_pinned_hashed_names_and_nothing_else(root: Path, name: str) -> None:
    lines = (root / name).read_text().splitlines()

    assert [line for line in lines if not REQUIREMENT.fullmatch(line)] == []


def test_serving_and_developing_install_the_same_versions(root: Path) -> None:
    def pins(name: str) -> set[str]:
        return {line.split(" ")[0] for line in (root / name).read_text().splitlines() if "==" in line}

    assert pins("requirements.txt") < pins("requirements-dev.txt")


def test_every_dependency_of_the_project_is_pinned(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    named = [
        *project["dependencies"],
        *(d for extra in project["optional-dependencies"].values() for d in extra),
    ]
    wanted = {re.split(r"[<>=!~; \[]", dependency, maxsplit=1)[0] for dependency in named}
    pinned = set(re.findall(r"^([a-z0-9-]+)==", (root / "requirements-dev.txt").read_text(), re.M))

    assert wanted - pinned == set()


def test_the_build_extra_is_what_the_build_needs(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())

    assert project["project"]["optional-dependencies"]["build"] == project["build-system"]["requires"]


def test_make_help_lists_every_target_and_is_the_default(root: Path) -> None:
    makefile = (root / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*):(?!=)", makefile, re.M))
    phony = re.search(r"^\.PHONY:((?:.*\\\n)*.*)$", makefile, re.M)
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=root, capture_output=True, text=True, check=True
    )
    rows = dict(re.findall(r"^  ([a-z-]+) +(\S.*)$", listed.stdout, re.M))

    assert phony is not None
    assert set(phony[1].replace("\\", "").split()) == targets
    assert set(rows) == targets
    assert {
        "setup",
        "gen",
        "fmt",
        "lint",
        "type",
        "test",
        "demo",
        "serve",
        "eval",
        "bench",
        "load",
    } <= targets


def test_ci_ends_with_the_tests(root: Path) -> None:
    script = root / ".ci" / "run"
    lines = script.read_text().split()

    assert lines[-2:] == ["make", "test"]
    assert "pipefail" in script.read_text()
    assert script.stat().st_mode & 0o111
