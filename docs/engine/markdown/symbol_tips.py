"""Below a display formula, a link for each of its symbols: name, kind and shape, to its row of the symbol table.

They are hidden until the formula is pointed at or the links are reached by keyboard; assets/symbols.js shows one at a
time beside its symbol.
"""

from __future__ import annotations

import functools
import re
from html import escape

from ..formulas.identifiers import Identifier
from ..formulas.latex_mathml import to_mathml
from ..reference.page_symbols import Uses
from ..reference.pages import kind_of
from ..reference.symbols import Symbol
from ..reference.words import WORDS
from ..source.inline import with_formulas
from .context import PageContext

PAGE = "symbols"
_SCRIPTS = re.compile(r"<(?:msub|msup|munder|mover|mfrac|mtable)")


def tips_html(uses: Uses, context: PageContext) -> str:
    """The links of one formula; "" if none of its symbols is in the table."""
    if not uses or context.reference is None:
        return ""
    rows = context.reference.table.rows
    target = context.link(PAGE)
    links = " ".join(f'<a href="{target}#{row}"{_key(identifier)}>{_said(rows[row], identifier, context.language)}</a>'
                     for identifier, row in uses)
    # Not in the search index: it would hold each name as often as there are formulas.
    return f'<p class="symbols" data-search-exclude>{links}</p>'


def _key(identifier: Identifier) -> str:
    """What the script cannot read from the link's first word."""
    return " data-upright" if identifier.upright else ""


def _said(row: Symbol, identifier: Identifier, language: str) -> str:
    words = WORDS[language]
    facts = [row.name(language), *kind_of(row, language), *([row.shape] if row.shape else [])]
    return f"<b>{escape(identifier.text)}</b> {_inline(words['comma'].join(facts))}"


@functools.lru_cache(maxsize=512)
def _inline(markdown: str) -> str:
    """Text with formulas: as text where that says all, otherwise as MathML."""

    def set_formula(latex: str) -> str:
        mathml = to_mathml(latex, display=False)
        return mathml if _SCRIPTS.search(mathml) else re.sub(r",(?=\w)", ", ", re.sub(r"<[^>]*>", "", mathml))
    return with_formulas(escape(markdown, quote=False), set_formula)
