"""Formulas in matplotlib's SVG text: from a place for every letter to running text.

matplotlib puts each glyph of a label such as `$\\hat{y} = w x$` where its own font would have it. The page draws
the label in another, narrower font, so the letters would stand apart and accents beside their letters.
"""

from __future__ import annotations

import unicodedata
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from itertools import pairwise

from .svgtree import short

_RELATIONS = set("=≠≡≈∼∝<>≤≥≪≫∈→←↦+−±×⋅∘")  # set with a thin space on both sides between operands
_OPENING = set("([{|⟨/,")
_FIXED = set("√∑∏∫")  # stand with a bar or with limits, so they keep their places
_THIN = "\u2009"
_MARK_CENTRE = 0.25  # a combining mark of DejaVu Sans is drawn this many em left of its origin


@dataclass
class _Glyph:
    x: float
    y: float
    size: float
    text: str
    style: tuple[tuple[str, str], ...]  # attributes other than the place

    def joins(self, other: _Glyph) -> bool:
        """Whether `other` may follow this glyph in one span."""
        return (self.y, self.style) == (other.y, other.style) and not {self.text, other.text} & _FIXED


def set_text(root: ET.Element) -> None:
    """Rewrite every <text> of `root` that holds single glyphs in <tspan> elements."""
    for parent in root.iter("g"):
        texts = [child for child in parent if child.tag == "text" and len(child)]
        for text in texts:
            glyphs = _fuse_accents([_glyph(span) for span in text])
            fixed = parent.find("rect") is not None or parent.find("path") is not None  # bars, large signs
            text[:] = _runs(glyphs) if fixed or not _is_linear(glyphs) else _flow(glyphs)


def _glyph(span: ET.Element) -> _Glyph:
    rest = {name: value for name, value in span.attrib.items() if name not in ("x", "y")}
    if rest.get("font-style") in ("oblique", "italic"):
        rest["class"] = "var"  # a variable: the page sets it as in its formulas, in a serif that looks smaller
        rest["font-size"] = f"{float(rest['font-size']) * 1.12:.3g}"
        del rest["font-style"]
    x, y, size = (float(span.attrib[name]) for name in ("x", "y", "font-size"))
    return _Glyph(x, y, size, (span.text or "").replace("\xa0", " "), tuple(sorted(rest.items())))


def _fuse_accents(glyphs: list[_Glyph]) -> list[_Glyph]:
    """One letter with its accent for each combining mark, in the order of their places."""
    marks = [g for g in glyphs if unicodedata.combining(g.text)]
    letters = sorted((g for g in glyphs if not unicodedata.combining(g.text)), key=lambda g: (g.x, g.y))
    for mark in marks:
        centre = mark.x - _MARK_CENTRE * mark.size
        bases = [g for g in letters if g.size == mark.size and g.x <= centre]
        if bases:
            bases[-1].text = unicodedata.normalize("NFC", bases[-1].text + mark.text)
    return letters


def _is_linear(glyphs: list[_Glyph]) -> bool:
    """Whether each glyph stands to the right of the one before, none above another."""
    return all(b.x - a.x > 0.2 * min(a.size, b.size) for a, b in pairwise(glyphs))


def _flow(glyphs: list[_Glyph]) -> list[ET.Element]:
    """Spans that follow one another in whatever font; a change of baseline is a shift."""
    spans, y = [], 0.0
    for run in _split(glyphs):
        spans.append(_span(run, dy=run[0].y - y))
        y = run[0].y
    return spans


def _runs(glyphs: list[_Glyph]) -> list[ET.Element]:
    """Spans that keep their places, for fractions and scripts above one another."""
    by_line = sorted(glyphs, key=lambda g: (g.y, g.x))
    return [_span(run, x=run[0].x, y=run[0].y) for run in _split(by_line, gap=1.2)]


def _split(glyphs: list[_Glyph], gap: float = float("inf")) -> list[list[_Glyph]]:
    """Cut `glyphs` where baseline or style changes, or where more than `gap` em lie between two."""
    runs: list[list[_Glyph]] = []
    last = None
    for glyph in glyphs:
        if last is not None and last.joins(glyph) and glyph.x - last.x <= gap * glyph.size:
            runs[-1].append(glyph)
        else:
            runs.append([glyph])
        _space(last, glyph)
        last = glyph
    return runs


def _space(last: _Glyph | None, glyph: _Glyph) -> None:
    """Put the thin spaces that matplotlib expressed by places alone: around operators, after names like "log"."""
    if last is None or last.text.endswith((" ", _THIN)) or glyph.text == " ":
        return
    before = last.text[-1]
    if glyph.text in _RELATIONS and before not in _OPENING | _RELATIONS and glyph.size >= last.size:
        glyph.text = f"{_THIN}{glyph.text}{_THIN}"  # a smaller one begins an exponent: a sign, not an operator
    elif _is_variable(glyph) and not _is_variable(last) and glyph.y == last.y and before.isascii() and before.isalpha():
        glyph.text = _THIN + glyph.text


def _is_variable(glyph: _Glyph) -> bool:
    return ("class", "var") in glyph.style


def _span(run: list[_Glyph], **place: float) -> ET.Element:
    moved = {name: short(value) for name, value in place.items() if value or name == "x"}
    span = ET.Element("tspan", moved | dict(run[0].style))
    span.text = "".join(glyph.text for glyph in run)
    return span
