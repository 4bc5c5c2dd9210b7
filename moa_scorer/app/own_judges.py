"""Judges of an operator's own, in Python: a function that gives values behind the domain's `Judge` port."""

from collections.abc import Iterable, Sequence
from importlib import import_module

from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.domain.judge import Judge


def own_judges(places: Sequence[str]) -> dict[str, Judge]:
    """Name -> judge, from functions named `package.module:function`.

    Raises ConfigurationError for a place that cannot be imported or called, and for a name that comes twice.
    """
    found: dict[str, Judge] = {}
    mistakes = []
    for place in places:
        try:
            for judge in _called(place):
                if judge.profile.name in found:
                    mistakes.append(f"settings: judge_modules: {place}: '{judge.profile.name}' comes twice")
                found[judge.profile.name] = judge
        except Exception as error:
            mistakes.append(f"settings: judge_modules: {place}: {type(error).__name__}: {error}")
    if mistakes:
        raise ConfigurationError(tuple(mistakes))
    return found


def _called(place: str) -> Iterable[Judge]:
    module, _, function = place.partition(":")
    judges: Iterable[Judge] = getattr(import_module(module), function)()
    return judges
