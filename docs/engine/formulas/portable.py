"""LaTeX that Jupyter (MathJax) and Colab (KaTeX) set as the page does. Pure: LaTeX in, LaTeX out.

math-core knows words that they do not: the common ones are written otherwise in a notebook, the others are refused on
the page (`NOT_PORTABLE`), for a chapter is a notebook too.
"""

from __future__ import annotations

import re

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


def portable(latex: str) -> str:
    """The formula in words that math-core, MathJax and KaTeX all know."""
    return _BRACKET.sub(r"\1\2{}", COMMAND.sub(_word, latex))


def _word(match: re.Match[str]) -> str:
    said = PORTABLE.get(match[1] or "")
    if said is None:
        return match[0]
    after = match.string[match.end() : match.end() + 1]
    return f"{said} " if said[-1].isalpha() and after.isalpha() else said
