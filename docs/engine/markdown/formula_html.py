"""What stands around the MathML of a formula: the box and the number of an equation, below it a link for each of its
symbols, and the punctuation that touches a formula in a line."""

from __future__ import annotations

import functools
import re
from html import escape
from xml.etree.ElementTree import Element

from ..formulas.latex_mathml import to_mathml
from ..reference.page_symbols import Uses
from ..reference.pages import kind_of
from ..reference.words import WORDS
from ..source.inline import with_formulas
from ..source.labels import Label
from .context import PageContext

PAGE = "symbols"
SPOKEN = {"en": "Formula", "zh": "公式"}
_SCRIPTS = re.compile(r"<(?:msub|msup|munder|mover|mfrac|mtable)")
_CLOSING = re.compile(r"[-–,.;:!?%)\]}\"'’”»、。，．；：？！）】》〉」』〕…]+")
_OPENING = re.compile(r"[(\[{\"'‘“«（【《〈「『〔]+$")


def equation_html(mathml: str, label: Label | None, uses: Uses, context: PageContext) -> str:
    """What stands in the element of a display formula: the box that scrolls, its symbols and, with a label, the number.
    """
    number = link = ""
    if label is not None:
        number = f" ({label.number})"
        link = f'<a class="equation-number" href="#{label.anchor}" tabindex="-1">({label.number})</a>'
    # A box that scrolls is reached by keyboard (assets/book.js), and so is named.
    attributes = f'class="equation-body" role="group" aria-label="{SPOKEN[context.language]}{number}"'
    return f"<div {attributes}>{mathml}</div>{_tips(uses, context)}{link}"


def _tips(uses: Uses, context: PageContext) -> str:
    """For each symbol of a formula its name, kind and shape, as a link to its row of the symbol table.

    They are hidden until the formula is pointed at or the links are reached by keyboard; assets/symbols.js shows one at
    a time beside its symbol.
    """
    if not uses or context.reference is None:
        return ""
    target, links = context.link(PAGE), []
    for identifier, id_ in uses:
        row = context.reference.table.rows[id_]
        facts = [row.name(context.language), *kind_of(row, context.language), *([row.shape] if row.shape else [])]
        upright = " data-upright" if identifier.upright else ""  # which the script cannot read from the first word
        said = _inline(WORDS[context.language]["comma"].join(facts))
        links.append(f'<a href="{target}#{id_}"{upright}><b>{escape(identifier.text)}</b> {said}</a>')
    # Not in the search index: it would hold each name as often as there are formulas.
    return f'<p class="symbols" data-search-exclude>{" ".join(links)}</p>'


@functools.lru_cache(maxsize=512)
def _inline(markdown: str) -> str:
    """Text with formulas: as text where that says all, otherwise as MathML."""

    def set_formula(latex: str) -> str:
        mathml = to_mathml(latex, display=False)
        return mathml if _SCRIPTS.search(mathml) else re.sub(r",(?=\w)", ", ", re.sub(r"<[^>]*>", "", mathml))
    return with_formulas(escape(markdown, quote=False), set_formula)


def attach_punctuation(root: Element) -> None:
    """Moves punctuation that touches an inline formula (class "math …") into its unbreakable element, and lets lines
    break elsewhere.

    Chromium and WebKit break a line between a formula and the comma behind it; Firefox breaks nowhere in a row of
    formulas that only Chinese commas part.
    """
    for parent in list(root.iter()):
        before: Element | None = None
        for child in list(parent):
            if _is_formula(child):
                child.text = _take_opening(parent, before) + (child.text or "") + _take_closing(child)
                if before is not None and _is_formula(before) and not before.tail:
                    parent.insert(list(parent).index(child), Element("wbr"))
            before = child


def _is_formula(element: Element) -> bool:
    return (element.get("class") or "").startswith("math")


def _take_opening(parent: Element, before: Element | None) -> str:
    text = (parent.text if before is None else before.tail) or ""
    match = _OPENING.search(text)
    if match is None:
        return ""
    if before is None:
        parent.text = text[: match.start()]
    else:
        before.tail = text[: match.start()]
    return match[0]


def _take_closing(element: Element) -> str:
    match = _CLOSING.match(element.tail or "")
    if match is None:
        return ""
    element.tail = match.string[match.end() :]
    return match[0]
