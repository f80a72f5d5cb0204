"""What the book's LaTeX may hold, why a formula is refused, and where in it the reason stands; what of it is written
otherwise for Jupyter (MathJax) and Colab (KaTeX), so that they set it as the page does. Pure: LaTeX in, LaTeX out.

math-core knows words that those two do not: the common ones are written otherwise in a notebook, the others are refused
on the page (`NOT_PORTABLE`), for a chapter is a notebook too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..source.labels import LABEL

PORTABLE = {
    "bm": r"\boldsymbol", "symbf": r"\boldsymbol", "bold": r"\mathbf", "mbox": r"\text",
    "argmax": r"\operatorname*{arg\,max}", "argmin": r"\operatorname*{arg\,min}", "plim": r"\operatorname*{plim}",
    "operatornamewithlimits": r"\operatorname*",
    **dict.fromkeys(("R", "real", "reals", "Reals"), r"\mathbb{R}"), **dict.fromkeys(("N", "natnums"), r"\mathbb{N}"),
    "Z": r"\mathbb{Z}", **dict.fromkeys(("Complex", "cnums"), r"\mathbb{C}"),
    "llbracket": r"{[\![}", "rrbracket": r"{]\!]}",
    "medspace": r"\:", "thickspace": r"\;", "dag": r"\dagger", "ddag": r"\ddagger", "Dagger": r"\ddagger",
    "lq": "`", "rq": "'", "relax": "{}", "empty": r"\emptyset", "infin": r"\infty", "isin": r"\in", "exist": r"\exists",
    "rarr": r"\rightarrow", "larr": r"\leftarrow", "rArr": r"\Rightarrow", "Rarr": r"\Rightarrow",
    "lArr": r"\Leftarrow", "Larr": r"\Leftarrow", "harr": r"\leftrightarrow", "plusmn": r"\pm", "sub": r"\subset",
    "sube": r"\subseteq", "supe": r"\supseteq", "lang": r"\langle", "rang": r"\rangle",
    **{name: rf"\mathrm{{{name[0]}}}" for name in (
        "Alpha", "Beta", "Epsilon", "Zeta", "Eta", "Iota", "Kappa", "Mu", "Nu", "Omicron", "Tau")},
    "Rho": r"\mathrm{P}", "Chi": r"\mathrm{X}",
}
_NAMES = (
    "Darr Harr Lrarr Overrightarrow P Uarr alef alefsym angl angln approxcolon approxcoloncolon arcctg arctg "
    "bigtimes bull ch clubs coloncolon coloncolonapprox coloncolonequals coloncolonminus coloncolonsim colonequals "
    "colonminus copyright cosec cotg ctg cth dArr darr diamonds emph equalscolon equalscoloncolon erf hArr hearts "
    "idotsint iiiint image imageof lBrace llparenthesis lrArr lrarr mathsterling minuscolon minuscoloncolon minuso "
    "notni oiiint oiint origof overbracket overgroup overleftharpoon overparen overrightharpoon phase pounds "
    "prescript rBrace ratio rrparenthesis sect sh simcolon simcoloncolon spades tg th thetasym uArr uarr underbar "
    "underbracket undergroup underparen utilde vcentcolon weierp widecheck "
)
NOT_PORTABLE = frozenset(_NAMES.split())
COMMAND = re.compile(r"\\(?:([A-Za-z]+)|.)", re.DOTALL)
# After these MathJax reads a bracket as an option, and drops it.
_BRACKET = re.compile(r"(\\\\|\\begin\{(?:aligned|gathered|split|subarray)\})(\s*)(?=\[)")

# What math-core takes, or half takes, but a page must not use: (pattern, reason, hint).
_REFUSED = [
    (r"(?<!\\)(?:\\\\)*(%)", "a bare % begins a comment, and the rest of the line would be lost",
     r"write \% for the sign"),
    (r"\\(?:textcolor|color|colorbox|fcolorbox|definecolor)(?![A-Za-z])",
     "colours of formulas do not follow the page's light and dark scheme",
     r"say it in words, or with \underbrace{…}_{…}"),
    (r"\\begin\s*\{(?:align|alignat|equation|eqnarray|flalign|gather|multline)\*?\}",
     "this environment sets its own numbers and width",
     r"write \begin{aligned} or \begin{gathered} between $$ and $$, and \label{name} for a number"),
    (r"\\tag\b", r"\tag is not used: equations number themselves", r"write \label{name}"),
    (r"\\(?:eqref|ref)\b", "a reference cannot stand inside a formula",
     r"write \eqref{name} in the prose, outside the dollars"),
    (r"\\(?:new|renew|provide)command\b|\\def\b", "macros are not used", "write the formula out"),
    (r"\\(?:[bx]?cancel|boxed)\b", "strokes and boxes are not drawn by every browser",
     "say it in the prose, or show the two sides of the step"),
    (r"\\\\\s*\[\s*-?[\d.]+\s*[a-z]{2}\s*\]|\\begin\s*\{\w+\}\s*\[[tbc]\]",
     "the option in square brackets would be printed as it stands", "leave it out"),
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
        if match := re.search(pattern, latex):
            raise FormulaError(reason, hint, match.start(match.lastindex or 0))


def group_end(latex: str, start: int) -> int:
    """Where the group that opens at `start` has closed; the end of the formula if it does not."""
    depth = 0
    for brace in re.finditer(r"\\.|[{}]", latex[start:], re.DOTALL):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if depth == 0 and brace[0] == "}":
            return start + brace.end()
    return len(latex)


def explain(message: str, places: Sequence[int]) -> FormulaError:
    """math-core's "12: reason" with a hint; `places` says where in the formula each character of its LaTeX stands."""
    offset, _, reason = message.partition(": ")
    hint = next((hint for sign, hint in _HINTS if sign in reason), "check braces and command names")
    return FormulaError(reason, hint, places[min(int(offset), len(places) - 1)])


def take_label(latex: str) -> tuple[str, str | None]:
    """The formula with its label blanked, so that offsets stay, and the label's name."""
    labels = list(LABEL.finditer(latex))
    if not labels:
        return latex, None
    if len(labels) > 1:
        raise FormulaError("two labels in one formula", r"keep one \label{…}", labels[1].start())
    label = labels[0]
    return latex[: label.start()] + " " * len(label[0]) + latex[label.end() :], label[1]


def portable(latex: str) -> str:
    """The formula in words that math-core, MathJax and KaTeX all know."""
    return _BRACKET.sub(r"\1\2{}", COMMAND.sub(_word, latex))


def _word(match: re.Match[str]) -> str:
    said = PORTABLE.get(match[1] or "")
    if said is None:
        return match[0]
    after = match.string[match.end() : match.end() + 1]
    return f"{said} " if said[-1].isalpha() and after.isalpha() else said
