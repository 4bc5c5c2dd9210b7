"""Whether a reply without scores is a model declining to judge, in the forms that refusals commonly take."""

import re
from typing import Final

_READ: Final = 600
_FORMS: Final = re.compile(
    "|".join(
        (
            r"\bi(?:['’]m| am) (?:really |very )?sorry\b",
            r"\bi (?:can(?:no|['’])?t|can not|will not|won['’]t|am unable to|am not able to|must decline)\b",
            r"\bi['’]m (?:unable|not able|not comfortable)\b",
            r"\b(?:sorry|apologi[sz]e)[,.]? (?:but|i)\b",
            r"\bas an? (?:ai|artificial|language model|large language model)\b",
            r"\b(?:violates?|against) (?:our|my|the) ?(?:content |usage )?(?:policy|policies|guidelines)\b",
            r"\bnot (?:something|able) i can (?:help|assist|do)\b",
            r"\btut mir leid\b|\bich kann (?:dabei |das |diese[nrs]? |ihnen )?(?:leider )?nicht\b",
            r"\bje suis désolée?\b|\bje ne peux pas\b|\bdésolée?, (?:mais )?je\b",
            r"\blo siento\b|\bno puedo (?:ayudar|evaluar|cumplir|asistir|responder|proporcionar)",
            r"\bmi dispiace\b|\bnon posso (?:aiutar|valutar|fornir|rispond)",
            r"\bdesculpe\b|\bsinto muito\b|\bnão posso (?:ajudar|avaliar|atender|fornecer)",
            r"\bhet spijt me\b|\bik kan (?:hier|dit|deze)? ?(?:helaas )?niet\b",
            r"\bprzepraszam\b|\bnie mogę (?:pomóc|ocenić|tego)",
            r"к сожалению|извините|я не могу",
            r"抱歉|对不起|對不起|我(?:无法|不能|無法)",
            r"申し訳|できません|お手伝いできません",
            r"죄송|할 수 없습니다|도와드릴 수 없",
            r"عذرًا|آسف|لا أستطيع|لا يمكنني",
            r"क्षमा करें|माफ़ करें",
            r"\büzgünüm\b|\bmaalesef\b|\bxin lỗi\b|\bmaaf\b",
        )
    ),
    re.I,
)


def is_refusal(reply: str) -> bool:
    """Whether the first 600 code points decline; only asked of replies that hold no scores."""
    return _FORMS.search(reply[:_READ]) is not None
