"""The formulas of `formulas.txt` in Chromium, each beside KaTeX's: as wide, as high, with the same signs.

The two draw with other fonts, so widths may also differ as those of the letters do; and a formula of one
letter may differ by a seventh of an em. What differs by more is named below, with the reason.
"""

from __future__ import annotations

import io
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import browsing
import node
import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib.image import imread

from book_engine.formulas.latex import portable
from book_engine.formulas.latex_mathml import to_mathml
from book_engine.formulas.mathfont import math_characters, subset_math_font
from book_engine.run.cache import Cache

TESTS = Path(__file__).resolve().parents[1]
FORMULAS = [(line.strip("$"), line.startswith("$$")) for line in (TESTS / "formulas.txt").read_text("utf-8").split("\n")
            if line.startswith("$")]
EM, NEAR, SLACK, STRIP = 40, 0.1, 0.15, 2000
FONT = "the sign has another width in the font"
COVERS = "the brackets cover what they enclose, TeX's may leave a tenth of it out"
OTHER = {
    r"\mathop{\mathrm{arg\,max}}_{k} z_k": "LaTeX sets limits, KaTeX forgets them",
    r"\left[\begin{array}{cc} a & b \\ c & d \end{array}\right]": "as a matrix",
    r"\underbrace{a+b}_{n}": "the font has braces of few widths",
    r"\widetilde{xyz}": "the font has tildes of few widths",
    r"\binom{n}{k}": COVERS,
    r"\mathscr{F}\{f\}": FONT,
    r"\Biggl(\frac{\frac{a}{b}}{c}\Biggr)": FONT,
    r"\frac{\partial L}{\partial w} = \frac{\partial L}{\partial z}\frac{\partial z}{\partial w}": FONT,
    r"\mathbb{E}\left[\frac{1}{B}\sum_{i\in\mathcal{B}}\nabla L_i\right] = \nabla L": FONT,
    r"\sum_{i}\sum_{j} a_{ij}": FONT,
}
SIGNS = """() => [...document.querySelectorAll(".box")].map(box => {
  const range = document.createRange(), texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  let width = 0;
  while (texts.nextNode()) {
    const text = texts.currentNode.data;
    for (const found of text.matchAll(/./gsu)) {
      if (/^[\\p{Lu}\\p{Ll}\\p{Lo}\\p{N}∞]/u.test(found[0].normalize("NFKD"))) {
        const end = found.index + found[0].length;
        range.setStart(texts.currentNode, found.index);
        range.setEnd(texts.currentNode, end + (/^\\p{M}/u.test(text.slice(end)) ? 1 : 0));
        width += range.getBoundingClientRect().width;
      }
    }
  }
  const {x, y, width: w, height: h} = box.getBoundingClientRect();
  return {letters: width, box: [x + scrollX, y + scrollY, w, h].map(Math.round)};
})"""


@dataclass(frozen=True)
class Drawn:
    width: float
    height: float
    letters: float  # how wide they are together


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> dict[str, tuple[Drawn, Drawn]]:
    """Each formula as the book draws it, and as KaTeX does."""
    folder = tmp_path_factory.mktemp("formulas")
    ours = [to_mathml(*formula) for formula in FORMULAS]
    theirs = node.set_by("katex", [(portable(latex), display) for latex, display in FORMULAS])
    subset_math_font(set().union(*map(math_characters, ours)), folder / "fonts/stix-two-math.woff2",
                     Cache(folder / "cache"))
    (folder / "math.css").write_bytes((TESTS.parent / "docs/assets/math.css").read_bytes())
    (folder / "katex").symlink_to(node.modules() / "katex/dist")
    boxes = "".join(f'<p><span class="box">{one}</span><span class="box">{other}</span></p>'
                    for one, other in zip(ours, theirs))
    (folder / "index.html").write_text(
        '<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="math.css">'
        '<link rel="stylesheet" href="katex/katex.css"><style>body { font: 12px serif; }'
        f'.box {{ display: inline-block; padding: {EM // 2}px; font-size: {EM}px; }} math {{ font-size: 1em; }}'
        ".katex { font-size: 1em; white-space: nowrap; } .katex-display { margin: 0; }</style>" + boxes, "utf-8")
    with browsing.served(folder) as address, browsing.launched() as browser:
        page = browser.new_page(viewport={"width": 1600, "height": STRIP})
        page.goto(address, wait_until="networkidle")
        page.screenshot()  # fonts are asked for when the page is laid out
        page.evaluate("document.fonts.ready")
        # Else some accents stay as wide as the first font had them.
        page.evaluate("document.body.replaceWith(document.body.cloneNode(true))")
        found, height = page.evaluate(SIGNS), page.evaluate("document.documentElement.scrollHeight")
        picture = np.concatenate([_dark(page, y) for y in range(0, height, STRIP)])
    pairs = [Drawn(*_ink(picture, *one["box"]), one["letters"]) for one in found]
    return {latex: (one, other) for (latex, _), one, other in zip(FORMULAS, pairs[::2], pairs[1::2])}


def _dark(page: browsing.Page, y: int) -> np.ndarray:
    """What is dark in a strip of the page; the last strip begins where the page cannot be moved any further."""
    top = page.evaluate("y => (scrollTo(0, y), scrollY)", y)
    return imread(io.BytesIO(page.screenshot()))[y - top :, :, :3].min(2) < 0.6


def _ink(picture: np.ndarray, x: int, y: int, width: int, height: int) -> tuple[int, int]:
    """Width and height of what is dark in a box of the page."""
    rows, columns = np.where(picture[y : y + height, x : x + width])
    return (int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1) if len(rows) else (0, 0)


def _off(ours: float, theirs: float) -> float:
    """By which part of it the one differs from the other."""
    return max(0, abs(ours - theirs) - SLACK * EM) / theirs


def test_there_are_formulas_enough():
    assert len(FORMULAS) == len(set(FORMULAS)) >= 300


def test_a_formula_is_as_large_as_katex_sets_it(drawn):
    wrong = {}
    for latex, (ours, theirs) in drawn.items():
        letters = (ours.letters / theirs.letters - 1) * min(theirs.letters, theirs.width) if theirs.letters else 0
        width = min(theirs.width, theirs.width + letters, key=lambda width: abs(width - ours.width))
        if max(_off(ours.width, width), _off(ours.height, theirs.height)) > NEAR:
            wrong[latex] = f"{ours.width}×{ours.height} px, not {width:.0f}×{theirs.height}"
    assert [f"{latex}: {said}" for latex, said in wrong.items() if latex not in OTHER] == []
    assert [latex for latex in OTHER if latex not in wrong] == [], "named as different, but alike"


def test_each_sign_is_in_the_font():
    from book_engine.formulas.mathfont import _font_file

    held = TTFont(_font_file()).getBestCmap()
    missing = {character for formula in FORMULAS for text in math_characters(to_mathml(*formula)) for character in text
               if ord(character) not in held and unicodedata.category(character) != "Cf"}
    assert missing == set()


def test_no_sign_is_lost():
    """Letters and digits of each formula are those of KaTeX's."""
    theirs = node.set_by("katex", [(portable(latex), display) for latex, display in FORMULAS])
    differing = {latex for (latex, display), other in zip(FORMULAS, theirs)
                 if _letters(to_mathml(latex, display)) != _letters(other)}
    assert differing == set()


def _letters(html: str) -> list[str]:
    text = unicodedata.normalize("NFKD", re.sub(r"<[^>]*>", "", html))
    text = text.translate({0x131: "i", 0x237: "j", 0x1d6a4: "i", 0x1d6a5: "j", 0x3f5: "ε", 0x2113: "l"})
    kinds = ("Lu", "Ll", "Lo", "Nd")
    return sorted(sign for sign in text if unicodedata.category(sign) in kinds or sign in "%&$∞∂∇∑∏∫")
