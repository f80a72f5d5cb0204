"""engine/mkdocs/polish.py and engine/formulas/latex_mathml.py: what is mended in pages and in formulas."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from book_engine.formulas.latex import FormulaError
from book_engine.formulas.latex_mathml import CLASSES, style_classes
from book_engine.markdown.formulas import to_mathml
from book_engine.mkdocs.polish import chinese_marked, numbered, polish, unbroken

MATH_CSS = (Path(__file__).parents[3] / "docs/assets/math.css").read_text("utf-8")


@pytest.mark.parametrize(("html", "mended"), [
    ('<label for="a" tabindex="">', '<label for="a">'),
    ('<input class="a" type="checkbox" id="b" autocomplete="off">', '<input class="a" type="checkbox" id="b">'),
    ('<input type="text" autocomplete="off">', '<input type="text" autocomplete="off">'),
    ('<div class="md-search" role="dialog"><i></i><input name="q" aria-label="搜索">',
     '<div class="md-search" role="dialog" aria-label="搜索"><i></i><input name="q" aria-label="搜索">'),
    ('<th></th><th>x</th><th style="a"></th>', '<td></td><th>x</th><td style="a"></td>'),
    ("a<br />b<wbr/>c<hr />", "a<br>b<wbr>c<hr>"),
    ('<a href="x" tabindex="0">', '<a href="x" tabindex="0">'),
])
def test_polish(html: str, mended: str) -> None:
    assert polish(html) == mended
    assert polish(mended) == mended


@pytest.mark.parametrize("latex", [
    r"\begin{aligned}a&=b\\c&=d\end{aligned}", r"\begin{cases}1&x\\2&y\end{cases}",
    r"\begin{array}{lr}1&2\end{array}", r"\begin{array}{c|c}1&2\\\hline 3&4\end{array}",
    r"\begin{pmatrix}1&2\end{pmatrix}", r"x\!y"])
def test_formulas_have_classes_for_styles(latex: str) -> None:
    mathml = to_mathml(latex, display=True)
    assert " style=" not in mathml
    for name in re.findall(r'class="([^"]+)"', mathml):
        assert all(f".{one} {{" in MATH_CSS for one in name.split())


def test_each_class_has_a_rule_that_says_its_declaration() -> None:
    for declaration, name in CLASSES.items():
        rule = re.search(rf"\.{name} {{ (.*?) }}", MATH_CSS)[1]
        assert declaration.removesuffix(" currentcolor") in rule


def test_a_style_without_a_class_is_an_error() -> None:
    with pytest.raises(FormulaError, match="colours of formulas"):
        to_mathml(r"\color{red}x", display=True)
    with pytest.raises(FormulaError):
        style_classes('<mtd style="width: 50%">')


def test_aligned_columns_meet_at_the_sign() -> None:
    first, second = re.findall(r'<mtd class="([^"]*)"', to_mathml(r"\begin{aligned}a&=b\end{aligned}", display=True))
    assert (first, second) == ("math-right math-tight-right", "math-left math-tight-left")


def test_the_first_heading_bears_the_number():
    assert numbered('<h1 id="a">A</h1><h1>B</h1>', 4) == (
        '<h1 id="a"><span class="chapter-number">4</span> A</h1><h1>B</h1>')


def test_a_name_does_not_break_at_its_hyphen():
    assert unbroken("Hung-yi Lee, one-hot") == "Hung\u2011yi Lee, one-hot"


@pytest.mark.parametrize(("html", "marked"), [
    ("<p>the 高斯梯度法, once</p>", '<p>the <span lang="zh">高斯梯度法</span>, once</p>'),
    ("<p>a 强化学习（笔记）b</p>", '<p>a <span lang="zh">强化学习（笔记</span>）b</p>'),
    ('<p><span lang="zh">都</span> <code>都</code></p>', None), ("<svg><text>都</text></svg>", None),
    ('<p title="都">a<br>b</p>', None), ("<p>plain</p>", None),
    ("<code>x</code> 都", '<code>x</code> <span lang="zh">都</span>')])
def test_chinese_words_bear_their_language(html: str, marked: str | None):
    assert chinese_marked(html) == (marked or html)
