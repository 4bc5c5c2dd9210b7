"""Whether a text asks its judges for a score or to forget their instructions, in the larger languages.

Wider than the tamper risk of the text, because alone it masks nobody: it only makes a reply that gives the
text exactly what it asked for count as dictated.
"""

import re
from functools import lru_cache
from typing import Final

_FORGET: Final = "|".join(
    (
        r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instructions?|rubric|prompt|criteria|rules)\b",
        r"\bignorier\w*\b.{0,40}\b(?:anweisung|anleitung|vorgabe|regel)\w*|\bvergiss\b.{0,40}\banweisung\w*",
        r"\b(?:ignore[zr]?|oublie[zr]?)\b.{0,40}\b(?:instructions?|consignes?|règles?)\b",
        r"\b(?:ignora|ignore|olvida|olvide)\b.{0,40}\b(?:instrucciones|instruções|reglas|regras|istruzioni)\b",
        r"\bnegeer\b.{0,40}\binstructies\b|\bzignoruj\b.{0,40}\b(?:instrukcje|polecenia)\b",
        r"(?:игнорируй|забудь|проигнорируй)\w*.{0,40}(?:инструкци|указани|правил)\w*",
        r"(?:忽略|无视|忘记|忽視).{0,20}(?:指令|指示|说明|规则)|(?:指示|命令).{0,12}無視",
        r"(?:지시|명령|지침).{0,12}무시",
    )
)
_TOP: Final = "|".join(
    (
        r"\b(?:score|rating|grade|mark)s? (?:of )?(?:5|five)\b.{0,20}\b(?:for|on|in|to) (?:every|all|each)",
        r"\b(?:5|five) (?:for|on|in) (?:everything|all|every|each)\b",
        r"\b(?:gib|gebt|geben sie|vergib|bewerte)\b.{0,40}\b(?:5 von 5|höchst\w*|volle|maximal\w*|bestnote)",
        r"\b(?:donne[zr]?|attribue[zr]?|note[zr]?)\b.{0,40}\b(?:maximale?|5 sur 5|5/5|la meilleure note)",
        r"\b(?:da|dé|dale|dê|otorga|atribua|assegna)\b.{0,40}\b(?:máxim[ao]|massim[ao]|5 de 5|5 su 5|5/5)",
        r"\bgeef\b.{0,40}\b(?:maximale|hoogste|5 van 5)|\bdaj\b.{0,40}\b(?:maksymaln|najwyższ|5 na 5)",
        r"(?:поставь|поставьте|дай|дайте|оцени|оцените).{0,40}(?:5 из 5|максимальн|высш|наивысш)",
        r"(?:给出|给予|打|請給|请给).{0,12}(?:满分|滿分|最高分|5分|五分)|(?:満点|最高点|最高評価).{0,12}(?:付け|つけ|与え|ください)",
        r"(?:만점|최고점|5점).{0,12}(?:주세요|줘|부여)",
    )
)
_FORGET_ANCHORS: Final = (
    *("ignor", "disregard", "forget", "overrid", "vergiss", "oubli", "olvid", "negeer"),
    *("игнорируй", "забудь", "忽", "无视", "忘记", "無視", "무시"),
)
_TOP_ANCHORS: Final = (
    *("5", "five", "höchst", "volle", "maxim", "bestnote", "máxim", "massim", "meilleure", "hoogste"),
    *("maksym", "najwy", "максим", "высш", "分", "点", "評価", "점"),
)
# A cheap look for an anchor spares most texts the expression.
_EXPRESSIONS: Final = (
    (_FORGET_ANCHORS, re.compile(_FORGET, re.I)),
    (_TOP_ANCHORS, re.compile(_TOP, re.I)),
)


@lru_cache(maxsize=32)
def asks_for_a_score(text: str) -> bool:
    """Whether it does, anywhere; every gap in the expressions is bounded, so that time is linear."""
    lower = text.lower()
    return any(
        any(anchor in lower for anchor in anchors) and expression.search(text) is not None
        for anchors, expression in _EXPRESSIONS
    )
