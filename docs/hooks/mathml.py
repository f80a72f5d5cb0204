"""Formulas: LaTeX in the page becomes MathML when the page is built.

`pymdownx.arithmatex` (generic) finds the formulas and leaves `<span class="arithmatex">\\(…\\)</span>` and
`<div class="arithmatex">\\[…\\]</div>`; a tree processor sets them. A formula that cannot be set raises BookError.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString
from math_core import LatexError, LatexToMathML

from . import references
from .context import Label, PageContext
from .errors import BookError
from .latex import FormulaError, explain, formula_line, refuse_unsuitable, stray_dollar_line, take_label
from .mathletters import fuse_accents
from .mathlines import attach_punctuation

# After inline patterns and blocks (20, 19.99), before the table of contents and MkDocs read the tree (5).
_PRIORITY = 15
_NO_TEXT = {"code", "pre", "script", "style"}
_FORMULA = {"en": "Formula", "zh": "公式"}


def to_mathml(latex: str, display: bool) -> str:
    """One `<math>` element. FormulaError when the LaTeX cannot be set; `\\label` is not allowed here."""
    refuse_unsuitable(latex)
    try:
        mathml = LatexToMathML(fancy_error=False).convert_with_local_state(latex, displaystyle=display)
    except LatexError as error:
        raise explain(str(error)) from None
    return fuse_accents(mathml.replace("&ApplyFunction;", "\u2061"))


class Formulas(Treeprocessor):
    """Sets the formulas of one page. The MathML goes to the stash, where nothing escapes, indents or edits it."""

    def __init__(self, md: markdown.Markdown, context: PageContext):
        super().__init__(md)
        self.context = context

    def run(self, root: Element) -> None:
        seen: Counter[str] = Counter()
        for element in root.iter():
            if element.get("class") != "arithmatex" or not element.text:
                continue
            display = element.text.startswith("\\[")
            latex = element.text[2:-2].strip()
            latex = html.unescape(latex) if display else latex  # arithmatex escapes display formulas only
            try:
                self._set(element, latex, display)
            except FormulaError as error:
                raise self._explained(error, latex, display, seen[latex]) from error
            seen[latex] += 1
        self._refuse_stray_dollar(root)
        attach_punctuation(root, "math")

    def _set(self, element: Element, latex: str, display: bool) -> None:
        latex, name = take_label(latex)
        if name is not None and not display:
            raise FormulaError("only a display formula can be numbered", "write it between $$ and $$")
        if name is not None and name not in self.context.labels:
            raise FormulaError(f"the label {name!r} was not collected from this file")
        label = None if name is None else self.context.labels[name]
        mathml = to_mathml(latex, display)
        markup = self._equation(mathml, label) if display else mathml
        element.set("class", "equation" if display else "math")
        if label is not None:
            element.set("id", label.anchor)  # in the tree, so that MkDocs knows the anchor
        element.text = self.md.htmlStash.store(markup)

    def _equation(self, mathml: str, label: Label | None) -> str:
        """The box that scrolls, reachable by keyboard and so named, and the number beside it."""
        name = _FORMULA.get(self.context.language, _FORMULA["en"])
        if label is None:
            return f'<div class="equation-body" role="group" aria-label="{name}" tabindex="0">{mathml}</div>'
        return (
            f'<div class="equation-body" role="group" aria-label="{name} ({label.number})" tabindex="0">{mathml}</div>'
            f'<a class="equation-number" href="#{label.anchor}">({label.number})</a>'
        )

    def _explained(self, error: FormulaError, latex: str, display: bool, occurrence: int) -> BookError:
        mark = "$$" if display else "$"
        hint = f"\n  hint: {error.hint}" if error.hint else ""
        return BookError(
            f"formula cannot be set: {error.reason}\n  {mark}{latex}{mark}{hint}",
            path=self.context.path,
            line=formula_line(self.context.source, latex, occurrence, error.offset),
        )

    def _refuse_stray_dollar(self, root: Element) -> None:
        for text in _prose(root):
            if "$" in text:
                raise BookError(
                    f"a dollar that opens or closes no formula, near {' '.join(text.split())[:60]!r}; "
                    "write \\$ for the sign; $ touches its formula, without a space; $$ … $$ has blank lines around it",
                    path=self.context.path,
                    line=stray_dollar_line(self.context.source),
                )


def _prose(element: Element) -> Iterator[str]:
    """Text below `element` that inline patterns have read, code left out."""
    if element.tag not in _NO_TEXT and not isinstance(element.text, AtomicString):
        yield element.text or ""
    for child in element:
        if child.tag not in _NO_TEXT:
            yield from _prose(child)
        yield child.tail or ""


def extend(md: markdown.Markdown, context: PageContext) -> None:
    """Register formulas and `\\eqref` on one Markdown instance that has pymdownx.arithmatex (generic)."""
    md.treeprocessors.register(Formulas(md, context), "formulas", _PRIORITY)
    references.extend(md, context)
