"""stopping/*.json: when a panel's tiers are spared under a policy, as `moa-scorer stopping fit` found it."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, ValidationError

from moa_scorer.app.files.parts import Part, Reference
from moa_scorer.domain.stopping import Stopping

FOLDER: Final = "stopping"

Share = Annotated[float, Field(ge=0, le=1)]


class StoppingFile(Part):
    """stopping/*.json"""

    margin: Annotated[float, Field(ge=0)] | None
    panel: Reference
    policy: Reference
    snapshot: Annotated[str, Field(min_length=1)]
    error: Share
    bound: Share
    confidence: Share
    items: Annotated[int, Field(strict=True, ge=1)]

    def value(self) -> Stopping:
        """The domain's rule."""
        return Stopping(**self.model_dump())


def read_stoppings(folders: Sequence[Path], mistakes: list[str]) -> tuple[Stopping, ...]:
    """The rules of all catalogue folders; one of a later folder replaces one for the same three."""
    found: dict[tuple[str, str, str], Stopping] = {}
    for folder in folders:
        for path in sorted((folder / FOLDER).glob("*.json")):
            if (rule := _read(path, mistakes)) is not None:
                found[rule.panel, rule.policy, rule.snapshot] = rule
    return tuple(found.values())


def write_stopping(rule: Stopping, path: Path) -> None:
    """One rule, for a catalogue's folder `stopping/`."""
    path.write_text(json.dumps(asdict(rule), indent=2) + "\n", encoding="utf-8")


def _read(path: Path, mistakes: list[str]) -> Stopping | None:
    try:
        return StoppingFile.model_validate_json(path.read_bytes()).value()
    except ValidationError as error:
        mistakes += (_words(path, each["loc"], each["msg"]) for each in error.errors())
    except OSError as error:
        mistakes.append(f"{path}: cannot be read: {error.strerror}")
    return None


def _words(path: Path, where: Sequence[object], message: str) -> str:
    at = f"{'.'.join(map(str, where))}: " if where else ""
    return f"{path}: {at}{message}"
