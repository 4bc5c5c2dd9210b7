"""Simulated studies: people's ratings of a known truth, and judges that see it through their skill."""

from collections.abc import Mapping, Sequence

import numpy as np

from moa_scorer.calibration.table import Scale
from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.learning.study.ratings import RatedItem
from moa_scorer.learning.study.rows import WHOLE, BallotRow
from moa_scorer.learning.study.study import Study


def simulated_study(
    skills: Mapping[str, float],
    *,
    items: int = 200,
    group_size: int = 2,
    criteria: Sequence[str] = ("clarity", "depth"),
    shift: Mapping[str, float] | None = None,
    silent: Mapping[str, float] | None = None,
    micro_usd: Mapping[str, float] | None = None,
    undeclared: Sequence[str] = (),
    seed: int = 0,
) -> Study:
    """A study on a rating scale of 1 to 5.

    `skills`: judge -> how much of the truth it sees beside a noise of 0.6 (below 0 = the other way round);
    `shift`: judge -> what it adds to every score in [0, 1]; `silent`: judge -> share of items it refuses.
    """
    rng = np.random.default_rng(seed)
    ids = [f"made/{i}" for i in range(items)]
    truth = rng.normal(size=(items, 1)) * 0.8 + rng.normal(size=(items, len(criteria))) * 0.5
    human = _unit(truth + 0.3 * rng.normal(size=truth.shape))
    rows: dict[str, dict[str, BallotRow]] = {i: {} for i in ids}
    for judge, skill in skills.items():
        scores = _unit(skill * truth + 0.6 * rng.normal(size=truth.shape)) + (shift or {}).get(judge, 0.0)
        quiet = rng.random(items) < (silent or {}).get(judge, 0.0)
        for i, name in enumerate(ids):
            rows[name][judge] = _row(
                name, judge, criteria, scores[i].clip(0, 1).tolist(), quiet=bool(quiet[i])
            )
    return Study(
        name="made",
        items=tuple(_item(name, i // group_size, criteria, human[i].tolist()) for i, name in enumerate(ids)),
        rows=rows,
        judges=tuple(skills),
        criteria=tuple(criteria),
        scales={j: Scale(low=0.0, high=1.0, declared=False) for j in undeclared},
        rating_scale=(1.0, 5.0),
        kind="made",
        micro_usd=micro_usd or {},
    )


def _unit(x: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    return (0.5 + 0.2 * x).clip(0.0, 1.0)


def _item(name: str, group: int, criteria: Sequence[str], human: Sequence[float]) -> RatedItem:
    return RatedItem(
        dataset="made",
        id=name,
        group=f"made/g{group}",
        system="",
        kind="made",
        text="",
        context="",
        ratings={c: (y, y) for c, y in zip(criteria, human, strict=True)},
        low=1.0,
        high=5.0,
    )


def _row(
    name: str, judge: str, criteria: Sequence[str], scores: Sequence[float], *, quiet: bool
) -> BallotRow:
    if quiet:
        return BallotRow(item=name, judge=judge, revision="", abstained={WHOLE: AbstentionReason.REFUSED})
    return BallotRow(item=name, judge=judge, revision="", scores=dict(zip(criteria, scores, strict=True)))
