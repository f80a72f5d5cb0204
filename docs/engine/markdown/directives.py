"""A line `::: questions S0` in a page: stands for a part that is written from the data files."""

from __future__ import annotations

from markdown import Markdown
from markdown.preprocessors import Preprocessor

from ..reference.pages import ARGUMENTS, DIRECTIVES, Writer
from ..source.errors import BookError, nearest
from ..source.scan import DIRECTIVE, scan
from .context import BookContext, PageContext
from .render import failure_html


class Directives(Preprocessor):
    """Replaces each directive by its Markdown. It runs after the cells, which count lines."""

    def __init__(self, md: Markdown, book: BookContext, context: PageContext) -> None:
        super().__init__(md)
        self.book, self.context = book, context

    def run(self, lines: list[str]) -> list[str]:
        if not any(line.startswith(":::") for line in lines):
            return lines
        before = len(self.context.before(lines))
        fenced = {number for fence in scan("\n".join(lines)).fences for number in range(fence.line, fence.end + 1)}
        found: list[str] = []
        for number, line in enumerate(lines, 1):
            match = DIRECTIVE.match(line)
            if match and number not in fenced:
                found += ["", *self._shown(match["name"], match["argument"] or "", number + before), ""]
            else:
                found.append(line)
        return found

    def _shown(self, name: str, argument: str, line: int) -> list[str]:
        try:
            return self._written(name, argument, line)
        except BookError as error:
            if not self.book.show_errors:
                raise
            return [self.md.htmlStash.store(failure_html(str(error)))]

    def _written(self, name: str, argument: str, line: int) -> list[str]:
        reference, context = self.context.reference, self.context
        fault = directive_fault(name, argument)
        if fault or reference is None:
            missing = f"'::: {name}' is written from docs/data: {context.data_error or 'there is no such folder'}"
            raise BookError(fault or missing, path=context.path, line=line)
        return "\n".join(DIRECTIVES[name](Writer(reference, context.language, context.page), argument)).split("\n")


def directive_fault(name: str, argument: str) -> str | None:
    if name not in DIRECTIVES:
        return f"no directive '::: {name}'. {nearest(name, DIRECTIVES)}"
    allowed = ARGUMENTS.get(name, ("",))
    if argument not in allowed:
        expected = " or ".join(repr(f"::: {name} {one}".strip()) for one in allowed)
        return f"'::: {name}' with {argument!r}; expected {expected}"
    return None
