"""All measures of one content."""

from collections.abc import Callable
from typing import Final

from moa_scorer.domain.content import Content
from moa_scorer.domain.facts import Facts
from moa_scorer.measures import diversity, length, repetition, surface
from moa_scorer.measures.language import detect
from moa_scorer.measures.reading import Reading, read
from moa_scorer.measures.reference import against_source, source_of
from moa_scorer.measures.tamper import tamper_risk, tamper_signs

MEASURES: Final[tuple[Callable[[Reading], float], ...]] = (
    length.log_words,
    length.log_sentences,
    length.log_paragraphs,
    length.words_per_sentence,
    length.sentence_variation,
    length.characters_per_word,
    length.long_words,
    repetition.repeated_bigrams,
    repetition.repeated_fourgrams,
    repetition.repeated_sentences,
    repetition.most_alike_sentences,
    repetition.most_frequent_word,
    repetition.compressed,
    diversity.root_type_token_ratio,
    diversity.log_mtld,
    diversity.once_only_words,
    diversity.function_words,
    surface.upper_case,
    surface.shouted_words,
    surface.digits,
    surface.punctuation,
    surface.odd_punctuation,
    surface.questions,
    surface.exclamations,
    surface.quotation_marks,
    surface.commas,
    surface.markup,
    surface.links,
    surface.unfinished,
    surface.dangling_start,
    surface.first_person,
    surface.second_person,
)
"""The measures of a text alone; a measure's name is its function's, its unit in the docstring."""


def observe(content: Content, *, measured: bool = True) -> Facts:
    """Language, tamper risk and, where they are wanted, the measures of a content, deterministically."""
    return Facts(
        kind=content.kind,
        language=content.language or detect(content.text).language,
        language_declared=bool(content.language),
        tamper_risk=tamper_risk(tamper_signs(content.text)),
        measures=_measures(content) if measured else {},
    )


def _measures(content: Content) -> dict[str, float]:
    """In a fixed order and finite; those that need a reference are absent without one.

    Texts longer than 4,000 code points are measured in windows, so time grows only slowly with length.
    """
    reading = read(content.text)
    measures = {measure.__name__: float(measure(reading)) for measure in MEASURES}
    if content.reference.strip():
        measures.update(against_source(reading, source_of(content.reference)))
    return measures
