"""deploy/SETTINGS.md: every setting with its default and its meaning, written from their declaration."""

from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from moa_scorer.app.settings import PREFIX, Settings

PAGE = Path(__file__).parent / "SETTINGS.md"
HEAD = f"""\
# Settings

Written by `make settings-page` from their declaration. Command line > environment > file (`--config`,
TOML, else `./moa-scorer.toml`) > defaults. In the environment `limits.text_bytes` is
`{PREFIX}LIMITS__TEXT_BYTES`; lists and tables are JSON there. `moa-scorer check` finds mistakes,
`moa-scorer doctor` says what is in force.

| key | default | meaning |
|---|---|---|
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(
        f"| `{key}` | {default} | {meaning} |\n" for key, default, meaning in rows(Settings)
    )


def rows(model: type[BaseModel], within: str = "") -> Iterator[tuple[str, str, str]]:
    """Key, default and meaning of each setting; those of a part follow one another."""
    for name, field in model.model_fields.items():
        part = _part(field.annotation)
        if part is not None:
            yield from rows(part, f"{within}{name}.")
        else:
            yield f"{within}{name}", _default(field), _meaning(field)


def _part(annotation: Any) -> type[BaseModel] | None:
    """The model that a setting is, when it is one and no list of them."""
    kinds = [kind for kind in (get_args(annotation) or (annotation,)) if kind is not NoneType]
    alone = kinds[0] if len(kinds) == 1 and get_origin(annotation) not in (tuple, dict) else None
    return alone if isinstance(alone, type) and issubclass(alone, BaseModel) else None


def _default(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True)
    if default is PydanticUndefined:
        return "required"
    if default is None or default in ("", (), {}):
        return "–"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _meaning(field: FieldInfo) -> str:
    said = (field.description or "").replace("|", "\\|")
    choices = [each for each in get_args(field.annotation) if isinstance(each, str) and each]
    return "; ".join(each for each in (said, " or ".join(f"`{each}`" for each in choices)) if each)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
