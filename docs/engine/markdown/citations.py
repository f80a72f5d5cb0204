"""`[@bridle1990]` in prose: a link to the work in the bibliography, as "Bridle 1990". Several: `[@one; @other]`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement

import markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString

from ..reference.entries import Entry
from ..reference.records import Work
from ..reference.works import CITATION, PAGE, keys_of, label, unknown_work
from ..source.files import source_link
from ..source.scan import scan
from .context import PageContext

_PRIORITY = 184  # after code spans and formulas, before links (160)


class Citations(InlineProcessor):
    def __init__(self, md: markdown.Markdown, context: PageContext, works: Mapping[str, Entry[Work]]) -> None:
        super().__init__(CITATION.pattern, md)
        self.context, self.works = context, works

    def handleMatch(self, match: re.Match[str], data: str) -> tuple[Element, int, int]:  # noqa: N802
        element = Element("span", {"class": "citation"})
        link = None
        for key in keys_of(match):
            if key not in self.works:
                raise unknown_work(key, self.context.path, scan(self.context.source).line_of(match[0]), self.works)
            if link is not None:
                link.tail = "；" if self.context.language == "zh" else "; "
            link = SubElement(element, "a", {"href": f"{source_link(self.context.page, PAGE)}#{key}"})
            link.text = AtomicString(label(self.works[key], self.context.language))
        return element, match.start(), match.end()


def extend(md: markdown.Markdown, context: PageContext) -> None:
    if context.reference is not None:
        citations = Citations(md, context, context.reference.data.bibliography)
        md.inlinePatterns.register(citations, "citations", _PRIORITY)
