"""The font of the formulas: STIX Two Math, cut to the characters that the book uses.

The whole font has 1.5 MB, the subset about 40 KB. It keeps the MATH table, from which the browser takes the
spacing of formulas, and with it the larger and the stretchy forms of brackets, roots and arrows.
"""

from __future__ import annotations

import html
import importlib.metadata
import importlib.util
import re
import string
from pathlib import Path

from ..run.cache import Cache, digest
from ..source.errors import BookError
from .mathletters import MARKS, italic

_GREEK = "".join(map(chr, (*range(0x391, 0x3A2), *range(0x3A3, 0x3AA), *range(0x3B1, 0x3CA)))) + "ϵϑϕϱϖ"
_OPERATORS = "−±×÷⋅∘⊙⊗⊕∗/∑∏∫√∂∇∞∈∉⊂⊆∪∩∅∀∃¬∧∨→←↔⇒⇔↦⟹⟺↑↓=≠≈≡∼≃∝<>≤≥≪≫≔…⋯⋮⋱′″|‖∣∥⟨⟩⌊⌋⌈⌉⊤⊥⏞⏟^ˆ¯˜˙¨ˇℓℝℕℤ𝔼𝟙°"
_BOLD = "".join(chr(0x1D400 + i) for i in range(52)) + "".join(chr(0x1D7CE + i) for i in range(10))
_MATH = re.compile(r"<math\b.*?</math>", re.DOTALL)
_LONE_LETTER = re.compile(r"<mi>([^<&])</mi>")
_ACCENTED_LETTER = re.compile(rf"<m[in]>([^<&][{''.join(sorted(MARKS))}])</m[in]>")
_TAG = re.compile(r"<[^>]*>")


def math_characters(html_text: str) -> set[str]:
    """What the font must hold for the formulas of a page.

    Single characters, the italic forms of lone letters among them, and accented letters as strings of two.
    """
    characters: set[str] = set()
    for formula in _MATH.findall(html_text):
        characters.update(html.unescape(_TAG.sub("", formula)))
        characters.update(map(italic, _LONE_LETTER.findall(formula)))
        characters.update(_ACCENTED_LETTER.findall(formula))
    return characters - set(" \t\r\n")


def base_characters() -> set[str]:
    """Characters kept in any case, so that a new formula seldom changes the font."""
    italics = map(italic, string.ascii_letters + _GREEK + "∂ıȷ")
    return {*map(chr, range(0x21, 0x7F)), *italics, *_GREEK, *_OPERATORS, *_BOLD, *MARKS}


def subset_math_font(characters: set[str], target: Path, cache: Path) -> None:
    """Write the subset for `characters` (and the base) to `target` as woff2: same input, same bytes.

    `cache` keeps subsets by content. BookError if it, or the target, cannot be written.
    """
    wanted, source = sorted(characters | base_characters()), _font_file()
    kept = Cache(cache, suffix=".woff2")
    versions = [importlib.metadata.version(name) for name in ("fonttools", "brotli", "ziamath")]
    key = digest([wanted, versions, Path(__file__).with_name("fontsubset.py").read_text("utf-8")])
    font = kept.get_bytes(key)
    if font is None:
        from .fontsubset import make_subset  # fontTools takes 0.4 s to load: only when there is no entry

        font = make_subset([text for text in wanted if len(text) == 1], [text for text in wanted if len(text) > 1],
                           source)
        kept.put_bytes(key, font)
    if not target.is_file() or target.read_bytes() != font:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(font)
        except OSError as error:
            raise BookError(f"cannot write the font of the formulas: {error.strerror}", path=target) from error


def _font_file() -> Path:
    """The font inside the installed package ziamath, found without importing that (half a second)."""
    spec = importlib.util.find_spec("ziamath")
    if spec is None or spec.origin is None:
        raise BookError("the package ziamath, which brings the font of the formulas, is not installed")
    return Path(spec.origin).parent / "fonts" / "STIXTwoMath-Regular.ttf"
