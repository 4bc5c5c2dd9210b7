"""What each kind of endpoint can, as its documentation and its bug reports say in November 2026.

A preset is cautious: what only some models behind an endpoint can is off, and an endpoint file turns it on.
Asking for what a model cannot costs a 400 at every call; not asking costs a little precision.
"""

from typing import Final

from moa_scorer.providers.spec import Capabilities

OPENAI: Final = Capabilities(
    json_schema=True, json_mode=True, top_logprobs=20, samples=8, seed=True, max_completion_tokens=True
)
"""`top_logprobs` 0-20, `n`, `seed`, `max_tokens` deprecated: the SDK's `chat.completion_create_params`.
Models that reason refuse `temperature` and `logprobs` while they do: turn both off for them."""
AZURE: Final = OPENAI
"""The same models behind the same parameters."""
TOGETHER: Final = Capabilities(json_schema=True, json_mode=True, samples=8, seed=True)
"""docs.together.ai/docs/inference/chat/parameters; by docs.together.ai/docs/logprobs theirs is a number, and
comes back in another form, as bare lists of tokens, so it is not asked for."""
GROQ: Final = Capabilities(json_mode=True, seed=True, max_completion_tokens=True)
"""console.groq.com/docs/openai: `logprobs` and `n` above 1 are answered with 400.
console.groq.com/docs/structured-outputs: strict schemas on select models only."""
OPENROUTER: Final = Capabilities(seed=True)
"""openrouter.ai/docs/structured-outputs: enforced by compatible models only; what a provider does not know
may be left out in silence, so nothing is taken for enforced unless the operator knows the provider."""
VLLM: Final = Capabilities(json_schema=True, json_mode=True, top_logprobs=20, samples=8, seed=True)
"""docs.vllm.ai, OpenAI-compatible server; its `--max-logprobs` is 20 unless raised."""
OLLAMA: Final = Capabilities(json_schema=True, json_mode=True, top_logprobs=20, seed=True)
"""docs/api/openai-compatibility.mdx of ollama/ollama: `n` is not taken. Log-probabilities since 0.12.11."""
LLAMA_CPP: Final = Capabilities(json_schema=True, json_mode=True, top_logprobs=80, seed=True)
"""tools/server/README.md of ggml-org/llama.cpp. Its log-probabilities are those before the grammar: a wide
list is wanted so that the tokens of the scores are among them."""
ANTHROPIC: Final = Capabilities(json_schema=True, temperature=False, cache_control=True)
"""platform.claude.com, structured outputs (`output_config.format`) and prompt caching. No seeds, samples or
log-probabilities; models since Opus 4.7 answer 400 to a temperature, and the SDK no longer has one."""
GEMINI: Final = Capabilities(json_schema=True, json_mode=True, seed=True)
"""ai.google.dev/api/generate-content (`responseJsonSchema`). Log-probabilities and several candidates are in
the form, but most models answer 400 to them: googleapis/python-genai, issues 1921 and 1723."""
PLAIN: Final = Capabilities()
"""Chat completions and nothing else."""
