"""What in a page stands for something that is kept elsewhere: `\\eqref{name}` for the number of an equation,
`[@bridle1990]` for a work, a line `::: questions S0` for a part that is written from the data files."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.util import AtomicString

from ..reference.pages import Writer, directive_fault
from ..reference.works import CITATION, PAGE, keys_of, label, unknown_work
from ..source.errors import BookError, nearest
from ..source.links import source_link
from ..source.scan import DIRECTIVE, scan
from .context import OfPage, PageContext
from .render import failure_html


class EquationReference(InlineProcessor):
    """`\\eqref` becomes a link to the equation, on this page or another; the same commands where they mean nothing are
    errors."""

    def __init__(self, md: Markdown, context: PageContext) -> None:
        super().__init__(r"\\(eqref|ref|label|tag)\{([^{}]*)\}", md)
        self.context = context

    def handleMatch(self, match: re.Match[str], data: str) -> tuple[str, int, int]:  # noqa: N802
        context, (command, name) = self.context, match.groups()
        if command != "eqref":
            hint = r"write \eqref{name}" if command == "ref" else "it belongs inside $$ … $$"
            raise context.error(rf"\{command} means nothing in prose; {hint}", match[0])
        if name not in context.labels:
            raise context.error(rf"\eqref{{{name}}} refers to no equation. {nearest(name, context.labels)}", match[0])
        found = context.labels[name]
        link = f'<a class="eqref" href="{context.link(found.page)}#{found.anchor}">({found.number})</a>'
        # Stashed, not an element: MkDocs would warn of a link that names no Markdown file.
        return self.md.htmlStash.store(link), match.start(), match.end()


class Citations(InlineProcessor):
    """`[@one; @other]` becomes links to the works in the bibliography, as "Bridle 1990"."""

    def __init__(self, md: Markdown, context: PageContext) -> None:
        super().__init__(CITATION.pattern, md)
        self.context = context
        self.works = context.reference.data.bibliography if context.reference else {}

    def handleMatch(self, match: re.Match[str], data: str) -> tuple[Element, int, int]:  # noqa: N802
        context, element = self.context, Element("span", {"class": "citation"})
        between = "；" if context.language == "zh" else "; "
        for key in keys_of(match):
            if key not in self.works:
                raise unknown_work(key, context.path, scan(context.source).line_of(match[0]), self.works)
            link = SubElement(element, "a", {"href": f"{source_link(context.page, PAGE)}#{key}"})
            link.text, link.tail = AtomicString(label(self.works[key], context.language)), between
        element[-1].tail = None
        return element, match.start(), match.end()


class Directives(OfPage, Preprocessor):
    """Replaces each directive by its Markdown."""

    def run(self, lines: list[str]) -> list[str]:
        if not any(line.startswith(":::") for line in lines):
            return lines
        before, page = len(self.context.before(lines)), scan("\n".join(lines))
        found = {page.line_at(match.start()): match for match in DIRECTIVE.finditer(page.prose)}
        written: list[str] = []
        for number, line in enumerate(lines, 1):
            match = found.get(number)
            written += ["", *self._written(match, number + before), ""] if match else [line]
        return written

    def _written(self, directive: re.Match[str], line: int) -> list[str]:
        context, reference = self.context, self.context.reference
        name, argument = directive["name"], directive["argument"] or ""
        fault = directive_fault(name, argument)
        if reference and not fault:
            return Writer(reference, context.language, context.page).written(name, argument).split("\n")
        missing = f"'::: {name}' is written from docs/data: {context.data_error or 'there is no such folder'}"
        error = BookError(fault or missing, path=context.path, line=line)
        if not context.show_errors:
            raise error
        return [self.md.htmlStash.store(failure_html(str(error)))]
