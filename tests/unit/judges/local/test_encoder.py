import threading
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.judges.local.encoder import BATCH_ROWS, BATCH_TOKENS, Encoder, batches
from moa_scorer.judges.local.encoder_pieces import LONGEST_PIECE, pieces
from moa_scorer.judges.local.pool import Stop, Stopped
from moa_scorer.measures.windows import windows

TEXT = " ".join(f"This is sentence number {number} of a text about the sea." for number in range(12))


def cosine(encoder: Encoder, a: str, b: str) -> float:
    first, second = (encoder.passages(text, Stop()).vectors[0] for text in (a, b))
    return float(first @ second)


# Cosines that the hosted float model gives for its own example sentences.
EXAMPLES = {"That is a happy dog": 0.695, "That is a very happy person": 0.943, "Today is a sunny day": 0.257}


@pytest.mark.parametrize("text", EXAMPLES)
def test_similarities_are_those_of_the_float_model(encoder: Encoder, text: str) -> None:
    assert cosine(encoder, "That is a happy person", text) == pytest.approx(EXAMPLES[text], abs=0.03)


def test_vectors_have_unit_length_and_stand_in_text_order(encoder: Encoder) -> None:
    found = encoder.passages(TEXT, Stop())
    assert found.vectors.shape == (12, 384)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1.0, atol=1e-5)
    for span, vector in zip(found.spans, found.vectors, strict=True):
        alone = encoder.passages(TEXT[slice(*span)], Stop()).vectors[0]
        np.testing.assert_allclose(vector, alone, atol=1e-4)


def test_the_same_text_gives_the_same_bytes_without_the_memory(encoder: Encoder) -> None:
    fresh = Encoder(encoder._session, encoder._tokenizer)
    first, again = (model.passages(TEXT, Stop()).vectors.tobytes() for model in (encoder, fresh))
    assert first == again


def test_a_blank_text_has_no_passages(encoder: Encoder) -> None:
    assert encoder.passages("  \n", Stop()).spans == ()


def test_lone_surrogates_are_read(encoder: Encoder) -> None:
    assert len(encoder.passages("A text with a lone \ud800 surrogate.", Stop()).vectors) == 1


class SlowSession:
    """Counts its runs; each takes a moment and ends at once when its options say so."""

    def __init__(self, seconds: float = 0.03) -> None:
        self.seconds = seconds
        self.rows = 0
        self.ended = 0
        self.began = threading.Event()
        self._lock = threading.Lock()

    def run(self, _outputs: None, feeds: dict[str, Any], options: Any) -> list[Any]:
        self.began.set()
        until = time.monotonic() + self.seconds
        while time.monotonic() < until:
            if options.terminate:
                with self._lock:
                    self.ended += 1
                raise RuntimeError("Exiting due to terminate flag being set to true.")
            time.sleep(0.001)
        with self._lock:
            self.rows += len(feeds["input_ids"])
        return [np.ones((*feeds["input_ids"].shape, 4), np.float32)]


class Asker(threading.Thread):
    """Asks for a text's passages in a thread of its own."""

    def __init__(self, encoder: Encoder, text: str = TEXT) -> None:
        super().__init__()
        self.encoder, self.text, self.stop = encoder, text, Stop()
        self.rows = -1
        self.stopped = False

    def run(self) -> None:
        try:
            self.rows = len(self.encoder.passages(self.text, self.stop).vectors)
        except Stopped:
            self.stopped = True


def together(encoder: Encoder, count: int) -> Sequence[Asker]:
    askers = [Asker(encoder) for _ in range(count)]
    for asker in askers:
        asker.start()
    return askers


def test_judges_that_ask_at_once_share_the_work(encoder: Encoder) -> None:
    session = SlowSession()
    askers = together(Encoder(session, encoder._tokenizer), 3)
    for asker in askers:
        asker.join(10)
    assert [asker.rows for asker in askers] == [12, 12, 12]
    assert session.rows == 12


def test_a_later_judge_finds_the_work_done(encoder: Encoder) -> None:
    session = SlowSession(0.0)
    shared = Encoder(session, encoder._tokenizer)
    shared.passages(TEXT, Stop())
    shared.passages(TEXT, Stop())
    assert session.rows == 12


def test_cancelling_one_judge_leaves_the_other_its_answer(encoder: Encoder) -> None:
    session = SlowSession(0.1)
    leader, follower = together(Encoder(session, encoder._tokenizer), 2)
    assert session.began.wait(5)
    leader.stop.set()
    for asker in (leader, follower):
        asker.join(10)
    assert leader.stopped
    assert follower.rows == 12
    assert session.rows == 12


def test_when_all_are_cancelled_the_work_stops(encoder: Encoder) -> None:
    session = SlowSession(5.0)
    askers = together(Encoder(session, encoder._tokenizer), 2)
    assert session.began.wait(5)
    for asker in askers:
        asker.stop.set()
    for asker in askers:
        asker.join(2)
    assert all(asker.stopped for asker in askers)
    assert session.rows == 0


def test_work_that_was_given_up_is_taken_up_again(encoder: Encoder) -> None:
    session = SlowSession(0.05)
    shared = Encoder(session, encoder._tokenizer)
    (asker,) = together(shared, 1)
    assert session.began.wait(5)
    asker.stop.set()
    asker.join(5)
    assert len(shared.passages(TEXT, Stop()).vectors) == 12


def test_a_run_that_fails_is_a_bug_that_shows_and_hangs_nobody(encoder: Encoder) -> None:
    class Broken:
        def run(self, *_: Any) -> list[Any]:
            raise ValueError("shape")

    shared = Encoder(Broken(), encoder._tokenizer)
    for _ in range(2):
        with pytest.raises(ValueError, match="shape"):
            shared.passages(TEXT, Stop())


def test_a_real_run_stops_within_50_ms(encoder: Encoder, prose: tuple[str, ...]) -> None:
    def seconds() -> float:
        asker = Asker(Encoder(encoder._session, encoder._tokenizer), "\n".join(prose)[:4000])
        asker.start()
        time.sleep(0.05)
        asked = time.monotonic()
        asker.stop.set()
        asker.join(10)
        assert asker.stopped, "the run ended before it was stopped"
        return time.monotonic() - asked

    assert min(seconds() for _ in range(3)) < 0.05


@given(lengths=st.lists(st.integers(2, 128), max_size=60))
def test_batches_hold_every_row_once_and_stay_small(lengths: list[int]) -> None:
    found = batches(lengths)
    assert sorted(index for batch in found for index in batch) == list(range(len(lengths)))
    for batch in found:
        assert len(batch) <= BATCH_ROWS
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= BATCH_TOKENS


@given(text=st.text(alphabet=st.sampled_from("ab. \n!A"), max_size=1500))
def test_pieces_are_disjoint_in_order_and_leave_only_blanks(text: str) -> None:
    found = pieces(text, windows(text))
    position = 0
    for start, end in found:
        assert position <= start < end <= len(text)
        assert end - start <= LONGEST_PIECE
        assert not text[position:start].strip()
        position = end
    assert not text[position:].strip()


def test_short_sentences_are_read_together() -> None:
    text = "He ran. She ran too. Then they both stopped at the corner of the street."
    assert [text[start:end] for start, end in pieces(text, windows(text))] == [
        "He ran. She ran too.",
        "Then they both stopped at the corner of the street.",
    ]
