"""What counts as an identifier of a formula, and where the formulas of a page stand."""

from __future__ import annotations

import pytest

from book_engine.formulas.identifiers import Identifier, identifiers, known_identifiers
from book_engine.source.scan import scan


@pytest.mark.parametrize("latex, found", [
    ("w_1 x + w_2 x", ["w", "x"]),
    (r"\hat{y} \ne y", ["𝑦̂", "y"]),
    (r"\mathbf{W}^{[l]}\mathbf{x}", ["𝐖", "l", "𝐱"]),
    (r"\bar{x}", ["𝑥̄"]),
    (r"d_{\text{in}}", ["d"]),
    (r"\ln p + \operatorname{KL}(q)", ["ln", "p", "KL", "q"]),
    (r"3 \times 0.5", ["×"]),
])
def test_identifiers_each_once_in_order(latex, found):
    signs = {"\u2061", "(", ")", "[", "]", "+", "="}
    assert [one.text for one in identifiers(latex) if one.text not in signs and one.text != "≠"] == found


def test_an_upright_letter_is_another_than_the_italic_one():
    derivative, italic = identifiers(r"\mathrm{d}"), identifiers("d")
    assert derivative == (Identifier("d", upright=True),) and italic == (Identifier("d"),)
    assert derivative[0].base == italic[0].base == "d"


@pytest.mark.parametrize("latex, is_name", [
    ("w", True), (r"\hat{\mathbf{y}}", True), (r"\operatorname{arg\,min}", True), (r"\mathbb{E}", True),
    (r"\top", False), (r"\partial", False), (r"\infty", False), (r"\sum", False), (r"\mathbf{0}", False),
])
def test_letters_and_names_must_be_known_signs_need_not(latex, is_name):
    assert identifiers(latex)[0].is_name is is_name


def test_decorated_letters_come_close_to_the_plain_one():
    assert {identifiers(latex)[0].base for latex in ("y", "Y", r"\hat{y}", r"\mathbf{Y}", r"\mathcal{Y}")} == {"y"}


def test_a_formula_that_cannot_be_set_has_no_identifiers_here():
    assert known_identifiers(r"\frac{1") == ()


def test_formulas_of_a_page_with_their_lines():
    source = ("---\na: $x$\n---\n# $a$ {#h}\n\n`$b$` and $c$, \\$5 and $d$\n\n"
              "$$\ne \\label{eq}\n$$\n\n```\n$f$\n```\n> $$g$$\n")
    assert [(one.latex.strip(), one.display, one.line) for one in scan(source).formulas] == [
        ("a", False, 4), ("c", False, 6), ("d", False, 6), (r"e \label{eq}", True, 8), ("g", True, 15)]
