"""A catalogue folder whose judges are language models behind the fake vendor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from moa_scorer.providers.spec import Wire

KEY_VARIABLE = "FAKE_VENDOR_KEY"
"""Where the endpoints of these catalogues look for their key; any value will do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeJudge:
    """A judge with an endpoint of its own; both have its name."""

    name: str
    kind: Wire
    """Wire format of the endpoint, whose kind has the same name."""
    base_url: str
    traffic: Mapping[str, object] = field(default_factory=dict)
    """What differs from the kind's preset."""

    @property
    def model(self) -> str:
        """The id that it asks for, by which the vendor knows it."""
        return f"model-{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FakePanel:
    """One layer of such judges."""

    name: str
    judges: tuple[str, ...]
    quorum: int
    """For a score."""
    enough: int | None = None
    """Judgments after which only `grace` more is waited; None = all are waited for."""
    grace: float = 0.0
    """Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars for a million tokens."""

    input: float
    output: float


def write_catalogue(
    folder: Path,
    *,
    judges: Sequence[FakeJudge],
    panels: Sequence[FakePanel],
    criteria: Sequence[str],
    price: Price,
    max_tokens: int = 300,
) -> None:
    """Writes endpoints, judges, panels, the rubric `fake` and prices; the folder is made."""
    for judge in judges:
        _write(folder / "endpoints" / f"{judge.name}.yaml", _endpoint(judge))
        _write(folder / "judges" / f"{judge.name}.yaml", _judge(judge, max_tokens))
    for panel in panels:
        _write(folder / "panels" / f"{panel.name}.yaml", _panel(panel))
    _write(folder / "rubrics" / "fake.yaml", _rubric(criteria))
    _write(folder / "prices.yaml", _prices(judges, price))


def _endpoint(judge: FakeJudge) -> dict[str, object]:
    return {
        "name": judge.name,
        "kind": str(judge.kind),
        "base_url": judge.base_url,
        "local": False,
        "key": {"env": KEY_VARIABLE},
        "traffic": dict(judge.traffic),
    }


def _judge(judge: FakeJudge, max_tokens: int) -> dict[str, object]:
    return {
        "name": judge.name,
        "title": f"The fake vendor's judge {judge.name}",
        "endpoint": judge.name,
        "model": judge.model,
        "asks": "whole",
        "reading": "single",
        "max_tokens": max_tokens,
    }


def _panel(panel: FakePanel) -> dict[str, object]:
    layer = {"judges": list(panel.judges), "grace": panel.grace}
    if panel.enough is not None:
        layer["quorum"] = panel.enough
    return {
        "name": panel.name,
        "version": 1,
        "title": f"Judges of the fake vendor, {panel.name}",
        "layers": [layer],
        "quorum": panel.quorum,
        "default_rubric": "fake",
    }


def _rubric(criteria: Sequence[str]) -> dict[str, object]:
    return {
        "name": "fake",
        "version": 1,
        "title": "What the fake vendor's judges are asked",
        "criteria": [{"name": name, "description": f"The text shows {name}."} for name in criteria],
    }


def _prices(judges: Sequence[FakeJudge], price: Price) -> dict[str, object]:
    return {
        "prices": [
            {
                "model": judge.model,
                "input": price.input,
                "output": price.output,
                "as_of": "2026-01-01",
                "source": "made up for tests",
            }
            for judge in judges
        ]
    }


def _write(path: Path, value: Mapping[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(dict(value), sort_keys=False), encoding="utf-8")
