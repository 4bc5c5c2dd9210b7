"""`make audit`: known holes in what is installed, and secrets in the files and in their history.

What cannot be looked up from here is said and skipped; what is found ends in exit status 1.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from deploy.check import HERE, Skipped, tool

ROOT: Final = HERE.parent
RULES: Final = ".ci/secrets.yaml"
"""What the scanner cannot know: the form of our own API keys."""
NOT_OURS: Final = (".venv", ".tools", "build", "dist", ".pytest_cache", ".mypy_cache", ".hypothesis")
"""Folders that are never committed."""
FOUND: Final = 200
"""Exit status of the scanner when it found something."""


def secrets() -> str:
    """Scans working tree and history; raises RuntimeError with the places, never with a secret."""
    scanner = tool("kingfisher", "in the development dependencies")
    quiet = ("--no-validate", "--no-update-check", "--redact", "--format", "jsonl")
    excluded = (word for folder in NOT_OURS for word in ("--exclude", folder))
    command = (scanner, "scan", ".", *quiet, "--rules-path", RULES, *excluded)
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode not in (0, FOUND):
        raise RuntimeError(done.stderr.strip())
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if found := [place_of(line) for line in lines if "finding" in line]:
        raise RuntimeError("\n".join(("take these back, and out of use:", *found)))
    return f"none in {sum(line.get('blobs_scanned', 0) for line in lines):,} files of now and before"


def place_of(line: Mapping[str, Any]) -> str:
    """Where a finding is, and what it looks like."""
    finding = line["finding"]
    return f"  {finding.get('path', '?')}:{finding.get('line', '?')} {line['rule']['name']}"


def dependencies() -> str:
    """Asks for known holes of every pinned version; raises RuntimeError with those that are found."""
    auditor = tool("pip-audit", "in the development dependencies")
    options = ("--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off")
    files = ("-r", "requirements.txt", "-r", "requirements-dev.txt")
    done = subprocess.run((auditor, *options, *files), capture_output=True, text=True, cwd=ROOT)
    try:
        answers = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise Skipped(f"the database of known holes cannot be reached: {last}") from None
    known = [each for each in answers if "vulns" in each]
    if not known:
        raise Skipped(
            f"the database of known holes cannot be reached ({len(answers)} packages not looked up)"
        )
    if found := list(holes(known)):
        raise RuntimeError("\n".join(("known holes:", *found)))
    return f"no known hole in {len(known)} packages; {len(answers) - len(known)} could not be looked up"


def holes(answers: list[dict[str, Any]]) -> Iterator[str]:
    """A line for each hole: package, version, name, and where it is mended."""
    for each in answers:
        for hole in each["vulns"]:
            mended = ", ".join(hole.get("fix_versions") or ["nowhere yet"])
            yield f"  {each['name']} {each['version']}: {hole['id']}, mended in {mended}"


AUDITS: Final[Mapping[str, Callable[[], str]]] = {"secrets": secrets, "dependencies": dependencies}


def main(wanted: list[str]) -> int:
    """1 when something is found; without names every audit is made."""
    wrong = False
    for name in wanted or AUDITS:
        try:
            print(f"ok       {name}: {AUDITS[name]()}", flush=True)
        except Skipped as reason:
            print(f"skipped  {name}: {reason}", flush=True)
        except RuntimeError as error:
            wrong = True
            print(f"WRONG    {name}: {error}", flush=True)
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
