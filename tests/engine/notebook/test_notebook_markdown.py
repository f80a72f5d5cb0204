r"""The book's Markdown made plain: links, equations, citations, directives, attributes, what stays as it is."""

from __future__ import annotations

import pytest

from book_engine.notebook.plain import Context, address, literal, plain
from book_engine.source.labels import Label

BASE = "https://example.org/book/en/"
LABELS = {"mae": Label("mae", "loss", "3.2", "docs/en/loss.md", 9),
          "gd": Label("gd", "gradient", "4.1", "docs/en/gradient.md", 1)}
HERE = Context("loss", BASE, LABELS, "; ", {"bridle1990": "Bridle 1990", "huber1964": "Huber 1964"},
               {"::: rebuilds": "Rebuilds [S0-07](sources.md#s0-07)."})


@pytest.mark.parametrize(("text", "expected"), [
    ("[a](gradient.md#step)", f"[a]({BASE}gradient/#step)"),
    ("[a](gradient.md)", f"[a]({BASE}gradient/)"),
    ("[a](#ex-1)", f"[a]({BASE}loss/#ex-1)"),
    ("[a](index.md)", f"[a]({BASE})"),
    ("[a](index.md#x)", f"[a]({BASE}#x)"),
    ('[a](gradient.md "title")', f"[a]({BASE}gradient/)"),
    ("[a](../assets/logo.svg)", "[a](https://example.org/book/assets/logo.svg)"),
    ("[**a** $x$ `c`](gradient.md)", f"[**a** $x$ `c`]({BASE}gradient/)"),
    ("[a](https://x.org/a_b)", "[a](https://x.org/a_b)"),
    ("[a](mailto:a@b.c)", "[a](mailto:a@b.c)"),
    ("`[a](gradient.md)`", "`[a](gradient.md)`"),
    ("see [1, 2] (or not)", "see [1, 2] (or not)"),
])
def test_links(text, expected):
    assert plain(text, HERE) == expected


def test_links_from_a_page_in_a_folder():
    inside = Context("labs/digits", BASE, LABELS)
    assert address("../loss.md#mae", inside) == f"{BASE}loss/#mae"
    assert address("index.md", inside) == f"{BASE}labs/"
    assert plain(r"\eqref{mae} [@a]", inside) == f"[(3.2)]({BASE}loss/#eq-mae) [a]({BASE}bibliography/#a)"


def test_without_an_address_links_keep_their_text():
    nowhere = Context("loss", None, LABELS)
    assert plain(r"[a **b**](gradient.md), \eqref{gd}, [@k], [x](https://x.org)", nowhere) == (
        "a **b**, (4.1), k, [x](https://x.org)")


def test_equations():
    assert plain(r"$$ a = b \label{mae} $$", HERE) == r"$$ a = b \tag{3.2} $$"
    assert plain("$$\na\n\\label{mae}\n$$", HERE) == "$$\na\n\\tag{3.2}\n$$"
    assert plain(r"by \eqref{mae} and \eqref{gd}", HERE) == f"by (3.2) and [(4.1)]({BASE}gradient/#eq-gd)"
    assert plain(r"`\eqref{mae}`", HERE) == r"`\eqref{mae}`"


def test_citations():
    assert plain("[@bridle1990] and [@bridle1990; @huber1964]", HERE) == (
        f"[Bridle 1990]({BASE}bibliography/#bridle1990) and [Bridle 1990]({BASE}bibliography/#bridle1990); "
        f"[Huber 1964]({BASE}bibliography/#huber1964)")


def test_directives():
    """A line that stands for Markdown of the page; one that nobody gave is left out."""
    assert plain("a\n\n::: rebuilds\n\nb", HERE) == f"a\n\nRebuilds [S0-07]({BASE}sources/#s0-07).\n\nb"
    assert plain("a\n\n::: questions S0\n\nb", HERE) == "a\n\nb"
    assert plain("a ::: b", HERE) == "a ::: b"


@pytest.mark.parametrize(("text", "expected"), [
    ("## The chain rule {#chain-rule}", "## The chain rule"),
    ("## A $x$ {#a .b}", "## A $x$"),
    ("word{: .big } x", "word x"),
    ("word{ .small } x", "word x"),
    ("the set {1, 2}", "the set {1, 2}"),
    ("$\\{#a\\}$ `{#b}`", "$\\{#a\\}$ `{#b}`"),
])
def test_attributes(text, expected):
    assert plain(text, HERE) == expected


@pytest.mark.parametrize("text", [
    "`**。**a`", "``a ` **。**b``", "$a**b。**c$", "$$\na **。**b\n$$", "```text\n**。**a {#b}\n```", "~~~\n::\n~~~",
    "| a | `b` |\n|---|---|\n| $c$ | d |", "a\\`b\\`", "* one\n* two $x$\n\n1. three",
])
def test_what_stays(text):
    assert plain(text, HERE) == text


@pytest.mark.parametrize(("text", "expected"), [
    (r"It costs \$5 and \$6 for $n=2$.", "It costs <span>&#36;</span>5 and <span>&#36;</span>6 for $n=2$."),
    (r"`\$5` and $\$5$", r"`\$5` and $\$5$"),
    (r"$\bm{x}$ and $$\argmax_x f$$", r"$\boldsymbol{x}$ and $$\operatorname*{arg\,max}_x f$$"),
    ("$$\n\\begin{aligned}\n[x*h](n) & = 1 \\\\\n & < 2\n\\end{aligned}\n$$",
     "$$\n\\begin{aligned}\n{}[x*h](n) & = 1 \\\\\n & < 2\n\\end{aligned}\n$$"),
    ("Term\n:   What it **is**.\n    More.\n\nNext $x$\n\n:   That.",
     "* **Term**: What it **is**.\n    More.\n\n* **Next $x$**: That."),
    ("a: b\nc : d", "a: b\nc : d"),
    ("$$\n\\text{when $*x$ and} *a*\n$$", "$$\n\\text{when $*x$ and} *a*\n$$"),
])
def test_what_jupyter_would_show_otherwise(text, expected):
    assert plain(text, HERE) == expected


def test_bold_that_commonmark_would_not_see():
    assert plain("* **同样的回合。**五个回合\n* **$x$** 是", HERE) == (
        "* <strong>同样的回合。</strong>五个回合\n* **$x$** 是")
    assert plain("的**$x$**是", HERE) == "的<strong>$x$</strong>是"


def test_comments_and_empty_lines_go():
    assert plain("\n\na <!-- x\ny -->b\n\n<!-- x\n\ny -->\n\n\nc\n", HERE) == "a b\n\nc"


@pytest.mark.parametrize(("text", "expected"), [
    ("1.25", "1.25"), ("[1.0, 2.0]", "[1.0, 2.0]"), ("a_b*c", r"a\_b\*c"), ("<x>", r"\<x>"),
    ("a|b", r"a\|b"), ("`c`", r"\`c\`"), ("a\\b", "a\\\\b"), ("−0.3 × 10⁸", "−0.3 × 10⁸"),
])
def test_literal(text, expected):
    assert literal(text) == expected
    assert plain(expected, HERE) == expected, "the conversion leaves it as it is"
