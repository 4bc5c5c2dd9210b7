"""A study's evaluation as one HTML page that needs nothing else: plots, tables, and what to read off them."""

from collections.abc import Sequence
from functools import lru_cache
from importlib import resources

import jinja2

from moa_scorer.calibration.polarity import Polarity
from moa_scorer.calibration.snapshot import LINE_FROM
from moa_scorer.learning.plots.svg import printable
from moa_scorer.learning.report.found import Found
from moa_scorer.learning.report.plots import Missing, Plot, plots, rated_of
from moa_scorer.learning.report.tables import (
    certificates,
    criteria_table,
    headlines,
    judges_table,
    methods_table,
    provenance,
)
from moa_scorer.learning.report.words import figure, listed, plural


def page(pages: Sequence[Found]) -> str:
    """The HTML of one file's studies; the same findings make the same bytes."""
    studies = [_study(found) for found in pages]
    title = listed([found.evaluation.study for found in pages])
    return _template().render(title=title, studies=studies)


def _study(found: Found) -> dict[str, object]:
    """What the template shows of one study."""
    drawn = plots(found)
    verdict, _, why = found.evaluation.advice.words.partition(". ")
    return {
        "name": found.evaluation.study,
        "polarity": polarity_words(found.polarities, read_so=rated_of(found.evaluation) >= LINE_FROM),
        "turned": any(p.negative for p in found.polarities),
        "verdict": verdict,
        "why": why,
        "headlines": headlines(found),
        "plots": [p for p in drawn if isinstance(p, Plot)],
        "missing": [p for p in drawn if isinstance(p, Missing) and p.reason],
        "tables": {
            "Is the panel better than something simpler?": methods_table(found),
            "Do scores mean what they say?": criteria_table(found),
            "Do judges say the same?": judges_table(found),
        },
        "certificates": certificates(found),
        "provenance": provenance(found),
    }


def polarity_words(found: Sequence[Polarity], *, read_so: bool) -> str:
    """The first words of a report: which judges score the other way, or that none does.

    `read_so`: whether the fits had enough rated items to turn them round.
    """
    turned = [p for p in found if p.reversed]
    against = [p for p in found if p.negative and p.declared]
    if not found:
        return "Which way judges score could not be checked with so few ratings."
    words = [_turned(turned, len(found), read_so)] if turned else []
    words += [_against(against)] if against else []
    return " ".join(words) or f"No judge scores the other way round ({plural(len(found), 'judge')} checked)."


def _turned(turned: Sequence[Polarity], judges: int, read_so: bool) -> str:
    every = "All " if len(turned) == judges > 1 else ""
    verbs = ("scores", "is") if len(turned) == 1 else ("score", "are")
    done = f"and {verbs[1]} read so" if read_so else f"but {verbs[1]} not read so with so few ratings"
    return (
        f"{every}{plural(len(turned), 'judge')} {verbs[0]} the other way round {done}: {_named(turned)}. "
        "Check that this is meant."
    )


def _against(against: Sequence[Polarity]) -> str:
    verbs = ("contradicts", "was") if len(against) == 1 else ("contradict", "were")
    return (
        f"{plural(len(against), 'judge')} of declared direction clearly {verbs[0]} people and {verbs[1]} not "
        f"turned: {_named(against)}. Check their scale and how their answers were joined to the items."
    )


def _named(found: Sequence[Polarity]) -> str:
    return listed([f"{p.judge} ({figure(p.correlation)})" for p in found])


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    source = resources.files("moa_scorer.learning.report") / "templates" / "report.html.j2"
    return environment.from_string(source.read_text(encoding="utf-8"))


def _shown(value: object) -> object:
    """Untrusted words without characters that print nothing; drawings are ours already."""
    return printable(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
