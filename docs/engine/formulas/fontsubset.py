"""Cuts the font of the formulas, and mends in it what browsers make of accents, primes and roots.

* A letter with its accent becomes one glyph, put together by the rule of the font's MATH table. Left to
  themselves, browsers draw the mark at the height of an x, through the middle of every taller letter.
* A prime is always set as a superscript. The font's plain prime is raised already, so it would float; its
  script form takes its place (Firefox would choose it by the feature `ssty`, Chromium and WebKit do not).
* Chromium gives every root, and every bracket that may grow, the width of its widest form, which left wide gaps
  around small ones: the large forms are made narrower.
* TeX has small roots of two sizes; the font has one, half as high again as an x: a smaller one comes before it.
* Arrows to the right and tildes grow, which slips in the font kept them from.
* Fractions in a line of text, scripts of brackets and words stand where TeX puts them, nearer to the line.
* Integrals keep no italic correction: browsers read it differently, and `mathshape` draws the lower limit back itself.
"""

from __future__ import annotations

import copy
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
_TILDE = 0x2DC
_ROOTS = (0.93, 1.06)  # heights of the two small roots, of the font's own
# The greatest width, of 1000 units to the em, of the forms of a sign; the widest root has 1212, parenthesis 633.
_WIDTHS = {"√": 900, "(": 560, ")": 560, "[": 440, "]": 440, "⟨": 560, "⟩": 560}
_INTEGRALS = "∫∬∭⨌∮∯∰∱∲∳"
_CONSTANTS = {
    "FractionNumeratorShiftUp": 400, "FractionDenominatorShiftDown": 360,
    "FractionNumDisplayStyleGapMin": 120, "FractionDenomDisplayStyleGapMin": 120,
    "SubscriptBaselineDropMin": 50, "SuperscriptBaselineDropMax": 250,
    "UpperLimitGapMin": 111, "UpperLimitBaselineRiseMin": 200,
    "RadicalVerticalGap": 50, "RadicalExtraAscender": 40, "RadicalDisplayStyleVerticalGap": 148,
    "StackTopShiftUp": 444, "StackBottomShiftDown": 345, "OverbarVerticalGap": 111, "UnderbarVerticalGap": 111,
    # Chromium measures these shifts from the arrow's edge.
    "StretchStackTopShiftUp": 111, "StretchStackGapAboveMin": 111,
    "StretchStackBottomShiftDown": 166, "StretchStackGapBelowMin": 166,
}


def make_subset(characters: list[str], accented: list[str], source: Path) -> bytes:
    """The font at `source`, cut to `characters` and what its MATH table makes of them, as woff2.

    `accented` are strings of a letter and a combining mark. Characters that the font lacks are passed over.
    The same input gives the same bytes.
    """
    options = subset.Options(flavor="woff2", hinting=False, layout_features=[], recalc_timestamp=False,
                             drop_tables=["DSIG"], name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14])  # names and licence
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=map(ord, {*characters, *"".join(accented)}))
    output = io.BytesIO()
    with subset.load_font(source, options) as font:
        _use_script_primes(font)
        _widen_tilde(font)
        subsetter.subset(font)
        _add_small_root(font)
        for sign, limit in _WIDTHS.items():
            _narrow(font, sign, limit)
        _join_arrows(font)
        _move_as_tex(font)
        _add_accented(font, accented)
        subset.save_font(font, output, options)
    return output.getvalue()


def _glyphs(font: TTFont) -> dict[int, str]:
    """The glyph of each character."""
    return font.getBestCmap() or {}


def _use_script_primes(font: TTFont) -> None:
    forms = dict(_script_forms(font))
    for table in font["cmap"].tables:
        for prime in _PRIMES:
            if table.format != 14 and table.cmap.get(prime) in forms:
                table.cmap[prime] = forms[table.cmap[prime]]


def _widen_tilde(font: TTFont) -> None:
    """The wide forms of the combining tilde for the tilde that browsers stretch."""
    variants, cmap = font["MATH"].table.MathVariants, _glyphs(font)
    forms = dict(zip(variants.HorizGlyphCoverage.glyphs, variants.HorizGlyphConstruction))
    forms[cmap[_TILDE]] = copy.deepcopy(forms[cmap[0x303]])
    forms[cmap[_TILDE]].MathGlyphVariantRecord[0].VariantGlyph = cmap[_TILDE]
    variants.HorizGlyphCoverage.glyphs = sorted(forms, key=font.getGlyphID)
    variants.HorizGlyphConstruction = [forms[glyph] for glyph in variants.HorizGlyphCoverage.glyphs]
    variants.HorizGlyphCount = len(forms)


def _script_forms(font: TTFont) -> Iterator[tuple[str, str]]:
    """Each glyph that the feature `ssty` replaces, and its form for superscripts."""
    layout = font["GSUB"].table
    for record in layout.FeatureList.FeatureRecord:
        if record.FeatureTag == "ssty":
            for index in record.Feature.LookupListIndex:
                for table in layout.LookupList.Lookup[index].SubTable:
                    alternates = getattr(table, "ExtSubTable", table).alternates
                    yield from ((glyph, forms[0]) for glyph, forms in alternates.items())


def _add_small_root(font: TTFont) -> None:
    """A root of its own for what is no higher than a letter; the font's small one becomes the next size."""
    sign = _glyphs(font)[_RADICAL]
    construction, plain = _tall_forms(font)[sign], f"{sign}.plain"
    font.setGlyphOrder([*font.getGlyphOrder(), plain])
    font["glyf"][plain], font["hmtx"][plain] = copy.deepcopy(font["glyf"][sign]), font["hmtx"][sign]
    construction.MathGlyphVariantRecord[0].VariantGlyph = plain
    small = copy.deepcopy(construction.MathGlyphVariantRecord[0])
    small.VariantGlyph, small.AdvanceMeasurement = sign, round(small.AdvanceMeasurement * _ROOTS[0])
    construction.MathGlyphVariantRecord.insert(0, small)
    for glyph, height in zip((sign, plain), _ROOTS):
        _scale(font, glyph, 1, height)


def _tall_forms(font: TTFont) -> dict:
    """How each glyph that grows upwards does so."""
    variants = font["MATH"].table.MathVariants
    return dict(zip(variants.VertGlyphCoverage.glyphs, variants.VertGlyphConstruction))


def _narrow(font: TTFont, sign: str, limit: int) -> None:
    construction = _tall_forms(font).get(_glyphs(font).get(ord(sign)))
    if construction is None:
        return
    signs = [record.VariantGlyph for record in construction.MathGlyphVariantRecord]
    parts = [record.glyph for record in construction.GlyphAssembly.PartRecords] if construction.GlyphAssembly else []
    widths = {glyph: font["hmtx"][glyph][0] for glyph in (*signs, *parts)}
    # The parts of one sign are scaled alike, so that their strokes meet.
    widths.update(dict.fromkeys(parts, max((widths[part] for part in parts), default=0)))
    for glyph, width in widths.items():
        if width > limit:
            _scale(font, glyph, limit / width, 1)


def _scale(font: TTFont, glyph: str, across: float, up: float) -> None:
    outline = font["glyf"][glyph]
    outline.coordinates.scale((across, up))
    outline.coordinates.toInt()
    outline.recalcBounds(font["glyf"])
    font["hmtx"][glyph] = (round(font["hmtx"][glyph][0] * across), outline.xMin)


def _join_arrows(font: TTFont) -> None:
    """The last part of an arrow to the right says that it joins at its tip; so browsers leave the arrow short."""
    for construction in font["MATH"].table.MathVariants.HorizGlyphConstruction:
        last = construction.GlyphAssembly.PartRecords[-1] if construction.GlyphAssembly else None
        if last and not last.StartConnectorLength:
            last.StartConnectorLength, last.EndConnectorLength = last.EndConnectorLength, 0


def _move_as_tex(font: TTFont) -> None:
    math = font["MATH"].table
    for name, value in _CONSTANTS.items():
        getattr(math.MathConstants, name).Value = value
    corrections = math.MathGlyphInfo.MathItalicsCorrectionInfo
    integrals = {_glyphs(font).get(ord(sign)) for sign in _INTEGRALS}
    for glyph, correction in zip(corrections.Coverage.glyphs, corrections.ItalicsCorrection):
        if glyph.partition(".")[0] in integrals:
            correction.Value = 0


def _add_accented(font: TTFont, accented: list[str]) -> None:
    """One glyph for each letter with its mark, and the rule that puts it in their place."""
    rules = []
    cmap = _glyphs(font)
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
    centre = {glyph: place[glyph].Value if glyph in place else font["hmtx"][glyph][0] // 2 for glyph in (letter, mark)}
    rise = max(0, font["glyf"][letter].yMax - math.MathConstants.AccentBaseHeight.Value)
    pen = TTGlyphPen(font["glyf"].glyphs)
    pen.addComponent(letter, (1, 0, 0, 1, 0, 0))
    pen.addComponent(mark, (1, 0, 0, 1, centre[letter] - centre[mark], rise))
    glyph = pen.glyph()
    glyph.recalcBounds(font["glyf"])
    return glyph
