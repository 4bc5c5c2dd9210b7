"""Where content comes from, as far as its caller says: what drift is looked at by."""

from collections.abc import Mapping
from typing import Final

from moa_scorer.domain.content import Content

SOURCE_TAG: Final = "source"
"""Tag whose value names the source."""


def source_of(tags: Mapping[str, str], content: Content) -> str:
    """The tag `source`, else the content's kind; empty = neither was said."""
    return tags.get(SOURCE_TAG) or content.kind
