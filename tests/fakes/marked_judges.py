"""A judge whose bug repeats the content, for the setting `judge_modules`."""

import asyncio
from collections.abc import Sequence

from moa_scorer.domain.ballot import Judgment
from moa_scorer.domain.content import Content
from tests.fakes.judges import ScriptedJudge, scoring


def _crash(content: Content) -> Judgment:
    """A bug, and a failure that nobody looks at: asyncio logs its text."""
    asyncio.get_running_loop().create_future().set_exception(ValueError(f"nobody awaits {content.text}"))
    raise ValueError(f"cannot judge {content.text} of {content.title}")


def judges() -> Sequence[ScriptedJudge]:
    """One that crashes and one that does not."""
    return [ScriptedJudge("crash", _crash), ScriptedJudge("calm", scoring("calm", 0.8))]
