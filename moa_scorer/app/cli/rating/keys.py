"""What a terminal sends for a key -> the key's name."""

import re
from typing import Final

NAMES: Final = {
    "\x1b[A": "up",
    "\x1bOA": "up",
    "\x1b[B": "down",
    "\x1bOB": "down",
    "\x1b[C": "right",
    "\x1bOC": "right",
    "\x1b[D": "left",
    "\x1bOD": "left",
    "\x1b[5~": "pageup",
    "\x1b[6~": "pagedown",
    "\r": "enter",
    "\n": "enter",
    " ": "space",
    "\x7f": "backspace",
    "\x08": "backspace",
    "\x03": "q",
    "\x04": "q",
}
_KEYS: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.)?|.", re.DOTALL)


def keys_of(sent: str) -> list[str]:
    """The keys in what was read, in order: names or lower-case characters; what else is sent is none."""
    keys = (NAMES.get(part, part.lower()) for part in _KEYS.findall(sent))
    return [key for key in keys if not key.startswith("\x1b")]
