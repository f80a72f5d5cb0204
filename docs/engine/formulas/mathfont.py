"""The font of the formulas: STIX Two Math, cut to the characters that the book uses.

The whole font has 1.5 MB, the subset about 40 KB. It keeps the MATH table, from which the browser takes the
spacing of formulas, and with it the larger and the stretchy forms of brackets, roots and arrows.
"""

from __future__ import annotations

import hashlib
import html
import importlib.metadata
import importlib.util
import os
import re
import tempfile
from pathlib import Path

from ..source.errors import BookError
from .mathletters import MARKS, italic

_GREEK = "".join(map(chr, (*range(0x391, 0x3A2), *range(0x3A3, 0x3AA), *range(0x3B1, 0x3CA)))) + "ϵϑϕϱϖ"
_LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
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
    return {character for character in characters if character not in " \t\r\n"}


def base_characters() -> set[str]:
    """Characters kept in any case, so that a new formula seldom changes the font."""
    ascii_signs = {chr(code) for code in range(0x21, 0x7F)}
    italics = {italic(letter) for letter in _LATIN + _GREEK + "∂ıȷ"}
    return ascii_signs | italics | set(_GREEK) | set(_OPERATORS) | set(_BOLD) | set(MARKS)


def subset_math_font(characters: set[str], target: Path, cache: Path) -> None:
    """Write the subset for `characters` (and the base) to `target` as woff2: same input, same bytes.

    `cache` keeps subsets by content; an entry that is not whole is made anew. BookError if it, or the target,
    cannot be written.
    """
    wanted = sorted(characters | base_characters())
    accented = [text for text in wanted if len(text) > 1]
    source = _font_file()
    entry = cache / f"math-{_key(wanted, source)}.woff2"
    font = _read_entry(entry)
    if font is None:
        from .fontsubset import make_subset  # fontTools takes 0.4 s to load: only when there is no entry

        font = make_subset([text for text in wanted if len(text) == 1], accented, source)
        _write(entry, hashlib.sha256(font).digest() + font)
    if not target.is_file() or target.read_bytes() != font:
        _write(target, font)


def _font_file() -> Path:
    """The font inside the installed package ziamath, found without importing that (half a second)."""
    spec = importlib.util.find_spec("ziamath")
    if spec is None or spec.origin is None:
        raise BookError("the package ziamath, which brings the font of the formulas, is not installed")
    return Path(spec.origin).parent / "fonts" / "STIXTwoMath-Regular.ttf"


def _key(wanted: list[str], source: Path) -> str:
    versions = [importlib.metadata.version(name) for name in ("fonttools", "brotli")]
    digest = hashlib.sha256("\0".join([*versions, *wanted]).encode())
    digest.update(Path(__file__).with_name("fontsubset.py").read_bytes())
    digest.update(source.read_bytes())
    return digest.hexdigest()[:32]


def _read_entry(entry: Path) -> bytes | None:
    """The font in a cache entry, or None if there is no entry or its digest does not fit."""
    try:
        stored = entry.read_bytes()
    except OSError:
        return None  # if the folder is out of order, writing to it says so
    digest, font = stored[:32], stored[32:]
    return font if hashlib.sha256(font).digest() == digest else None


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: a reader never sees half a file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            temporary.chmod(0o644)
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BookError(f"cannot write the font of the formulas: {error.strerror}", path=path) from error
