"""One YAML file into one checked model; every mistake is a line with file and path."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from moa_scorer.app.mistakes import mistakes_of

M = TypeVar("M", bound=BaseModel)


_DATE: Final = "tag:yaml.org,2002:timestamp"


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a key that stands twice is a mistake, not a silent last-one-wins.

    Dates stay text: the models parse them, and name the path of one that no calendar has.
    """

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, form) for tag, form in resolvers if tag != _DATE]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

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
    except RecursionError:
        mistakes.append(f"{name}: is nested too deeply")
    except ValueError:
        mistakes.append(f"{name}: holds a number or date that cannot be read")
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
