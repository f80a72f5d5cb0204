"""The first use of a term on a page leads to the glossary, and shows its definition (assets/symbols.js)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from ..formulas.latex import FormulaError
from ..formulas.latex_mathml import to_mathml
from ..reference.records import Entry, Term
from ..reference.works import PAGE as BIBLIOGRAPHY
from ..source.inline import LINK, with_formulas
from ..source.links import source_link
from .context import PageContext
from .render import text_of

PAGE = "glossary"
_SKIPPED = {"a", "button", "code", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "script", "style", "summary"}
_LATIN = re.compile(r"[A-Za-zÀ-ÿ]")


class Glossary:
    """The terms of one language, found in running text."""

    def __init__(self, entries: Mapping[str, Entry[Term]], language: str) -> None:
        self.spellings: dict[str, Entry[Term]] = {}
        for entry in entries.values():
            for spelling in (entry.values[language], *(entry.values.forms.get(language) or ())):
                self.spellings[spelling.lower()] = entry
        longest_first = sorted(self.spellings, key=len, reverse=True)
        words = "|".join(_pattern(spelling) for spelling in longest_first if _LATIN.match(spelling))
        others = "|".join(_pattern(spelling) for spelling in longest_first if not _LATIN.match(spelling))
        self.pattern = re.compile(rf"(?<![\w-])(?:{words or '(?!)'})|(?:{others or '(?!)'})")

    def find(self, text: str) -> Iterator[tuple[re.Match[str], Entry]]:
        """Each use of a term, the longest term at each place. (A pattern that ignores case takes ten times as long.)"""
        for match in self.pattern.finditer(text.lower()):
            spelling = match[0]
            known = (spelling, spelling.removesuffix("s"), spelling.removesuffix("es"), spelling[:-3] + "y")
            yield match, next(self.spellings[form] for form in known if form in self.spellings)


def _pattern(spelling: str) -> str:
    """A word of letters ends where the term ends, or with its plural; Chinese has no spaces between words."""
    if not _LATIN.match(spelling[-1]):
        return re.escape(spelling)
    plural = "(?:s|es)?" if _LATIN.match(spelling) else ""
    if plural and spelling.endswith("y"):
        spelling, plural = spelling[:-1], "(?:y|ies)"
    return re.escape(spelling) + plural + r"(?![\w-])"


class Terms(Treeprocessor):
    def __init__(self, md: Markdown, context: PageContext) -> None:
        super().__init__(md)
        self.context = context
        self.glossary = Glossary(context.reference.data.glossary if context.reference else {}, context.language)
        self.seen: set[str] = set()

    def run(self, root: Element) -> None:
        if self.context.page not in (PAGE, BIBLIOGRAPHY):  # titles of works stay as they are
            self._visit(root)

    def _visit(self, element: Element) -> None:
        if element.tag in _SKIPPED or element.get("class") == "question":
            return
        children = list(element)
        self._link(element, None, element.text)
        for child in children:
            self._visit(child)
            self._link(element, child, child.tail)

    def _link(self, parent: Element, before: Element | None, text: str | None) -> None:
        """Links the terms of one run of text: the text of `parent`, or the tail of its child `before`."""
        if not text or isinstance(text, AtomicString):
            return
        uses = [(match, entry) for match, entry in self.glossary.find(text)
                if entry.id not in self.seen and not self.seen.add(entry.id)]
        if not uses:
            return
        starts = [match.start() for match, _ in uses] + [len(text)]
        if before is None:
            parent.text, index = text[: starts[0]], 0
        else:
            before.tail, index = text[: starts[0]], list(parent).index(before) + 1
        for offset, ((match, entry), end) in enumerate(zip(uses, starts[1:], strict=True)):
            link = Element("a", {"class": "term", "href": f"{source_link(self.context.page, PAGE)}#{entry.id}",
                                 "title": plain(entry.values.define[self.context.language])})
            link.text = AtomicString(text[match.start() : match.end()])
            link.tail = text[match.end() : end]
            parent.insert(index + offset, link)


def plain(text: str) -> str:
    """Markdown of one line as it is read: for a tooltip, which holds no markup."""
    text = LINK.sub("", with_formulas(text, _spoken))
    return re.sub(r"[\[\]`]|\*\*", "", text)


def _spoken(latex: str) -> str:
    try:
        return text_of(to_mathml(latex, display=False))
    except FormulaError:
        return latex
