"""One formula: LaTeX in, MathML out."""

from __future__ import annotations

import re

from math_core import LatexError, LatexToMathML

from .latex import explain, refuse_unsuitable
from .mathletters import fuse_accents
from .mathstyle import style_classes

_CIRCLED = re.compile("<mo([^>]*)>([⊙⊕⊗])</mo>")  # Firefox enlarges them in a display formula


def to_mathml(latex: str, display: bool) -> str:
    """One `<math>` element. FormulaError when the LaTeX cannot be set; `\\label` is not allowed here."""
    refuse_unsuitable(latex)
    try:
        mathml = LatexToMathML(fancy_error=False).convert_with_local_state(latex, displaystyle=display)
    except LatexError as error:
        raise explain(str(error)) from None
    mathml = mathml.replace("&ApplyFunction;", "\u2061")
    mathml = mathml.replace("\ufe00", "").replace("\ufe01", "")  # the font has one form of script letters
    return fuse_accents(style_classes(_CIRCLED.sub(r'<mo\1 largeop="false">\2</mo>', mathml)))
