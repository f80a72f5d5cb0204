"""One formula: LaTeX in, MathML out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from math_core import LatexError, LatexToMathML

from .latex import FormulaError, explain, group_end, refuse_unsuitable
from .mathfont import fuse_accents
from .mathshape import MARKS, shape

# What math-core does not know, or sets otherwise than LaTeX, in words that it knows. A colour marks what is to be
# changed in the MathML (`mathshape`); authors' own colours are refused.
MACROS = {
    **dict.fromkeys(("boldsymbol", "bm", "pmb"), rf"\textcolor{{{MARKS['bold']}}}{{#1}}"),
    "limsop": rf"\textcolor{{{MARKS['limits']}}}{{#1}}",  # \mathop{…}\limits
    "autoop": rf"\textcolor{{{MARKS['display limits']}}}{{#1}}",  # \mathop{…}
    "substack": r"\begin{subarray}{c}#1\end{subarray}",
    "mbox": r"\text{#1}",
    "cfrac": r"\dfrac{\mathstrut #1}{#2}",
    "colon": r"\mspace{2mu}{:}\mspace{6mu}",
}
_STARRED = re.compile(r"\\(?!(?:operatorname|[hv]space|mathop|tag)\*)([A-Za-z]+)(?=\*)")
_OPERATOR = re.compile(r"\\mathop(?![A-Za-z])\s*(?=\{)")
_LIMITS = re.compile(r"\s*(\\(no)?limits)(?![A-Za-z])")
_TEXT = re.compile(r"\\(?:mbox|text(?:rm|bf|it|sf|tt)?)\s*(?=\{)")
_SPACED_SIGN = re.compile(r"(\\[&%$#_])(?= )")  # math-core takes the space for the end of a command
_CIRCLED = re.compile("<mo([^>]*)>([⊙⊕⊗])</mo>")  # Firefox enlarges them in a display formula

# The site's content security policy forbids inline style. What math-core writes on the cells of a table, beside a bar,
# and for `\!`; assets/math.css has one rule for each class.
CLASSES = {
    "text-align: left": "math-left",
    "text-align: right": "math-right",
    "padding-left: 0": "math-tight-left",
    "padding-right: 0": "math-tight-right",
    "padding-left: 1em": "math-apart",
    "padding-top: 0": "math-tight-top",
    "padding-bottom: 0": "math-tight-bottom",
    "padding-left: 0.1667em": "math-space-left",
    "padding-right: 0.1667em": "math-space-right",
    "border-left: 0.05em solid currentcolor": "math-ruled-left",
    "border-right: 0.05em solid currentcolor": "math-ruled-right",
    "border-top: 0.05em solid currentcolor": "math-ruled-top",
    "border-bottom: 0.05em solid currentcolor": "math-ruled-bottom",
    "margin-left: -0.16666667em": "math-back",
    "margin-left: -0.22222222em": "math-back-medium",
    "margin-left: -0.2777778em": "math-back-thick",
}
_SAME = ("justify-items: start", "justify-items: end")  # said with text-align, and so are the rules of the classes


def to_mathml(latex: str, display: bool) -> str:
    """One `<math>` element. FormulaError when the LaTeX cannot be set; `\\label` is not allowed here."""
    refuse_unsuitable(latex)
    text, places = _in_known_words(latex)
    # Unreliable, for math-core, is \widetilde: the font of the book has the wide forms.
    converter = LatexToMathML(fancy_error=False, macros=MACROS, allow_unreliable_rendering=True)
    try:
        mathml = converter.convert_with_local_state(text, displaystyle=display)
    except LatexError as error:
        raise explain(str(error), places) from None
    mathml = mathml.replace("&ApplyFunction;", "\u2061")
    mathml = mathml.replace("\ufe00", "").replace("\ufe01", "")  # the font has one form of script letters
    root = ElementTree.fromstring(mathml)
    shape(root, display)
    mathml = ElementTree.tostring(root, encoding="unicode").replace(" />", "/>")
    return fuse_accents(style_classes(_CIRCLED.sub(r'<mo\1 largeop="false">\2</mo>', mathml)))


def _in_known_words(latex: str) -> tuple[str, list[int]]:
    """The formula as math-core understands it, and for each of its characters the place in `latex`."""
    edits = sorted(_edits(latex))
    text, places, end = "", [], 0
    for start, stop, new in edits:
        text += latex[end:start] + new
        places += [*range(end, start), *[start] * len(new)]
        end = stop
    return text + latex[end:], [*places, *range(end, len(latex) + 1)]


def _edits(latex: str) -> Iterator[tuple[int, int, str]]:
    """What is written otherwise: (start, end, new text), none within another."""
    for match in _STARRED.finditer(latex):
        yield match.end(), match.end(), " "
    for match in _OPERATOR.finditer(latex):
        limits = _LIMITS.match(latex, group_end(latex, match.end()))
        if limits is None or not limits[2]:
            yield match.start(), match.end(), r"\limsop" if limits else r"\autoop"
        if limits:
            yield *limits.span(1), " "
    for match in _TEXT.finditer(latex):
        end = group_end(latex, match.end())
        for sign in _SPACED_SIGN.finditer(latex, match.end(), end):
            yield sign.end(), sign.end(), "{}"
        dollars = [at.end() - 1 for at in re.finditer(r"(?<!\\)(?:\\\\)*\$", latex[:end]) if at.end() > match.end()]
        if dollars and len(dollars) % 2 == 0:
            yield match.start(), match.start(), "{"
            yield end, end, "}"
        for opens, closes in zip(dollars[::2], dollars[1::2]):
            yield opens, opens + 1, "}{"
            yield closes, closes + 1, f"}}{match[0].strip()}{{"


def style_classes(mathml: str) -> str:
    """`mathml` with its style attributes replaced by classes. FormulaError for a style that has no class."""
    return re.sub(r' style="([^"]*)"', lambda match: f' class="{" ".join(_classes(match[1]))}"', mathml)


def _classes(style: str) -> list[str]:
    said = [re.sub(r"\s*:\s*", ": ", declaration.strip()) for declaration in style.split(";") if declaration.strip()]
    if unknown := [declaration for declaration in said if declaration not in CLASSES and declaration not in _SAME]:
        raise FormulaError(f"it needs the inline style {unknown[0]!r}, which the content security policy forbids",
                           "write it without; or give the style a class in docs/engine/formulas/latex_mathml.py "
                           "and assets/math.css")
    return [CLASSES[declaration] for declaration in said if declaration in CLASSES]
