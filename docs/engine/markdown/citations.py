"""`[@bridle1990]` in prose: a link to the work in the bibliography, as "Bridle 1990". Several: `[@one; @other]`."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement

import markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString

from ..reference.works import CITATION, PAGE, keys_of, label, unknown_work
from ..source.links import source_link
from ..source.prose import line_of
from .context import PageContext

_PRIORITY = 184  # after code spans and formulas, before links (160)


class Citations(InlineProcessor):
    def __init__(self, md: markdown.Markdown, context: PageContext) -> None:
        super().__init__(CITATION.pattern, md)
        self.context = context

    def handleMatch(self, match: re.Match[str], data: str) -> tuple[Element, int, int]:  # noqa: N802
        works = self.context.reference.data["bibliography"]
        element = Element("span", {"class": "citation"})
        link = None
        for key in keys_of(match):
            if key not in works:
                raise unknown_work(key, self.context.path, line_of(self.context.source, match[0]), works)
            if link is not None:
                link.tail = "；" if self.context.language == "zh" else "; "
            link = SubElement(element, "a", {"href": f"{source_link(self.context.page, PAGE)}#{key}"})
            link.text = AtomicString(label(works[key], self.context.language))
        return element, match.start(), match.end()


def extend(md: markdown.Markdown, context: PageContext) -> None:
    if context.reference is not None:
        md.inlinePatterns.register(Citations(md, context), "citations", _PRIORITY)
