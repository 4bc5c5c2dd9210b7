"""Marks of a drawing as SVG text: escaped, rounded, the same bytes for the same input."""

from collections.abc import Iterable, Sequence
from html import escape

INK = "#1a1a1a"
SOFT = "#6b6b6b"
GRID = "#dcdcdc"
BLUE = "#0072b2"
ORANGE = "#d55e00"
GREEN = "#009e73"
PURPLE = "#a0457f"
SKY = "#56b4e9"
"""Okabe and Ito's colours, told apart by colour-blind readers; the purple is darkened for print."""
FONT = 10.0
"""Size of all text but titles, in pixels: 7.5 points on paper."""

FONTS = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"

_NARROW = frozenset("iljtfrI.,:;'|!()[]/\\ -")
_WIDE = frozenset("mwMW@%…—")
_WIDE_FROM = 0x1100
"""Code points from here on (Hangul, CJK, emoji) are as wide as the font is high."""


def number(value: float) -> str:
    """A coordinate with one decimal at most."""
    text = f"{value:.1f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def mark(name: str, content: str = "", **attributes: object) -> str:
    """One element; `_` in an attribute's name stands for `-`, None leaves it out, `content` is SVG."""
    shown = "".join(
        f' {k.rstrip("_").replace("_", "-")}="{_value(v)}"' for k, v in attributes.items() if v is not None
    )
    return f"<{name}{shown}>{content}</{name}>" if content else f"<{name}{shown}/>"


def _value(value: object) -> str:
    return number(value) if isinstance(value, float) else escape(str(value))


def text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    fill: str = INK,
    size: float | None = None,
    weight: str | None = None,
    whole: str | None = None,
) -> str:
    """Words on a baseline at (x, y); `whole` is what a pointer shows when the words were shortened."""
    content = escape(printable(words))
    if whole is not None and whole != words:
        content += f"<title>{escape(printable(whole))}</title>"
    return mark(
        "text",
        content,
        x=x,
        y=y,
        text_anchor=None if anchor == "start" else anchor,
        fill=None if fill == INK else fill,
        font_size=size,
        font_weight=weight,
    )


def line(
    x1: float, y1: float, x2: float, y2: float, stroke: str = INK, width: float = 1.0, dash: str | None = None
) -> str:
    """A straight line."""
    return mark("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=width, stroke_dasharray=dash)


def polyline(
    points: Iterable[tuple[float, float]], stroke: str, width: float = 1.5, dash: str | None = None
) -> str:
    """A line through points."""
    return mark(
        "polyline",
        points=_points(points),
        fill="none",
        stroke=stroke,
        stroke_width=width,
        stroke_dasharray=dash,
        stroke_linejoin="round",
    )


def area(points: Iterable[tuple[float, float]], fill: str, opacity: float = 0.15) -> str:
    """A filled shape, such as a band about a line."""
    return mark("polygon", points=_points(points), fill=fill, fill_opacity=f"{opacity:g}")


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)


def rect(x: float, y: float, width: float, height: float, fill: str, stroke: str | None = None) -> str:
    """A filled box."""
    return mark("rect", x=x, y=y, width=width, height=height, fill=fill, stroke=stroke)


def dot(x: float, y: float, radius: float, fill: str, stroke: str | None = None) -> str:
    """A filled circle."""
    return mark("circle", cx=x, cy=y, r=radius, fill=fill, stroke=stroke)


def drawing(width: float, height: float, title: str, marks: Sequence[str]) -> str:
    """A whole drawing; `title` says what it shows to who cannot see it."""
    body = "\n".join((f"<title>{escape(printable(title))}</title>", *marks))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {number(width)} {number(height)}" '
        f'width="{number(width)}" height="{number(height)}" font-family="{FONTS}" '
        f'font-size="{number(FONT)}" fill="{INK}">\n{body}\n</svg>'
    )


def printable(words: str) -> str:
    """The words with a mark for each character that prints nothing or turns the line's direction."""
    return "".join(c if c.isprintable() or c == "\N{NO-BREAK SPACE}" else "\ufffd" for c in words)


def width_of(words: str, size: float = FONT) -> float:
    """Width in pixels that no common sans-serif font exceeds by much."""
    return size * sum(map(_width, words))


def _width(letter: str) -> float:
    if ord(letter) >= _WIDE_FROM:
        return 1.05
    if letter in _NARROW:
        return 0.38
    if letter in _WIDE:
        return 1.0
    return 0.72 if letter.isupper() else 0.63


def shortened(words: str, room: float, size: float = FONT) -> str:
    """The words, their middle replaced by `…` where they are wider than the room in pixels."""
    if width_of(words, size) <= room:
        return words
    head, tail = (len(words) + 1) // 2, len(words) // 2
    while head + tail > 1:
        head, tail = (head - 1, tail) if head > tail else (head, tail - 1)
        cut = f"{words[:head]}…{words[len(words) - tail :]}"
        if width_of(cut, size) <= room:
            return cut
    return f"{words[:1]}…"


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions as near as may be to the wanted ones, in their order, at least `gap` apart, in [low, high].

    Where there is no room for all they are laid out evenly.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    if len(order) > 1 and gap * (len(order) - 1) > high - low:
        gap = (high - low) / (len(order) - 1)
    placed, floor = [0.0] * len(wanted), low
    for i in order:
        placed[i] = max(wanted[i], floor)
        floor = placed[i] + gap
    ceiling = high
    for i in reversed(order):
        placed[i] = min(placed[i], ceiling)
        ceiling = placed[i] - gap
    return placed
