"""Formulas: LaTeX in the page becomes MathML when the page is built.

`pymdownx.arithmatex` (generic) finds the formulas and leaves `<span class="arithmatex">\\(…\\)</span>`
and `<div class="arithmatex">\\[…\\]</div>`; a tree processor sets them. A formula that cannot be set raises
BookError.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import markdown
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from ..formulas.latex import FormulaError, take_label
from ..formulas.latex_mathml import to_mathml
from ..reference.page_symbols import normal
from ..source.errors import BookError
from ..source.labels import Label
from ..source.misread import refuse_misread, stray_dollar_line
from ..source.scan import scan
from .context import OfPage, PageContext
from .formula_html import SPOKEN, attach_punctuation, equation_html
from .references import EquationReference
from .render import text_of

_NO_TEXT = {"code", "pre", "script", "style"}
_LONG = 30  # characters of an inline formula, about 300 px


def extend(md: markdown.Markdown, context: PageContext) -> None:
    """Register formulas and `\\eqref` on one Markdown instance that has pymdownx.arithmatex (generic)."""
    # After the cells (29), whose faults are said first.
    md.preprocessors.register(Refusals(md, context), "refusals", 27)
    # After code spans (190) and formulas (189.9), before backslash escapes (180).
    md.inlinePatterns.register(EquationReference(md, context), "equation-reference", 185)
    # After inline patterns and blocks (20, 19.99), before the table of contents and MkDocs read the tree (5).
    md.treeprocessors.register(Formulas(md, context), "formulas", 15)


class Refusals(OfPage, Preprocessor):
    """What must not come out as it stands is refused before Markdown reads it, which for some of it would never end."""

    def run(self, lines: list[str]) -> list[str]:
        if (symbols := self.context.page_symbols) and symbols.errors:
            raise symbols.errors[0]  # under `mkdocs serve`: the page shows it
        refuse_misread(self.context.source, self.context.path)
        return lines


class Formulas(OfPage, Treeprocessor):
    """Sets the formulas of one page. The MathML goes to the stash, where nothing escapes or indents it."""

    def run(self, root: Element) -> None:
        seen: Counter[str] = Counter()
        self.copies: Counter[str] = Counter()  # of display formulas, labels aside
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
        attach_punctuation(root)

    def _set(self, element: Element, latex: str, display: bool) -> None:
        latex, label = self._take_label(latex, display)
        mathml = to_mathml(latex, display)
        if display:
            element.set("class", "equation")
            key, uses = normal(latex), ()
            if symbols := self.context.page_symbols:
                uses = symbols.of_formula(key, self.copies[key])
            self.copies[key] += 1
            mathml = equation_html(mathml, label, uses, self.context)
        elif len(text_of(mathml)) > _LONG:  # perhaps wider than a phone's column; no line breaks in it
            element.set("class", "math math-long")
            element.attrib.update({"role": "group", "aria-label": SPOKEN[self.context.language]})
        else:
            element.set("class", "math")
        if label is not None:
            element.set("id", label.anchor)  # in the tree, so that MkDocs knows the anchor
        element.text = self.md.htmlStash.store(mathml)

    def _take_label(self, latex: str, display: bool) -> tuple[str, Label | None]:
        latex, name = take_label(latex)
        if name is None:
            return latex, None
        if not display:
            raise FormulaError("only a display formula can be numbered", "write it between $$ and $$")
        if name not in self.context.labels:
            raise FormulaError(f"the label {name!r} is not among the labels collected before the build")
        return latex, self.context.labels[name]

    def _explained(self, error: FormulaError, latex: str, display: bool, occurrence: int) -> BookError:
        mark = "$$" if display else "$"
        hint = f"\n  hint: {error.hint}" if error.hint else ""
        place = " ".join(latex[error.offset :].split())[:40]
        place = f"\n  at: {place or 'its end'}" if error.offset else ""
        line = formula_line(self.context.source, latex, occurrence, error.offset)
        return BookError(f"formula cannot be set: {error.reason}\n  {mark}{latex}{mark}{place}{hint}",
                         path=self.context.path, line=line)

    def _refuse_stray_dollar(self, root: Element) -> None:
        for text in _prose(root):
            if "$" in text:
                raise BookError(
                    f"a dollar that opens or closes no formula, near {' '.join(text.split())[:60]!r}\n  hint: write "
                    "\\$ for the sign; $ touches its formula, without a space; $$ … $$ has blank lines around it",
                    path=self.context.path, line=stray_dollar_line(self.context.source))


def formula_line(source: str, latex: str, occurrence: int = 0, offset: int = 0) -> int | None:
    """Line of the file on which character `offset` of the formula's `occurrence`-th copy (from 0) stands; None if the
    page has no such formula, as one that is written from the data files."""
    found = [formula for formula in scan(source).formulas if formula.latex.split() == latex.split()]
    if not found:
        return None
    formula = found[min(occurrence, len(found) - 1)]
    above = len(formula.latex) - len(formula.latex.lstrip())
    return formula.line + formula.latex.count("\n", 0, above) + latex.strip().count("\n", 0, offset)


def _prose(element: Element) -> Iterator[str]:
    """Text below `element` that inline patterns have read, code left out."""
    if element.tag not in _NO_TEXT and not isinstance(element.text, AtomicString):
        yield element.text or ""
    for child in element:
        if child.tag not in _NO_TEXT:
            yield from _prose(child)
        yield child.tail or ""
