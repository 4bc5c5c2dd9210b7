"""Which way the strong words of a prose lean: so that nobody praises where the number is low.

Words of a few languages only, and only those that leave no doubt: of the rest the writer's own scores speak.
"""

import re
from typing import Final

_PRAISE: Final = "|".join(
    (
        r"excellent|superb|outstanding|brilliant|masterpiece|masterful|masterly|flawless|perfect|wonderful",
        r"exceptional|magnificent|impeccable|superlative|stellar|(?:full|top|highest) marks",
        r"hervorragend|ausgezeichnet|großartig|exzellent|meisterhaft|meisterwerk|perfekt|tadellos|makellos",
        r"excellente|magnifique|superbe|parfaite?|chef-d['’]œuvre|irréprochable",
        r"excelente|perfect[ao]|magnífic[ao]|obra maestra|excepcional",
        r"eccellente|perfett[ao]|magnific[ao]|capolavoro",
    )
)
_BLAME: Final = "|".join(
    (
        r"terrible|awful|dreadful|abysmal|worthless|useless|atrocious|horrible|garbage|gibberish|worst",
        r"miserabel|wertlos|furchtbar|grauenhaft|unbrauchbar|katastrophal",
        r"exécrable|épouvantable|affreux|affreuse|lamentable|catastrophique",
        r"pésim[ao]|horrendo|inútil|pessim[ao]|orribile|inutile",
    )
)
_NOT: Final = (
    r"(?:\b(?:not|no|never|hardly|neither|nor|without|far from|cannot)|n['’]t"
    r"|\b(?:nicht|kein\w*|nie|ohne|pas|sans|jamais|sin|non))\W+(?:\w+\W+){0,2}"
)
_STRONG: Final = re.compile(
    rf"(?P<not>{_NOT})?\b(?:(?P<praise>{_PRAISE})|(?P<blame>{_BLAME}))(?:e[nrsm]?|ly|s)?\b", re.I
)


def leaning(text: str) -> int:
    """1 where strong words only praise, -1 where they only blame, 0 where there are none or of both kinds.

    After a negation a word speaks for the other side.
    """
    sides = {(1 if found["praise"] else -1) * (-1 if found["not"] else 1) for found in _STRONG.finditer(text)}
    return sides.pop() if len(sides) == 1 else 0
