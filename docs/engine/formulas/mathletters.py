"""Letters of MathML: what a lone `<mi>` letter is drawn as, and accents fused to their letter.

A browser draws `<mi>y</mi>` with the character U+1D466, mathematical italic y. Where an accent stands over
one letter, letter and combining mark go into one `<mi>`: WebKit places a separate accent too high and off
centre. A `<mi>` of two characters is not made italic by the browser, so the italic letter is written out.
"""

from __future__ import annotations

import re
import unicodedata

_ITALIC = {
    **{chr(ord("A") + i): chr(0x1D434 + i) for i in range(26)},
    **{chr(ord("a") + i): chr(0x1D44E + i) for i in range(26)},
    **{chr(0x391 + i): chr(0x1D6E2 + i) for i in range(25)},  # capital alpha to omega
    **{chr(0x3B1 + i): chr(0x1D6FC + i) for i in range(25)},  # small alpha to omega
    **dict(zip("∂ϵϑϰϕϱϖ", map(chr, range(0x1D715, 0x1D71C)))),
    "h": "\u210e",  # U+1D455 is not assigned
    "\u03f4": "\U0001d6f3",  # capital theta symbol, in the gap of the capitals
    "∇": "\U0001d6fb",
    "ı": "\U0001d6a4",
    "ȷ": "\U0001d6a5",
}
del _ITALIC["\u03a2"]  # not assigned: small final sigma has no capital

# Accent as math-core writes it in <mo>, and the combining mark that means the same.
_MARKS = {
    "ˆ": "\u0302", "\u0302": "\u0302", "˜": "\u0303", "¯": "\u0304", "\u0332": "\u0305",  # the last for \overline
    "˘": "\u0306", "˙": "\u0307", "¨": "\u0308", "˚": "\u030a", "ˇ": "\u030c",
    "`": "\u0300", "´": "\u0301", "\u20d7": "\u20d7", "\u20db": "\u20db",
}
MARKS = frozenset(_MARKS.values())

_ACCENTED_LETTER = re.compile(
    r'<mover accent="true">(?:<mrow><mspace/>)?<(?P<tag>m[in])(?P<upright> mathvariant="normal")?>'
    r"(?P<letter>[^<&])</m[in]>(?:</mrow>)?"
    rf"<mo[^>]*>(?P<accent>[{''.join(_MARKS)}])</mo></mover>"
)


def italic(letter: str) -> str:
    """The character that a browser draws for `letter` alone in a `<mi>`; itself if it has no italic."""
    return _ITALIC.get(letter, letter)


def bold(letter: str, upright: bool) -> str | None:
    """The bold character for a letter or digit, italic unless `upright`; None if Unicode has none."""
    letter = letter if upright else italic(letter)
    name = re.sub(r"^(?:MATHEMATICAL|LATIN|GREEK) | LETTER(?= )", "", unicodedata.name(letter, ""))
    name = {"PLANCK CONSTANT": "ITALIC SMALL H"}.get(name, name).replace("BLACK-LETTER", "FRAKTUR")
    if "BOLD" in name:
        return letter
    name = name.replace("SANS-SERIF ", "SANS-SERIF BOLD ") if "SANS-SERIF" in name else f"BOLD {name}"
    try:
        return unicodedata.lookup(f"MATHEMATICAL {name}")
    except KeyError:
        return None


def styled(text: str, style: str) -> str:
    """`text` in letters of a mathematical style, such as BOLD; what has none stays as it is."""
    return "".join(_styled(letter, style) for letter in text)


def _styled(letter: str, style: str) -> str:
    name = re.sub(r"^(?:LATIN|GREEK) (SMALL|CAPITAL) LETTER(?= .$)", r"\1", unicodedata.name(letter, ""))
    try:
        return unicodedata.lookup(f"MATHEMATICAL {style} {name}")
    except KeyError:
        return "\u210e" if (letter, style) == ("h", "ITALIC") else letter


def fuse_accents(mathml: str) -> str:
    """Write each accent over one letter (or digit) as letter and combining mark in one `<mi>` (or `<mn>`)."""
    return _ACCENTED_LETTER.sub(_fuse, mathml)


def _fuse(match: re.Match[str]) -> str:
    accent = _MARKS[match["accent"]]
    letter = match["letter"]
    if match["tag"] == "mn":
        return f"<mn>{letter}{accent}</mn>"
    if not match["upright"]:
        letter = italic({"i": "ı", "j": "ȷ"}.get(letter, letter))  # the accent takes the place of the dot
    # Firefox sets space around a <mi> of two characters, as around "log"; the empty <mspace> prevents that.
    return f"<mrow><mspace/><mi>{letter}{accent}</mi></mrow>"
