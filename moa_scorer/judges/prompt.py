"""Prompts as versioned files: one template, two parts, and the digest of its text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Final

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.ruler import digest
from moa_scorer.judges.scale import anchored

PARTS: Final = ("system", "user")
"""Blocks that every template has: what is the same for every content, and what is not."""

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,63}")


class TemplateFault(ValueError):
    """A template is missing or cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A prompt. Untrusted text enters it fenced only, so no template can forget to."""

    name: str
    """`name-version`, such as `whole-1`."""
    source: str = field(repr=False)
    """The file's text."""
    digest: str
    """Of the text: any change of a prompt is a change of the ruler."""

    @classmethod
    def load(cls, name: str, folder: Path | None = None) -> "Template":
        """The template of that name, the folder's before the packaged one; raises TemplateFault."""
        source = _text(name, folder)
        try:
            missing = set(PARTS) - set(_compiled(source).blocks)
        except jinja2.TemplateSyntaxError as error:
            raise TemplateFault(f"template {name}, line {error.lineno}: {error.message}") from error
        if missing:
            raise TemplateFault(f"template {name} has no block {' and no block '.join(sorted(missing))}")
        return cls(name=name, source=source, digest=digest(source))

    def system(self, rubric: Rubric) -> str:
        """The part that is the same for every content of a rubric; raises TemplateFault."""
        return _system(self.name, self.source, rubric)

    def user(self, values: Mapping[str, object]) -> str:
        """The part with the content; raises TemplateFault when a value that the template wants is missing."""
        return _part(self.name, self.source, "user", values)


@lru_cache(maxsize=64)
def _system(name: str, source: str, rubric: Rubric) -> str:
    return _part(name, source, "system", {"rubric": rubric, "criteria": anchored(rubric)})


def _part(name: str, source: str, part: str, values: Mapping[str, object]) -> str:
    template = _compiled(source)
    try:
        written = "".join(template.blocks[part](template.new_context(dict(values))))
    except jinja2.TemplateError as error:
        raise TemplateFault(f"template {name}, block {part}: {error.message}") from error
    return re.sub(r"\n{3,}", "\n\n", written).strip()


@lru_cache(maxsize=64)
def _compiled(source: str) -> jinja2.Template:
    environment = ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    return environment.from_string(source)


def _text(name: str, folder: Path | None) -> str:
    if not _NAME.fullmatch(name):
        raise TemplateFault("a template's name has lower-case letters, digits and hyphens only")
    file = f"{name}.j2"
    if folder is not None and (folder / file).is_file():
        return (folder / file).read_text(encoding="utf-8")
    packaged = resources.files("moa_scorer.judges") / "prompts" / file
    if not packaged.is_file():
        raise TemplateFault(f"there is no template {name}")
    return packaged.read_text(encoding="utf-8")
