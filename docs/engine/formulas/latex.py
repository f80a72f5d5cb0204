"""What the book's LaTeX may hold, why a formula is refused, and where in the page it stands."""

from __future__ import annotations

import re

from ..source.labels import LABEL
from .portable import COMMAND, NOT_PORTABLE

# Commands that math-core takes, or half takes, but that a page must not use: (pattern, reason, hint).
_REFUSED = [
    (
        re.compile(r"(?<!\\)(?:\\\\)*(%)"),
        "a bare % begins a comment, and the rest of the line would be lost",
        r"write \% for the sign",
    ),
    (
        re.compile(r"\\(?:textcolor|color|colorbox|fcolorbox|definecolor)(?![A-Za-z])"),
        "colours of formulas do not follow the page's light and dark scheme",
        r"say it in words, or with \underbrace{…}_{…}",
    ),
    (
        re.compile(r"\\begin\s*\{(?:align|alignat|equation|eqnarray|flalign|gather|multline)\*?\}"),
        "this environment sets its own numbers and width",
        r"write \begin{aligned} or \begin{gathered} between $$ and $$, and \label{name} for a number",
    ),
    (re.compile(r"\\tag\b"), r"\tag is not used: equations number themselves", r"write \label{name}"),
    (
        re.compile(r"\\(?:eqref|ref)\b"),
        "a reference cannot stand inside a formula",
        r"write \eqref{name} in the prose, outside the dollars",
    ),
    (re.compile(r"\\(?:new|renew|provide)command\b|\\def\b"), "macros are not used", "write the formula out"),
    (
        re.compile(r"\\(?:[bx]?cancel|boxed)\b"),
        "strokes and boxes are not drawn by every browser",
        "say it in the prose, or show the two sides of the step",
    ),
    (
        re.compile(r"\\\\\s*\[\s*-?[\d.]+\s*[a-z]{2}\s*\]|\\begin\s*\{\w+\}\s*\[[tbc]\]"),
        "the option in square brackets would be printed as it stands",
        "leave it out",
    ),
]
_HINTS = [
    ('"split"', r"write \begin{aligned}"),
    ('"smallmatrix"', r"write \begin{pmatrix}"),
    ("Math mode within text", r"close \text{…} before the formula goes on"),
    ('"&"', r"a column needs an environment such as aligned, cases or pmatrix"),
    ("text mode", r"write the sign in math, outside \text{…}"),
    ("nknown", "mind the spelling; math-core knows LaTeX and amsmath, not every package"),
]


class FormulaError(ValueError):
    """A formula that cannot be set: the reason, where in the LaTeX (characters), what to do."""

    def __init__(self, reason: str, hint: str = "", offset: int = 0):
        super().__init__(reason)
        self.reason, self.hint, self.offset = reason, hint, offset


def refuse_unsuitable(latex: str) -> None:
    """Raise FormulaError for LaTeX that would be set wrongly, or numbered by itself."""
    if not latex.strip():
        raise FormulaError("the formula is empty")
    for command in COMMAND.finditer(latex):
        if command[1] in NOT_PORTABLE:
            raise FormulaError(f"Jupyter or Colab does not know {command[0]}, and the page is a notebook too",
                               "write it in commands of LaTeX and amsmath, or as the sign itself", command.start())
    for pattern, reason, hint in _REFUSED:
        if match := pattern.search(latex):
            raise FormulaError(reason, hint, match.start(match.lastindex or 0))


def group_end(latex: str, start: int) -> int:
    """Where the group that opens at `start` has closed; the end of the formula if it does not."""
    depth = 0
    for brace in re.finditer(r"\\.|[{}]", latex[start:], re.DOTALL):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if depth == 0 and brace[0] == "}":
            return start + brace.end()
    return len(latex)


def explain(message: str) -> FormulaError:
    """Turn math-core's "12: reason" into a FormulaError with a hint."""
    offset, _, reason = message.partition(": ")
    hint = next((hint for sign, hint in _HINTS if sign in reason), "check braces and command names")
    return FormulaError(reason, hint, int(offset))


def take_label(latex: str) -> tuple[str, str | None]:
    """The formula with its label blanked, so that offsets stay, and the label's name."""
    labels = list(LABEL.finditer(latex))
    if not labels:
        return latex, None
    if len(labels) > 1:
        raise FormulaError("two labels in one formula", r"keep one \label{…}", labels[1].start())
    label = labels[0]
    return latex[: label.start()] + " " * len(label[0]) + latex[label.end() :], label[1]
