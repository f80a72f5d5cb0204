"""LaTeX for notebooks: MathJax (Jupyter) and KaTeX (Colab) set it without an error."""

from __future__ import annotations

from pathlib import Path

import node
import pytest

from book_engine.formulas.latex import NOT_PORTABLE, PORTABLE, FormulaError, portable
from book_engine.formulas.latex_mathml import to_mathml

LINES = (Path(__file__).resolve().parents[2] / "formulas.txt").read_text("utf-8").split("\n")
CORPUS = [(line.strip("$"), line.startswith("$$")) for line in LINES if line.startswith("$")]


@pytest.mark.parametrize(("latex", "said"), [
    (r"\bm{x}", r"\boldsymbol{x}"), (r"\argmax_x f", r"\operatorname*{arg\,max}_x f"), (r"\R^n", r"\mathbb{R}^n"),
    (r"\llbracket n\rrbracket", r"{[\![} n{]\!]}"), (r"\mbox{if }x", r"\text{if }x"),
    (r"\Rho\rarr x", r"\mathrm{P}\rightarrow x"),
    (r"\\bm", r"\\bm"), (r"\bmod", r"\bmod"), (r"\dag\pi", r"\dagger\pi"), (r"a\medspace b", r"a\: b"),
    ("\\begin{aligned}\n[x*h](n) & = 1 \\\\\n [y] & < 2\n\\end{aligned}",
     "\\begin{aligned}\n{}[x*h](n) & = 1 \\\\\n {}[y] & < 2\n\\end{aligned}"),
])
def test_portable(latex, said):
    assert portable(latex) == said
    assert portable(said) == said


@pytest.mark.parametrize("name", sorted(NOT_PORTABLE))
def test_what_a_notebook_could_not_show_is_refused(name):
    with pytest.raises(FormulaError, match="Jupyter"):
        to_mathml(rf"x \{name} y", True)


@pytest.mark.parametrize("tool", ["katex", "mathjax"])
def test_notebooks_can_set_what_the_page_can(tool):
    arguments = {r"\boldsymbol", r"\mathbf", r"\text", r"\operatorname*"}
    words = [(said + "{a}" * (said in arguments), True) for said in PORTABLE.values()]
    formulas = words + [(portable(latex), display) for latex, display in CORPUS]
    assert [latex for (latex, _), made in zip(formulas, node.set_by(tool, formulas)) if made.startswith("ERROR")] == []
