"""A promotion's effect on decisions is counted before it happens."""

from moa_scorer.domain.policy import Policy, Rule, Test
from moa_scorer.domain.verdict import Decision
from moa_scorer.learning.loop.flips import flips
from tests.fakes.ratings import fitted, make_panel, make_rubric, simulate

POLICY = Policy(
    name="house",
    version=1,
    title="House",
    rules=(Rule(test=Test.SCORE_BELOW, then=Decision.REJECT, threshold=0.5),),
    otherwise=Decision.ACCEPT,
    on_unscored=Decision.REVIEW,
)
TABLE = simulate(80, seed=3)
OLD, NEW = fitted(simulate(120, seed=1)), fitted(simulate(120, seed=2))


def test_a_snapshot_flips_nothing_against_itself() -> None:
    found = flips(OLD, OLD, TABLE, make_rubric(), make_panel(), POLICY, kind="essay")

    assert found.flips == ()
    assert found.share == 0
    assert sum(found.counts.values()) == found.items == 80


def test_every_flip_lies_on_both_sides_of_the_threshold() -> None:
    found = flips(OLD, NEW, TABLE, make_rubric(), make_panel(), POLICY, kind="essay")

    assert found.flips
    assert found.policy == "house@1"
    assert len(found.flips) == sum(n for (one, other), n in found.counts.items() if one is not other)
    for flip in found.flips:
        assert flip.score_before is not None
        assert flip.score_after is not None
        assert (flip.score_before < 0.5) != (flip.score_after < 0.5)
        assert flip.before.rule in ("score_below:0.50", "otherwise")
