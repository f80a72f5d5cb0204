"""The letters of formulas, and the font that has them: STIX Two Math, cut to the characters that the book uses.

A browser draws `<mi>y</mi>` with the character U+1D466, mathematical italic y. Where an accent stands over
one letter, letter and combining mark go into one `<mi>`: WebKit places a separate accent too high and off
centre. A `<mi>` of two characters is not made italic by the browser, so the italic letter is written out.

The whole font has 1.5 MB, the subset about 40 KB. It keeps the MATH table, from which the browser takes the
spacing of formulas, and with it the larger and the stretchy forms of brackets, roots and arrows.
"""

from __future__ import annotations

import functools
import html
import importlib.metadata
import importlib.util
import re
import string
import unicodedata
from pathlib import Path

from ..run.cache import Cache, digest, write_whole
from ..source.errors import BookError

# Accent as math-core writes it in <mo>, and the combining mark that means the same.
_MARKS = {
    "ˆ": "\u0302", "\u0302": "\u0302", "˜": "\u0303", "¯": "\u0304", "\u0332": "\u0305",  # the last for \overline
    "˘": "\u0306", "˙": "\u0307", "¨": "\u0308", "˚": "\u030a", "ˇ": "\u030c",
    "`": "\u0300", "´": "\u0301", "\u20d7": "\u20d7", "\u20db": "\u20db",
}
_ACCENT_ABOVE = re.compile(
    r'<mover accent="true">(?:<mrow><mspace/>)?<(?P<tag>m[in])(?P<upright> mathvariant="normal")?>'
    r"(?P<letter>[^<&])</m[in]>(?:</mrow>)?"
    rf"<mo[^>]*>(?P<accent>[{''.join(_MARKS)}])</mo></mover>"
)
_GREEK = "".join(map(chr, (*range(0x391, 0x3A2), *range(0x3A3, 0x3AA), *range(0x3B1, 0x3CA)))) + "ϵϑϕϱϖ"
_OPERATORS = "−±×÷⋅∘⊙⊗⊕∗/∑∏∫√∂∇∞∈∉⊂⊆∪∩∅∀∃¬∧∨→←↔⇒⇔↦⟹⟺↑↓=≠≈≡∼≃∝<>≤≥≪≫≔…⋯⋮⋱′″|‖∣∥⟨⟩⌊⌋⌈⌉⊤⊥⏞⏟^ˆ¯˜˙¨ˇℓℝℕℤ𝔼𝟙°"
_BOLD = "".join(chr(0x1D400 + i) for i in range(52)) + "".join(chr(0x1D7CE + i) for i in range(10))
_MATH = re.compile(r"<math\b.*?</math>", re.DOTALL)
_LONE_LETTER = re.compile(r"<mi>([^<&])</mi>")
_ACCENTED_LETTER = re.compile(rf"<m[in]>([^<&][{''.join(sorted(set(_MARKS.values())))}])</m[in]>")


def italic(letter: str) -> str:
    """The character that a browser draws for `letter` alone in a `<mi>`; itself if it has no italic."""
    return styled(letter, "ITALIC")


def bold(letter: str, upright: bool) -> str | None:
    """The bold character for a letter or digit, italic unless `upright`; None if Unicode has none."""
    letter = letter if upright else italic(letter)
    name = "ITALIC SMALL H" if letter == "ℎ" else _name(letter).replace("BLACK-LETTER", "FRAKTUR")
    if "BOLD" in name:
        return letter
    return _mathematical(name.replace("SANS-SERIF ", "SANS-SERIF BOLD ") if "SANS-SERIF" in name else f"BOLD {name}")


@functools.lru_cache(maxsize=4096)
def styled(letter: str, style: str) -> str:
    """The letter in a mathematical style, such as BOLD; itself if Unicode has none."""
    return _mathematical(f"{style} {_name(letter)}") or letter


def _name(letter: str) -> str:
    """The letter's name as styles are put before it: "SMALL A", "ITALIC SMALL ALPHA"."""
    name = unicodedata.name(letter, "").removeprefix("MATHEMATICAL ")
    return re.sub(r"^(?:GREEK LUNATE|GREEK|LATIN(?=.* \w$)) | LETTER(?= )", "", name)


def _mathematical(name: str) -> str | None:
    if name == "ITALIC SMALL H":
        return "ℎ"  # U+1D455 is not assigned
    try:
        return unicodedata.lookup(f"MATHEMATICAL {name}")
    except KeyError:
        return None


def fuse_accents(mathml: str) -> str:
    """Write each accent over one letter (or digit) as letter and combining mark in one `<mi>` (or `<mn>`)."""
    return _ACCENT_ABOVE.sub(_fuse, mathml)


def _fuse(match: re.Match[str]) -> str:
    accent = _MARKS[match["accent"]]
    letter = match["letter"]
    if match["tag"] == "mn":
        return f"<mn>{letter}{accent}</mn>"
    if not match["upright"]:
        letter = italic({"i": "ı", "j": "ȷ"}.get(letter, letter))  # the accent takes the place of the dot
    # Firefox sets space around a <mi> of two characters, as around "log"; the empty <mspace> prevents that.
    return f"<mrow><mspace/><mi>{letter}{accent}</mi></mrow>"


def math_characters(html_text: str) -> set[str]:
    """What the font must hold for the formulas of a page.

    Single characters, the italic forms of lone letters among them, and accented letters as strings of two.
    """
    characters: set[str] = set()
    for formula in _MATH.findall(html_text):
        characters.update(html.unescape(re.sub("<[^>]*>", "", formula)))
        characters.update(map(italic, _LONE_LETTER.findall(formula)))
        characters.update(_ACCENTED_LETTER.findall(formula))
    return characters - set(" \t\r\n")


def base_characters() -> set[str]:
    """Characters kept in any case, so that a new formula seldom changes the font."""
    italics = map(italic, string.ascii_letters + _GREEK + "∂ıȷ")
    return {*map(chr, range(0x21, 0x7F)), *italics, *_GREEK, *_OPERATORS, *_BOLD, *_MARKS.values()}


def subset_math_font(characters: set[str], target: Path, cache: Cache) -> None:
    """Write the subset for `characters` (and the base) to `target` as woff2: same input, same bytes.

    `cache` keeps subsets by content. BookError if it, or the target, cannot be written.
    """
    wanted, source = sorted(characters | base_characters()), _font_file()
    versions = [importlib.metadata.version(name) for name in ("fonttools", "brotli", "ziamath")]
    key = digest([wanted, versions, Path(__file__).with_name("fontsubset.py").read_text("utf-8")])
    font = cache.get_bytes(key)
    if font is None:
        from .fontsubset import make_subset  # fontTools takes 0.4 s to load: only when there is no entry

        font = make_subset([text for text in wanted if len(text) == 1], [text for text in wanted if len(text) > 1],
                           source)
        cache.put_bytes(key, font)
    if not target.is_file() or target.read_bytes() != font:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, font)
        except OSError as error:
            raise BookError(f"cannot write the font of the formulas: {error.strerror}", path=target) from error


def _font_file() -> Path:
    """The font inside the installed package ziamath, found without importing that (half a second)."""
    spec = importlib.util.find_spec("ziamath")
    if spec is None or spec.origin is None:
        raise BookError("the package ziamath, which brings the font of the formulas, is not installed")
    return Path(spec.origin).parent / "fonts" / "STIXTwoMath-Regular.ttf"
