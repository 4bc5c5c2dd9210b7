"""One YAML file into one checked model; every mistake is a line with file and path."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from moa_scorer.app.mistakes import mistakes_of

M = TypeVar("M", bound=BaseModel)


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a key that stands twice is a mistake, not a silent last-one-wins."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable) and key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def read_yaml(path: Path, model: type[M], mistakes: list[str], context: object = None) -> M | None:
    """The file's content as a model, validated in a context; None after adding its mistakes."""
    name = str(path)
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except OSError as error:
        mistakes.append(f"{name}: cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        mistakes.append(f"{name}: is not UTF-8 text")
    except yaml.YAMLError as error:
        mistakes.append(f"{name}{_line(error)}: not YAML: {_problem(error)}")
    else:
        return _modelled(document, name, model, mistakes, context)
    return None


def _modelled(document: object, name: str, model: type[M], mistakes: list[str], context: object) -> M | None:
    if not isinstance(document, dict):
        mistakes.append(f"{name}: should be a mapping with the keys {', '.join(model.model_fields)}")
        return None
    try:
        return model.model_validate(document, context=context)
    except ValidationError as error:
        mistakes += mistakes_of(error, model, lambda at: f"{name}: {at}" if at else name)
        return None


def _line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f":{mark.line + 1}:{mark.column + 1}" if mark else ""


def _problem(error: yaml.YAMLError) -> str:
    return str(getattr(error, "problem", None) or error).splitlines()[0]
