"""Formulas on a page: MathML, numbers, references, and bad input with its place in the file."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import markdown
import pytest

from book_engine.formulas.latex import FormulaError
from book_engine.formulas.mathfont import italic
from book_engine.markdown import formulas as mathml
from book_engine.markdown.context import PageContext
from book_engine.markdown.formulas import formula_line, to_mathml
from book_engine.source.errors import BookError
from book_engine.source.labels import collect_labels
from book_engine.source.links import page_url
from book_engine.source.misread import stray_dollar_line
from book_engine.source.scan import scan

EXTENSIONS = [
    "attr_list",
    "footnotes",
    "tables",
    "toc",
    "pymdownx.arithmatex",
    "pymdownx.superfences",
    "pymdownx.blocks.admonition",
    "pymdownx.blocks.details",
]
OTHER = ("optimisers", 5, "docs/en/optimisers.md", r"$$ m \label{momentum} $$")


def convert(source: str, page: str = "loss", language: str = "en") -> str:
    """HTML of a page in chapter 2, in a book with one other numbered equation."""
    path = f"docs/{language}/{page}.md"
    md = markdown.Markdown(
        extensions=EXTENSIONS, extension_configs={"pymdownx.arithmatex": {"generic": True}}
    )
    labels = collect_labels([(page, 2, path, source), OTHER])
    mathml.extend(md, PageContext(path=path, source=source, page=page, language=language, labels=labels))
    return md.convert(source)


def failure(source: str) -> str:
    with pytest.raises(BookError) as caught:
        convert(source)
    return str(caught.value)


# -- conversion -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "latex",
    [
        r"L(w, b) = \frac{1}{N} \sum_{n=1}^{N} \left| y^{(n)} - \hat{y}^{(n)} \right|",
        r"\begin{cases} z & \text{若 } z > 0 \\ 0 & \text{否则} \end{cases}",
        r"\begin{aligned} a &= b \\ &= c \end{aligned}",
        r"\begin{bmatrix} a & \cdots \\ \vdots & \ddots \end{bmatrix} \begin{pmatrix} 1 \\ 2 \end{pmatrix}",
        r"\underset{\theta}{\operatorname{arg\,min}} L = \operatorname*{arg\,min}_{\theta} L",
        r"\nabla_{\boldsymbol{\theta}} \mathcal{L} \in \mathbb{R}^{d}, \quad \mathbf{W}^{[l]\top} \odot \sigma'(z)",
        r"\underbrace{\frac{\partial L}{\partial w}}_{\text{误差}} \cdot \lVert \mathbf{x} \rVert_2 \sqrt[3]{x}",
        r"\left.\frac{\partial f}{\partial x}\right|_{x=0} \mathbb{1}_{x>0} \binom{n}{k} \overline{x+y}",
    ],
)
@pytest.mark.parametrize("display", [True, False])
def test_the_book_s_latex_becomes_well_formed_mathml(latex, display):
    root = ElementTree.fromstring(to_mathml(latex, display))
    assert root.tag == "math"
    assert root.get("display") == ("block" if display else None)
    assert not root.findall(".//merror")
    assert "\\" not in "".join(root.itertext())


@pytest.mark.parametrize(
    ("latex", "drawn"),
    [
        (r"\hat{y}", "𝑦\u0302"),
        (r"\hat{h}", "ℎ\u0302"),
        (r"\mathbf{\hat{x}}", "𝐱\u0302"),
        (r"\hat{\boldsymbol{\theta}}", "𝜽\u0302"),
        (r"\bar{\theta}", "𝜃\u0304"),
        (r"\tilde{W}", "𝑊\u0303"),
        (r"\vec{v}", "𝑣\u20d7"),
        (r"\dot{x}", "𝑥\u0307"),
        (r"\ddot{x}", "𝑥\u0308"),
        (r"\widehat{y}", "𝑦\u0302"),
        (r"\overline{x}", "𝑥\u0305"),
        (r"\hat{i}", "𝚤\u0302"),
        (r"\hat{\Gamma}", "Γ\u0302"),
        (r"\hat{\mathrm{x}}", "x\u0302"),
        (r"\hat{\mathcal{L}}", "ℒ\u0302"),
    ],
)
def test_an_accent_over_one_letter_is_fused(latex, drawn):
    result = to_mathml(latex, False)
    assert (
        f"<mrow><mspace/><mi>{drawn}</mi></mrow>" in result
    )  # without <mspace> Firefox sets space around it
    assert "mover" not in result


def test_an_accent_over_a_digit_is_fused_and_one_over_more_is_left():
    assert to_mathml(r"\hat{1}", False) == "<math><mn>1\u0302</mn></math>"
    assert "<mover" in to_mathml(r"\widehat{xy}", False)
    assert "<mover" in to_mathml(r"\overline{x+y}", False)


def test_an_accented_letter_keeps_its_scripts():
    root = ElementTree.fromstring(to_mathml(r"\hat{y}_i^{(n)}", True))
    scripts = root.find("msubsup")
    assert len(scripts) == 3
    assert "".join(scripts[0].itertext()) == "𝑦\u0302"


def test_italic_letters():
    assert [italic(letter) for letter in "aZhαωΓ∂∇ϵıȷ"] == list("𝑎𝑍ℎ𝛼𝜔𝛤𝜕𝛻𝜖𝚤𝚥")
    assert [italic(letter) for letter in "1+⊤"] == ["1", "+", "⊤"]


def test_a_circled_operator_is_not_a_large_one():
    assert 'largeop="false">⊙</mo>' in to_mathml(r"a \odot b", True)


def test_no_entity_that_only_html_knows():
    assert "&ApplyFunction" not in to_mathml(r"\log x", False)
    assert "\u2061" in to_mathml(r"\log x", False)


# -- what comes out otherwise, of math-core or of browsers, unless it is mended --------------------------


@pytest.mark.parametrize(("latex", "drawn"), [
    (r"\boldsymbol{0}", "𝟎"), (r"\boldsymbol{1}", "𝟏"), (r"\boldsymbol{\ell}", "𝓵"), (r"\boldsymbol{\mathcal{L}}", "𝓛"),
    (r"\boldsymbol{\mathrm{x}}", "𝐱"), (r"\boldsymbol{\Gamma\nabla\partial h}", "𝚪𝛁𝝏𝒉"), (r"\bm\alpha", "𝜶"),
    (r"\pmb{\mathsf{x}}", "𝘅"), (r"\boldsymbol{\mathbf{x}}", "𝐱"),
])
def test_boldsymbol_is_bold(latex, drawn):
    assert "".join(ElementTree.fromstring(to_mathml(latex, False)).itertext()) == drawn


def test_what_has_no_bold_letter_is_made_bold_by_the_style_sheet():
    assert '<mo class="math-bold">+</mo>' in to_mathml(r"\boldsymbol{a+b}", False)


def stretchy(latex: str, display: bool = True) -> list[str | None]:
    signs = ElementTree.fromstring(to_mathml(latex, display)).iter("mo")
    return [sign.get("minsize") or sign.get("stretchy") for sign in signs if sign.text in set("()[]|{}")]


@pytest.mark.parametrize(("latex", "said"), [
    (r"f\left(x\right)", "false"), (r"\left[\mathbf{H}\right]_{i,j}", "false"), (r"\left|\hat{y}_i-y'\right|", "false"),
    (r"\left(\frac{1}{2}\right)", None), (r"\left(x^2\right)", None), (r"\left(\sum x\right)", None),
    (r"\left(\big|\right)", None),
])
def test_a_bracket_around_what_is_no_taller_does_not_stretch(latex, said):
    assert stretchy(latex)[0] == stretchy(latex)[-1] == said


def test_brackets_around_superscripts_with_brackets_are_those_of_tex():
    assert stretchy(r"\left(y^{(n)}\right)") == ["1.8em", "false", "false", "1.8em"]
    assert stretchy(r"\left(y^{(n)}\right)", display=False) == [None, "false", "false", None]
    assert stretchy(r"\Big(\bigg|\Bigg[") == ["1.8em", "2.4em", "3em"]


def test_a_large_bracket_that_bears_a_script_stands_in_a_row():
    result = to_mathml(r"\bigg|_{x=0} \big\}_{i=1}^{N}", True)
    assert "<msub><mrow><mo" in result and "<msubsup><mrow><mo" in result


@pytest.mark.parametrize("latex", [
    r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \\ \end{bmatrix}", r"\begin{aligned} a &= b \\ c &= d \\ \end{aligned}",
    r"\begin{cases} 1 & x \\ 0 & y \\ \end{cases}", r"\begin{array}{c|c} 1 & 2 \\ \hline 3 & 4 \\ \hline \end{array}",
])
def test_an_empty_last_row_is_left_out(latex):
    result = to_mathml(latex, True)
    assert result.count("<mtr>") == 2
    assert ("math-ruled-bottom" in result) == latex.endswith(r"\hline \end{array}")


def test_lines_stretch_over_what_they_cover():
    result = to_mathml(r"\underline{R} + \overline{ab} + \overline{x}", True)
    assert result.count('<mo stretchy="true">‾</mo>') == 2 and "𝑥\u0305" in result
    assert '<mo stretchy="true">˜</mo>' in to_mathml(r"\widetilde{xyz}", True)
    assert "𝑊\u0303" in to_mathml(r"\widetilde{W}", True)


def test_the_lower_limit_of_an_integral_is_drawn_back():
    assert '<mspace class="math-tuck"/><mi>A</mi>' in to_mathml(r"\int_A f", True)
    assert 'class="math-tuck-small"' in to_mathml(r"\int_0^1 f", False)
    assert 'class="math-tuck-small"' in to_mathml(r"\frac{\int_0^1 f}{2}", True)
    assert "math-tuck" not in to_mathml(r"\int\limits_0^1 f", True)


@pytest.mark.parametrize(("latex", "display", "tag"), [
    (r"\mathop{\min}\limits_G V", False, "munder"), (r"\mathop{\arg\min}\limits_\theta L", True, "munder"),
    (r"\mathop{\mathbb{E}}\limits_a^b x", True, "munderover"), (r"\mathop{X}_a", True, "munder"),
    (r"\mathop{X}_a", False, "msub"), (r"\frac{\mathop{X}_a}{2}", True, "msub"),
    (r"\mathop{X}\nolimits_a", True, "msub"),
    (r"\mathop{\sum\sum}\limits_{i,j} a", True, "munder"),
])
def test_mathop_bears_limits(latex, display, tag):
    root = ElementTree.fromstring(to_mathml(latex, display))
    assert [element.tag for element in root.iter() if element.tag.startswith(("mun", "msu"))] == [tag]
    assert "color" not in to_mathml(latex, display)


@pytest.mark.parametrize(("latex", "said"), [
    (r"x\mathop{\max}y", "𝑥max𝑦"), (r"2*\pi*r", "2∗π∗𝑟"), (r"x + \epsilon*y", "𝑥+ϵ∗𝑦"), (r"\cfrac{1}{2}", "12"),
    (r"\mbox{if }x", "if 𝑥"), (r"x\quad\text{when $y$ is large}", "𝑥when 𝑦 is large"), (r"\text{95\%}", "95%"),
    (r"\text{a \& b}", "a & b"), (r"\text{if $i = j$ and $k$}", "if 𝑖=𝑗 and 𝑘"), (r"\textbf{W}^\top", "𝐖⊤"),
    (r"\textit{rate}_{\textsf{a}}", "𝑟𝑎𝑡𝑒𝖺"), (r"\sum_{\substack{i<n \\ j<m}} x", "∑𝑖<𝑛𝑗<𝑚𝑥"),
])
def test_words_that_math_core_does_not_know(latex, said):
    root = ElementTree.fromstring(to_mathml(latex, True))
    for phantom in [parent for parent in root.iter("mpadded") if parent.find("mphantom") is not None]:
        phantom.clear()  # the strut of \cfrac
    drawn = "".join(italic(e.text) if e.tag == "mi" and len(e.text) == 1 and e.text.isascii() else e.text or ""
                    for e in root.iter())
    assert drawn.replace("\xa0", " ").replace("\u2061", "") == said


def test_an_arrow_is_as_long_as_its_label():
    root = ElementTree.fromstring(to_mathml(r"a \xrightarrow{\text{long}} b", True))
    assert root.find(".//mover/mo").get("stretchy") == "true" and len(root.findall(".//mover")) == 1


# -- the page -------------------------------------------------------------------------------------------


def test_a_paragraph_that_is_one_formula_stays_a_paragraph():
    assert convert("$x$") == '<p><span class="math"><math><mi>x</mi></math></span></p>'


def test_a_display_formula_may_hold_words_with_formulas():
    source = "a\n\n$$\nx^{-\\alpha}\\quad\\text{when $x$ is large}\n$$\n\nb $y$\n"
    assert convert(source).count("<math") == 2
    assert [formula.display for formula in scan(source).formulas] == [True, False]
    assert stray_dollar_line(source) is None


def test_comparison_signs_and_ampersands_survive():
    inline = convert("Let $a<b$ and $c>d$ & more.")
    assert "<mo>&lt;</mo>" in inline and "<mo>&gt;</mo>" in inline and "&amp; more" in inline
    display = convert("$$\n\\begin{aligned} a &< b \\\\ &> c \\end{aligned}\n$$")
    assert "<mtable" in display and ">&lt;</mo>" in display and "amp;" not in display


def test_emphasis_underscores_and_backslashes_do_not_touch_formulas():
    result = convert(r"*a* $x_i * y_j$ _b_ $\{a\}$")
    assert result.count("<em>") == 2
    assert "<mo>{</mo>" in result or ">{</mo>" in result


def test_dollars_in_code_and_escaped_dollars_are_text():
    result = convert("`$x$` costs \\$5.\n\n```text\n$y$ $$\n```\n\n    $indented$\n")
    assert "<math" not in result
    assert "<code>$x$</code>" in result and "$5" in result and "$y$ $$" in result and "$indented$" in result


def test_formulas_in_headings_tables_lists_blocks_and_footnotes():
    source = (
        (
            "# The loss $L$\n\n| a |\n|---|\n| $t$ |\n\n- item\n\n    $$\n    l\n    $$\n\n"
            "/// note | On $n$\n$$\nb\n$$\n\n//// details | More\n$d$\n////\n///\n\nSee[^1].\n\n[^1]: Foot $f$.\n"
        )
        .replace("/// note", "///// note")
        .replace("////\n///\n", "////\n/////\n")
    )
    result = convert(source)
    for letter in "Ltlnbdf":
        assert f"<mi>{letter}</mi></math>" in result, letter
    assert result.count('class="equation"') == 2
    assert "$" not in result and "arithmatex" not in result


def test_the_table_of_contents_names_a_formula_in_plain_text():
    md = markdown.Markdown(
        extensions=EXTENSIONS, extension_configs={"pymdownx.arithmatex": {"generic": True}}
    )
    mathml.extend(md, PageContext(source="## The loss $L$ {#loss}"))
    md.convert("## The loss $L$ {#loss}")
    assert [(token["id"], token["name"]) for token in md.toc_tokens] == [("loss", "The loss L")]


def test_punctuation_stays_with_its_formula():
    result = convert("预测（$a$），$b$、$c$。")
    spans = re.findall(r'<span class="math">(.*?)</span>', result)
    assert [re.sub(r"<[^>]*>", "", span) for span in spans] == ["（a），", "b、", "c。"]
    assert result.count("<wbr />") == 2  # a line may break between neighbours, also in Firefox
    assert "预测<span" in result
    assert '<span class="math"><math><mi>x</mi></math></span> text' in convert("The $x$ text.")


def test_a_long_inline_formula_scrolls_and_a_short_one_does_not():
    long = " + ".join(f"w_{i} x_{i}" for i in range(1, 8))
    assert '<span aria-label="Formula" class="math math-long" role="group"><math>' in convert(f"So ${long}$ it is.")
    assert 'role="group"' not in convert(r"So $\hat{y} = w x + b$ it is.")


def test_the_result_does_not_depend_on_what_was_converted_before():
    source = "$$\nx \\label{mae}\n$$\n\n\\eqref{mae} $\\hat{y}$\n"
    first = convert(source)
    convert("$$ a $$\n\n$$ b \\label{other} $$")
    assert convert(source) == first


# -- numbers and references -----------------------------------------------------------------------------


def test_a_labelled_formula_has_anchor_number_and_named_box():
    result = convert("$$\nx = 1\n\\label{mae}\n$$\n\n$$\ny\n$$\n\n$$\nz \\label{mse}\n$$\n")
    boxes = ElementTree.fromstring(f"<body>{result}</body>").findall("div")
    assert [box.get("id") for box in boxes] == ["eq-mae", None, "eq-mse"]
    assert [len(box.findall("a")) for box in boxes] == [1, 0, 1]
    numbers = [box.find("a") for box in boxes if box.get("id")]
    assert [(number.get("href"), number.text) for number in numbers] == [
        ("#eq-mae", "(2.1)"),
        ("#eq-mse", "(2.2)"),
    ]
    body = boxes[0].find("div")
    assert (body.get("class"), body.get("tabindex"), body.get("aria-label")) == ("equation-body", None, "Formula (2.1)")
    assert boxes[0].find("a").get("tabindex") == "-1"
    assert "label" not in "".join(boxes[0].itertext())


def test_the_box_is_named_in_the_page_s_language():
    assert 'aria-label="公式"' in convert("$$\nx\n$$", language="zh")


def test_references_to_this_page_and_to_another():
    result = convert("见式 \\eqref{mae} 与 \\eqref{momentum}。\n\n$$\nx \\label{mae}\n$$\n")
    assert '<a class="eqref" href="#eq-mae">(2.1)</a>' in result
    assert '<a class="eqref" href="../optimisers/#eq-momentum">(5.1)</a>' in result


def test_a_reference_in_code_is_text():
    assert "<code>\\eqref{nothing}</code>" in convert("`\\eqref{nothing}`")


@pytest.mark.parametrize(
    ("page", "target", "url"),
    [
        ("loss", "loss", ""),
        ("loss", "step", "../step/"),
        ("index", "loss", "loss/"),
        ("loss", "index", "../"),
        ("loss", "labs/index", "../labs/"),
        ("labs/one", "labs/index", "../"),
        ("labs/index", "labs/one", "one/"),
        ("labs/one", "loss", "../../loss/"),
        ("labs/one", "index", "../../"),
    ],
)
def test_urls_between_pages(page, target, url):
    assert page_url(page, target) == url


# -- bad input ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("Text\n\nand $\\foo x$ here", 3, [r"\foo", "Unknown command", "hint"]),
        (
            "---\ndescription: x\n---\n# H\n\n$$\na = b\n  + \\frac{c\n$$\n",
            8,
            ["Expected closing token", "hint"],
        ),
        ("`$\\foo$`\n\n```text\n$\\foo$\n```\n\n$\\foo$\n", 7, [r"\foo"]),
        ("- item\n\n    $$\n    a\n    \\foo\n    $$\n", 5, [r"\foo"]),
        ("> $$\n> a\n> + \\foo\n> $$\n", 3, [r"\foo"]),
        ("| a |\n|---|\n| $\\foo$ |\n", 3, [r"\foo"]),
        ("a\n\n$$\nx \\tag{1}\n$$\n", 4, [r"\tag", r"\label{name}"]),
        ("$$\n\\begin{align} a &= b \\end{align}\n$$\n", 2, ["aligned"]),
        ("a\n\n\\begin{equation}\nx\n\\end{equation}\n", 3, ["aligned"]),
        ("$\\eqref{mae}$\n", 1, ["inside a formula", "prose"]),
        ("$$\n\\begin{aligned} a \\\\[2pt] b \\end{aligned}\n$$\n", 2, ["square brackets"]),
        ("$$\n\\begin{aligned}[t] a \\end{aligned}\n$$\n", 2, ["square brackets"]),
        ("$\\boxed{x}$", 1, ["every browser"]),
        ("a\n\n正确率为$95%$", 3, ["% begins a comment", r"write \%"]),
        ("$$\na\n% note\nb\n$$", 3, ["% begins a comment"]),
        ("$\\text{95% of}$", 1, ["% begins a comment"]),
        ("$\\textcolor{red}{x}$", 1, ["colours"]),
        ("$x \\iiiint y$", 1, [r"\iiiint", "Jupyter"]),
        ("$a + b + \\foo x$", 1, [r"at: \foo x"]),
        ("$$\na +\nb + \\frac{c\n$$", 3, ["at: its end"]),
        ("$\\newcommand{\\f}{x} \\f$", 1, ["macros"]),
        ("a | b\n--|--\n$P(A|B)$ | c\n", 3, ["$P(A|B)$", "table", r"\mid"]),
        ("t\n\n| $|x|$ | b |\n|--|--|\n| a | c |\n", 3, ["$|x|$", "table", r"\lvert"]),
        ("a\n\n<div>\n$x$</div>\n", 4, ["$x$", "raw HTML", "<div>"]),
        ("a\n\n![the rate $\\eta$](x.png)\n", 3, [r"$\eta$", "aloud"]),
        ("a\n\nb <!-- c\n\nd -->\n", 3, ["comment", "shown"]),
        ("- a\n  - b\n- c\n", 2, ["list item indented by 2", "by 4"]),
        ("1. a\n   - b\n", 2, ["indented by 3"]),
        ("1. a\n\n   more\n", 3, ["text indented by 3"]),
        ("a\n\n/// note\nb\n\n## End\n", 3, ["'/// note' is not closed", "line ///"]),
        ("/// note\na\n\n/// details | b\nc\n///\n", 1, ["'/// note' is not closed", "fewer slashes"]),
        ("//// note\na\n///\n", 1, ["'//// note' is not closed"]),
        ("a\n\n///\n", 3, ["/// closes nothing"]),
        ("> /// note\n> b\n> ///\n/// note\nc\n///\n", 4, ["never comes to an end", "an empty line above"]),
        ("a $y$\n\nand $x=`{python} 4`$, $z$\n", 3, ["value of the code", "`{python} x`"]),
        ("$$\nx =\n`{python} 4`\n$$\n", 3, ["value of the code"]),
        ("a\n\n$x \\label{inline}$\n", 3, ["display"]),
        ("$$\nx \\label{a}\n+ y \\label{b}\n$$\n", 3, ["two labels"]),
        ("$\\text{若 $x$}$", 1, []),
        ("\n\nSee \\eqref{momentun}.\n", 3, ["momentun", "Did you mean 'momentum'"]),
        ("See \\eqref{zzz}.\n", 1, ["zzz", "Known: momentum."]),
        ("\nSee \\ref{momentum}.\n", 2, [r"\eqref{name}"]),
        ("\nHere \\tag{1} stands.\n", 2, [r"\tag"]),
        ("a\n\nthe cost is $5 today\n", 3, ["dollar", "cost is"]),
        ("`$` and $x$\n\nthen $ x $ spaced\n", 3, ["dollar"]),
        ("text\n\nnot alone $$x$$ here\n", 3, ["dollar", "blank lines"]),
        ("text right before\n$$\nx\n$$\n", 2, ["dollar", "blank lines"]),
        ("$$\ny\n$$\n\n$$\nx\n$$\ntext right after\n", 5, ["dollar", "blank lines"]),
        ("$x$ and **open $y**\n", 1, ["dollar"]),
    ],
)
def test_bad_input_names_file_line_and_reason(source, line, words):
    message = failure(source)
    assert message.startswith(f"docs/en/loss.md:{line}: "), message
    assert all(word in message for word in words), message


@pytest.mark.parametrize("source", [
    r"| a | b |" "\n|--|--|\n" r"| $\|x\|$, $P(A \mid B)$ | `a|b` |" "\n\n$|x|$ and $|y|$\n",
    "a <b>$x$</b>\n\n<div>\\$5</div>\n\n$x$\n", "`- a`\n\n```text\n- a\n  - b\n<div>$x$</div>\n```\n",
    "//// note\na\n\n/// details | b\nc\n///\n////\n\n```text\n///\n/// note\n```\n",
    "- a\n  goes on\n- c\n\n    more\n\n    - d\n\nb\n  c\n", "* a\n\ntext\n\n  - own list\n",
    "$a$是`{python} 1`，$b$是`{python} 2`。\n", "x = 3\n---\n\n- a\n",
])
def test_what_is_read_as_it_was_meant(source):
    convert(source)


def test_a_label_that_was_not_collected():
    md = markdown.Markdown(
        extensions=EXTENSIONS, extension_configs={"pymdownx.arithmatex": {"generic": True}}
    )
    mathml.extend(md, PageContext(path="a.md", source="$$\nx \\label{new}\n$$"))
    with pytest.raises(BookError, match="'new' is not among"):
        md.convert("$$\nx \\label{new}\n$$")


def test_of_two_equal_formulas_the_bad_one_is_named():
    source = "$$\nx \\label{a}\n$$\n\n$x \\label{a}$\n"  # a label is right in the first, wrong in the second
    labels = collect_labels([("loss", 2, "a.md", source.partition("$$\n\n")[0])])
    md = markdown.Markdown(
        extensions=EXTENSIONS, extension_configs={"pymdownx.arithmatex": {"generic": True}}
    )
    mathml.extend(md, PageContext(path="a.md", source=source, page="loss", labels=labels))
    with pytest.raises(BookError) as caught:
        md.convert(source)
    assert (caught.value.path, caught.value.line) == ("a.md", 5)


def test_a_bad_formula_inside_a_block_is_not_swallowed():
    assert failure("/// note | Title\ntext\n\n$$\n\\foo\n$$\n///\n").startswith("docs/en/loss.md:5: ")


def test_empty_formula():
    with pytest.raises(FormulaError, match="empty"):
        to_mathml("  ", True)


def test_the_line_of_a_repeated_formula():
    source = "$x$\n\n`$x$`\n\n$x$ and $y$\n\n$$\nx\n$$\n"
    assert [formula_line(source, "x", occurrence) for occurrence in range(3)] == [1, 5, 8]
    assert formula_line(source, "z") is None


def test_stray_dollars_are_told_from_formulas():
    assert stray_dollar_line("$x$ \\$5\n\n$$\ny\n$$\n\n`$`\n") is None
    assert stray_dollar_line("$x$\n\n5$\n") == 3
