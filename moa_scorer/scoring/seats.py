"""A judge under the name it has in a panel: the same one may sit more than once."""

from dataclasses import dataclass, replace

from moa_scorer.domain.ballot import Abstention, Judgment
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Asking, Estimate, Judge, JudgeProfile
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.rubric import Rubric
from moa_scorer.scoring.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Seated:
    """A judge of the catalogue with another name; in all else the judge itself."""

    judge_behind: Judge
    profile: JudgeProfile

    def estimate(self, content: Content) -> Estimate:
        """As in `Judge`."""
        return self.judge_behind.estimate(content)

    async def warm(self) -> None:
        """As in `Judge`."""
        await self.judge_behind.warm()

    async def judge(self, content: Content, rubric: Rubric, asking: Asking) -> Judgment | Abstention:
        """As in `Judge`."""
        return await self.judge_behind.judge(content, rubric, asking)


def seated(panel: Panel, catalog: Catalog) -> tuple[Judge, ...]:
    """The panel's judges in panel order, each under its name in the panel; raises NotFound."""
    return tuple(_seat(name, catalog.judge(panel.seats.get(name, name))) for name in panel.judges)


def _seat(name: str, judge: Judge) -> Judge:
    profile = judge.profile
    return judge if profile.name == name else Seated(judge, replace(profile, name=name))
