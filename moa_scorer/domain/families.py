"""Which family a model is of: judges favour texts of their own, so they are not asked about them."""

import re
from typing import Final

FAMILIES: Final = {
    "gpt": ("gpt", "chatgpt", "davinci", "openai", "o1", "o3", "o4"),
    "claude": ("claude", "anthropic", "sonnet", "opus", "haiku"),
    "gemini": ("gemini", "gemma", "bard", "palm", "google"),
    "llama": ("llama", "codellama", "tinyllama", "vicuna", "alpaca", "meta"),
    "mistral": ("mistral", "mistralai", "mixtral", "ministral", "magistral", "codestral", "pixtral"),
    "qwen": ("qwen", "qwq", "qvq"),
    "deepseek": ("deepseek",),
    "phi": ("phi",),
    "command": ("command", "cohere", "aya"),
    "grok": ("grok", "xai"),
    "glm": ("glm", "chatglm", "zai"),
    "kimi": ("kimi", "moonshot", "moonshotai"),
    "nova": ("nova", "titan"),
    "smollm": ("smollm",),
    "granite": ("granite", "ibm"),
}
"""Family -> words that name it: its models, their distillations, its vendor."""

_FAMILY_OF: Final = {word: family for family, words in FAMILIES.items() for word in words}
_WORD = re.compile(r"[a-z]+")


def family_of(name: str) -> str:
    """The family of a model id, family or vendor such as `claude-sonnet-4`, `Qwen/Qwen3-8B` or `openai`.

    The model's own name, after the last `/`, goes before its vendor's. A name that no table knows is its own
    first word, so that equal unknown names are one family; empty for a name without letters.
    """
    parts = name.lower().split("/")[::-1]
    known = (family for part in parts if (family := _known(part)))
    unknown = (words[0] for part in parts if (words := _WORD.findall(part)))
    return next(known, "") or next(unknown, "")


def _known(part: str) -> str:
    """The family of the first word that names one; a version may cling to it, as in `qwen3` and `gpt4o`."""
    for word in re.findall(r"[a-z0-9]+", part):
        for stem in (word, *_WORD.findall(word)[:1]):
            if stem in _FAMILY_OF:
                return _FAMILY_OF[stem]
    return ""


def same_family(one: str, other: str) -> bool:
    """Whether two models are of one family; False when either is not known."""
    return bool(family_of(one)) and family_of(one) == family_of(other)
