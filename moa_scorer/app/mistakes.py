"""Validation errors as lines for people: file, path, what is wrong and what would be right."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from types import UnionType
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Location = tuple[int | str, ...]


def path_of(location: Iterable[int | str]) -> str:
    """`("judges", 2, "name")` as `judges[2].name`."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else part
    return path


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?`, else `; known: a, b`, else nothing when there is nothing to know."""
    names = sorted(known)
    if close := get_close_matches(name, names, n=1, cutoff=0.6):
        return f"; did you mean '{close[0]}'?"
    return f"; known: {', '.join(names)}" if names else ""


def mistakes_of(error: ValidationError, model: type[BaseModel], where: Callable[[str], str]) -> list[str]:
    """One line for each error; `where` turns a path into the beginning of the line."""
    return [f"{where(path_of(_place(e)))}: {_words(e, model)}" for e in error.errors(include_url=False)]


def _place(error: ErrorDetails) -> Location:
    """The error's location without the marks that pydantic adds for keys of mappings."""
    return tuple(part for part in error["loc"] if part != "[key]")


def _words(error: ErrorDetails, model: type[BaseModel]) -> str:
    kind, location = error["type"], error["loc"]
    if kind == "extra_forbidden":
        return f"unknown key{did_you_mean(str(location[-1]), _keys(_at(model, location[:-1])))}"
    if kind == "missing":
        return "is required"
    if kind == "tuple_type":
        words, said = "should be a list", False
    else:
        words = _sentence(error)
        said = isinstance(error["input"], str) and repr(error["input"]) in words
    return words if said or _hidden(model, location) else words + _shown(error["input"])


def _sentence(error: ErrorDetails) -> str:
    message = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return message[:1].lower() + message[1:]


def _shown(value: object) -> str:
    """The offending value when it is short and plain."""
    plain = isinstance(value, str | int | float | bool) and len(repr(value)) <= 60
    return f" (is {value!r})" if plain else ""


def _hidden(model: type[BaseModel], location: Sequence[int | str]) -> bool:
    """Whether a value there is never repeated: a field with `repr=False` may by mistake hold a secret."""
    for end, part in enumerate(location):
        field = _fields(_at(model, location[:end])).get(str(part))
        if field is not None and not field.repr:
            return True
    return False


def _at(model: type[BaseModel], location: Sequence[int | str]) -> Any:
    """The model at a location; None where there is none."""
    here: Any = model
    for part in location:
        if isinstance(part, str):
            field = _fields(here).get(part)
            here = _model_in(field.annotation) if field is not None else None
    return here


def _keys(model: Any) -> Mapping[str, Any]:
    """The keys that a model knows, as they are written; empty where anything may stand."""
    return {field.alias or name: field for name, field in _fields(model).items()}


def _fields(model: Any) -> Mapping[str, Any]:
    return model.model_fields if isinstance(model, type) and issubclass(model, BaseModel) else {}


def _model_in(annotation: Any) -> Any:
    """The first model inside an annotation such as `tuple[Rule, ...]`, else None."""
    if isinstance(annotation, type) and not isinstance(annotation, UnionType) and _fields(annotation):
        return annotation
    return next((found for a in get_args(annotation) if (found := _model_in(a)) is not None), None)
