import threading
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from moa_scorer.judges.local.fluency_model import COLD_TOKENS, FluencyModel, NotFinite
from moa_scorer.judges.local.fluency_reference import FIRST, hidden, log_softmax, token_log_probs
from moa_scorer.judges.local.gguf_weights import Weights, read_weights
from moa_scorer.judges.local.models import ModelStore
from moa_scorer.judges.local.pool import Stop, Stopped

# Natural log-probabilities of the next token, by llama.cpp (xllamacpp 2026.10) on the same GGUF file, after
# the token with id 0. llama.cpp brings activations to eight bits itself, in blocks of 32.
NEXT_TOKENS = {
    "The capital of France is": {" Paris": -0.227, " the": -3.277, " not": -4.1688},
    "Once upon a time, there was a little": {" girl": -1.2436, " town": -2.2336, " village": -3.2213},
    "Water boils at a temperature of 100 degrees": {" Celsius": -0.0276, " Fahrenheit": -4.7328},
    "She opened the door and saw that the room was": {
        " empty": -1.5129,
        " filled": -1.5452,
        " full": -2.2274,
    },
    "import numpy as": {" np": -0.0439, " numpy": -3.893},
}


@pytest.fixture(scope="module")
def weights(store: ModelStore) -> Weights:
    return read_weights(store.path("smollm2.gguf"))


def last(model: FluencyModel, text: str) -> float:
    ids = model.tokenizer.encode(text, add_special_tokens=False).ids
    return float(model.session.run(None, {"input_ids": np.array([ids], np.int64)})[0][0, -1])


def test_next_tokens_are_about_as_probable_as_in_llama_cpp(fluency_model: FluencyModel) -> None:
    errors = []
    for prompt, tokens in NEXT_TOKENS.items():
        found = {token: last(fluency_model, prompt + token) for token in tokens}
        assert sorted(found, key=found.__getitem__, reverse=True) == list(tokens)
        errors += [abs(found[token] - expected) for token, expected in tokens.items()]
    assert max(errors) < 0.8
    assert sum(errors) / len(errors) < 0.25


def test_the_float_reference_is_llama_cpps_model(fluency_model: FluencyModel, weights: Weights) -> None:
    for prompt in ("The capital of France is", "She opened the door and saw that the room was"):
        tokens = NEXT_TOKENS[prompt]
        ids = fluency_model.tokenizer.encode(prompt, add_special_tokens=False).ids
        logs = log_softmax(hidden(weights, [FIRST, *ids])[-1] @ weights.embedding.T)
        for token, expected in tokens.items():
            (after,) = fluency_model.tokenizer.encode(token, add_special_tokens=False).ids
            assert float(logs[after]) == pytest.approx(expected, abs=0.2)


def test_the_installed_graph_agrees_with_the_float_reference(
    fluency_model: FluencyModel, weights: Weights, prose: tuple[str, ...]
) -> None:
    text = prose[-1][:400]
    ids = fluency_model.tokenizer.encode(text, add_special_tokens=False).ids
    read = fluency_model.read(text, Stop()).logs
    expected = token_log_probs(weights, ids)[1:]
    assert float(read.mean()) == pytest.approx(float(expected.mean()), abs=0.12)
    assert float(np.corrcoef(read, expected)[0, 1]) > 0.99


def test_the_same_text_gives_the_same_bytes(fluency_model: FluencyModel, prose: tuple[str, ...]) -> None:
    first, again = (fluency_model.read(prose[0], Stop()) for _ in range(2))
    assert first.logs.tobytes() == again.logs.tobytes()
    assert first.spans == again.spans


def test_tokens_say_where_they_stand_and_cover_the_text(fluency_model: FluencyModel) -> None:
    text = "Über “naïve” cafés – 100 % \U0001f600 and a lone \ud800 surrogate."
    read = fluency_model.read(text, Stop())
    assert len(read.spans) == len(read.logs)
    assert read.fraction == 1.0
    places = [span for span in read.spans if span[0] < span[1]]
    assert places == sorted(places)
    assert all(0 <= start <= end <= len(text) for start, end in read.spans)
    assert any(text[start:end].strip() == "surrogate" for start, end in read.spans)


def test_an_empty_text_has_no_tokens(fluency_model: FluencyModel) -> None:
    read = fluency_model.read("", Stop())
    assert (len(read.logs), read.spans, read.fraction) == (0, (), 0.0)


def test_a_long_text_is_read_in_windows_and_says_how_much(
    fluency_model: FluencyModel, prose: tuple[str, ...]
) -> None:
    text = "\n\n".join(prose * 4)
    read = fluency_model.read(text, Stop())
    assert 0.05 < read.fraction < 4000 / len(text) + 0.01
    assert read.spans[0][0] < 100
    assert read.spans[-1][1] > len(text) - 400
    assert len(read.logs) > 4 * COLD_TOKENS


def test_many_tokens_in_few_characters_are_cut(fluency_model: FluencyModel) -> None:
    read = fluency_model.read("\U0001f9ff" * 2000, Stop())
    assert len(read.logs) < 1024
    assert read.fraction < 1.0


def test_what_is_expected_is_more_probable_than_what_is_not(fluency_model: FluencyModel) -> None:
    good = fluency_model.read("The sun rises in the east and sets in the west every single day.", Stop())
    shuffled = fluency_model.read("East day rises the and the sets sun west in single the every in.", Stop())
    assert good.logs.mean() > shuffled.logs.mean() + 1.5


def test_a_context_makes_its_own_words_expected(fluency_model: FluencyModel) -> None:
    text = "The glockenspiel belongs to Anneliese."
    alone = fluency_model.read(text, Stop()).logs.mean()
    told = fluency_model.read(
        text, Stop(), context="Whose glockenspiel is this? It is Anneliese's."
    ).logs.mean()
    assert told > alone + 0.5


class Overflowing:
    """A session whose last number overflowed."""

    def run(self, _outputs: None, feeds: dict[str, Any], _options: Any) -> list[Any]:
        logs = np.full(feeds["input_ids"].shape, -1.0, np.float32)
        logs[0, -1] = -np.inf
        return [logs]


def test_an_overflow_is_an_error_and_never_a_number(fluency_model: FluencyModel) -> None:
    with pytest.raises(NotFinite):
        replace(fluency_model, session=Overflowing()).read("Some ordinary words.", Stop())


def seconds_to_stop(model: FluencyModel, text: str) -> float:
    """Seconds from setting the flag in the middle of a run until the thread has ended."""
    stop, outcome = Stop(), []

    def work() -> None:
        try:
            model.read(text, stop)
        except Stopped:
            outcome.append(time.monotonic())

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.15)
    asked = time.monotonic()
    stop.set()
    thread.join(10)
    assert outcome, "the run ended before it was stopped"
    return outcome[0] - asked


def test_a_run_ends_within_50_ms_of_a_cancellation(
    fluency_model: FluencyModel, prose: tuple[str, ...]
) -> None:
    text = "\n".join(prose)[:4000]
    assert min(seconds_to_stop(fluency_model, text) for _ in range(3)) < 0.05


def test_a_run_that_nobody_waits_for_does_not_begin(fluency_model: FluencyModel) -> None:
    stop = Stop()
    stop.set()
    with pytest.raises(Stopped):
        fluency_model.read("Some ordinary words.", stop)
