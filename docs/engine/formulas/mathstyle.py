"""Style attributes in MathML become classes: the site's content security policy forbids inline style."""

from __future__ import annotations

import re

from .latex import FormulaError

# What math-core writes on the cells of a table, beside a bar, and for `\!`; assets/math.css has one rule for
# each class.
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
_STYLE = re.compile(r' style="([^"]*)"')


def style_classes(mathml: str) -> str:
    """`mathml` with its style attributes replaced by classes. FormulaError for a style that has no class."""
    return _STYLE.sub(lambda match: f' class="{" ".join(_classes(match[1]))}"', mathml)


def _classes(style: str) -> list[str]:
    said = [re.sub(r"\s*:\s*", ": ", declaration.strip()) for declaration in style.split(";") if declaration.strip()]
    if unknown := [declaration for declaration in said if declaration not in CLASSES and declaration not in _SAME]:
        raise FormulaError(f"it needs the inline style {unknown[0]!r}, which the content security policy forbids",
                           "write it without; or give the style a class in docs/engine/formulas/mathstyle.py "
                           "and assets/math.css")
    return [CLASSES[declaration] for declaration in said if declaration in CLASSES]
