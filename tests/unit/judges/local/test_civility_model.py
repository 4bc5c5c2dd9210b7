import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.judges.local.civility_model import CivilityModel, civility_probability
from moa_scorer.judges.local.models import ModelStore

# predict_prob of alt-profanity-check 1.9.1 under scikit-learn 1.9.1.
ORIGINAL = {
    "You are a stupid idiot and I hate you": 0.99999998589026,
    "What a lovely morning, thank you!": 0.01025794401116924,
    "": 0.036375752016469504,
    "the rooster cock crowed": 0.9994680339872689,
    "the and of": 0.036375752016469504,
    "İstanbul is GREAT": 0.015783919347598256,
}


@pytest.fixture(scope="module")
def model(store: ModelStore) -> CivilityModel:
    return CivilityModel.load(store.path("civility.npz"))


@pytest.mark.parametrize("text", ORIGINAL)
def test_the_probability_is_the_original_pipelines(model: CivilityModel, text: str) -> None:
    assert model(text).probability == pytest.approx(ORIGINAL[text], abs=1e-9)
    assert civility_probability(model, text) == 1.0 - model(text).probability


def test_contributions_and_baseline_sum_to_the_mean_log_odds(model: CivilityModel) -> None:
    text = "You stupid idiot, what a lovely stupid day"
    abuse = model(text)
    total = abuse.baseline + math.fsum(hit.amount for hit in abuse.hits)
    rows = [model.coefficients[fold] for fold in range(len(model.intercepts))]
    counts = {hit.term: sum(other.term == hit.term for other in abuse.hits) for hit in abuse.hits}
    weights = {term: count * float(model.idf[model.columns[term]]) for term, count in counts.items()}
    norm = math.sqrt(sum(weight**2 for weight in weights.values()))
    odds = [
        -(slope * (sum(row[model.columns[t]] * w / norm for t, w in weights.items()) + intercept) + offset)
        for row, intercept, slope, offset in zip(
            rows, model.intercepts, model.slopes, model.offsets, strict=True
        )
    ]
    assert total == pytest.approx(sum(odds) / len(odds), abs=1e-9)


@given(text=st.text(alphabet=st.sampled_from("aAbitch İß.ﬁ\u0307 \n'_0"), max_size=60))
def test_hits_are_where_they_say(model: CivilityModel, text: str) -> None:
    abuse = model(text)
    assert 0.0 <= abuse.probability <= 1.0
    for hit in abuse.hits:
        assert text[hit.start : hit.end].lower() == hit.term


def test_the_strongest_word_is_the_abusive_one(model: CivilityModel) -> None:
    hits = model("Thank you for the lovely idiot story").hits
    assert max(hits, key=lambda hit: hit.amount).term == "idiot"
