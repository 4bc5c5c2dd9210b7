"""What is wrong with a file of studies: every mistake at once, each with file, line and column."""

from dataclasses import dataclass, field

MOST = 20
"""Mistakes that are told; of more, only that there are more."""


class NotAStudy(ValueError):
    """A file cannot be read as studies; `mistakes` are whole lines to show to whoever wrote it."""

    def __init__(self, *mistakes: str) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


@dataclass(slots=True)
class Mistakes:
    """Mistakes as they are met, so that a file is mended once and not twenty times."""

    found: list[str] = field(default_factory=list)

    def add(self, where: str, what: str) -> None:
        """Notes a mistake; raises NotAStudy when there are so many that the rest would not be read."""
        self.found.append(f"{where}: {what}")
        if len(self.found) == MOST:
            raise NotAStudy(*self.found, f"these are the first {MOST}: there may be more")

    def settle(self) -> None:
        """Raises NotAStudy when there is any."""
        if self.found:
            raise NotAStudy(*self.found)
