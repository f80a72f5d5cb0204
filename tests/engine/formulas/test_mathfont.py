"""The formula font: what it holds, that its bytes are stable, and its cache."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from book_engine.formulas.mathfont import base_characters, math_characters, subset_math_font
from book_engine.markdown.formulas import to_mathml
from book_engine.run.cache import Cache
from book_engine.source.errors import BookError

HATS = r"\hat{\theta} \hat{f} \mathbf{\hat{W}} \hat{y} \hat{\mathcal{D}} \tilde{d} \hat{1}"


@pytest.fixture(scope="module")
def subset(tmp_path_factory) -> Path:
    """A subset for a few formulas with accents, made once."""
    folder = tmp_path_factory.mktemp("font")
    characters = math_characters(to_mathml(HATS, True))
    subset_math_font(characters, folder / "math.woff2", Cache(folder / "cache"))
    return folder / "math.woff2"


def load(path: Path) -> TTFont:
    return TTFont(io.BytesIO(path.read_bytes()))


# -- characters -----------------------------------------------------------------------------------------


def test_characters_are_taken_from_formulas_only():
    page = (
        "<p>Q<math><mi>x</mi><mo>&lt;</mo><mn>12</mn><mtext>若 a</mtext></math>Z <math><mi>θ</mi></math></p>"
    )
    assert math_characters(page) == set("x𝑥<12若aθ𝜃")


def test_a_multi_letter_or_upright_name_is_not_made_italic():
    assert math_characters('<math><mi>log</mi><mi mathvariant="normal">d</mi></math>') == set("logd")


def test_accented_letters_come_as_one_string():
    characters = math_characters(to_mathml(r"\hat{y} \hat{\mathcal{L}}", False))
    assert {"𝑦\u0302", "ℒ\u0302"} <= characters


# -- the font -------------------------------------------------------------------------------------------


def test_the_subset_is_small_and_has_the_base(subset):
    assert subset.stat().st_size < 48_000
    held = load(subset).getBestCmap()
    assert {character for character in base_characters() if ord(character) not in held} <= {"\u20db"}
    for character in "𝑥𝜃𝐖ℎ∑√⊤ℝ":
        assert ord(character) in held, character


def test_stretchy_signs_keep_their_larger_forms(subset):
    font = load(subset)
    variants = font["MATH"].table.MathVariants
    cmap = font.getBestCmap()
    for sign in "()[]{}|‖√∑∫⏞⏟":
        vertical, horizontal = variants.VertGlyphCoverage.glyphs, variants.HorizGlyphCoverage.glyphs
        assert cmap[ord(sign)] in {*vertical, *horizontal}, sign
    radical = variants.VertGlyphConstruction[variants.VertGlyphCoverage.glyphs.index(cmap[0x221A])]
    assert len(radical.MathGlyphVariantRecord) >= 4
    assert len(radical.GlyphAssembly.PartRecords) == 3


def test_large_radicals_are_hardly_wider_than_the_small_one(subset):
    font = load(subset)
    variants = font["MATH"].table.MathVariants
    radical = variants.VertGlyphConstruction[
        variants.VertGlyphCoverage.glyphs.index(font.getBestCmap()[0x221A])
    ]
    glyphs = [record.VariantGlyph for record in radical.MathGlyphVariantRecord]
    glyphs += [part.glyph for part in radical.GlyphAssembly.PartRecords]
    assert max(font["hmtx"][glyph][0] for glyph in glyphs) <= 900


@pytest.mark.parametrize(
    "text", ["𝜃\u0302", "𝑓\u0302", "𝐖\u0302", "𝑦\u0302", "𝑑\u0303", "1\u0302", "𝒟\u0302"]
)
def test_an_accent_clears_its_letter(subset, text):
    font = load(subset)
    cmap, glyf = font.getBestCmap(), font["glyf"]
    letter, mark = (cmap[ord(character)] for character in text)
    joined = _ligatures(font)[letter, mark]
    base, accent = glyf[joined].components
    assert (base.glyphName, accent.glyphName) == (letter, mark)
    assert glyf[mark].yMin + accent.y > glyf[letter].yMax
    assert font["hmtx"][joined][0] == font["hmtx"][letter][0]
    # The accent's middle stands over the letter, a little to the right where the letter leans.
    middle = (glyf[mark].xMin + glyf[mark].xMax) / 2 + accent.x
    assert glyf[letter].xMin < middle < glyf[letter].xMax


def test_the_prime_is_the_one_made_for_superscripts(subset):
    font = load(subset)
    prime = font["glyf"][font.getBestCmap()[0x2032]]
    assert prime.yMin < 150  # the plain prime begins at 399, and would float


def test_the_licence_stays_in_the_font(subset):
    names = {record.nameID for record in load(subset)["name"].names}
    assert {0, 13, 14} <= names


def test_characters_the_font_lacks_are_passed_over(tmp_path):
    subset_math_font({"中", "中\u0302"}, tmp_path / "f.woff2", Cache(tmp_path))
    assert ord("中") not in load(tmp_path / "f.woff2").getBestCmap()


def _ligatures(font: TTFont) -> dict[tuple[str, str], str]:
    lookups = font["GSUB"].table.LookupList.Lookup
    return {
        (first, ligature.Component[0]): ligature.LigGlyph
        for lookup in lookups
        for table in lookup.SubTable
        for first, ligatures in table.ligatures.items()
        for ligature in ligatures
    }


# -- bytes and cache ------------------------------------------------------------------------------------


def test_the_same_characters_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        subset_math_font({"𝜽", "𝜽\u0302"}, tmp_path / name, Cache(tmp_path / f"cache-{name}"))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_what_is_cached_is_not_made_again(tmp_path, subset, monkeypatch):
    characters = math_characters(to_mathml(HATS, True))
    monkeypatch.setitem(sys.modules, "book_engine.formulas.fontsubset", None)  # importing it fails
    subset_math_font(characters, tmp_path / "again.woff2", Cache(subset.parent / "cache"))
    assert (tmp_path / "again.woff2").read_bytes() == subset.read_bytes()
    with pytest.raises(ImportError):
        subset_math_font({"⨀"}, tmp_path / "other.woff2", Cache(subset.parent / "cache"))


def test_fonttools_is_not_imported_for_a_cached_font(subset):
    program = (
        "import sys; from pathlib import Path; from book_engine.formulas.mathfont import *\n"
        "from book_engine.formulas.latex_mathml import to_mathml\n"
        f"subset_math_font(math_characters(to_mathml({HATS!r}, True)), Path(sys.argv[1]), Cache(Path(sys.argv[2])))\n"
        "assert not {'fontTools', 'ziamath'} & set(sys.modules), 'imported'\n"
    )
    command = [sys.executable, "-c", program, str(subset), str(subset.parent / "cache")]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    "damage", [lambda b: b"", lambda b: b[:1000], lambda b: b[:-1] + b"x", lambda b: b[:31]]
)
def test_a_damaged_entry_is_made_anew(tmp_path, subset, damage):
    cache = tmp_path / "cache"
    cache.mkdir()
    entry, = (path for path in (subset.parent / "cache").rglob("*") if path.is_file())
    kept = cache / entry.relative_to(subset.parent / "cache")
    kept.parent.mkdir()
    kept.write_bytes(damage(entry.read_bytes()))
    subset_math_font(math_characters(to_mathml(HATS, True)), tmp_path / "f.woff2", Cache(cache))
    assert (tmp_path / "f.woff2").read_bytes() == subset.read_bytes()
    assert kept.read_bytes() == entry.read_bytes()
    assert [path for path in cache.rglob("*") if path.is_file()] == [kept]


def test_an_unchanged_target_is_left_alone(tmp_path, subset):
    target = tmp_path / "f.woff2"
    target.write_bytes(subset.read_bytes())
    os.utime(target, (1, 1))
    subset_math_font(math_characters(to_mathml(HATS, True)), target, Cache(subset.parent / "cache"))
    assert target.stat().st_mtime == 1


def test_a_cache_that_cannot_be_written_is_an_error_with_its_path(tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(BookError, match="cannot") as caught:
        subset_math_font({"⨂"}, tmp_path / "f.woff2", Cache(tmp_path / "cache"))
    assert "cache" in str(caught.value.path)
