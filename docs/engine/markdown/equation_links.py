"""`\\eqref{name}` in prose: a link to the numbered equation, on this page or another."""

from __future__ import annotations

import difflib
import re

import markdown
from markdown.inlinepatterns import InlineProcessor

from ..source.errors import BookError
from ..source.labels import Label
from ..source.scan import scan
from .context import PageContext

# After code spans (190) and formulas (189.9), before backslash escapes (180).
_PRIORITY = 185


class EquationReference(InlineProcessor):
    """Sets `\\eqref`; the same commands where they mean nothing are errors."""

    def __init__(self, md: markdown.Markdown, context: PageContext):
        super().__init__(r"\\(eqref|ref|label|tag)\{([^{}]*)\}", md)
        self.context = context

    def handleMatch(self, match: re.Match[str], data: str) -> tuple[str, int, int]:
        command, name = match.groups()
        if command != "eqref":
            hint = r"write \eqref{name}" if command == "ref" else "it belongs inside $$ … $$"
            raise self._error(match[0], rf"\{command} means nothing in prose; {hint}")
        if name not in self.context.labels:
            near = _nearest(name, self.context)
            raise self._error(match[0], rf"\eqref{{{name}}} refers to no equation; {near}")
        # Stashed, not an element: MkDocs would warn of a link that names no Markdown file.
        return self.md.htmlStash.store(self._link(self.context.labels[name])), match.start(), match.end()

    def _link(self, label: Label) -> str:
        href = f"{self.context.link(label.page)}#{label.anchor}"
        return f'<a class="eqref" href="{href}">({label.number})</a>'

    def _error(self, text: str, message: str) -> BookError:
        return BookError(message, path=self.context.path, line=scan(self.context.source).line_of(text))


def _nearest(name: str, context: PageContext) -> str:
    near = difflib.get_close_matches(name, context.labels, n=3, cutoff=0.5)
    if near:
        return f"nearest known: {', '.join(near)}"
    return "no label has a similar name" if context.labels else "the book has no numbered equation"


def extend(md: markdown.Markdown, context: PageContext) -> None:
    md.inlinePatterns.register(EquationReference(md, context), "equation-reference", _PRIORITY)
