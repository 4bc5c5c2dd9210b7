"""The item to judge."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A text with what the caller says about it. Empty strings mean "not said"."""

    text: str
    """The text as received; evidence offsets are code points into it."""
    id: str = ""
    """The caller's own id of the item."""
    language: str = ""
    """Declared language, a lower-case ISO 639-1 code such as `en`."""
    kind: str = ""
    """Declared kind: comment, summary, story, answer and so on; decides which snapshot holds."""
    title: str = ""
    """Headline of the item."""
    context: str = ""
    """What the item answers or condenses: a prompt, a question, a source document."""

    producer: str = ""
    """Family or id of the model that wrote the text, where a model did, such as `gpt` or `claude-sonnet`."""

    @property
    def reference(self) -> str:
        """What relevance is measured against: the context, else the title, else nothing."""
        return self.context or self.title
