from pathlib import Path

import gguf
import numpy as np
import pytest

from moa_scorer.judges.local.fluency_model import FluencyModel
from moa_scorer.judges.local.gguf_weights import read_weights, rotate_half_order
from moa_scorer.judges.local.model_wheels import FetchFailed


def test_interleaved_rotary_rows_come_back_in_halves() -> None:
    one_head = np.array([[0.0], [4.0], [1.0], [5.0], [2.0], [6.0], [3.0], [7.0]], np.float32)
    assert rotate_half_order(one_head, 1).ravel().tolist() == [0, 1, 2, 3, 4, 5, 6, 7]
    two_heads = rotate_half_order(one_head, 2).ravel().tolist()
    assert two_heads == [0, 1, 4, 5, 2, 3, 6, 7]


def test_a_file_that_is_no_gguf_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.gguf").write_bytes(b"nothing of the kind" * 10)
    with pytest.raises(FetchFailed, match="not a readable GGUF"):
        read_weights(tmp_path / "x.gguf")


def test_another_architecture_is_refused(tmp_path: Path) -> None:
    writer = gguf.GGUFWriter(tmp_path / "x.gguf", "gpt2")
    writer.add_tensor("t", np.zeros(4, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(FetchFailed, match="gpt2"):
        read_weights(tmp_path / "x.gguf")


# Token ids of the same GGUF file in llama.cpp (its /tokenize).
LLAMA_CPP = {
    "The capital of France is": [504, 3575, 282, 4649, 314],
    "Once upon a time, there was a little": [6403, 1980, 253, 655, 28, 665, 436, 253, 1838],
    "Water boils at a temperature of 100 degrees": [
        *(12615, 36411, 418, 253, 2779, 282),
        *(216, 33, 32, 32, 5027),
    ],
    "import numpy as": [2017, 6772, 347],
}


@pytest.mark.parametrize("text", LLAMA_CPP)
def test_texts_are_cut_into_the_tokens_of_llama_cpp(fluency_model: FluencyModel, text: str) -> None:
    assert fluency_model.tokenizer.encode(text, add_special_tokens=False).ids == LLAMA_CPP[text]


def test_control_tokens_in_a_text_are_characters(fluency_model: FluencyModel) -> None:
    ids = fluency_model.tokenizer.encode("<|im_start|>", add_special_tokens=False).ids
    assert len(ids) > 1
