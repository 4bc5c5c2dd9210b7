"""Snapshots with their weights worked out."""

import json
from dataclasses import replace

import pytest

from moa_scorer.aggregation.own import own_panel, own_rubric
from moa_scorer.aggregation.portable import IN_THE_RECIPE, document, masks_of, portable
from moa_scorer.calibration.mask_fit import MaskFit
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.domain.panel import Layer
from tests.fakes.own import SCALES, own_snapshot, own_table
from tests.fakes.ratings import fitted, simulate


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return own_snapshot(own_table())


def names(snapshot: Snapshot, mask: tuple[int, ...]) -> set[str]:
    return {snapshot.columns[k].name.partition("/")[0] for k in mask}


def test_the_usual_masks_come_with_the_measures_and_without(snapshot: Snapshot) -> None:
    masks = masks_of(snapshot, every=False)

    assert len(set(masks)) == len(masks)
    assert [names(snapshot, m) for m in masks].count({"ann", "bob", "cid"}) == 1
    assert {"ann", "bob", "measures"} in [names(snapshot, m) for m in masks]
    assert {"ann", "bob"} in [names(snapshot, m) for m in masks]


def test_all_masks_are_every_subset_of_the_judges(snapshot: Snapshot) -> None:
    found = [frozenset(names(snapshot, m)) for m in masks_of(snapshot, every=True)]

    assert len(found) == 2 * 7
    assert frozenset({"cid"}) in found
    assert frozenset({"measures"}) not in found


def test_too_many_judges_for_every_subset_are_told() -> None:
    many = fitted(simulate(items=60, skills={f"j{k}": 0.5 for k in range(11)}), judge_revisions={})

    with pytest.raises(ValueError, match="11 judges have 2,047 subsets"):
        masks_of(many, every=True)
    assert masks_of(many, every=False)


def test_the_document_is_json_and_holds_what_serving_needs(snapshot: Snapshot) -> None:
    masks = masks_of(snapshot, every=False)[:2]
    ticks: list[int] = []
    made = portable(
        snapshot,
        masks,
        rubric=own_rubric(snapshot),
        panel=own_panel(snapshot),
        progress=lambda: ticks.append(1),
    )
    plain = json.loads(json.dumps(document(made), allow_nan=False))

    assert len(ticks) == 2
    assert plain["format"] == 1
    assert plain["digest"] == snapshot.digest
    assert plain["scales"]["bob"] == {"low": 100.0, "high": 0.0, "declared": True}
    assert set(plain["scales"]) == set(SCALES)
    assert [tuple(fit["columns"]) for fit in plain["masks"]] == list(masks)
    assert set(plain["masks"][0]["heads"]) == {"clarity", "depth", "overall"}
    assert set(plain["masks"][0]["heads"]["overall"]["effects"][0]) == {"column", "values", "weight"}


def test_a_judge_of_a_later_layer_names_whom_it_must_have_read(snapshot: Snapshot) -> None:
    layers = (Layer(judges=("ann", "bob")), Layer(judges=("cid",)))
    panel = replace(own_panel(snapshot), layers=layers)

    made = portable(snapshot, (), rubric=own_rubric(snapshot), panel=panel)
    assert made.before == {"cid": ("ann", "bob")}


def test_what_the_recipe_cannot_tell_is_not_exported(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(IN_THE_RECIPE, MaskFit, frozenset({"columns", "heads", "votes"}))

    with pytest.raises(ValueError, match="its fit has support"):
        portable(
            snapshot,
            masks_of(snapshot, every=False)[:1],
            rubric=own_rubric(snapshot),
            panel=own_panel(snapshot),
        )


def test_an_endless_quantile_is_null(snapshot: Snapshot) -> None:
    made = portable(
        snapshot,
        masks_of(snapshot, every=False)[:1],
        rubric=own_rubric(snapshot),
        panel=own_panel(snapshot),
    )
    (fit,) = made.masks
    head = fit.heads["overall"]
    endless = replace(head, width=replace(head.width, quantile=float("inf")))
    changed = replace(made, masks=(replace(fit, heads={"overall": endless}),))

    assert document(changed)["masks"][0]["heads"]["overall"]["width"]["quantile"] is None
