"""Cuts the font of the formulas, and mends in it what browsers make of accents, primes and roots.

* A letter with its accent becomes one glyph, put together by the rule of the font's MATH table. Left to
  themselves, browsers draw the mark at the height of an x, through the middle of every taller letter.
* A prime is always set as a superscript. The font's plain prime is raised already, so it would float; its
  script form takes its place (Firefox would choose it by the feature `ssty`, Chromium and WebKit do not).
* Chromium gives every root the width of the widest radical sign, which left a wide gap behind small roots:
  the large signs are made narrower.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from fontTools import subset
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph

_PRIMES = (0x2032, 0x2033, 0x2034, 0x2057)
_RADICAL = 0x221A
_RADICAL_WIDTH = 900  # of 1000 units to the em; the plain sign has 794, the widest 1212


def make_subset(characters: list[str], accented: list[str], source: Path) -> bytes:
    """The font at `source`, cut to `characters` and what its MATH table makes of them, as woff2.

    `accented` are strings of a letter and a combining mark. Characters that the font lacks are passed over.
    The same input gives the same bytes.
    """
    options = subset.Options(
        flavor="woff2",
        hinting=False,
        layout_features=[],
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],  # names and licence
        recalc_timestamp=False,
        drop_tables=["DSIG"],
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=map(ord, {*characters, *"".join(accented)}))
    output = io.BytesIO()
    with subset.load_font(source, options) as font:
        _use_script_primes(font)
        subsetter.subset(font)
        _narrow_radicals(font)
        _add_accented(font, accented)
        subset.save_font(font, output, options)
    return output.getvalue()


def _use_script_primes(font: TTFont) -> None:
    forms = dict(_script_forms(font))
    for table in font["cmap"].tables:
        for prime in _PRIMES:
            if table.format != 14 and table.cmap.get(prime) in forms:
                table.cmap[prime] = forms[table.cmap[prime]]


def _script_forms(font: TTFont) -> Iterator[tuple[str, str]]:
    """Each glyph that the feature `ssty` replaces, and its form for superscripts."""
    layout = font["GSUB"].table
    for record in layout.FeatureList.FeatureRecord:
        if record.FeatureTag == "ssty":
            for index in record.Feature.LookupListIndex:
                for table in layout.LookupList.Lookup[index].SubTable:
                    alternates = getattr(table, "ExtSubTable", table).alternates
                    yield from ((glyph, forms[0]) for glyph, forms in alternates.items())


def _narrow_radicals(font: TTFont) -> None:
    variants = font["MATH"].table.MathVariants
    index = variants.VertGlyphCoverage.glyphs.index(font.getBestCmap()[_RADICAL])
    signs = [record.VariantGlyph for record in variants.VertGlyphConstruction[index].MathGlyphVariantRecord]
    parts = [record.glyph for record in variants.VertGlyphConstruction[index].GlyphAssembly.PartRecords]
    widths = {glyph: font["hmtx"][glyph][0] for glyph in (*signs, *parts)}
    # The parts of one sign are scaled alike, so that their strokes meet.
    widths.update(dict.fromkeys(parts, max(widths[part] for part in parts)))
    for glyph, width in widths.items():
        if width > _RADICAL_WIDTH:
            factor = _RADICAL_WIDTH / width
            outline = font["glyf"][glyph]
            outline.coordinates.scale((factor, 1))
            outline.coordinates.toInt()
            outline.recalcBounds(font["glyf"])
            font["hmtx"][glyph] = (round(font["hmtx"][glyph][0] * factor), outline.xMin)


def _add_accented(font: TTFont, accented: list[str]) -> None:
    """One glyph for each letter with its mark, and the rule that puts it in their place."""
    rules = []
    cmap = font.getBestCmap()
    for text in accented:
        glyphs = [cmap[ord(character)] for character in text if ord(character) in cmap]
        if len(glyphs) == 2:
            name = "_".join(glyphs)
            font.setGlyphOrder([*font.getGlyphOrder(), name])
            font["glyf"][name] = _compose(font, *glyphs)
            font["hmtx"][name] = (font["hmtx"][glyphs[0]][0], font["glyf"][name].xMin)
            rules.append(f"sub {' '.join(glyphs)} by {name};")
    if rules:
        addOpenTypeFeaturesFromString(font, "\n".join(["feature ccmp {", *rules, "} ccmp;"]), tables=["GSUB"])


def _compose(font: TTFont, letter: str, mark: str) -> Glyph:
    """Letter and mark meet at their accent attachments; the mark rises with what the letter has over an x."""
    math = font["MATH"].table
    attachments = math.MathGlyphInfo.MathTopAccentAttachment
    place = dict(zip(attachments.TopAccentCoverage.glyphs, attachments.TopAccentAttachment))
    centre = {
        glyph: place[glyph].Value if glyph in place else font["hmtx"][glyph][0] // 2
        for glyph in (letter, mark)
    }
    rise = max(0, font["glyf"][letter].yMax - math.MathConstants.AccentBaseHeight.Value)
    pen = TTGlyphPen(font["glyf"])
    pen.addComponent(letter, (1, 0, 0, 1, 0, 0))
    pen.addComponent(mark, (1, 0, 0, 1, centre[letter] - centre[mark], rise))
    glyph = pen.glyph()
    glyph.recalcBounds(font["glyf"])
    return glyph
